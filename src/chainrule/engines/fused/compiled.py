"""The two compiled functions, `run` and `evaluate`, one of each per float type: compiled once, kept on disk."""

import hashlib
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from chainrule.core.errors import SettingError
from chainrule.core.notice import said
from chainrule.engines.fused.elsewhere import compile_elsewhere
from chainrule.engines.fused.memory import Memory

_compiling = threading.Lock()
_ready: set[tuple[str, str]] = set()  # functions by name and float type, once compiled or loaded


def stamp() -> str:
    """What changes with any of this engine's files: Numba itself looks at one file only."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def compiled(name: str, arguments: tuple[Any, ...]) -> Callable[..., Any]:
    """The compiled `run` or `evaluate` for arguments like these.

    The first call of all on a machine compiles, some seconds, and says so on standard error; later processes load it.

    Raises:
        SettingError: Numba is another than this engine was written for.
    """
    from numba import typeof

    function = _functions()[name]
    key = name, _float_type(arguments)  # to tell all types takes milliseconds
    if key in _ready:
        return function
    with _compiling:
        signature = tuple(typeof(argument) for argument in arguments)
        if signature not in function.signatures:
            with said(_notice(function)):
                if not _kept(function, signature) and function.stats.cache_path:
                    compile_elsewhere(_float_type(arguments))
                function.compile(signature)
        _ready.add(key)
    return function


def _kept(function: Any, signature: tuple[Any, ...]) -> bool:
    """Whether the machine code for a signature is on disk."""
    cache = function._cache
    return hasattr(cache, "_cache_file") and (
        cache._index_key(signature, function.targetctx.codegen()) in cache._cache_file._load_index()
    )


def _float_type(arguments: tuple[Any, ...]) -> str:
    """The net's float type, which alone makes arguments differ in type."""
    return next(one for one in arguments if isinstance(one, Memory)).params.dtype.name


def _notice(function: Any) -> str:
    """What to say while it is compiled."""
    folder = function.stats.cache_path
    kept = (
        f"once on this machine; the result is kept in {folder}"
        if folder
        else "for this process alone: no folder can be written; NUMBA_CACHE_DIR names one"
    )
    return f"compiling the fused engine (some 10 to 30 seconds), {kept} ..."


@cache
def _functions() -> dict[str, Any]:
    import scipy.linalg.cython_blas  # noqa: F401  Numba's products call it; loaded now, its threads can be limited
    from numba import __version__, _helperlib

    if "xxgemm" not in _helperlib.c_helpers:  # type: ignore[attr-defined]
        raise SettingError(
            f"engine: Numba {__version__} has no function numba_xxgemm, by which compiled code reaches BLAS; the fused "
            f"engine is written for Numba 0.61 to 0.68. Install one of these, or use engine='plain'."
        )
    import chainrule.engines.fused.kernels.groups  # noqa: F401  from now on Numba knows what the arguments are
    from chainrule.engines.fused.kernels.compiler import entry
    from chainrule.engines.fused.kernels.evaluation import evaluate
    from chainrule.engines.fused.kernels.training import run

    made: dict[str, Any] = {}
    version = stamp()
    for function in (run, evaluate):
        name = function.__name__
        function.__qualname__ = f"{name}_{version}"  # it names the file on disk, so that no version reads another's
        try:
            made[name] = entry(function, cache=True)
        except RuntimeError:  # neither beside this file nor in the user's cache folder can anything be written
            made[name] = entry(function, cache=False)
    return made
