"""NumPy's own files, .npy and .npz: never with pickles inside, and no more memory than the file can account for."""

import io
import math
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from chainrule.core.errors import DataError
from chainrule.core.files import reading

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
RATIO, UNQUESTIONED = 200, 64 << 20  # a member compressed more than this is refused, unless it is small (bytes)
MEMBERS = 10_000  # arrays in one file
HEAD = 1 << 16  # bytes in which an array's header must end
BLOCK = 1 << 20


def read_npy(path: str | Path) -> np.ndarray:
    """The array of a .npy file.

    Raises:
        DataError: missing, truncated, damaged, or holding Python objects (a pickle).
    """
    with reading(path, DataError) as (stream, size):
        return _read(stream, size, str(path))


def read_npz(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a .npz file, by name.

    Raises:
        DataError: as for `read_npy`; also members that are no arrays, and compression bombs.
    """
    with reading(path, DataError) as (stream, _):
        try:
            with zipfile.ZipFile(stream) as archive:
                return {
                    name: _member(archive, info, f"{path}, {name!r}") for name, info in _names(archive, path).items()
                }
        except DataError:
            raise
        except Exception as error:  # zipfile has a dozen ways to say that a file is damaged
            raise DataError(f"{path}: the file is damaged or no .npz file ({error}).") from error


def _names(archive: zipfile.ZipFile, path: Any) -> dict[str, zipfile.ZipInfo]:
    members = archive.infolist()
    names = {info.filename.removesuffix(".npy"): info for info in members}
    if not 0 < len(members) <= MEMBERS or len(names) < len(members):
        raise DataError(
            f"{path}: an .npz file holds 1 to {MEMBERS} arrays of different names; this has {len(members)}."
        )
    for info in members:
        if not info.filename.endswith(".npy"):
            raise DataError(f"{path}: {info.filename!r} in it is no .npy array; write the file with np.savez.")
        if info.file_size > max(UNQUESTIONED, RATIO * info.compress_size):
            raise DataError(
                f"{path}: {info.filename!r} claims {info.file_size:,} bytes from {info.compress_size:,}. "
                f"If it is honest, write the file with np.savez instead of np.savez_compressed."
            )
    return names


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> np.ndarray:
    with archive.open(info) as stream:
        return _read(stream, info.file_size, name)  # type: ignore[arg-type]


def _read(stream: BinaryIO, size: int, name: str) -> np.ndarray:
    """Read one array whose header promises exactly the bytes that follow it."""
    head = io.BytesIO(stream.read(min(size, HEAD)))  # a header may claim gigabytes for itself; here it finds its end
    try:
        version = np.lib.format.read_magic(head)
        if version not in HEADERS:
            raise DataError(f"{name}: .npy version {version} is not read; write the file with np.save and plain names.")
        shape, fortran, dtype = HEADERS[version](head)
    except DataError:
        raise
    except Exception as error:  # the header is Python text, which can be wrong in many ways
        raise DataError(f"{name}: the file is damaged: the header of the array cannot be read ({error}).") from error
    if dtype.hasobject:
        raise DataError(
            f"{name}: it holds Python objects, which only a pickle could bring back; save numbers or texts."
        )
    if dtype.itemsize == 0 or any(type(n) is not int or not 0 <= n < 1 << 48 for n in shape):
        raise DataError(f"{name}: a header that no array has: shape {shape}, {dtype}.")
    wanted, left = math.prod(shape) * dtype.itemsize, size - head.tell()
    if wanted != left:
        raise DataError(
            f"{name}: {wanted:,} bytes expected for shape {shape} of {dtype}, {left:,} found: it is damaged."
        )
    data = bytearray(wanted)
    first = head.read()
    data[: len(first)] = first
    _fill(memoryview(data)[len(first) :], stream, name)
    return np.ndarray(shape, dtype, data, order="F" if fortran else "C")


def _fill(view: memoryview, stream: BinaryIO, name: str) -> None:
    while len(view):
        block = stream.read(min(len(view), BLOCK))
        if not block:
            raise DataError(f"{name}: {len(view):,} more bytes expected: it is truncated.")
        view[: len(block)] = block
        view = view[len(block) :]
