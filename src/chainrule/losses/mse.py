"""The squared-error loss: half the squared distance from scores to targets."""

from chainrule.core.arrays import namespace, one_hot
from chainrule.core.shapes import from_cache, shaped


@shaped("(n,c),(n,c?)->(n)", labels="t")
def each(scores, t):
    """The loss of every row by itself, of which `forward` takes the mean; arguments and errors as there.

    Returns:
        losses: (N,).
        cache: what `backward` needs.
    """
    xp = namespace(scores)
    target = one_hot(t, scores.shape[1], scores) if t.ndim == 1 else t
    difference = scores - target
    return xp.sum(difference * difference, axis=1) / 2, (difference,)


@shaped("(n,c),(n,c?)->()", labels="t")
def forward(scores, t):
    """Half the squared distance, summed over the outputs and averaged over the examples.

    Formula:
        loss = sum((scores - t)**2) / (2 * N)

    Args:
        scores: (N, C).
        t: (N, C) real targets, or (N,) integer labels, which stand for one-hot rows.

    Returns:
        loss: a 0-d value.
        cache: what `backward` needs.

    Raises:
        ArrayError: shapes that do not fit together, an empty batch, or a label out of range.
        ArrayTypeError: scores that are no float array, targets that are neither floats nor labels.

    Convention: one half, sum over the C outputs, mean over the N rows (as CS145); PyTorch's mse_loss has no half and
        averages over the outputs too, so its value is 2 / C times this one.

    Example:
        >>> import numpy as np
        >>> loss, cache = forward(np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]))
        >>> float(loss)
        2.5
    """
    _, (difference,) = each.raw(scores, t)  # all squares in one sum, as the formula has it: printed digits depend on it
    return namespace(scores).sum(difference * difference) / (2 * scores.shape[0]), (difference,)


@from_cache
def backward(cache):
    """Gradient of the loss by the scores.

    Derivation:
        d/ds of (s - t)^2 / (2 N) is 2 (s - t) / (2 N) = (s - t) / N: the half takes the 2 away.

    Args:
        cache: from `forward`.

    Returns:
        dscores (N, C).
    """
    (difference,) = cache
    return difference / difference.shape[0]
