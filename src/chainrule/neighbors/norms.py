"""Norms: how long a difference vector is."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError, choose
from chainrule.core.numbers import real

ORDERS = {"l1": 1.0, "l2": 2.0, "max": math.inf}
KNOWN = f"{', '.join(ORDERS)}, a number p of at least 1, or a function of a difference vector"


@dataclass(frozen=True)
class Norm:
    """A norm.

    Attributes:
        name: as people write it: "l1", "l2", "max", "p=3", or the function's name.
        order: p of the p-norm; None for a function.
        function: of one difference vector, or None.
    """

    name: str
    order: float | None
    function: Callable | None = None

    def __call__(self, differences: np.ndarray) -> np.ndarray:
        """Lengths of difference vectors: (..., D) float64 -> (...).

        Raises:
            ArrayError: the user's own function gives something else than a finite number.
        """
        if self.function is not None:
            flat = differences.reshape(-1, differences.shape[-1])
            return np.array([self._own(vector) for vector in flat]).reshape(differences.shape[:-1])
        if self.order == 2:
            return np.sqrt(np.sum(differences**2, axis=-1))
        sizes = np.abs(differences)
        if self.order == 1:
            return np.sum(sizes, axis=-1)
        largest = np.max(sizes, axis=-1)
        if self.order == math.inf:
            return largest
        sizes /= np.where(largest > 0, largest, 1)[..., None]  # no power overflows
        return largest * np.sum(sizes**self.order, axis=-1) ** (1 / self.order)  # type: ignore[operator]

    def _own(self, vector: np.ndarray) -> float:
        length = self.function(vector)  # type: ignore[misc]
        number = real(length.item() if isinstance(length, np.ndarray) and length.size == 1 else length)
        if number is None or not math.isfinite(number):
            raise ArrayError(
                f"norm: {self.name} must give one finite number for a difference vector (D,); came {length!r:.60}."
            )
        return number


def norm_of(norm: Any) -> Norm:
    """The norm that a name, a number p or a function stands for.

    Raises:
        SettingError: something else; the message says what is known.

    Source: the p-norm is sum(abs(v) ** p) ** (1 / p); "max" is its limit for large p.
    """
    if isinstance(norm, str):
        name = choose(norm, ORDERS, what="norm (beside a number p, or a function of a difference vector)")
        return Norm(name, ORDERS[name])
    order = real(norm)
    if order is not None and order >= 1:
        names = {number: name for name, number in ORDERS.items()}
        return Norm(names.get(order, f"p={order:g}"), order)
    if callable(norm) and not isinstance(norm, type):
        return Norm(getattr(norm, "__name__", type(norm).__name__), None, norm)
    raise SettingError(f"norm must be {KNOWN}; came {norm!r:.60}.")
