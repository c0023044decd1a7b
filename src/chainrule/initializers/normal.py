"""Small random numbers of one size, whatever the layer's width."""

from chainrule.core.numbers import limited
from chainrule.initializers.scaling import check_shape, draws


def draw(generator, shape, *, scale=1e-2, distribution="normal"):
    """A weight matrix whose entries have mean 0 and a standard deviation of `scale`.

    In deep nets the signal shrinks or grows from layer to layer, unless `scale` happens to fit the widths.

    Formula:
        w = scale * standard normal draws

    Args:
        generator: a NumPy generator; the only source of randomness.
        shape: (fan_in, fan_out).
        scale: standard deviation, at least 0.
        distribution: "normal", or "uniform" on +-sqrt(3) * scale, which has the same standard deviation.

    Returns:
        (fan_in, fan_out) float64.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.
        SettingError: an unknown distribution, or a scale that is negative or no number.

    Convention: the courses' `weight_scale`; Berkeley CS182 calls it 'random'.

    Source: Krizhevsky, Sutskever, Hinton, ImageNet Classification with Deep CNNs, 2012, section 5, for 0.01.

    Example:
        >>> import numpy as np
        >>> draw(np.random.default_rng(0), (2, 3)).shape
        (2, 3)
    """
    return draws(generator, shape, std(shape, scale=scale), distribution)


def std(shape, *, scale=1e-2, distribution="normal"):
    """The standard deviation of the entries: `scale`."""
    check_shape(shape)
    return limited("scale", scale, owner="initializer normal")
