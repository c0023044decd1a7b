"""What the initializers share: how many connections a weight matrix has, and draws of a given standard deviation."""

import math
import numbers
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, ArrayTypeError, choose

MODES = ("fan_in", "fan_out", "average")
DISTRIBUTIONS = ("normal", "uniform")


def fan(shape: tuple[int, int], mode: str) -> float:
    """Connections per unit: inputs of a column, outputs of a row, or the mean of both.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        SettingError: an unknown mode.
    """
    check_shape(shape)
    fan_in, fan_out = shape
    return {"fan_in": fan_in, "fan_out": fan_out, "average": (fan_in + fan_out) / 2}[choose(mode, MODES, what="mode")]


def check_shape(shape: tuple[int, int]) -> None:
    """Fail unless `shape` is (fan_in, fan_out)."""
    if not isinstance(shape, tuple | list) or len(shape) != 2 or not all(map(_is_size, shape)):
        raise ArrayError(f"initializers: shape must be (fan_in, fan_out), two whole numbers above 0; came {shape!r}.")


def _is_size(size: Any) -> bool:
    return isinstance(size, numbers.Integral) and not isinstance(size, bool) and int(size) > 0


def draws(generator, shape: tuple[int, int], std: float, distribution: str) -> np.ndarray:
    """Independent float64 draws of mean 0: normal, or uniform on +-sqrt(3) * std, which has the same deviation.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        ArrayTypeError: `generator` is none.
        SettingError: an unknown distribution.
    """
    check_shape(shape)
    if not hasattr(generator, "standard_normal"):
        raise ArrayTypeError(
            f"initializers: generator must be a NumPy generator, such as numpy.random.default_rng(0); came {generator!r}."
        )
    if choose(distribution, DISTRIBUTIONS, what="distribution") == "normal":
        return std * generator.standard_normal(shape)
    return math.sqrt(3) * std * generator.uniform(-1.0, 1.0, shape)
