"""What a training measured, step by step and check by check."""

from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import FileFormatError
from chainrule.core.html import paragraphs, table
from chainrule.core.npz import load_npz, save_npz
from chainrule.core.paths import path_of
from chainrule.engines.task import Records

STEP_COLUMNS = ("loss", "lr", "grad_norms")
MOST_ROWS = 12  # checks that a notebook shows: the first and the last ones
CHECK_COLUMNS = (
    "check_step",
    "check_epoch",
    "train_acc",
    "val_acc",
    "train_loss",
    "val_loss",
    "update_ratios",
    "dead_share",
    "seconds",
)


def _column(name: str, meaning: str) -> Any:
    """A read-only property that gives a column as an array."""

    def get(self: "History") -> np.ndarray:
        width = {"grad_norms": self.param_names, "update_ratios": self.param_names, "dead_share": self.layer_names}
        rows = self._rows[name]
        return np.array(rows) if rows else np.empty((0, len(width[name])) if name in width else 0)

    return property(get, doc=meaning)


class History:
    """The record of a training. T steps, E checks (after step 1 and at every epoch's end), P parameters, H hidden layers.

    Attributes:
        param_names: P names, the columns of `grad_norms` and `update_ratios`.
        layer_names: H names of the activation stages, the columns of `dead_share`.
        metric: what `train_acc` and `val_acc` are: "accuracy", or "r2" for real targets.
        fault: in words, where a value was not finite; None for a healthy training.
    """

    loss = _column("loss", "(T,) loss of every step's batch, regularization included.")
    lr = _column("lr", "(T,) learning rate of every step.")
    grad_norms = _column("grad_norms", "(T, P) L2 norm of every parameter's gradient, before clipping.")
    check_step = _column("check_step", "(E,) steps taken at each check.")
    check_epoch = _column("check_epoch", "(E,) epochs done at each check; 0 for the one after the first step.")
    train_acc = _column("train_acc", "(E,) accuracy (or R²) on a sample of the training rows.")
    val_acc = _column("val_acc", "(E,) accuracy (or R²) on the validation rows; NaN where there are none.")
    train_loss = _column("train_loss", "(E,) loss on the sample of the training rows, without regularization.")
    val_loss = _column("val_loss", "(E,) loss on the validation rows, without regularization.")
    update_ratios = _column(
        "update_ratios",
        "(E, P) size of the change by size of the value, of every parameter in the step before each check.",
    )
    dead_share = _column("dead_share", "(E, H) share of units whose slope is below 0.001 on every sampled row.")
    seconds = _column("seconds", "(E,) seconds of training up to each check.")

    def __init__(self, param_names: list[str], layer_names: list[str], metric: str = "accuracy") -> None:
        self.param_names, self.layer_names, self.metric = list(param_names), list(layer_names), metric
        self.fault: str | None = None
        self._rows: dict[str, list[Any]] = {name: [] for name in (*STEP_COLUMNS, *CHECK_COLUMNS)}

    @property
    def grad_norm(self) -> np.ndarray:
        """(T,) mean over all parameters of their gradients' norms."""
        norms = self.grad_norms
        return norms.mean(axis=1) if norms.size else np.empty(0)

    @property
    def best_check(self) -> int | None:
        """The first check with the highest validation accuracy; None before the first check, or without validation rows."""
        val = self.val_acc
        return int(np.nanargmax(val)) if len(val) and not np.isnan(val).all() else None

    @property
    def best_val_acc(self) -> float:
        """The highest validation accuracy; NaN where there is none."""
        return float("nan") if self.best_check is None else float(self.val_acc[self.best_check])

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the highest validation accuracy."""
        return None if self.best_check is None else int(self.check_epoch[self.best_check])

    def add_steps(self, records: Records) -> None:
        """Append what an engine measured."""
        for name in STEP_COLUMNS:
            self._rows[name].extend(getattr(records, name))
        if records.fault:
            self.fault = str(records.fault)

    def add_check(self, **values: Any) -> None:
        """Append one check: a value for every column of `CHECK_COLUMNS`."""
        for name in CHECK_COLUMNS:
            self._rows[name].append(values[name])

    def arrays(self) -> dict[str, np.ndarray]:
        """Every column by name, and the names of parameters and layers."""
        columns = {name: getattr(self, name) for name in (*STEP_COLUMNS, *CHECK_COLUMNS)}
        texts = {"param_names": self.param_names, "layer_names": self.layer_names, "metric": [self.metric]}
        return {**columns, **{name: np.array(value, dtype="U64") for name, value in texts.items()}}

    @classmethod
    def restore(cls, arrays: dict[str, np.ndarray], fault: str | None = None) -> "History":
        """The history that `arrays()` described."""
        history = cls([*map(str, arrays["param_names"])], [*map(str, arrays["layer_names"])], str(arrays["metric"][0]))
        for name in history._rows:
            history._rows[name] = list(arrays[name])
        history.fault = fault
        return history

    def save(self, path: str | Path) -> None:
        """Write all columns as one .npz file: equal histories give equal bytes but for `seconds`."""
        save_npz(
            path_of(path, owner="History.save"), {**self.arrays(), "fault": np.array([self.fault or ""], dtype="U200")}
        )

    @classmethod
    def load(cls, path: str | Path) -> "History":
        """Read what `save` wrote.

        Raises:
            FileFormatError: the file is damaged, or holds no history.
        """
        arrays = load_npz(path_of(path, owner="History.load"))
        missing = [
            name
            for name in (*STEP_COLUMNS, *CHECK_COLUMNS, "param_names", "layer_names", "metric", "fault")
            if name not in arrays
        ]
        if missing:
            raise FileFormatError(f"{path} holds no history of a training: {', '.join(missing)} missing.")
        return cls.restore(arrays, str(arrays["fault"][0]) or None)

    def __repr__(self) -> str:
        if not len(self.check_epoch):
            return f"<History: {len(self.loss)} steps>"
        best = (
            ""
            if self.best_check is None
            else f", best validation {self.metric} {self.best_val_acc:.4f} in epoch {self.best_epoch}"
        )
        wrong = f", {self.fault}" if self.fault else ""
        return f"<History: {len(self.loss)} steps, {self.check_epoch[-1]:g} epochs{best}{wrong}>"

    def _repr_html_(self) -> str:
        names = ("check_epoch", "train_loss", "val_loss", "train_acc", "val_acc")
        checks = list(zip(*(getattr(self, name) for name in names)))
        shown = checks if len(checks) <= MOST_ROWS else [*checks[: MOST_ROWS // 2], *checks[-MOST_ROWS // 2 :]]
        rows = [[f"{epoch:g}", *(f"{value:.4f}" for value in values)] for epoch, *values in shown]
        header = ("epoch", "training loss", "validation loss", f"training {self.metric}", f"validation {self.metric}")
        return paragraphs([repr(self)[1:-1]]) + table([header, *rows])
