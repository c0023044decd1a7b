"""A disk that fails, or a process that ends, at the n-th call that changes the disk."""

import os
import signal
from types import SimpleNamespace

from chainrule.core import files
from chainrule.core.errors import OutputError


def fail(code):
    """The n-th call raises an OSError; a write has half of its bytes on disk by then."""

    def act(name, call, arguments):
        if name == "write":
            call(arguments[0], arguments[1][: len(arguments[1]) // 2])
        raise OSError(code, os.strerror(code))

    return act


def short_write(name, call, arguments):
    """The n-th call, if it is a write, takes one byte only; that is no failure."""
    return call(arguments[0], arguments[1][:1]) if name == "write" else call(*arguments)


def kill(name, call, arguments):
    """The process ends in the n-th call; a write has half of its bytes on disk by then."""
    if name == "write":
        call(arguments[0], arguments[1][: len(arguments[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def leave(name, call, arguments):
    """The process ends right after the n-th call, without any clean-up."""
    call(*arguments)
    os._exit(9)


def outcome(action, *arguments, **options):
    """What an action comes to: the OutputError that it raised, or None."""
    try:
        action(*arguments, **options)
    except OutputError as error:
        return error
    return None


class Faults:
    """`with Faults(n, act) as faults:` replaces the n-th call that changes the disk; `faults.calls` are their names."""

    def __init__(self, n, act):
        self.n, self.act, self.calls = n, act, []

    def __enter__(self):
        self.kept = files.system
        files.system = SimpleNamespace(**{name: self.around(name, call) for name, call in vars(self.kept).items()})
        return self

    def around(self, name, call):
        def wrapped(*arguments):
            self.calls.append(name)
            return self.act(name, call, arguments) if len(self.calls) == self.n else call(*arguments)

        return wrapped

    def __exit__(self, *_):
        files.system = self.kept

    @property
    def reached(self):
        return len(self.calls) >= self.n
