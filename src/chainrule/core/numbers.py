"""Numbers that people give: real ones and whole ones, also NumPy's; texts, truth values and arrays are none."""

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError, SettingError
from chainrule.core.registry import options_of

SHARE = (lambda value: 0 <= value < 1, "a number from 0 to below 1")
NOT_NEGATIVE = (lambda value: 0 <= value < math.inf, "a number of at least 0")
ABOVE_ZERO = (lambda value: 0 < value < math.inf, "a number above 0")
LIMITS: dict[str, tuple[Callable[[float], bool], str]] = {
    "lr": ABOVE_ZERO,
    "momentum": SHARE,
    "decay": SHARE,
    "beta1": SHARE,
    "beta2": SHARE,
    "eps": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE,
    "clip_norm": ABOVE_ZERO,
    "clip_value": ABOVE_ZERO,
    "h": ABOVE_ZERO,
    "tolerance": ABOVE_ZERO,
    "margin": NOT_NEGATIVE,
    "slope": (lambda value: 0 <= value <= 1, "a number from 0 to 1"),
    "scale": NOT_NEGATIVE,
    "dpi": ABOVE_ZERO,
    "keep": (lambda value: 0 < value <= 1, "a number above 0 and at most 1, the share of units that stay"),
}


def real(value: Any) -> float | None:
    """A Python float where `value` is a real number, else None."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return float(value)


def whole(value: Any, name: str, *, owner: str, least: int = 1) -> int:
    """A Python int of at least `least`.

    Raises:
        ArrayTypeError: no whole number.
        SettingError: too small a one.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise ArrayTypeError(f"{owner}: {name} must be a whole number; came {value!r} ({type(value).__name__}).")
    if value < least:
        raise SettingError(f"{owner}: {name} must be a whole number of at least {least}; came {value}.")
    return int(value)


def limited(name: str, value: Any, *, owner: str) -> float:
    """A Python float within the limits of its name (NumPy scalars would turn float32 into float64).

    Raises:
        SettingError: no number, or one out of its range.
    """
    test, wanted = LIMITS[name]
    found = real(value)
    if found is None or not test(found):
        raise SettingError(f"{owner}: {name} must be {wanted}; came {value!r}.")
    return found


def checked_options(owner: str, function: Callable, options: dict[str, Any]) -> dict[str, Any]:
    """Hyper-parameters of a function: numbers within their limits as Python floats, conventions as true or false.

    Raises:
        SettingError: a value that its name does not allow. (Unknown names are left for the function to refuse.)
    """
    known, checked = options_of(function), dict(options)
    for name, value in options.items():
        if isinstance(known.get(name), bool):
            if not isinstance(value, bool | np.bool_):
                rule = function.__module__.rsplit(".", 1)[-1]
                raise SettingError(
                    f"{owner}: {name} must be True or False, see the Convention of {rule}; came {value!r}."
                )
            checked[name] = bool(value)
        elif name in known and name in LIMITS:
            checked[name] = limited(name, value, owner=owner)
    return checked


def float_dtype(dtype: Any, *, owner: str) -> np.dtype:
    """float32 or float64, from a name or a type of NumPy's.

    Raises:
        SettingError: anything else.
    """
    try:
        found = None if dtype is None else np.dtype(dtype)
    except TypeError:
        found = None
    if found not in (np.float32, np.float64):
        raise SettingError(f"{owner}: dtype must be 'float32' or 'float64'; came {dtype!r}.")
    return np.dtype(found.name)  # type: ignore[union-attr]
