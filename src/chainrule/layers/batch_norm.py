"""Batch normalization: every feature gets mean 0 and variance 1 over the batch, then a learnt scale and shift."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import running, shaped, upstream


@shaped("(n,d),(d),(d)->(n,d)", pair="stats")
def forward(x, gamma, beta, stats=None, *, eps=1e-5):
    """Normalize each column by the batch's own mean and variance, or by given ones.

    Formula:
        mean = sum(x, axis=0) / N
        var = sum((x - mean)**2, axis=0) / N
        y = gamma * (x - mean) / sqrt(var + eps) + beta

    Args:
        x: (N, D).
        gamma: (D,) scale.
        beta: (D,) shift.
        stats: None in training (the batch's statistics); (running_mean, running_var), each (D,), in evaluation.
        eps: added to the variance, in squared units of x.

    Returns:
        y: (N, D).
        cache: what `backward` and `update` need.

    Raises:
        ArrayError: shapes that do not fit together, or an empty array.
        ArrayTypeError: something that is no float array, or mixed dtypes.

    Convention: the variance is biased (divided by N), also where it is averaged into the running one; PyTorch
        averages the unbiased one (divided by N - 1). eps stands inside the root.

    Source: Ioffe, Szegedy, Batch Normalization, 2015, algorithm 1.

    Example:
        >>> import numpy as np
        >>> y, cache = forward(np.array([[1.0], [3.0]]), np.array([2.0]), np.array([10.0]), eps=0.0)
        >>> y
        array([[ 8.],
               [12.]])
    """
    xp = namespace(x)
    mean, var = (xp.mean(x, axis=0), None) if stats is None else stats
    centered = x - mean
    if var is None:
        var = xp.mean(centered * centered, axis=0)
    std = xp.sqrt(var + eps)
    xhat = centered / std
    return gamma * xhat + beta, (xhat, gamma, std, mean, var, stats is None)


@upstream
def backward(dy, cache):
    """Gradients of the loss by x, gamma and beta.

    Derivation:
        y = gamma xhat + beta gives dgamma = sum_n dy xhat, dbeta = sum_n dy, dxhat = dy gamma.
        Given statistics do not depend on x: dx = dxhat / std.
        The batch's own do. xhat = (x - mean) / std, where moving x[k] moves mean by 1/N and var by 2 (x[k] - mean) / N:
        dL/dmean = -sum_n dxhat / std            (the x - mean inside var add up to 0)
        dL/dvar  = -sum_n dxhat xhat / (2 std^2)
        dx = dxhat / std + dL/dmean / N + dL/dvar 2 (x - mean) / N
           = (dxhat - mean_n(dxhat) - xhat mean_n(dxhat xhat)) / std.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D), dgamma (D,), dbeta (D,).
    """
    xhat, gamma, std, _, _, from_batch = cache
    xp = namespace(dy)
    dgamma = xp.sum(dy * xhat, axis=0)
    dbeta = xp.sum(dy, axis=0)
    if not from_batch:
        return dy * (gamma / std), dgamma, dbeta
    n = dy.shape[0]
    dx = (gamma / std) * (dy - dbeta / n - xhat * (dgamma / n))
    return dx, dgamma, dbeta


@running
def update(stats, cache, *, momentum=0.9):
    """The running statistics after one more batch; nothing is changed in place.

    Formula:
        running = momentum * running + (1 - momentum) * batch

    Args:
        stats: (running_mean, running_var), each (D,).
        cache: from a `forward` that used the batch's statistics.
        momentum: the share of the old value that is kept.

    Returns:
        (running_mean, running_var), new arrays.

    Convention: `momentum` is the share kept (0.9); PyTorch's is the share replaced (0.1).
    """
    _, _, _, mean, var, _ = cache
    running_mean, running_var = stats
    kept, new = momentum, 1 - momentum
    return kept * running_mean + new * mean, kept * running_var + new * var
