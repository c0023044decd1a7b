"""AdamW: Adam, with a weight decay that pulls on the parameter itself and stays out of the moments."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: both moments zero, of w's shape, and no step taken."""
    zeros = namespace(w).zeros_like
    return {"m": zeros(w), "v": zeros(w), "t": 0}


@stepping
def step(w, dw, state, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=1e-2, eps_inside=False):
    """Take Adam's step, and shrink the parameter by a share of itself.

    An L2 term in the loss would pass through the moments, where a large gradient wins over it; decoupled decay
    shrinks every weight at the same rate. Biases and norm parameters are best given weight_decay=0.

    Formula:
        t = t + 1
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw * dw
        mhat = m / (1 - beta1**t)
        vhat = v / (1 - beta2**t)
        w = w - lr * (mhat / (sqrt(vhat) + eps) + weight_decay * w)

    Formula (eps_inside=True):
        t = t + 1
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw * dw
        mhat = m / (1 - beta1**t)
        vhat = v / (1 - beta2**t)
        w = w - lr * (mhat / sqrt(vhat + eps) + weight_decay * w)

    Args:
        w: the parameter, any shape.
        dw: dL/dw of the loss without an L2 term, of w's shape.
        state: {"m": first moment, "v": second moment, each of w's shape, "t": steps taken}.
        lr: learning rate: the first step's length, in units of w, and a factor of the decay.
        beta1: share of the first moment that is kept, from 0 to below 1.
        beta2: share of the second moment that is kept, from 0 to below 1.
        eps: keeps 0/0 away, in units of dw (outside the root) or of dw squared (inside).
        weight_decay: share of w that is lost in a step, in units of lr.
        eps_inside: whether eps stands inside the root.

    Returns:
        w: the moved parameter, a new array.
        state: {"m": ..., "v": ..., "t": one more}.

    Convention: the decay is multiplied by the whole learning rate, as in PyTorch and Keras; in the paper only by its
        schedule, so that their weight_decay is the paper's divided by the first learning rate. eps as in Adam.

    Source: Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019, algorithm 2.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0, 1.0])
        >>> w, state = step(w, np.array([100.0, 0.0]), init(w), lr=0.1, weight_decay=0.5)
        >>> np.round(w, 6)
        array([0.85, 0.95])
    """
    xp = namespace(w)
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * dw
    v = beta2 * state["v"] + (1 - beta2) * dw * dw
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    root = xp.sqrt(vhat + eps) if eps_inside else xp.sqrt(vhat) + eps
    return w - lr * (mhat / root + weight_decay * w), {"m": m, "v": v, "t": t}
