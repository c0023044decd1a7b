"""A learner's code cannot forge a pass: it runs in a locked process that gets inputs and returns arrays, and knows no more.

The parent holds tests, references and tolerances. A *zygote* that has imported NumPy forks a child; the child locks
itself (Linux: Landlock, seccomp, limits; elsewhere limits alone), then loads the learner's code and serves requests
over pipes, in frames of which nothing is ever resolved or evaluated. Output and exit status never count.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path

from chainrule.checker.isolation.answers import Definition
from chainrule.checker.isolation.remote import TIERS, Remote
from chainrule.checker.isolation.zygote import IsolationError, Zygote
from chainrule.core.errors import DataError, SettingError
from chainrule.core.numbers import real, whole

__all__ = ["TIERS", "Definition", "IsolationError", "Remote", "open"]

SUFFIXES = (".py", ".ipynb")


def open(
    path: str | os.PathLike,
    *,
    package_roots: Sequence[str | os.PathLike] = (),
    timeout: float = 10.0,
    memory_mb: int = 1024,
    require_sandbox: bool = False,
    lock: bool = True,
) -> Remote:
    """Open a learner's file or folder in a locked process; use it as a context manager.

    Args:
        path: a .py file (runs whole, as an import does), an .ipynb notebook (its definitions are taken), or a folder
            (every module in it is imported; its own packages are what they import).
        package_roots: folders from which the code may import and read beside that: hand-out copies, or the folder of
            a file's own package. Where several have the same module, the submission's own comes first.
        timeout: seconds that loading and each call may take.
        memory_mb: MiB that the code may take.
        require_sandbox: refuse where the system cannot lock the process.
        lock: whether the process is locked where the system can; false leaves limits and the time-out.

    Returns:
        A `Remote`, which is a `Subject` of the battery.

    Raises:
        DataError: no such file or folder, or a link.
        SettingError: a bad setting, or folders that hold this library.
        IsolationError: the process cannot be started, or not locked although that was required.

    Example:
        with isolation.open("my_layers.py") as remote:
            out, cache = remote.call("affine_forward", [x, w, b], kept=[1]).result
    """
    if not 0 < (real(timeout) or 0) < math.inf:
        raise SettingError(f"check: timeout must be a number of seconds above 0; came {timeout!r}.")
    memory_mb = whole(memory_mb, "memory_mb", owner="check", least=16)
    file, roots = _checked(Path(path)), [_folder(Path(root)) for root in package_roots]
    seconds = math.ceil(20 * timeout) + 60  # of processor time: should the parent die, the child does not run on
    zygote = Zygote(file, roots, memory_mb=memory_mb, seconds=seconds, lock=bool(lock))
    try:
        remote = Remote(zygote, file.stem, timeout=float(timeout))
        if require_sandbox and remote.tier != "locked":
            raise IsolationError(
                f"check: a locked process is required, but here it would be {TIERS.get(remote.tier, remote.tier)}. "
                "Use Linux 5.13 or newer with Landlock and seccomp, or leave --require-sandbox out."
            )
    except BaseException:
        zygote.close()
        raise
    return remote


def _checked(path: Path) -> Path:
    if path.is_symlink():
        raise DataError(f"cannot read {path}: it is a link; give the file or folder itself.")
    if not path.is_dir() and not (path.is_file() and path.suffix in SUFFIXES):
        raise DataError(f"cannot read {path}: a .py file, an .ipynb notebook or a folder was wanted.")
    return path.resolve()


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise DataError(f"cannot read {path}: a folder of packages was wanted.")
    return path.resolve()
