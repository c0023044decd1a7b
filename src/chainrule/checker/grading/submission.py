"""What a learner handed in: read once, without trust in names, links or sizes, and laid out afresh for the sandbox."""

import base64
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from chainrule.checker.isolation.answers import clean
from chainrule.core.errors import DataError
from chainrule.core.files import cause

CODE = (".py", ".ipynb")
LARGEST, TOTAL = 8 << 20, 64 << 20  # bytes of a file, and of all of them
MOST_FILES, DEEPEST = 2_000, 20
LEFT_OUT = ("__pycache__", "__MACOSX")


@dataclass(frozen=True)
class Submission:
    """The files of a submission as they were read.

    Attributes:
        files: contents by path inside the submission, with slashes; of a single file, by its name.
        notes: what was not read, and why, in sentences.
        single: whether it is one file.
    """

    files: dict[str, bytes]
    notes: tuple[str, ...]
    single: bool

    @property
    def digest(self) -> str:
        """Equal for equal submissions."""
        parts = [[name, hashlib.sha256(data).hexdigest()] for name, data in sorted(self.files.items())]
        return hashlib.sha256(json.dumps([parts, self.notes, self.single]).encode()).hexdigest()

    @contextmanager
    def laid_out(self) -> Iterator[Path]:
        """A folder of its own that holds these files and nothing else, for as long as the block lasts."""
        with tempfile.TemporaryDirectory(prefix="submission-", ignore_cleanup_errors=True) as root:
            folder = Path(root).resolve() / "work"
            folder.mkdir()
            for name, data in self.files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            yield folder


def packed(came: Submission) -> dict[str, Any]:
    """A submission as JSON takes it."""
    files = {name: base64.b64encode(data).decode() for name, data in came.files.items()}
    return {"files": files, "notes": came.notes, "single": came.single}


def unpacked(found: dict[str, Any]) -> Submission:
    """What `packed` was given."""
    files = {name: base64.b64decode(data) for name, data in found["files"].items()}
    return Submission(files, tuple(found["notes"]), found["single"])


def read(path: Path) -> Submission:
    """A file or a folder, read.

    Raises:
        DataError: there is nothing of this name.
    """
    if not os.path.lexists(path):
        raise DataError(f"cannot read {path}: there is no such file or folder.")
    if path.is_dir() and not path.is_symlink():
        return _folder(path)
    reader = _Reader()
    if path.suffix not in CODE:
        reader.note(path.name, "a .py file, an .ipynb notebook or a folder of these was wanted")
    else:
        name = path.name if path.name.isprintable() and len(path.name.encode()) < 200 else f"submission{path.suffix}"
        reader.take(path, name)
    return Submission(reader.files, tuple(reader.notes), single=True)


def _folder(folder: Path) -> Submission:
    reader = _Reader()
    reader.walk(folder, PurePosixPath(), 0)
    return Submission(reader.files, tuple(reader.notes), single=False)


class _Reader:
    """Takes files one by one until there are too many."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.notes: list[str] = []
        self._left = TOTAL

    def note(self, name: str, why: str) -> None:
        if len(self.notes) < 20:
            self.notes.append(f"{plain(name)} was not read: {why}.")

    def walk(self, folder: Path, inside: PurePosixPath, depth: int) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            return self.note(str(inside), cause(error))
        for entry in entries:
            place = inside / entry.name
            if entry.name.startswith(".") or entry.name in LEFT_OUT:
                continue
            if not entry.name.isprintable():
                self.note(str(place), "its name holds characters that no name should")
            elif entry.is_symlink():
                self.note(str(place), "it is a link; hand in the file itself")
            elif entry.is_dir():
                if depth < DEEPEST:
                    self.walk(Path(entry.path), place, depth + 1)
                else:
                    self.note(str(place), "folders inside folders are too many")
            elif len(self.files) >= MOST_FILES:
                return self.note(str(place), f"a submission has at most {MOST_FILES} files")
            else:
                self.take(Path(entry.path), str(place))
        return None

    def take(self, path: Path, name: str) -> None:
        """Read an ordinary file that is not too large; nothing else is opened for long."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            return self.note(name, "it is a link; hand in the file itself" if path.is_symlink() else cause(error))
        with open(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return self.note(name, "it is no ordinary file")
            if status.st_size > min(LARGEST, self._left):
                return self.note(
                    name, f"it has {status.st_size} bytes, more than a submission's file or all of them may"
                )
            data = stream.read(LARGEST)
        broken = _broken(data) if name.endswith(".ipynb") else ""
        if broken:
            return self.note(name, broken)
        self._left -= len(data)
        self.files[name] = data
        return None


def plain(name: str) -> str:
    """A name that somebody gave a file, fit for a page: one line, nothing that cannot be printed."""
    return clean(name.encode(errors="replace").decode().replace("\n", "\x00").replace("\t", "\x00"), 200)


def _broken(data: bytes) -> str:
    """Why a file is no notebook; empty where it is one."""
    try:
        cells = json.loads(data)["cells"]
    except UnicodeDecodeError:
        return "the notebook is no UTF-8 text; save it again"
    except RecursionError:
        return "the notebook is broken: it is nested too deeply"
    except (ValueError, KeyError, TypeError, IndexError):
        return "the notebook is broken: it is no JSON with cells in it; save it again"
    whole = isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells)
    return "" if whole else "the notebook is broken: its cells are no cells; save it again"
