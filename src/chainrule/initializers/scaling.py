"""What the initializers share: how many connections a weight matrix has, and draws of a given standard deviation."""

import math
import numbers

import numpy as np

from chainrule.core.errors import ArrayError, choose

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
    if len(shape) != 2 or not all(isinstance(size, numbers.Integral) and size > 0 for size in shape):
        raise ArrayError(f"initializers: shape must be (fan_in, fan_out), two whole numbers above 0; came {shape!r}.")


def draws(generator, shape: tuple[int, int], std: float, distribution: str) -> np.ndarray:
    """Independent float64 draws of mean 0: normal, or uniform on +-sqrt(3) * std, which has the same deviation.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        SettingError: an unknown distribution.
    """
    check_shape(shape)
    if choose(distribution, DISTRIBUTIONS, what="distribution") == "normal":
        return std * generator.standard_normal(shape)
    return math.sqrt(3) * std * generator.uniform(-1.0, 1.0, shape)
