"""The hyperbolic tangent: squashes every number into (-1, 1), keeping 0 at 0."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d)->(n,d)")
def forward(x):
    """Squash each number into (-1, 1).

    Formula:
        y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))

    Args:
        x: (N, D).

    Returns:
        y: (N, D).
        cache: what `backward` needs.

    Raises:
        ArrayError: not two axes, or an empty array.
        ArrayTypeError: something that is no float array.

    Example:
        >>> import numpy as np
        >>> forward(np.array([[-1e300, 0.0, 1e300]]))[0]
        array([[-1.,  0.,  1.]])
    """
    y = namespace(x).tanh(x)
    return y, (y,)


@upstream
def backward(dy, cache):
    """Gradient of the loss by x.

    Derivation:
        y = s / c with s = sinh(x), c = cosh(x), ds/dx = c, dc/dx = s, so
        dy/dx = (c c - s s) / c^2 = 1 - y^2.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D).
    """
    (y,) = cache
    return dy * (1 - y * y)
