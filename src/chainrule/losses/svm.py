"""The multi-class hinge loss: the right class must win by a margin over every other."""

from chainrule.core.arrays import namespace, one_hot
from chainrule.core.shapes import from_cache, shaped


@shaped("(n,c),(n)->(n)", labels="y")
def each(scores, y, *, margin=1.0):
    """The loss of every row by itself, of which `forward` takes the mean; arguments and errors as there.

    Returns:
        losses: (N,).
        cache: what `backward` needs.
    """
    xp = namespace(scores)
    right = one_hot(y, scores.shape[1], scores)
    correct = xp.sum(xp.where(right > 0, scores, xp.zeros_like(scores)), axis=1, keepdims=True)  # (N, 1)
    short = (scores - correct + margin) * (1 - right)
    margins = xp.maximum(short, xp.zeros_like(short[:1, :1]))
    return xp.sum(margins, axis=1), (margins, right)


@shaped("(n,c),(n)->()", labels="y")
def forward(scores, y, *, margin=1.0):
    """Mean over the examples of how far the other classes come too close to the right one, summed over them.

    Formula:
        margins = maximum(0, scores - scores[range(N), y][:, None] + margin)
        loss = (sum(margins) - N * margin) / N

    (The right class's own margin is exactly `margin`; it does not count.)

    Args:
        scores: (N, C).
        y: (N,) integer labels.
        margin: by how much the right class must win, in units of the scores.

    Returns:
        loss: a 0-d value; (C - 1) * margin where all scores are equal.
        cache: what `backward` needs.

    Raises:
        ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
        ArrayTypeError: scores that are no float array, labels that are no integers.

    Convention: Weston and Watkins' sum over the other classes, mean over the rows; scikit-learn's
        Crammer-Singer form takes the worst class alone, and PyTorch's multi_margin_loss divides by C as well.

    Source: Weston, Watkins, Support Vector Machines for Multi-Class Pattern Recognition, 1999.

    Example:
        >>> import numpy as np
        >>> loss, cache = forward(np.array([[2.0, 1.5, 0.0]]), np.array([0]))
        >>> float(loss)
        0.5
    """
    _, (margins, right) = each.raw(scores, y, margin=margin)
    return namespace(scores).sum(margins) / scores.shape[0], (margins, right)


@from_cache
def backward(cache):
    """Gradient of the loss by the scores.

    Derivation:
        One row's loss is sum over j != y of max(0, s_j - s_y + margin).
        Each term above 0 has slope 1 by s_j and -1 by s_y, so
        ds_j = 1 where class j violates the margin, ds_y = -(number of such classes). The mean divides by N.

    Args:
        cache: from `forward`.

    Returns:
        dscores (N, C).

    Convention: the slope exactly at the margin, where there is none, is taken as 0.
    """
    margins, right = cache
    xp = namespace(margins)
    violating = xp.astype(margins > 0, margins.dtype)
    return (violating - right * xp.sum(violating, axis=1, keepdims=True)) / margins.shape[0]
