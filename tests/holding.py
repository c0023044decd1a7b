"""Processes that hold still at a moment of their own, so that killing or interrupting them there is no race with them."""

import os
import time

HOLD = """
import os, pkgutil, signal

def hold(owner, name, times):
    whole, done = getattr(owner, name), []
    def holding(*arguments, **options):
        result = whole(*arguments, **options)
        done.append(1)
        if len(done) == times:
            os.kill(os.getpid(), signal.SIGSTOP)
        return result
    setattr(owner, name, holding)

hold(pkgutil.resolve_name({owner!r}), {name!r}, {times})
"""


def hold_after(owner, name, times=1):
    """The first lines of a program that holds once a function has returned so often.

    Args:
        owner: the module of the function, or module:Class of the method.
        name: of the function.
        times: calls.
    """
    return HOLD.format(owner=owner, name=name, times=times)


def wait_until_held(process):
    """Return once the process holds; it does so until it is sent SIGCONT or SIGKILL."""
    end, status = time.monotonic() + 300, 0
    while not status:
        assert time.monotonic() < end
        time.sleep(0.01)
        _, status = os.waitpid(process.pid, os.WUNTRACED | os.WNOHANG)  # 0 while it runs
    assert os.WIFSTOPPED(status), "it ended before"
