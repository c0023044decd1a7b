"""Closing the door behind oneself: limits, Landlock, seccomp, and a look whether they hold."""

import ctypes
import os
import resource
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LINUX = sys.platform.startswith("linux")
if LINUX:
    from chainrule.checker.isolation.inside import landlock, seccomp

LOCKED, FILTERED, LIMITED = "locked", "filtered", "limited"
DIE_WITH_PARENT, SIGKILL = 1, 9


@dataclass(frozen=True)
class Lock:
    """A lock made ready, to be closed by each child."""

    rules: int | None
    program: bytes | None
    forbidden: str
    memory: int
    seconds: int


def prepare(readable: Sequence[str], forbidden: str, *, memory: int, seconds: int, kernel: bool) -> Lock:
    """Make a lock ready.

    Args:
        readable: files and folders that may be read.
        forbidden: a file that must not be readable; the lock is tried on it.
        memory: bytes that a child may take beyond what it starts with.
        seconds: processor time of a child.
        kernel: whether the kernel's locks are used where it has them.
    """
    if not (LINUX and kernel):
        return Lock(None, None, forbidden, memory, seconds)
    return Lock(landlock.ruleset([*readable, *_mapped()]), seccomp.program(), forbidden, memory, seconds)


def close(lock: Lock) -> str:
    """Close the lock for this process, for good.

    Returns:
        the tier in force: "locked" (nothing but the listed files is read, nothing written, no process, socket or
        signal), "filtered" (the same, but every file can be read), "limited" (resources alone).
    """
    _limit(lock.memory, lock.seconds)
    if lock.program is None or not seccomp.no_new_privileges():
        return LIMITED
    landlocked = lock.rules is not None and landlock.restrict(lock.rules)
    if lock.rules is not None:
        os.close(lock.rules)
    if not seccomp.restrict(lock.program) or not _shut(_connect) or not _shut(os.fork):
        return LIMITED
    return LOCKED if landlocked and _shut(lambda: open(lock.forbidden, "rb").close()) else FILTERED


def die_with_parent() -> None:
    """End this process when the one that started it ends (Linux)."""
    if LINUX:
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, SIGKILL, 0, 0, 0)


def _limit(memory: int, seconds: int) -> None:
    def limit(what: str, value: int) -> None:
        with suppress(AttributeError, ValueError, OSError):  # a limit that this system lacks
            resource.setrlimit(getattr(resource, what), (value, value))

    total, data = _size()
    limit("RLIMIT_AS", total + memory)
    limit("RLIMIT_DATA", data + memory)
    limit("RLIMIT_CPU", seconds)
    limit("RLIMIT_NOFILE", 32)
    limit("RLIMIT_CORE", 0)
    limit("RLIMIT_FSIZE", 0)
    limit("RLIMIT_NPROC", 0)


def _size() -> tuple[int, int]:
    """Address space and data of this process in bytes; a guess where the system does not say."""
    try:
        with open("/proc/self/statm") as file:
            pages = [int(number) for number in file.read().split()]
    except OSError:
        return 1 << 30, 1 << 28
    return pages[0] * os.sysconf("SC_PAGESIZE"), pages[5] * os.sysconf("SC_PAGESIZE")


def _mapped() -> set[str]:
    """The shared libraries in use: what is imported later may need them again."""
    with suppress(OSError), open("/proc/self/maps") as file:
        return {line.split(maxsplit=5)[5].strip() for line in file if ".so" in line and "/" in line}
    return set()


def _connect() -> None:
    socket.socket().close()


def _shut(door: Any) -> bool:
    """Whether a call is refused."""
    try:
        if door() == 0:  # a fork that went through, seen from the new process
            os._exit(1)
    except OSError:
        return True
    return False
