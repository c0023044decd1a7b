"""The parent's hand on the process that forks the children: start it, have a child, end a child."""

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chainrule.checker.isolation.channel import Channel
from chainrule.core.errors import ChainruleError, SettingError

MESSAGE = struct.Struct(">cq")
PATIENCE = 60.0  # seconds for what is our own code and quick, on a busy machine
PACKAGES = ("numpy", "scipy", "six", "past", "future")  # installed ones that a learner's code may import
ONE_THREAD = ("OPENBLAS", "MKL", "OMP", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # where Python's own libraries may be
PROGRAM = Path(__file__).parent / "inside" / "zygote.py"
OURS = Path(__file__).resolve().parents[2]  # this package's folder


class IsolationError(ChainruleError, RuntimeError):
    """The learner's code cannot be kept apart, as it was asked for."""


class Zygote:
    """A process that has imported NumPy and forks locked children.

    Args:
        path: the learner's file or folder, resolved.
        roots: folders that it may import from, resolved.
        memory_mb: what a child may take beyond what it starts with.
        seconds: processor time of a child.
        lock: whether the kernel's locks are used.

    Raises:
        IsolationError: it cannot be started.
    """

    def __init__(self, path: Path, roots: Sequence[Path], *, memory_mb: int, seconds: int, lock: bool) -> None:
        if not hasattr(os, "fork"):
            raise IsolationError(
                "check: a file is run in a process of its own, which this system cannot fork. Use Linux, macOS or the "
                "Windows Subsystem for Linux; or import the module and check that, without any barrier."
            )
        packages = _packages()
        settings = {
            "path": str(path),
            "roots": [str(root) for root in roots],
            "packages": packages,
            "readable": [str(place) for place in _readable([path, *roots], packages)],
            "forbidden": str(OURS / "__init__.py"),
            "memory": memory_mb << 20,
            "seconds": seconds,
            "kernel": lock,
        }
        self._socket, theirs = socket.socketpair()
        self._socket.settimeout(PATIENCE)
        flags = ["-I", "-S", "-X", "utf8"]
        command = [sys.executable, *flags, str(PROGRAM), str(theirs.fileno()), json.dumps(settings)]
        with theirs:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=_environment(),
                cwd="/",
                start_new_session=True,
            )
        self._answer(b"R")

    def fork(self, channel: Channel, number: int) -> int:
        """Have a child on a channel; its process id."""
        socket.send_fds(self._socket, [MESSAGE.pack(b"F", number)], channel.descriptors)
        channel.hand_over()
        return self._answer(b"P")

    def end(self, child: int) -> int:
        """Kill a child and all of its group; its exit status, or minus the signal that ended it."""
        self._socket.send(MESSAGE.pack(b"E", child))
        return os.waitstatus_to_exitcode(self._answer(b"S"))

    def close(self) -> None:
        """End the process, and with it every child."""
        self._socket.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()  # type: ignore[union-attr]

    def _answer(self, letter: bytes) -> int:
        try:
            data = self._socket.recv(MESSAGE.size, socket.MSG_WAITALL)
        except OSError:
            data = b""
        if len(data) < MESSAGE.size or data[:1] != letter:
            self._process.kill()
            errors = self._process.stderr.read().decode(errors="replace") if self._process.stderr else ""
            self.close()
            said = (errors.strip().splitlines() or ["it said nothing"])[-1]
            raise IsolationError(f"check: the process that runs learners' code cannot be started: {said}")
        return int(MESSAGE.unpack(data)[1])


def _packages() -> dict[str, str]:
    """Where the installed packages that may be imported are: name -> the folder that holds it."""
    found = {}
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            place = Path(spec.origin).resolve()
            found[name] = str(place.parent.parent if place.name == "__init__.py" else place.parent)
    return found


def _readable(own: Sequence[Path], packages: dict[str, str]) -> list[Path]:
    """What a locked child may read: Python's library, the packages, the submission; never this package.

    Raises:
        SettingError: the submission's folders hold this package.
    """
    for place in own:
        if OURS.is_relative_to(place):
            raise SettingError(
                f"check: {place} holds this library itself, with all the answers; give a smaller folder."
            )
    library = Path(os.__file__).resolve().parent
    places = [*own, *(item for item in library.iterdir() if item.name not in ("site-packages", "dist-packages"))]
    for name, folder in packages.items():
        places += [Path(folder, name), Path(folder, f"{name}.libs"), Path(folder, f"{name}.py")]
    places += [Path("/dev/null"), Path("/dev/urandom")]
    return [place for place in places if not OURS.is_relative_to(place.resolve())]


def _environment() -> dict[str, str]:
    """Nothing of ours but where libraries are; linear algebra in one thread."""
    threads: dict[str, Any] = {f"{name}_NUM_THREADS": "1" for name in ONE_THREAD[:-1]} | {
        f"{ONE_THREAD[-1]}_THREADS": "1"
    }
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return threads | kept | {"LANG": "C.UTF-8", "HOME": "/nonexistent", "PATH": "/nonexistent"}
