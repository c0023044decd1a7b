"""The leaky rectifier: negative inputs pass with a small slope, so that no unit can die."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d)->(n,d)")
def forward(x, *, slope=0.01):
    """Keep what is positive and shrink what is negative.

    Formula:
        y = maximum(x, 0) + slope * minimum(x, 0)

    Args:
        x: (N, D).
        slope: of the negative side, between 0 and 1.

    Returns:
        y: (N, D).
        cache: what `backward` needs.

    Raises:
        ArrayError: not two axes, or an empty array.
        ArrayTypeError: something that is no float array.

    Source: Maas, Hannun, Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, 2013.

    Example:
        >>> import numpy as np
        >>> forward(np.array([[-1.0, 2.0]]))[0]
        array([[-0.01,  2.  ]])
    """
    xp = namespace(x)
    return xp.where(x > 0, x, slope * x), (x, slope)


@upstream
def backward(dy, cache):
    """Gradient of the loss by x.

    Derivation:
        y = x where x > 0: slope 1. y = slope x elsewhere: slope `slope`.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D).

    Convention: at exactly 0 the negative side's slope is taken (as PyTorch does).
    """
    x, slope = cache
    xp = namespace(dy)
    return xp.where(x > 0, dy, slope * dy)
