"""Layer normalization: every example gets mean 0 and variance 1 over its features, then a learnt scale and shift."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d),(d),(d)->(n,d)")
def forward(x, gamma, beta, *, eps=1e-5):
    """Normalize each row by its own mean and variance: the same in training and evaluation.

    Formula:
        mean = sum(x, axis=1, keepdims=True) / D
        var = sum((x - mean)**2, axis=1, keepdims=True) / D
        y = gamma * (x - mean) / sqrt(var + eps) + beta

    Args:
        x: (N, D).
        gamma: (D,) scale.
        beta: (D,) shift.
        eps: added to the variance, in squared units of x.

    Returns:
        y: (N, D).
        cache: what `backward` needs.

    Raises:
        ArrayError: shapes that do not fit together, or an empty array.
        ArrayTypeError: something that is no float array, or mixed dtypes.

    Convention: the variance is biased (divided by D) and eps stands inside the root, as in PyTorch.

    Source: Ba, Kiros, Hinton, Layer Normalization, 2016, eq. 3.

    Example:
        >>> import numpy as np
        >>> forward(np.array([[1.0, 3.0]]), np.array([1.0, 1.0]), np.array([0.0, 10.0]), eps=0.0)[0]
        array([[-1., 11.]])
    """
    xp = namespace(x)
    centered = x - xp.mean(x, axis=1, keepdims=True)
    std = xp.sqrt(xp.mean(centered * centered, axis=1, keepdims=True) + eps)  # (N, 1)
    xhat = centered / std
    return gamma * xhat + beta, (xhat, gamma, std)


@upstream
def backward(dy, cache):
    """Gradients of the loss by x, gamma and beta.

    Derivation:
        y = gamma xhat + beta gives dgamma = sum_n dy xhat, dbeta = sum_n dy, dxhat = dy gamma: sums over rows,
        since all rows share gamma and beta.
        The statistics are those of the row itself, so the rest is batch norm's derivation with D features for N rows:
        dx = (dxhat - mean_d(dxhat) - xhat mean_d(dxhat xhat)) / std.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D), dgamma (D,), dbeta (D,).
    """
    xhat, gamma, std = cache
    xp = namespace(dy)
    dxhat = dy * gamma
    along = xp.mean(dxhat * xhat, axis=1, keepdims=True)  # (N, 1)
    dx = (dxhat - xp.mean(dxhat, axis=1, keepdims=True) - xhat * along) / std
    return dx, xp.sum(dy * xhat, axis=0), xp.sum(dy, axis=0)
