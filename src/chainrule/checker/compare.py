"""When two values are the same, up to rounding."""

from typing import Any

import numpy as np

from chainrule.checker.subject import Failed

ROUNDING = {
    8: 1e-7,
    4: 1e-3,
    2: 2e-2,
}  # by bytes of a float: what different algebra may cost, in units of the largest entry


def same(got: Any, wanted: Any, tolerance: float | None = None, floor: float = 0.0) -> bool:
    """Whether a value is what was wanted: equal shape, equal NaN and infinities, and near enough elsewhere.

    Args:
        got: what came.
        wanted: what should have come.
        tolerance: in units of the largest wanted entry; None for rounding, by the precision that came.
        floor: the least such unit.
    """
    if isinstance(got, Failed) or isinstance(wanted, Failed):
        return isinstance(got, Failed) and isinstance(wanted, Failed) and got.message == wanted.message
    if not is_numeric(got) or not is_numeric(wanted):
        return type(got) is type(wanted) and not isinstance(got, np.ndarray) and bool(got == wanted)
    a, b = np.asarray(got), np.asarray(wanted)
    if a.shape != b.shape:
        return False
    if tolerance is None:
        tolerance = ROUNDING[min(a.dtype.itemsize, 8)] if a.dtype.kind == "f" and a.dtype.itemsize in ROUNDING else 1e-7
    return bool(np.all(off_by(a, b) <= tolerance * max(scale(b), floor)))


def blurred(value: Any) -> Any:
    """The same value with NaN for infinities: which of the two an overflow gives is a matter of the algebra."""
    if is_numeric(value) and np.asarray(value).dtype.kind == "f":
        return np.where(np.isfinite(value), value, np.asarray(np.nan, dtype=np.asarray(value).dtype))
    return value


def off_by(got: Any, wanted: Any) -> np.ndarray:
    """|got - wanted| entry by entry; infinite where one alone is NaN or infinite."""
    a, b = np.asarray(got, dtype=np.float64), np.asarray(wanted, dtype=np.float64)
    with np.errstate(all="ignore"):
        distance = np.abs(a - b)
    equal = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(equal, 0.0, np.where(np.isfinite(distance), distance, np.inf))


def scale(wanted: Any) -> float:
    """The size of the largest finite entry; 1 where all are 0."""
    b = np.abs(np.asarray(wanted, dtype=np.float64))
    finite = b[np.isfinite(b)]
    return float(finite.max()) or 1.0 if finite.size else 1.0


def is_numeric(value: Any) -> bool:
    """A number or an array of numbers."""
    return isinstance(value, np.ndarray | np.number | np.bool_ | int | float)
