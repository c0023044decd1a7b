"""The two compiled functions, `run` and `evaluate`, one of each per float type: compiled once, kept on disk."""

import hashlib
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_compiling = threading.Lock()


def stamp() -> int:
    """A number that changes with any of this engine's files: Numba itself looks at one file only."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "little")


def compiled(name: str, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """The compiled `run` or `evaluate` for arguments like these.

    The first call of all on a machine compiles, some seconds, and says so on standard error; later processes load it.
    """
    from numba import typeof

    with _compiling:
        function = _functions()[name]
        signature = tuple(typeof(argument) for argument in arguments)
        if signature not in function.signatures:
            with _said():
                function.compile(signature)
        return function


@contextmanager
def _said() -> Any:
    """Say what is going on where it takes more than a second."""
    text = "chainrule: compiling the fused engine, once on this machine (some 10 to 20 seconds) ..."
    timer = threading.Timer(1.0, print, [text], {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@cache
def _functions() -> dict[str, Any]:
    import scipy.linalg.cython_blas  # noqa: F401  Numba's products call it; loaded now, its threads can be limited
    from numba import njit

    from chainrule.engines.fused.kernels.evaluation import evaluate_of
    from chainrule.engines.fused.kernels.training import run_of

    made: dict[str, Any] = {}
    settings: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    for name, make in (("run", run_of), ("evaluate", evaluate_of)):
        function = make(stamp())
        try:
            made[name] = njit(cache=True, **settings)(function)
        except RuntimeError:  # neither beside this file nor in the user's cache folder can anything be written
            made[name] = njit(**settings)(function)
    return made
