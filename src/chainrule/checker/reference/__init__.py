"""An instructor's own functions as the reference: of any name and shape, each a task with inputs that are drawn for it.

The reference runs in this process, on copies; the learner's code never meets it. A reference file is a module like this:

    import numpy as np

    def swish(x, beta=1.0):
        return x / (1 + np.exp(-beta * x))

    def samples_for_swish(rng):
        return {"x": rng.standard_normal((3, 4)), "beta": rng.uniform(0.5, 2)}

`samples_for_NAME(rng)` gives one trial's inputs, by name or as a tuple. Without it, annotations say what is drawn:
`x: "(N, D)"`, `y: "(N,) of C"` (labels below C), `k: int`, `p: float`. An argument with a default keeps it, but for
arrays, `bool`, and `float`, which moves around it.
"""

import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.checker.files import run_file
from chainrule.checker.reference.made_by import made_by
from chainrule.checker.reference.tasks import task_of
from chainrule.checker.task import Task
from chainrule.core.errors import DataError, SettingError

__all__ = ["load", "made_by", "tasks_of"]

SAMPLES = "samples_for_"


def load(path: Path) -> ModuleType:
    """Run an instructor's file in this process.

    Raises:
        DataError: there is no such file, or it cannot be run.
    """
    if path.suffix != ".py" or not path.is_file():
        raise DataError(f"cannot read the reference {path}: a .py file was wanted.")
    try:
        return run_file(path, f"reference_{path.stem}")
    except Exception as error:
        raise DataError(f"the reference {path} cannot be run: {type(error).__name__}: {error}.") from error


def tasks_of(code: ModuleType | dict[str, Any]) -> tuple[Task, ...]:
    """A task for every public function of a reference, in the order in which they stand there.

    Args:
        code: a module, or functions by name.

    Raises:
        SettingError: nothing to compare with, samples of no function, or arguments for which nothing can be drawn.
    """
    if not isinstance(code, ModuleType | dict):
        raise SettingError(
            f"check: the reference must be a .py file's path, a module, or functions by name; came {code!r:.60}."
        )
    names = vars(code) if isinstance(code, ModuleType) else code
    home = code.__name__ if isinstance(code, ModuleType) else None
    texts = {name: item for name, item in names.items() if isinstance(name, str)}
    found = {name: item for name, item in texts.items() if _is_reference(name, item, home)}
    samples = {name.removeprefix(SAMPLES): item for name, item in texts.items() if name.startswith(SAMPLES)}
    lost = [f"{SAMPLES}{name}" for name in samples if name not in found]
    if lost:
        raise SettingError(f"check: {lost[0]} is there, but the reference has no function {lost[0][len(SAMPLES) :]}.")
    if not found:
        raise SettingError(
            f"check: the reference defines no function of its own; it must have some, by the names that learners use; "
            f"came {code!r:.60}."
        )
    return tuple(task_of(name, function, samples.get(name), found) for name, function in found.items())


def _is_reference(name: str, item: Any, home: str | None) -> bool:
    """Whether a name of a reference is something to compare with: a public function of its own."""
    if name.startswith(("_", SAMPLES)) or not inspect.isfunction(item):
        return False
    return home is None or item.__module__ == home
