"""RMSProp: every gradient entry is divided by its own recent size."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: a mean square of zero, of w's shape."""
    return {"cache": namespace(w).zeros_like(w)}


@stepping
def step(w, dw, state, *, lr, decay=0.99, eps=1e-8, eps_inside=False):
    """Move a parameter by its gradient over a running root mean square of its gradients.

    Under a constant gradient the steps tend to lr, whatever the gradient's size; the first is 1 / sqrt(1 - decay)
    times as long, since the mean starts at zero.

    Formula:
        cache = decay * cache + (1 - decay) * dw * dw
        w = w - lr * dw / (sqrt(cache) + eps)

    Formula (eps_inside=True):
        cache = decay * cache + (1 - decay) * dw * dw
        w = w - lr * dw / sqrt(cache + eps)

    Args:
        w: the parameter, any shape.
        dw: dL/dw, of w's shape.
        state: {"cache": running mean of squared gradients, of w's shape}, from `init` or the step before.
        lr: learning rate: the usual length of a step, in units of w.
        decay: share of the running mean that is kept, from 0 to below 1.
        eps: keeps 0/0 away, in units of dw (outside the root) or of dw squared (inside).
        eps_inside: whether eps stands inside the root.

    Returns:
        w: the moved parameter, a new array.
        state: {"cache": ...}.

    Convention: eps outside the root in the courses and PyTorch (decay is its alpha), inside in Keras (its rho).
        In the long run the steps at a gradient of 1e-6 differ a hundredfold. The courses' default lr is 1e-2.

    Source: Tieleman, Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012, slide 29.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0, 1.0])
        >>> w, state = step(w, np.array([100.0, 0.0]), init(w), lr=0.01)
        >>> w, state["cache"]
        (array([0.9, 1. ]), array([100.,   0.]))
    """
    xp = namespace(w)
    cache = decay * state["cache"] + (1 - decay) * dw * dw
    root = xp.sqrt(cache + eps) if eps_inside else xp.sqrt(cache) + eps
    return w - lr * dw / root, {"cache": cache}
