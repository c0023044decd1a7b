"""Adam: momentum over RMSProp, with both running means corrected for their start at zero."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: both moments zero, of w's shape, and no step taken."""
    zeros = namespace(w).zeros_like
    return {"m": zeros(w), "v": zeros(w), "t": 0}


@stepping
def step(w, dw, state, *, lr, beta1=0.9, beta2=0.999, eps=1e-8, eps_inside=False):
    """Move a parameter by the running mean of its gradient over the running root mean square.

    The first step is lr * sign(dw), whatever the gradient's size; later ones are seldom longer than lr.

    Formula:
        t = t + 1
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw * dw
        mhat = m / (1 - beta1**t)
        vhat = v / (1 - beta2**t)
        w = w - lr * mhat / (sqrt(vhat) + eps)

    Formula (eps_inside=True):
        t = t + 1
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw * dw
        mhat = m / (1 - beta1**t)
        vhat = v / (1 - beta2**t)
        w = w - lr * mhat / sqrt(vhat + eps)

    Args:
        w: the parameter, any shape.
        dw: dL/dw, of w's shape.
        state: {"m": first moment, "v": second moment, each of w's shape, "t": steps taken}.
        lr: learning rate: the first step's length, in units of w.
        beta1: share of the first moment that is kept, from 0 to below 1.
        beta2: share of the second moment that is kept, from 0 to below 1.
        eps: keeps 0/0 away, in units of dw (outside the root) or of dw squared (inside).
        eps_inside: whether eps stands inside the root.

    Returns:
        w: the moved parameter, a new array.
        state: {"m": ..., "v": ..., "t": one more}.

    Convention: eps outside the root of the corrected moment, as in the paper's algorithm 1, the courses and PyTorch.
        Keras and the paper's faster form add it to the root of the uncorrected one (their "epsilon hat": a larger
        eps in the first steps). C147 calls the first moment v and the second a.

    Source: Kingma, Ba, Adam: A Method for Stochastic Optimization, 2015, algorithm 1.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0, 1.0, 1.0])
        >>> w, state = step(w, np.array([100.0, -0.01, 0.0]), init(w), lr=0.1)
        >>> np.round(w, 6), state["t"]
        (array([0.9, 1.1, 1. ]), 1)
    """
    xp = namespace(w)
    t = state["t"] + 1
    m = beta1 * state["m"] + (1 - beta1) * dw
    v = beta2 * state["v"] + (1 - beta2) * dw * dw
    mhat = m / (1 - beta1**t)
    vhat = v / (1 - beta2**t)
    root = xp.sqrt(vhat + eps) if eps_inside else xp.sqrt(vhat) + eps
    return w - lr * mhat / root, {"m": m, "v": v, "t": t}
