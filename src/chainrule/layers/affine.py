"""The affine layer: every output is a weighted sum of every input, plus a bias."""

from chainrule.core.arrays import namespace
from chainrule.core.shapes import shaped, upstream


@shaped("(n,d),(d,m),(m)->(n,m)")
def forward(x, W, b):
    """Map each row through a matrix and shift it.

    Formula:
        y = x @ W + b

    Args:
        x: (N, D) inputs, one row an example.
        W: (D, M) weights, one column an output.
        b: (M,) biases.

    Returns:
        y: (N, M).
        cache: what `backward` needs.

    Raises:
        ArrayError: shapes that do not fit together, or an empty array.
        ArrayTypeError: something that is no float array, or mixed dtypes.

    Convention: W is (inputs, outputs), as in the courses' modular networks; PyTorch stores its transpose.

    Source: Rumelhart, Hinton, Williams, Learning representations by back-propagating errors, Nature 323, 1986, eq. 1.

    Example:
        >>> import numpy as np
        >>> y, cache = forward(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]), np.array([5.0]))
        >>> y
        array([[16.]])
    """
    return x @ W + b, (x, W)


@upstream
def backward(dy, cache):
    """Gradients of the loss by x, W and b, from its gradient by y.

    Derivation:
        y[n,m] = sum_d x[n,d] W[d,m] + b[m], so
        dL/dx[n,d] = sum_m dy[n,m] W[d,m]   ->  dx = dy @ W.T
        dL/dW[d,m] = sum_n x[n,d] dy[n,m]   ->  dW = x.T @ dy
        dL/db[m]   = sum_n dy[n,m]: the bias of every row is the same number, so its gradients add up.

    Args:
        dy: (N, M) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D), dW (D, M), db (M,).
    """
    x, W = cache
    xp = namespace(dy)
    return dy @ W.T, x.T @ dy, xp.sum(dy, axis=0)
