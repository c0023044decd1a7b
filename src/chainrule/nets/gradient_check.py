"""Check a net's gradients against numeric ones, and say what was found in words a learner can use."""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from chainrule.core.arrays import Array
from chainrule.core.errors import ArrayTypeError, SettingError
from chainrule.core.numbers import limited, whole
from chainrule.core.numeric import difference, rel_error
from chainrule.core.streams import key, permutation
from chainrule.nets.net import Net

STEP = 1e-4  # truncation h^4 and rounding eps / h are then both about 1e-12
SMALL = (
    1e-3  # gradients below this share of the net's greatest are judged against it: they drown in the loss's rounding
)
KINK_STEP = 1e-7  # close enough that slopes to the left and to the right differ only at a kink


@dataclass(frozen=True)
class ParameterCheck:
    """One parameter's figures.

    Attributes:
        name, shape: of the parameter.
        entries: how many of its entries were moved.
        kinks: how many of them sit at a kink (a ReLU or hinge switches within the step) and are left out.
        error: the largest difference of the two gradients over the largest entry of either (or over a thousandth of
            the net's largest, where that is more: a bias before batch norm has gradient 0, and noise has no error).
        rel_error: the largest difference entry by entry, as course notebooks print it.
        worst: index, analytic and numeric value where the difference is largest.
    """

    name: str
    shape: tuple[int, ...]
    entries: int
    kinks: int
    error: float
    rel_error: float
    worst: tuple[tuple[int, ...], float, float]


@dataclass(frozen=True)
class GradientReport:
    """The figures of every parameter; print it."""

    rows: list[ParameterCheck]
    tolerance: float

    @property
    def max_error(self) -> float:
        """The largest relative error of all parameters."""
        return max(row.error for row in self.rows)

    @property
    def ok(self) -> bool:
        """Whether every parameter is within the tolerance."""
        return all(row.error <= self.tolerance for row in self.rows)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        width = max(len(row.name) for row in self.rows)
        lines = []
        for row in self.rows:
            right = row.error <= self.tolerance
            note = f", {row.kinks} at a kink left out" if row.kinks else ""
            lines.append(
                f"{'✓' if right else '✗'} {row.name.ljust(width)}  relative error {row.error:.1e}  "
                f"({row.entries} entries{note})"
            )
            if not right:
                index, analytic, numeric = row.worst
                ratio = f", {analytic / numeric:.4g} times as large" if numeric else ""
                lines.append(
                    f"  {' ' * width}  worst at {list(index)}: backward says {analytic:.6g}, "
                    f"the loss itself {numeric:.6g}{ratio}"
                )
        wrong = [row.name for row in self.rows if row.error > self.tolerance]
        lines.append(
            f"All gradients agree with the loss to {self.max_error:.1e}."
            if not wrong
            else f"Wrong: {', '.join(wrong)} (tolerance {self.tolerance:.0e}). "
            f"Look first at the one nearest to the loss: {wrong[-1]}."
        )
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def check_gradients(
    net: Any, X: Array, y: Array, *, entries: int | None = 200, tolerance: float = 1e-6, step: int = 0, seed: int = 0
) -> GradientReport:
    """Compare `net.loss(X, y)`'s gradients with differences of the loss itself, parameter by parameter.

    A float32 net is checked through a float64 copy, since a difference of float32 losses has three digits at best.
    Entries at a kink, where no derivative exists, are found by their one-sided slopes, counted and left out.

    Args:
        net: a net of this library, or anything with a dict `params` and `loss(X, y) -> (loss, grads)`.
        X: (N, ...) a few rows.
        y: labels or targets.
        entries: how many entries of each parameter to move (chosen by `seed`); None for all.
        tolerance: the relative error up to which a parameter counts as right.
        step: which dropout masks to use.
        seed: chooses the entries.

    Returns:
        A report that prints as a table and is true where all is right.

    Raises:
        SettingError: `net` has no `params` and `loss`, or gives no gradient for one of its parameters.
    """
    if not hasattr(net, "params") or not callable(getattr(net, "loss", None)):
        raise SettingError(
            f"check_gradients: net must have a dict `params` and a method `loss(X, y)`; came {type(net).__name__}."
        )
    if y is None:
        raise ArrayTypeError(
            "check_gradients: y must be labels or targets, since only a loss has gradients; came None."
        )
    if entries is not None:
        entries = whole(entries, "entries", owner="check_gradients")
    tolerance = limited("tolerance", tolerance, owner="check_gradients")
    seed = whole(seed, "seed", owner="check_gradients", least=0)
    options = {}
    if isinstance(net, Net):
        net, options = net.copy("float64"), {"step": step}
    _, grads = net.loss(X, y, **options)
    missing = [name for name in net.params if name not in grads]
    if missing:
        raise SettingError(f"check_gradients: loss(X, y) gave no gradient for {', '.join(missing)}.")
    grads = {name: np.array(value, dtype=np.float64) for name, value in grads.items()}

    def loss(_: Any) -> Any:
        return net.loss(X, y, **options)[0]

    greatest = max(float(np.abs(grad).max()) for grad in grads.values())
    rows = []
    for name, value in net.params.items():
        order = permutation(key(seed, "entries", name), value.size)[: entries or value.size]
        indices = [np.unravel_index(i, value.shape) for i in sorted(order)]
        rows.append(_check(name, value, grads[name], loss, indices, floor=SMALL * greatest))
    return GradientReport(rows, tolerance)


def _check(
    name: str, value: np.ndarray, gradient: np.ndarray, loss: Any, indices: list[Any], *, floor: float
) -> ParameterCheck:
    """Move the chosen entries of one parameter and compare."""
    if gradient.shape != value.shape:
        raise SettingError(
            f"check_gradients: the gradient of {name} has shape {gradient.shape} but {name} is {value.shape}; "
            f"a gradient has the shape of what it is the gradient of."
        )
    analytic = np.array([gradient[i] for i in indices])
    numeric = np.array([difference(loss, value, i, h=STEP) for i in indices])
    scale = max(np.abs(analytic).max(), np.abs(numeric).max(), floor, 1e-12)
    doubtful = np.flatnonzero(~(np.abs(analytic - numeric) <= 1e-8 * scale))
    kinks = np.array([k for k in doubtful if _is_kink(loss, value, indices[k], analytic[k], scale)], dtype=int)
    kept = np.setdiff1d(np.arange(len(indices)), kinks)
    if len(kept) == 0:
        return ParameterCheck(name, value.shape, len(indices), len(kinks), 0.0, 0.0, ((), 0.0, 0.0))
    gaps = np.abs(analytic - numeric)[kept]
    worst = kept[int(np.argmax(gaps))]
    return ParameterCheck(
        name,
        value.shape,
        len(indices),
        len(kinks),
        float(np.max(gaps) / scale),
        rel_error(analytic[kept], numeric[kept]),
        (tuple(int(i) for i in indices[worst]), float(analytic[worst]), float(numeric[worst])),
    )


def _is_kink(loss: Any, value: np.ndarray, index: Any, analytic: float, scale: float) -> bool:
    """Whether a kink within the step explains the gap: the analytic slope holds very near, on one side at least."""
    kept = value[index]
    here = float(loss(value))
    slopes = []
    for h in (KINK_STEP, -KINK_STEP):
        value[index] = kept + h
        slopes.append((float(loss(value)) - here) / h)
    value[index] = kept
    return min(abs(slope - analytic) for slope in slopes) <= 1e-5 * max(scale, abs(here))
