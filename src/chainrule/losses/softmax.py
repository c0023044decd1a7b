"""The softmax cross-entropy loss: how surprised a net is by the right label."""

from chainrule.core.arrays import namespace, one_hot
from chainrule.core.shapes import check, from_cache, shaped


@shaped("(n,c),(n)->(n)", labels="y")
def each(scores, y):
    """The loss of every row by itself, of which `forward` takes the mean; arguments and errors as there.

    Returns:
        losses: (N,).
        cache: what `backward` needs.
    """
    xp = namespace(scores)
    shifted = scores - xp.max(scores, axis=1, keepdims=True)
    e = xp.exp(shifted)
    total = xp.sum(e, axis=1, keepdims=True)  # (N, 1)
    right = one_hot(y, scores.shape[1], scores)
    return xp.log(total[:, 0]) - xp.sum(shifted * right, axis=1), (e / total, right)


@shaped("(n,c),(n)->()", labels="y")
def forward(scores, y):
    """Mean over the examples of -log(probability of the right class).

    Formula:
        p = exp(scores) / sum(exp(scores), axis=1, keepdims=True)
        loss = mean(-log(p[range(N), y]))

    The row maximum is subtracted first, which leaves p as it is and keeps the exponential from overflowing, and the
    logarithm is taken of the sum, never of a probability that rounded to 0.

    Args:
        scores: (N, C) logits.
        y: (N,) integer labels.

    Returns:
        loss: a 0-d value; ln C where all scores are equal.
        cache: what `backward` needs.

    Raises:
        ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
        ArrayTypeError: scores that are no float array, labels that are no integers.

    Convention: mean over the rows (the sum would make the step grow with the batch), natural logarithm.

    Source: Bridle, Probabilistic Interpretation of Feedforward Classification Network Outputs, 1990.

    Example:
        >>> import numpy as np
        >>> loss, cache = forward(np.zeros((1, 4)), np.array([2]))
        >>> round(float(loss), 6)  # ln 4
        1.386294
    """
    losses, cache = each.raw(scores, y)
    return namespace(scores).mean(losses), cache


@from_cache
def backward(cache):
    """Gradient of the loss by the scores.

    Derivation:
        One row's loss is log(sum_j exp(s_j)) - s_y.
        d/ds_k of the first term is exp(s_k) / sum_j exp(s_j) = p_k; of the second, 1 where k = y.
        The mean divides by N: dscores = (p - one_hot(y)) / N. Every row adds up to 0.

    Args:
        cache: from `forward`.

    Returns:
        dscores (N, C).
    """
    p, right = cache
    return (p - right) / p.shape[0]


def probabilities(scores):
    """Scores as probabilities: (N, C) -> (N, C), rows that add up to 1.

    Raises:
        ArrayError: not two axes, or an empty array.
        ArrayTypeError: something that is no float array.
    """
    check("softmax", ["scores"], [("n", "c")], [scores])
    xp = namespace(scores)
    e = xp.exp(scores - xp.max(scores, axis=1, keepdims=True))
    return e / xp.sum(e, axis=1, keepdims=True)
