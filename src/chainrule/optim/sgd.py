"""Stochastic gradient descent: one step downhill, of a length in proportion to the slope."""

from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: none, since plain descent remembers nothing."""
    return {}


@stepping
def step(w, dw, state, *, lr):
    """Move a parameter against its gradient.

    Formula:
        w = w - lr * dw

    Args:
        w: the parameter, any shape.
        dw: dL/dw, of w's shape.
        state: from `init`.
        lr: learning rate: the step for a gradient of 1, in units of w.

    Returns:
        w: the moved parameter, a new array.
        state: empty.

    Convention: some courses' sgd changes w in place; here nothing that was given changes.

    Source: Robbins, Monro, A Stochastic Approximation Method, Annals of Mathematical Statistics 22, 1951.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0, 2.0])
        >>> w, state = step(w, np.array([0.5, -1.0]), init(w), lr=0.1)
        >>> w
        array([0.95, 2.1 ])
    """
    return w - lr * dw, {}
