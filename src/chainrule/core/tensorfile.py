"""Named arrays and their metadata in one checked file: nets and checkpoints.

The layout is safetensors' own, so that other tools read the arrays: 8 bytes with the length of a JSON header, the
header, the arrays' bytes. Our metadata is one JSON text under the header's `__metadata__`; it holds the SHA-256 of the
whole file, taken with 64 zeros in the digest's own place, so that no byte can change unseen.
"""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np

from chainrule.core import files, json_files
from chainrule.core.arrays import is_masked
from chainrule.core.errors import ArrayError, ArrayTypeError, ChainruleError, FileFormatError
from chainrule.core.rows import HUGE_VIEW

VERSION = 1
KEY = "chainrule"
NO_DIGEST = "0" * 64
HEADER_LIMIT = 100_000_000  # bytes; safetensors' own bound
CHUNK = 1 << 20  # bytes read at a time
LARGEST = 1 << 47  # bytes that an address can name
DTYPES: dict[str, np.dtype] = {
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U64": np.dtype("<u8"),
    "F32": np.dtype("<f4"),
    "I32": np.dtype("<i4"),
    "U32": np.dtype("<u4"),
    "I16": np.dtype("<i2"),
    "U16": np.dtype("<u2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
CODES = {dtype: code for code, dtype in DTYPES.items()}

Tensors = dict[str, np.ndarray]


def write(path: str | os.PathLike, tensors: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> None:
    """Write arrays and metadata, atomically; equal input gives equal bytes, whatever its order.

    Args:
        path: where to; an existing file is replaced.
        tensors: arrays of float32, float64, integers or bool, any shape and memory layout, by name.
        meta: what JSON can hold, NumPy's numbers, arrays and paths too; NaN and the infinities come back as they are.

    Raises:
        ArrayTypeError: something that is no such array, or a name that is no text.
        SettingError: metadata that JSON cannot hold.
        OutputError: the file cannot be written; what was there before is still there.
    """
    arrays = {name: little_endian(f"{path}: tensor {name!r}", array) for name, array in tensors.items()}
    for name, array in arrays.items():
        if array.dtype not in CODES:
            raise ArrayTypeError(
                f"{path}: tensor {name!r} is {array.dtype}; it must be float32, float64, integer or bool. Cast it."
            )
        if not isinstance(name, str) or name == "__metadata__" or not name.isprintable():
            raise ArrayTypeError(f"{path}: {name!r} cannot name a tensor; a name is printable text.")
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))  # wide ones first: every array is aligned
    pieces = [flat_bytes(arrays[name]) for name in order]
    header = _header({name: arrays[name] for name in order}, meta)
    digest = hashlib.sha256(header)
    for piece in pieces:
        digest.update(piece)
    header = header.replace(NO_DIGEST.encode(), digest.hexdigest().encode(), 1)

    def put(stream: BinaryIO) -> None:
        stream.write(header)
        for piece in pieces:
            stream.write(piece)

    files.write_atomically(path, put)


def _header(arrays: Tensors, meta: Mapping[str, Any]) -> bytes:
    """The file up to the arrays. The digest's place is the first run of 64 zeros, since our metadata stands first."""
    own = {"format": KEY, "version": VERSION, "sha256": NO_DIGEST, "meta": json_files.plain(dict(meta), exact=True)}
    table: dict[str, Any] = {"__metadata__": {KEY: json.dumps(own, separators=(",", ":"))}}
    end = 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        table[name] = {"dtype": CODES[array.dtype], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def read(path: str | os.PathLike, *, require_meta: bool = True) -> tuple[Tensors, dict[str, Any]]:
    """Read arrays and metadata; nothing is allocated before the header has been checked against the file's size.

    Args:
        path: the file.
        require_meta: refuse a file that Chainrule did not write; otherwise its metadata are texts by name.

    Returns:
        tensors: new arrays in the order of their names.
        meta: as it was given to `write` (tuples and arrays as lists).

    Raises:
        FileFormatError: the file is missing, damaged, foreign, or written by a newer Chainrule.
    """
    with files.reading(path) as (stream, size):
        head = _read_head(stream, size, path)
        table = json_files.parse_json(head[8:], f"{path}, header")
        if not isinstance(table, dict):
            raise FileFormatError(
                f"{path}: its header is no table of tensors; the file is damaged or no safetensors file."
            )
        meta, digest = _metadata(table.pop("__metadata__", {}), path, require_meta)
        entries = _entries(table, size - len(head), path)
        seen = hashlib.sha256(head.replace(digest.encode(), NO_DIGEST.encode(), 1) if digest else head)
        tensors = {}
        for name, (shape, dtype, nbytes) in entries.items():
            what = f"{path}: tensor {name!r}"
            tensors[name] = allocate(shape, dtype, nbytes, what)
            fill(stream, tensors[name], what)
            seen.update(flat_bytes(tensors[name]))
        if digest and seen.hexdigest() != digest:
            raise FileFormatError(f"{path} is damaged: its contents do not have the SHA-256 that it records.")
    return {name: tensors[name] for name in sorted(tensors)}, meta


def _read_head(stream: BinaryIO, size: int, path: Any) -> bytes:
    start = stream.read(8)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or length > min(size - 8, HEADER_LIMIT):
        raise FileFormatError(
            f"{path} has {size} bytes, where a header of {length} does not fit; it is cut short or no safetensors file."
        )
    text = stream.read(length)
    if len(text) < length:
        raise FileFormatError(f"{path}: the file became shorter while it was read.")
    return start + text


def _metadata(raw: Any, path: Any, required: bool) -> tuple[dict[str, Any], str]:
    """Our metadata and the digest; safetensors' own and no digest for a foreign file."""
    if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
        raise FileFormatError(f"{path}: its metadata are no table of texts; the file is damaged.")
    if KEY not in raw:
        if required:
            raise FileFormatError(
                f"{path} was not written by Chainrule: its metadata have no {KEY!r} entry. Did another library save it?"
            )
        return raw, ""
    own = json_files.parse_json(raw[KEY].encode("utf-8", "surrogatepass"), f"{path}, metadata", exact=True)
    version = own.get("version") if isinstance(own, dict) and own.get("format") == KEY else None
    if type(version) is int and version > VERSION:
        raise FileFormatError(
            f"{path} was written by a newer Chainrule: it has version {version}, and this one reads up to {VERSION}. "
            f"Install the newer one to read it."
        )
    if version != VERSION or not isinstance(own.get("meta"), dict) or not _is_digest(own.get("sha256")):
        raise FileFormatError(f"{path}: its metadata lack the version, the digest or the state; the file is damaged.")
    return own["meta"], own["sha256"]


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == len(NO_DIGEST) and set(value) <= set("0123456789abcdef")


def _entries(table: dict[str, Any], size: int, path: Any) -> dict[str, tuple[tuple[int, ...], np.dtype, int]]:
    """name -> (shape, dtype, bytes) in the order of the file; the arrays must fill its `size` bytes without a gap."""
    found: list[tuple[int, int, str, tuple[int, ...], np.dtype]] = []
    for name, entry in table.items():
        what = f"{path}: tensor {name!r}"
        if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
            raise FileFormatError(f"{what} has no dtype, shape and data_offsets; the file is damaged.")
        code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
        if not isinstance(code, str) or code not in DTYPES:
            raise FileFormatError(f"{what} is {code!r}; this library reads {', '.join(DTYPES)}.")
        if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
            raise FileFormatError(f"{what} has shape {shape!r} and offsets {offsets!r}; the file is damaged.")
        found.append((*offsets, name, tuple(shape), DTYPES[code]))
    entries: dict[str, tuple[tuple[int, ...], np.dtype, int]] = {}
    end = 0
    for start, stop, name, shape, dtype in sorted(found, key=lambda row: row[:3]):
        if start != end:
            raise FileFormatError(f"{path}: tensor {name!r} starts at byte {start}, but the one before ends at {end}.")
        entries[name], end = (shape, dtype, stop - start), stop
    if end != size:
        raise FileFormatError(
            f"{path}: its tensors need {end} bytes, but {size} are there; the file is cut short or damaged."
        )
    return entries


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)


def expect(tensors: Tensors, wanted: Mapping[str, tuple[tuple[int, ...], Any]], path: Any) -> None:
    """Fail unless the tensors of a file are exactly those that are wanted.

    Args:
        tensors: as read.
        wanted: name -> (shape, dtype).
        path: the file, for the error.

    Raises:
        FileFormatError: names the first tensor that is missing, not wanted, or of another shape or dtype.
    """
    for name in [*wanted, *tensors]:
        came = f"{tensors[name].shape} {tensors[name].dtype}" if name in tensors else "nothing"
        want = f"{tuple(wanted[name][0])} {np.dtype(wanted[name][1])}" if name in wanted else "no such tensor"
        if came != want:
            raise FileFormatError(
                f"{path}: tensor {name!r}: found {came}, expected {want}. Was the file written for another net?"
            )


def little_endian(what: str, value: Any) -> np.ndarray:
    """`value` as a file stores it: an array in C order, little-endian; itself where it is so already.

    Raises:
        ArrayTypeError: no array or number, or a masked array, whose mask would be lost.
        ArrayError: a broadcast view that would be huge if it were real.
    """
    if is_masked(value) or not isinstance(value, np.ndarray | np.generic | float | int):
        raise ArrayTypeError(
            f"{what} is a {type(value).__name__}; it must be a NumPy array. Did you mean np.asarray(...)?"
        )
    array = np.asarray(value)
    if 0 in array.strides and array.nbytes > HUGE_VIEW:
        raise ArrayError(f"{what} is a broadcast view of shape {array.shape}: {array.nbytes} bytes if it were written.")
    return np.asarray(array, dtype=array.dtype.newbyteorder("<"), order="C")


def flat_bytes(array: np.ndarray) -> memoryview:
    """The bytes of an array in C order, not copied."""
    return array.reshape(-1).view(np.uint8).data


def allocate(
    shape: tuple[int, ...], dtype: np.dtype, nbytes: int, what: str, error: type[ChainruleError] = FileFormatError
) -> np.ndarray:
    """A new array, once `shape` and `dtype` have been found to need exactly the `nbytes` that are there."""
    needed = math.prod(shape) * dtype.itemsize
    if needed != nbytes:
        raise error(
            f"{what}: shape {shape} of {dtype} needs {needed} bytes, but {nbytes} are there; the file is damaged."
        )
    if len(shape) > 32 or math.prod(max(size, 1) for size in shape) * dtype.itemsize > LARGEST:
        raise error(f"{what}: no array has shape {shape}; the file is damaged.")
    return np.empty(shape, dtype)


def fill(stream: Any, array: np.ndarray, what: str, error: type[ChainruleError] = FileFormatError) -> None:
    """Read an array's bytes from a stream, as they lie in the file; bools must be 0 or 1."""
    view = flat_bytes(array)
    for start in range(0, len(view), CHUNK):
        piece, got = view[start : start + CHUNK], 0
        while got < len(piece):
            count = stream.readinto(piece[got:])
            if not count:
                raise error(f"{what}: {start + got} of {len(view)} bytes are there; the file is cut short.")
            got += count
    if array.dtype == bool and array.size and array.view(np.uint8).max() > 1:
        raise error(f"{what} is bool but holds other bytes than 0 and 1; the file is damaged.")
