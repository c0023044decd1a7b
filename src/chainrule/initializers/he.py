"""He initialization: the signal keeps its size through layers that are followed by a ReLU."""

import math

from chainrule.initializers.scaling import draws, fan


def draw(generator, shape, *, mode="fan_in", distribution="normal"):
    """A weight matrix scaled by its number of inputs, with a factor 2 for the half that a ReLU drops.

    Formula:
        std = sqrt(2 / fan)
        w = std * standard normal draws

    Derivation:
        y = sum over fan_in inputs of w x: var(y) = fan_in var(w) E[x^2]. Behind a ReLU E[x^2] is half the variance of
        what went in, so that var(w) = 2 / fan_in keeps it. The same for gradients going back gives 2 / fan_out.

    Args:
        generator: a NumPy generator; the only source of randomness.
        shape: (fan_in, fan_out).
        mode: whose size is kept: "fan_in" the signal's, "fan_out" the gradient's, "average" the mean of both fans.
        distribution: "normal", or "uniform" on +-sqrt(3) * std, which has the same standard deviation.

    Returns:
        (fan_in, fan_out) float64.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        SettingError: an unknown mode or distribution.

    Convention: PyTorch's `kaiming_normal_` and `kaiming_uniform_` with a=0. (Its Linear layers start from `kaiming_uniform_`
        with a=sqrt(5), whose deviation is 1/sqrt(6) of this one.) Berkeley CS182's 'he' scales every layer so, the last
        included.

    Source: He, Zhang, Ren, Sun, Delving Deep into Rectifiers, 2015, eq. 10 (fan_in) and eq. 14 (fan_out).

    Example:
        >>> std((200, 50))
        0.1
    """
    return draws(generator, shape, std(shape, mode=mode), distribution)


def std(shape, *, mode="fan_in", distribution="normal"):
    """The standard deviation of the entries: sqrt(2 / fan)."""
    return math.sqrt(2 / fan(shape, mode))
