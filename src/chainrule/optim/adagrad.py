"""Adagrad: every entry has a learning rate of its own, which falls as its squared gradients add up."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: a sum of squares of zero, of w's shape."""
    return {"cache": namespace(w).zeros_like(w)}


@stepping
def step(w, dw, state, *, lr, eps=1e-8, eps_inside=False):
    """Move a parameter by its gradient over the root of all squared gradients so far.

    The first step of every entry is lr, whatever the size of its gradient; rare features keep large steps.

    Formula:
        cache = cache + dw * dw
        w = w - lr * dw / (sqrt(cache) + eps)

    Formula (eps_inside=True):
        cache = cache + dw * dw
        w = w - lr * dw / sqrt(cache + eps)

    Args:
        w: the parameter, any shape.
        dw: dL/dw, of w's shape.
        state: {"cache": sum of squared gradients, of w's shape}, from `init` or the step before.
        lr: learning rate: the first step's length, in units of w.
        eps: keeps 0/0 away, in units of dw (outside the root) or of dw squared (inside).
        eps_inside: whether eps stands inside the root.

    Returns:
        w: the moved parameter, a new array.
        state: {"cache": ...}.

    Convention: eps outside the root in PyTorch, inside in Keras, which also starts the sum at 0.1 in place of 0.

    Source: Duchi, Hazan, Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization,
        JMLR 12, 2011, figure 1, with the diagonal matrix.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0, 1.0])
        >>> w, state = step(w, np.array([100.0, 0.0]), init(w), lr=0.1)
        >>> w
        array([0.9, 1. ])
    """
    xp = namespace(w)
    cache = state["cache"] + dw * dw
    root = xp.sqrt(cache + eps) if eps_inside else xp.sqrt(cache) + eps
    return w - lr * dw / root, {"cache": cache}
