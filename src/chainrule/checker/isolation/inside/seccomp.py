"""seccomp: from a moment on, this process may only call what computing and reading files need. No privilege is needed.

The filter is a list of what is allowed; everything else (fork, exec, sockets, signals, changes to files, ...) is refused
with EPERM, and clone3 with ENOSYS, as the C library expects of kernels that lack it.
"""

import ctypes
import errno
import os
import platform
import struct

# name: number on x86-64 and on aarch64; None where the architecture has no such call.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "readv": (19, 65), "pread64": (17, 67), "write": (1, 64), "writev": (20, 66), "close": (3, 57),
    "lseek": (8, 62), "dup": (32, 23), "getdents64": (217, 61), "getcwd": (79, 17), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "stat": (4, None), "lstat": (6, None), "fstat": (5, 80),
    "newfstatat": (262, 79), "statx": (332, 291), "readlink": (89, None), "readlinkat": (267, 78),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "mremap": (25, 216), "madvise": (28, 233),
    "brk": (12, 214), "membarrier": (324, 283), "futex": (202, 98), "set_robust_list": (273, 99), "rseq": (334, 293),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "uname": (63, 160), "sysinfo": (99, 179), "getrusage": (98, 165), "times": (100, 153), "time": (201, None),
    "gettimeofday": (96, 169), "clock_gettime": (228, 113), "clock_getres": (229, 114), "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115), "restart_syscall": (219, 128), "getrandom": (318, 278),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
OPENING = {"open": ((2, 1), None), "openat": ((257, 2), (56, 2))}  # (number, which argument holds the flags)
CLONE3 = 435  # on both
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, the kernel's number

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where struct seccomp_data holds them
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER = 38, 22, 2

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def program() -> bytes | None:
    """The filter as the kernel's instructions; None for an architecture whose numbers are not known here."""
    machine = platform.machine()
    if machine not in ARCHITECTURES or struct.calcsize("P") != 8:
        return None
    column, architecture = ARCHITECTURES[machine]
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, 0x40000000),  # x86-64's second table of calls
        (RETURN, 0, 0, ERROR | errno.EPERM),
    ]
    for numbers in ALLOWED.values():
        if numbers[column] is not None:
            code += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, ALLOW)]  # type: ignore[list-item]
    for calls in OPENING.values():
        if calls[column] is not None:
            code += _reading_only(*calls[column])  # type: ignore[misc]
    code += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, ERROR | errno.ENOSYS), (RETURN, 0, 0, ERROR | errno.EPERM)]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _reading_only(number: int, argument: int) -> list[tuple[int, int, int, int]]:
    """Allow the call where its flags ask for reading alone."""
    changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    return [
        (EQUAL, 0, 4, number),
        (LOAD, 0, 0, ARGUMENTS + 8 * argument),
        (ANY_BIT, 0, 1, changing),
        (RETURN, 0, 0, ERROR | errno.EACCES),
        (RETURN, 0, 0, ALLOW),
    ]


def no_new_privileges() -> bool:
    """Nothing that this process starts may gain privileges; the kernel asks for it before the locks."""
    return _libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0


def restrict(code: bytes) -> bool:
    """Put the filter in force for this process, for good; false where the kernel refuses."""
    filter_ = _Program(len(code) // 8, code)
    return _libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(filter_), 0, 0) == 0
