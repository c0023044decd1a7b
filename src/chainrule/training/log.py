"""What a training measured at each check, as plain numbers; and a file of them, one JSON object a line."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import OutputError
from chainrule.core.files import write_atomically
from chainrule.core.json_files import plain
from chainrule.core.paths import path_of
from chainrule.training.history import History


def measured(history: History, check: int) -> dict[str, Any]:
    """Everything that a check measured, and the steps since the check before.

    Args:
        history: of the training.
        check: which one, from 0.

    Returns:
        step and epoch (whole numbers), seconds of training so far, loss and lr (of the last step), train_acc, val_acc,
        train_loss, val_loss; by parameter grad_norm (mean over the steps since the last check) and update_ratio; by
        activation dead_share. What was not measured, such as the accuracy of no validation rows, is None.
    """
    step = int(history.check_step[check])
    since = slice(int(history.check_step[check - 1]) if check else 0, step)
    by_param = {
        "grad_norm": np.asarray(history.grad_norms[since]).mean(axis=0),
        "update_ratio": history.update_ratios[check],
    }
    return plain(
        {
            "step": step,
            "epoch": int(history.check_epoch[check]),
            "seconds": float(history.seconds[check]),
            "loss": float(np.mean(history.loss[since])),
            "lr": float(history.lr[step - 1]),
            **{
                name: float(getattr(history, name)[check])
                for name in ("train_acc", "val_acc", "train_loss", "val_loss")
            },
            **{name: dict(zip(history.param_names, values.tolist())) for name, values in by_param.items()},
            "dead_share": dict(zip(history.layer_names, history.dead_share[check].tolist())),
        }
    )


def flat(row: dict[str, Any]) -> dict[str, float]:
    """The numbers of a row of `measured` under names such as "grad_norm/W1"; what was not measured is left out."""
    numbers: dict[str, float] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            numbers |= {f"{name}/{part}": number for part, number in value.items() if number is not None}
        elif value is not None:
            numbers[name] = value
    return numbers


class NewChecks:
    """A callback that hands on each check once, as `measured` gives it; subclasses say what becomes of it.

    With another training it begins anew; a resumed one is logged from its first check.
    """

    def __init__(self) -> None:
        self._logged = 0

    def __call__(self, solver: Any) -> None:
        """Log the checks that are new since the last call."""
        checks = len(solver.history.check_step)
        if checks <= self._logged:  # within one training there is always one more
            self._logged = 0
        if not self._logged:
            self.begin(solver)
        for check in range(self._logged, checks):
            self.log(measured(solver.history, check))
        self._logged = checks

    def begin(self, solver: Any) -> None:
        """Called before the first check is logged."""

    def log(self, row: dict[str, Any]) -> None:
        """Log one check."""
        raise NotImplementedError


class JSONLines(NewChecks):
    """Writes each check as a line of JSON as soon as it is there.

    Args:
        path: of the file. What it holds is replaced by the training's own history, so that a killed and resumed training
            leaves the same lines as one left alone.

    Raises:
        OutputError: the file cannot be written.

    Example:
        >>> import chainrule as cr
        >>> log = JSONLines("log.jsonl")  # then cr.Solver(net, data, callbacks=[log]).train()
    """

    def __init__(self, path: str | Path) -> None:
        super().__init__()
        self.path = path_of(path, owner="JSONLines")

    def begin(self, solver: Any) -> None:
        """Start the file anew."""
        write_atomically(self.path, b"")

    def log(self, row: dict[str, Any]) -> None:
        """Append one line."""
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error.strerror or error}.") from error
