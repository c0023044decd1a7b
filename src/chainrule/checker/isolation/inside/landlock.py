"""Landlock: from a moment on, this process reads only what is listed and writes nowhere. No privilege is needed."""

import ctypes
import fcntl
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
# How many rights on files the kernel's version of Landlock knows (1: all that came with it, 2: renames across
# folders, 3: truncation, 5: device commands); every one that it knows is taken away unless a rule gives it back.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NETWORK_RIGHTS = 0b11  # from version 4: bind and connect
SCOPES = 0b11  # from version 6: abstract sockets, and signals to processes outside
HIGH = 128  # the descriptor's least number: out of the way of a child's own

_libc = ctypes.CDLL(None, use_errno=True)


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    return max(0, _libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1)))


def ruleset(readable: Iterable[str]) -> int | None:
    """A descriptor of the rules "read these files and folders, nothing else"; None where the kernel has no Landlock.

    Args:
        readable: absolute paths; those that do not exist are left out.
    """
    known = version()
    if known == 0:
        return None
    rights = [(1 << FILE_RIGHTS[min(known, 5)]) - 1]
    rights += [NETWORK_RIGHTS] if known >= 4 else []
    rights += [SCOPES] if known >= 6 else []
    attributes = struct.pack(f"={len(rights)}Q", *rights)
    rules = _libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    if rules < 0:
        return None
    for path in readable:
        _allow(rules, path)
    return fcntl.fcntl(rules, fcntl.F_DUPFD, HIGH)


def _allow(rules: int, path: str) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined]
    except OSError:
        return
    allowed = READ_FILE | (READ_DIR if os.path.isdir(path) else 0)
    beneath = struct.pack("=Qi", allowed, descriptor)
    _libc.syscall(ADD_RULE, rules, ctypes.c_int(1), beneath, ctypes.c_uint(0))
    os.close(descriptor)


def restrict(rules: int) -> bool:
    """Put the rules in force for this process, for good; false where the kernel refuses."""
    return _libc.syscall(RESTRICT_SELF, rules, ctypes.c_uint(0)) == 0
