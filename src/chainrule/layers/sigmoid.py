"""The logistic sigmoid: squashes every number into (0, 1)."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d)->(n,d)")
def forward(x):
    """Squash each number into (0, 1).

    Formula:
        y = 1 / (1 + exp(-x))

    Args:
        x: (N, D), of any size: the exponential is only ever taken of numbers below 0.

    Returns:
        y: (N, D).
        cache: what `backward` needs.

    Raises:
        ArrayError: not two axes, or an empty array.
        ArrayTypeError: something that is no float array.

    Example:
        >>> import numpy as np
        >>> forward(np.array([[-1e300, 0.0, 1e300]]))[0]
        array([[0. , 0.5, 1. ]])
    """
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))
    y = xp.where(x < 0, e, xp.ones_like(e)) / (1 + e)
    return y, (y,)


@upstream
def backward(dy, cache):
    """Gradient of the loss by x.

    Derivation:
        y = 1 / (1 + e) with e = exp(-x), and de/dx = -e, so
        dy/dx = e / (1 + e)^2 = 1/(1 + e) * e/(1 + e) = y (1 - y): at most 1/4, and near 0 where y is near 0 or 1.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D).
    """
    (y,) = cache
    return dy * y * (1 - y)
