"""All zeros: what not to do with weights, kept to show why."""

import numpy as np

from chainrule.initializers.scaling import check_shape


def draw(generator, shape):
    """A weight matrix of zeros; nothing is drawn.

    Hidden units that start alike get equal gradients and stay alike; behind a ReLU the gradients are zero too.

    Args:
        generator: not used.
        shape: (fan_in, fan_out).

    Returns:
        (fan_in, fan_out) float64.

    Raises:
        ArrayError: `shape` is not two whole numbers above 0.

    Convention: Berkeley CS182 calls it 'zero'.
    """
    check_shape(shape)
    return np.zeros(shape)


def std(shape):
    """The standard deviation of the entries: 0."""
    check_shape(shape)
    return 0.0
