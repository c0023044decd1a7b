"""Dropout: in training, a random part of the units is silenced, and the others speak louder."""

from chainrule.core.errors import ArrayError
from chainrule.core.numbers import float_dtype, limited, whole
from chainrule.core.shapes import shaped, upstream
from chainrule.core.streams import uniform


@shaped("(n,d),(n,d)->(n,d)")
def forward(x, mask):
    """Silence units by a mask that was drawn apart, so that the same call gives the same result.

    Formula:
        y = x * mask

    Args:
        x: (N, D).
        mask: (N, D), 0 where a unit is dropped and 1 / keep where it stays: see `sample`.

    Returns:
        y: (N, D).
        cache: what `backward` needs.

    Raises:
        ArrayError: mask and x differ in shape, or are empty.
        ArrayTypeError: something that is no float array, or mixed dtypes.

    Convention: inverted dropout: what stays is scaled by 1 / keep in training, so evaluation is the identity.

    Source: Srivastava et al., Dropout, JMLR 15, 2014, section 10 (inverted form).

    Example:
        >>> import numpy as np
        >>> forward(np.array([[1.0, 2.0]]), np.array([[0.0, 2.0]]))[0]
        array([[0., 4.]])
    """
    return x * mask, (mask,)


@upstream
def backward(dy, cache):
    """Gradient of the loss by x.

    Derivation:
        y = x mask, entry by entry, and the mask does not depend on x, so dy/dx = mask: the same mask as forward's.

    Args:
        dy: (N, D) upstream gradient.
        cache: from `forward`.

    Returns:
        dx (N, D).
    """
    (mask,) = cache
    return dy * mask


def sample(stream, shape, *, keep, dtype="float64"):
    """Draw a mask: each entry is 1 / keep with probability `keep`, else 0.

    Args:
        stream: a key of `chainrule.core.streams`; the same key gives the same mask.
        shape: (N, D).
        keep: the share of units that stay, above 0 and at most 1.
        dtype: of the mask, that of the x it is for.

    Raises:
        SettingError: `keep` is not in (0, 1], or another dtype than float32 and float64.
        ArrayError, ArrayTypeError: `shape` is not two whole numbers above 0, or `stream` is no key.

    Convention: `keep` is the probability to stay (as in CS231n and CS682); PyTorch's p and CS182's are to drop.
    """
    keep, dtype = limited("keep", keep, owner="dropout"), float_dtype(dtype, owner="dropout")
    if not isinstance(shape, tuple | list) or len(shape) != 2:
        raise ArrayError(f"dropout: shape must be (N, D), that of the x it is for; came {shape!r}.")
    shape = tuple(whole(size, "each size in shape", owner="dropout") for size in shape)
    draws = uniform(whole(stream, "stream", owner="dropout", least=0), shape)
    return ((draws < keep) / keep).astype(dtype)
