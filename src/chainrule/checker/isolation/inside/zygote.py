"""A process that has imported NumPy and waits: from it each child is forked in a few milliseconds, then locked.

It never runs a learner's code. It is started as a script, `python -I -S zygote.py SOCKET SETTINGS`, so that nothing is
importable but the standard library; and it takes this package's few files for the child by their place, so that the
rest of the package is not importable either.

Messages on the socket are nine bytes, a letter and a number: `F` (with five descriptors) forks a child and answers with its
process id, `E` ends a child and its group and answers with its exit status.
"""

import fcntl
import gc
import json
import os
import signal
import socket
import struct
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

MESSAGE = struct.Struct(">cq")
HERE = Path(__file__).resolve().parent
HIGH = 64  # descriptors from here on are out of the way of a child's own
PACKAGE = "chainrule.checker.isolation"


def main() -> None:
    """Import, tell the parent that all is ready, then fork until the parent goes away."""
    parent = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    serve, lockdown = _modules(settings["packages"])
    lock = lockdown.prepare(
        settings["readable"],
        settings["forbidden"],
        memory=settings["memory"],
        seconds=settings["seconds"],
        kernel=settings["kernel"],
    )
    sys.argv[:], sys.orig_argv[:] = [settings["path"]], []
    gc.collect()
    gc.freeze()
    parent.send(MESSAGE.pack(b"R", 0))
    while True:
        data, descriptors, _, _ = socket.recv_fds(parent, MESSAGE.size, 5)
        if len(data) < MESSAGE.size:
            os._exit(0)  # the parent has gone; children end with this process
        letter, number = MESSAGE.unpack(data)
        if letter == b"F":
            child = os.fork()
            if child == 0:
                _child(parent, descriptors, settings, number, serve, lockdown, lock)
            for descriptor in descriptors:
                os.close(descriptor)
            parent.send(MESSAGE.pack(b"P", child))
        else:
            parent.send(MESSAGE.pack(b"S", _end(number)))


def _modules(packages: dict[str, str]) -> tuple[Any, Any]:
    """This package's files for the child; afterwards the package is unknown to the import system again."""
    for name in (PACKAGE.rsplit(".", 2)[0], PACKAGE.rsplit(".", 1)[0], PACKAGE):
        sys.modules[name] = ModuleType(name)
    sys.modules[PACKAGE].__path__ = [str(HERE.parent)]
    from chainrule.checker.isolation.inside import loader

    sys.meta_path.append(loader.Packages(packages))  # from here on NumPy can be imported
    from chainrule.checker.isolation.inside import lockdown, serve

    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.split(".")[0] == "chainrule"]:
        del sys.modules[name]
    for name in (*packages, "no_such_module"):
        find_spec(name)  # fills the import system's lists of folders, which a locked child cannot read
    return serve, lockdown


def _child(
    parent: socket.socket, descriptors: list[int], settings: dict, number: int, serve: Any, lockdown: Any, lock: Any
) -> None:
    """Become a child: own group, own descriptors, locked; then serve. Never returns."""
    status = 1
    try:
        lockdown.die_with_parent()
        os.setsid()
        parent.close()
        for place, descriptor in enumerate([fcntl.fcntl(fd, fcntl.F_DUPFD, HIGH) for fd in descriptors]):
            os.dup2(descriptor, place)
        rules = lock.rules or HIGH
        os.closerange(len(descriptors), rules)
        os.closerange(rules + 1, 4096)
        serve.start(lockdown.close(lock), number)
        serve.run(serve.Learner(settings["path"], settings["roots"], number << 32))
        status = 0
    finally:
        os._exit(status)


def _end(child: int) -> int:
    """Kill a child's group and wait for it; its status as the system gives it."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main()
