"""Files are whole or absent: written beside their place, made durable, then renamed into it."""

import errno
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from chainrule.core.errors import ChainruleError, FileFormatError, OutputError

# Every call that changes the disk goes through here: a test can make the n-th one fail, or end the process there.
system = SimpleNamespace(
    open=os.open, write=os.write, fsync=os.fsync, replace=os.replace, unlink=os.unlink, mkdir=os.mkdir
)

PARTIAL = ".partial-"  # in the names of files and folders that are not finished
CAUSES = {
    errno.ENOSPC: "the disk is full. Free some space, or choose another folder",
    errno.EDQUOT: "the disk quota is used up. Free some space, or choose another folder",
    errno.EFBIG: "it would be larger than the largest file allowed here",
    errno.EACCES: "there is no permission to do so. Choose another folder",
    errno.EPERM: "there is no permission to do so. Choose another folder",
    errno.EROFS: "the file system is read-only. Choose another folder",
    errno.ENOENT: "there is no such file or folder",
    errno.EEXIST: "a part of its path is a file, where a folder was wanted",
    errno.ENOTDIR: "a part of its path is a file, where a folder was wanted",
    errno.EISDIR: "it is a folder, where a file was wanted",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EIO: "the device reports an input/output error. Its contents are not to be trusted",
}


def cause(error: OSError) -> str:
    """What went wrong, in words."""
    return CAUSES.get(error.errno or 0) or str(error.strerror or error)


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into an OutputError that names the path and the cause."""
    try:
        yield
    except ChainruleError:
        raise
    except OSError as error:
        why = cause(error)
        if error.errno == errno.ENOENT and not path.parent.exists():
            why = f"the folder {path.parent} does not exist. Make it first"
        raise OutputError(f"cannot write {path}: {why}.") from error


class _Stream(io.RawIOBase):
    """An unbuffered stream to a new file; a short write is continued, so that nothing is lost in silence."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def write(self, data: Any) -> int:
        view = memoryview(data)
        size, left = view.nbytes, view.cast("B") if view.nbytes else b""
        while left:
            written = system.write(self._descriptor, left)
            if written <= 0:
                raise OSError(errno.EIO, "the device takes no more bytes")
            left = left[written:]
        return size

    def sync(self) -> None:
        system.fsync(self._descriptor)

    def close(self) -> None:
        if not self.closed:
            super().close()
            os.close(self._descriptor)


def _beside(path: Path) -> Path:
    """A hidden name in the same folder for what will become `path`; no other writer has it."""
    return path.with_name(f".{path.name}{PARTIAL}{os.getpid()}-{secrets.token_hex(4)}")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; a file system that cannot do that is let be."""
    if os.name == "nt":
        return
    descriptor = system.open(folder, os.O_RDONLY)
    try:
        system.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def write_atomically(path: str | os.PathLike, data: bytes | Callable[[BinaryIO], None]) -> None:
    """Write a file so that at every moment, a crash included, its path holds the old file or the new one, whole.

    Args:
        path: where to; an existing file is replaced, a link is followed.
        data: the bytes, or a function that writes them to the binary stream it is given.

    Raises:
        OutputError: the file cannot be written. The path is as it was, and nothing is left beside it; only where the
            very last act fails, making the new name durable, is the new file there already.
    """
    path = Path(path)
    with output_errors(path):
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            raise OutputError(f"cannot write {path}: it exists and is no ordinary file. Choose another name.")
        partial = _beside(target)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            with _Stream(system.open(partial, flags, 0o666)) as stream:
                if callable(data):
                    data(stream)  # type: ignore[arg-type]
                else:
                    stream.write(data)
                stream.sync()
            system.replace(partial, target)
        except BaseException:
            with suppress(OSError):
                system.unlink(partial)
            raise
        sync_folder(target.parent)


def remove_partials(folder: Path) -> None:
    """Remove what a killed process left unfinished; only for a folder that has one writer. Failures are let be."""
    with suppress(OSError):
        for partial in sorted(folder.glob(f".*{PARTIAL}*")):
            with suppress(OSError):
                system.unlink(partial)


@contextmanager
def new_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Fill a new folder under another name; it appears at `path` by rename, whole, when the block ends.

    Args:
        path: the folder that shall appear; folders above it are made.

    Yields:
        The folder under its temporary name. Where the block fails, it is removed with all that is in it.

    Raises:
        OutputError: `path` exists (also where another process was quicker), or cannot be made.

    Example:
        with new_folder("runs/first") as folder:
            write_json(folder / "settings.json", settings)
    """
    path = Path(path)
    _refuse_existing(path)
    partial = _beside(path)
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        system.mkdir(partial)
    try:
        yield partial
        with output_errors(path):
            sync_folder(partial)
            _refuse_existing(path)  # a rename would replace an empty folder
            _rename_folder(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    with output_errors(path):
        sync_folder(path.parent)


def _refuse_existing(path: Path, came: OSError | None = None) -> None:
    if os.path.lexists(path):
        raise OutputError(
            f"{path} exists; nothing is overwritten. Choose another --out, or continue it with --resume."
        ) from came


def _rename_folder(partial: Path, path: Path) -> None:
    try:
        system.replace(partial, path)
    except OSError as error:
        _refuse_existing(path, error)
        raise


def free_name(parent: str | os.PathLike, stem: str) -> Path:
    """A path in `parent` that does not exist yet: the local time and `stem`, as in 2026-11-21-153012-compare-digits.

    Args:
        parent: a folder, which need not exist.
        stem: what is run; characters that are awkward in names become hyphens.
    """
    stem = re.sub(r"[^\w.-]+", "-", stem).strip("-.")[:100]
    name = "-".join(part for part in (time.strftime("%Y-%m-%d-%H%M%S"), stem) if part)
    path, number = Path(parent) / name, 1
    while os.path.lexists(path):
        number += 1
        path = Path(parent) / f"{name}-{number}"
    return path


@contextmanager
def reading(path: str | os.PathLike, error: type[ChainruleError] = FileFormatError) -> Iterator[tuple[BinaryIO, int]]:
    """Open an ordinary file for reading: `with reading(path) as (stream, size)`; an OSError becomes `error`."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would keep us waiting
            raise error(f"cannot read {path}: it is no ordinary file.")
        with open(path, "rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
    except ChainruleError:
        raise
    except OSError as came:
        raise error(f"cannot read {path}: {cause(came)}.") from came
