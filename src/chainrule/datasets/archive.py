"""The official tar.gz archives, unpacked member by member: only named files, only with known sizes, never a link.

The reader is its own: a header of 512 bytes at a time and blocks of the contents, so that neither a compression bomb
nor a header that claims gigabytes can make it allocate more than one block.
"""

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from chainrule.core.errors import DataError
from chainrule.core.files import output_errors, reading, sync_folder

RECORD = 512
BLOCK = 1 << 18  # bytes read at a time
REGULAR, FOLDER, EXTENDED = b"0\0", b"5", b"xg"
EXTENDED_SIZE = 4096  # bytes of an extended header
HARMLESS = frozenset({"mtime", "atime", "ctime", "uid", "gid", "uname", "gname"})  # what it may say; none of it is used
KINDS = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a pipe"}


def unpack(archive: Path, target: Path, members: Mapping[str, tuple[int, int]]) -> Path:
    """Write an archive's members into a folder, which appears whole by rename; whoever renames first wins.

    Args:
        archive: a tar.gz file with one folder, named as `target` is.
        target: the folder to make. Where it exists already, nothing is done.
        members: for every file that must be there: its name, its least and its largest size in bytes.

    Returns:
        `target`.

    Raises:
        DataError: a member that is a link, has an odd name, comes twice, is missing or has another size; an archive
            that is damaged.
        OutputError: the files cannot be written.
    """
    if target.is_dir():
        return target
    with output_errors(target):
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with reading(archive, DataError) as (raw, _), gzip.GzipFile(fileobj=raw) as stream:
            _unpack(stream, archive, partial, target.name, members)  # type: ignore[arg-type]
        with output_errors(target):
            partial.chmod(0o755)
            with suppress(FileExistsError):
                _rename(partial, target)
            sync_folder(target.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def _rename(partial: Path, target: Path) -> None:
    try:
        os.rename(partial, target)
    except OSError:
        if not target.is_dir():
            raise


def _unpack(stream: BinaryIO, archive: Path, folder: Path, top: str, members: Mapping[str, tuple[int, int]]) -> None:
    missing = dict(members)
    try:
        while (header := _read(stream, RECORD, archive)) != bytes(RECORD):
            name, kind, size = _header(header, archive)
            if kind in EXTENDED and size <= EXTENDED_SIZE:
                _extended(_read(stream, size + -size % RECORD, archive)[:size], archive)
                continue
            if kind in FOLDER and name.rstrip("/") == top and size == 0:
                continue
            short = _member(name, kind, top, archive)
            if short not in missing:
                known = f"twice: {short!r}" if short in members else f"{name!r}, which is none of {', '.join(members)}"
                raise DataError(f"{archive}: it holds {known}.")
            least, most = missing.pop(short)
            if not least <= size <= most:
                raise DataError(f"{archive}: {name} has {size:,} bytes; {least:,} to {most:,} were expected.")
            with output_errors(folder / short), open(folder / short, "xb") as out:
                _copy(stream, out, size, archive)
                out.flush()
                os.fsync(out.fileno())
            _read(stream, -size % RECORD, archive)
    except (zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise DataError(f"{archive}: the archive is damaged or truncated ({error}); fetch it again.") from error
    if missing:
        raise DataError(f"{archive}: these files are missing from it: {', '.join(missing)}.")


def _read(stream: BinaryIO, size: int, archive: Path) -> bytes:
    data = stream.read(size) if size else b""
    if len(data) < size:
        raise DataError(f"{archive}: {size} more bytes expected, {len(data)} found: it is truncated; fetch it again.")
    return data


def _copy(stream: BinaryIO, out: BinaryIO, size: int, archive: Path) -> None:
    while size:
        data = _read(stream, min(size, BLOCK), archive)
        out.write(data)
        size -= len(data)


def _header(header: bytes, archive: Path) -> tuple[str, bytes, int]:
    """Name, kind and size from a tar header whose checksum is right."""
    try:
        total = sum(header) - sum(header[148:156]) + 8 * ord(" ")
        if int(header[148:156].strip(b" \0"), 8) != total:
            raise ValueError("its checksum is wrong")
        size = int(header[124:136].strip(b" \0") or b"0", 8)
        if size < 0:
            raise ValueError("a negative size")
        prefix = header[345:500] if header[257:263] == b"ustar\0" else b""
        name = "/".join(str(part.split(b"\0", 1)[0], "ascii") for part in (prefix, header[:100]) if part.strip(b"\0"))
    except ValueError as error:
        raise DataError(f"{archive}: a header of the archive cannot be read ({error}).") from error
    return name, header[156:157], size


def _extended(data: bytes, archive: Path) -> None:
    """Fail where an extended header says more than times and owners, such as another name or size."""
    while data:
        length, _, rest = data.partition(b" ")
        key = rest.partition(b"=")[0]
        if not length.isdigit() or not len(length) < int(length) <= len(data) or str(key, "latin-1") not in HARMLESS:
            raise DataError(f"{archive}: an extended header with {key[:40]!r}; only ordinary headers are read.")
        data = data[int(length) :]


def _member(name: str, kind: bytes, top: str, archive: Path) -> str:
    """The file name of a member that stands directly in the one folder."""
    if kind not in REGULAR:
        what = KINDS.get(kind, f"a header of kind {str(kind)[1:]}")
        raise DataError(f"{archive}: {name!r} is {what}; only ordinary files are taken from an archive.")
    folder, _, short = name.partition("/")
    if folder != top or not short or set(short) & set("/\\:\0") or short.startswith("."):
        raise DataError(f"{archive}: {name!r} is an odd name; every file must be {top}/NAME.")
    return short
