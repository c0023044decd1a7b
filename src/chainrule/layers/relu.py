"""The rectified linear unit: negative inputs become 0, positive ones pass."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d)->(n,d)")
def forward(x):
    """Keep what is positive.

    Formula:
        y = maximum(x, 0)

    Args:
        x: (N, D).

    Returns:
        y: (N, D). A NaN stays a NaN.
        cache: what `backward` needs.

    Raises:
        ArrayError: not two axes, or an empty array.
        ArrayTypeError: something that is no float array.

    Source: Nair, Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010.

    Example:
        >>> import numpy as np
        >>> forward(np.array([[-1.0, 2.0]]))[0]
        array([[0., 2.]])
    """
    xp = namespace(x)
    y = xp.maximum(x, xp.zeros_like(x[:1, :1]))
    return y, (y,)


@upstream
def backward(dy, cache):
    """Gradient of the loss by x.

    Derivation:
        y = x where x > 0, so dy/dx = 1 there; y = 0 elsewhere, so dy/dx = 0.
        y > 0 exactly where x > 0, so the output tells the two apart.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D).

    Convention: the slope at exactly 0, where there is none, is taken as 0 (as PyTorch does).
    """
    (y,) = cache
    xp = namespace(dy)
    return dy * xp.astype(y > 0, dy.dtype)
