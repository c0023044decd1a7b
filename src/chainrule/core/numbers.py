"""Numbers that people give: real ones and whole ones, also NumPy's; texts, truth values and arrays are none."""

import numbers
from typing import Any

from chainrule.core.errors import ArrayTypeError, SettingError


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
