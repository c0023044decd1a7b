"""The plain engine on another library's arrays: the same code, with the net's arrays and every batch laid over to it."""

import importlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import array_api_compat
import numpy as np

from chainrule.core.arrays import Array
from chainrule.core.errors import MissingExtraError, SettingError, choose
from chainrule.engines import plain
from chainrule.engines.task import Records, Stop, Task

ARRAYS = ("numpy", "torch")


def checked(array: Any, device: Any) -> tuple[str, str]:
    """The library and the device, once an array has been made there.

    Raises:
        SettingError: an unknown library, or a device that this machine lacks.
        MissingExtraError: the library is not installed.
    """
    if choose(array, ARRAYS, what="array") == "numpy":
        if device != "cpu":
            raise SettingError(
                f"Solver: device must be 'cpu' for NumPy's arrays; came {device!r:.80}. Use array='torch' for others."
            )
        return "numpy", "cpu"
    if not isinstance(device, str):
        raise SettingError(f"Solver: device must be a text, such as 'cpu' or 'cuda'; came {device!r:.80}.")
    try:
        _placed(array, device, np.zeros(1))
    except ImportError as error:
        raise MissingExtraError('array="torch" needs PyTorch: pip install "chainrule[torch]".') from error
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise SettingError(f"Solver: device={device!r} cannot be used on this machine ({reason}).") from None
    return array, device


def run(task: Task, steps: int, *, val_history: Sequence[float], stop: Stop, measure: bool) -> Records:
    """Take up to `steps` steps there, and bring net and state back. Arguments and result as for `plain.run`."""
    net = task.net.copy()
    there = replace(task, net=net, state={}, place=lambda array: _placed(task.array, task.device, array))
    net.params = {name: there.place(value) for name, value in task.net.params.items()}
    net.stats = {name: (there.place(mean), there.place(var)) for name, (mean, var) in task.net.stats.items()}
    there.state = _mapped(task.state, there.place)
    records = plain.run(there, steps, val_history=val_history, stop=stop, measure=measure)
    task.net.params.update({name: _back(value) for name, value in net.params.items()})
    task.net.stats.update({name: (_back(mean), _back(var)) for name, (mean, var) in net.stats.items()})
    task.state, task.step = _mapped(there.state, _back), there.step
    return records


def _mapped(state: dict[str, dict[str, Any]], move: Any) -> dict[str, dict[str, Any]]:
    """The rules' state with its arrays moved; step counts stay what they are."""
    return {
        name: {key: value if isinstance(value, int) else move(value) for key, value in own.items()}
        for name, own in state.items()
    }


def _placed(array: str, device: str, value: np.ndarray) -> Array:
    return importlib.import_module(f"array_api_compat.{array}").asarray(value, device=device)


def _back(value: Array) -> np.ndarray:
    return np.array(np.from_dlpack(array_api_compat.to_device(value, "cpu")))
