"""A course Solver's checkpoints: the library's own safe file where the courses write a pickle."""

from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core import tensorfile
from chainrule.core.errors import FileFormatError
from chainrule.core.paths import path_of

SUFFIX = ".safetensors"
KIND = "course checkpoint"
SETTINGS = ("lr_decay", "optim_config", "batch_size", "num_train_samples", "num_val_samples", "epoch")
HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


def write(solver: Any) -> Path:
    """Write `<checkpoint_name>_epoch_<n>.safetensors`, and say so where the solver is verbose.

    Raises:
        OutputError: it cannot be written.
    """
    name = path_of(solver.checkpoint_name, owner="Solver", name="checkpoint_name")
    path = Path(f"{name}_epoch_{solver.epoch}{SUFFIX}")
    if solver.verbose:
        print(
            f'Saving checkpoint to "{path}" (safetensors: no pickle; chainrule.courses.modular.checkpoint.read reads it)'
        )
    tensors = {f"params.{name}": np.asarray(value) for name, value in solver.model.params.items()}
    for i, param in enumerate(getattr(solver.model, "bn_params", ()), start=1):
        tensors |= {f"bn_params.{i}.{key}": value for key, value in param.items() if isinstance(value, np.ndarray)}
    tensors |= {name: np.asarray(getattr(solver, name), np.float64) for name in HISTORIES}
    settings = {name: getattr(solver, name) for name in SETTINGS}
    meta = {"kind": KIND, "model": type(solver.model).__name__, "update_rule": solver.rule_name, **settings}
    tensorfile.write(path, tensors, meta)
    return path


def read(path: Any) -> dict[str, Any]:
    """A checkpoint as a dict: its keys are those of the courses' pickles, with `params` and `bn_params` for the model.

    Raises:
        FileFormatError: the file is missing, damaged, or no checkpoint of a course Solver.
    """
    tensors, meta = tensorfile.read(path_of(path, owner="checkpoint.read"))
    if meta.pop("kind", None) != KIND:
        raise FileFormatError(f"{path} is no checkpoint of a course Solver. Was it written by chainrule.Solver?")
    found: dict[str, Any] = {**meta, "params": {}, "bn_params": {}}
    for name, value in tensors.items():
        part, _, rest = name.partition(".")
        if part == "params":
            found["params"][rest] = value
        elif part == "bn_params":
            i, _, key = rest.partition(".")
            found["bn_params"].setdefault(int(i), {})[key] = value
        else:
            found[name] = value.tolist()
    return found
