"""NumPy's own files, .npy and .npz, read without trust: no pickles, and no byte allocated that is not there."""

import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from chainrule.core import files
from chainrule.core.errors import ArrayTypeError, ChainruleError, FileFormatError
from chainrule.core.tensorfile import allocate, fill, little_endian

RATIO, ALLOWANCE = 200, 64 << 20  # a compressed file may grow to RATIO times its size, plus ALLOWANCE bytes
HEADER_LIMIT = 10_000  # bytes, as NumPy's own
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip file's zero hour: no clock time is recorded
DESCRIPTION = re.compile(r"[<>|=]?(?:b1|[iu][1248]|f[248]|c8|c16|[SU][1-9]\d{0,8})")
IN_MEMORY = 1 << 24  # bytes: smaller files are written at once, since another thread may take over at every write
SIZE = re.compile(r" *\d{1,18} *")
HEADER = re.compile(
    r"""\{\s*['"]descr['"]:\s*['"](?P<descr>[^'"]+)['"],\s*['"]fortran_order['"]:\s*(?P<fortran>True|False),"""
    r"""\s*['"]shape['"]:\s*\((?P<shape>[\d, ]*)\),?\s*\}\s*"""
)


def save_npz(path: str | os.PathLike, arrays: Mapping[str, Any]) -> None:
    """Write arrays as an uncompressed .npz, atomically; equal input gives equal bytes, on any day.

    Args:
        path: where to, taken as it is (no suffix is added); an existing file is replaced.
        arrays: by name, in the order in which they are written; numbers are written as arrays without axes.

    Raises:
        ArrayTypeError: something that is no array of numbers, bools, bytes or text, or a name that is no text.
        OutputError: the file cannot be written; what was there before is still there.
    """
    stored = {name: little_endian(f"{path}: array {name!r}", array) for name, array in arrays.items()}
    for name, array in stored.items():
        if not DESCRIPTION.fullmatch(array.dtype.str):
            raise ArrayTypeError(
                f"{path}: array {name!r} is {array.dtype}; it must hold numbers, bools, bytes or text."
            )
        if not isinstance(name, str) or not name.isprintable():
            raise ArrayTypeError(f"{path}: {name!r} cannot name an array; a name is printable text.")

    def write(stream: BinaryIO) -> None:
        with zipfile.ZipFile(stream, "w") as archive:
            for name, array in stored.items():
                member = zipfile.ZipInfo(f"{name}.npy", EARLIEST)
                member.create_system, member.external_attr = 3, 0o600 << 16  # the same on every system
                member.file_size = array.nbytes + HEADER_LIMIT  # tells whether 32-bit sizes will do
                with archive.open(member, "w") as part:
                    np.lib.format.write_array(part, array, allow_pickle=False)

    if sum(array.nbytes for array in stored.values()) > IN_MEMORY:
        files.write_atomically(path, write)
        return
    whole = io.BytesIO()
    write(whole)
    files.write_atomically(path, whole.getvalue())


def load_npz(path: str | os.PathLike, *, error: type[ChainruleError] = FileFormatError) -> dict[str, np.ndarray]:
    """Read every array of an .npz, compressed or not.

    Args:
        path: the file.
        error: the class of what is raised.

    Returns:
        New arrays by name, in the file's order, of the machine's byte order.

    Raises:
        error: the file is missing, damaged, no .npz, needs pickle, or would grow out of proportion.
    """
    with files.reading(path, error) as (stream, size):
        try:
            with zipfile.ZipFile(stream) as archive:
                arrays = {}
                for name, member in _members(archive, size, path, error).items():
                    with archive.open(member) as part:  # compares the CRC at its last byte
                        arrays[name] = read_npy(part, member.file_size, f"{path}: {name}", error=error)
                return arrays
        except ChainruleError:
            raise
        except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, RuntimeError) as came:
            raise error(f"{path} is no .npz file, or damaged: {came}.") from came


def _members(archive: zipfile.ZipFile, size: int, path: Any, error: type[ChainruleError]) -> dict[str, zipfile.ZipInfo]:
    """Array name -> member, once the archive's list has been found sane."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name, suffix = os.path.splitext(info.filename)
        if suffix != ".npy" or name in members:
            raise error(
                f"{path}: member {info.filename!r} is no .npy, or there twice; the file is no .npz, or damaged."
            )
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise error(
                f"{path}: member {info.filename!r} is encrypted, or compressed in a way that .npz files are not."
            )
        members[name] = info
    packed = sum(info.compress_size for info in members.values())
    unpacked = sum(info.file_size for info in members.values())
    if packed > size:
        raise error(f"{path} has {size} bytes, but its members claim {packed}; the file is cut short or damaged.")
    if unpacked > RATIO * size + ALLOWANCE:
        raise error(f"{path} would grow from {size} to {unpacked} bytes; a file of arrays does not do that.")
    return members


def read_npy(stream: Any, size: int, name: str, *, error: type[ChainruleError] = FileFormatError) -> np.ndarray:
    """Read one .npy from a binary stream.

    Args:
        stream: a binary stream at the start of the .npy.
        size: how many bytes the .npy has; its header must ask for exactly these.
        name: what errors call it.
        error: the class of what is raised.

    Returns:
        A new array of the machine's byte order; Fortran order is kept.

    Raises:
        error: damaged, cut short, of another size, or with contents that need pickle.
    """
    start = stream.read(8)
    if len(start) < 8 or start[:6] != b"\x93NUMPY" or start[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise error(f"{name} does not start as an .npy file does; it is damaged or something else.")
    counter = stream.read(2 if start[6] == 1 else 4)
    length = int.from_bytes(counter, "little")
    if length > min(HEADER_LIMIT, size):
        raise error(f"{name}: a header of {length} bytes is too long; the file is damaged.")
    text = stream.read(length)
    found = HEADER.fullmatch(text.decode("latin-1"))
    if len(text) < length or not found:
        raise error(f"{name}: its header describes no array of one plain type; the file is damaged, or holds objects.")
    if not DESCRIPTION.fullmatch(found["descr"]):
        raise error(
            f"{name}: it holds {found['descr']!r}; only numbers, bools, bytes and text are read, never Python objects."
        )
    dtype = np.dtype(found["descr"])
    sizes = found["shape"].removesuffix(",").split(",") if found["shape"] else []
    if not all(SIZE.fullmatch(size) for size in sizes):
        raise error(f"{name}: ({found['shape'][:60]}) is no shape; the file is damaged.")
    shape = tuple(int(size) for size in sizes)
    if found["fortran"] == "True":
        shape = shape[::-1]
    array = allocate(shape, dtype, size - len(start + counter + text), name, error)
    fill(stream, array, name, error)
    if not dtype.isnative:
        array = array.byteswap(inplace=True).view(dtype.newbyteorder("="))
    if dtype.kind == "U" and array.size and array.reshape(-1).view(np.uint32).max() > 0x10FFFF:
        raise error(f"{name}: its text holds a character that does not exist; the file is damaged.")
    return array.T if found["fortran"] == "True" else array
