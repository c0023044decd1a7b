"""Xavier (Glorot) initialization: the signal keeps its size through layers that are about linear near 0."""

import math

from chainrule.initializers.scaling import draws, fan


def draw(generator, shape, *, mode="average", distribution="normal"):
    """A weight matrix scaled by its number of connections; made for tanh, too small under a ReLU.

    Formula:
        std = sqrt(1 / fan)        # for "average": sqrt(2 / (fan_in + fan_out))
        w = std * standard normal draws

    Derivation:
        y = sum over fan_in inputs of w x: var(y) = fan_in var(w) var(x), so that var(w) = 1 / fan_in keeps the signal's
        variance. Going back, var(w) = 1 / fan_out keeps the gradient's. The mean of both fans is the compromise.

    Args:
        generator: a NumPy generator; the only source of randomness.
        shape: (fan_in, fan_out).
        mode: whose size is kept: "fan_in" the signal's, "fan_out" the gradient's, "average" some of both.
        distribution: "normal", or "uniform" on +-sqrt(3) * std, which has the same standard deviation.

    Returns:
        (fan_in, fan_out) float64.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        SettingError: an unknown mode or distribution.

    Convention: "average" is PyTorch's `xavier_normal_` and `xavier_uniform_` with gain 1; "fan_in" is what some courses
        call Xavier (randn(D, H) / sqrt(D)), LeCun's rule.

    Source: Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, eqs. 10, 11
        (fans one by one), 12 (average) and 16 (average, uniform).

    Example:
        >>> std((150, 50))
        0.1
    """
    return draws(generator, shape, std(shape, mode=mode), distribution)


def std(shape, *, mode="average", distribution="normal"):
    """The standard deviation of the entries: sqrt(1 / fan)."""
    return math.sqrt(1 / fan(shape, mode))
