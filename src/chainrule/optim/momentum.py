"""Momentum: the parameter rolls like a ball, so that steps in a lasting direction add up."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: at rest, zeros of w's shape."""
    return {"velocity": namespace(w).zeros_like(w)}


@stepping
def step(w, dw, state, *, lr, momentum=0.9, rate_inside=True):
    """Move a parameter along a velocity that the gradient pushes and friction slows.

    Under a constant gradient the steps grow up to -lr * dw / (1 - momentum): ten times sgd's for 0.9.

    Formula:
        velocity = momentum * velocity - lr * dw
        w = w + velocity

    Formula (rate_inside=False):
        velocity = momentum * velocity + dw
        w = w - lr * velocity

    Args:
        w: the parameter, any shape.
        dw: dL/dw, of w's shape.
        state: {"velocity": of w's shape}, from `init` or the step before.
        lr: learning rate: sgd's step for a gradient of 1, in units of w.
        momentum: share of the velocity that is kept, from 0 (plain sgd) to below 1.
        rate_inside: whether the learning rate is part of the velocity.

    Returns:
        w: the moved parameter, a new array.
        state: {"velocity": ...}, in units of w (rate inside) or of dw (rate outside).

    Convention: with rate_inside=True (Stanford CS231n, UMass CS682, UCLA C147, Keras) a velocity keeps the learning
        rate that it was made with; with False (Berkeley CS182, PyTorch with dampening 0) a new learning rate acts on
        the whole velocity at once. Both take the same steps while the learning rate stays.

    Source: Polyak, Some methods of speeding up the convergence of iteration methods, 1964; in this form
        Sutskever, Martens, Dahl, Hinton, On the importance of initialization and momentum, 2013, eqs. 1 and 2.

    Example:
        >>> import numpy as np
        >>> w, g = np.array([1.0]), np.array([1.0])
        >>> w, state = step(w, g, init(w), lr=0.1, momentum=0.5)
        >>> w, state = step(w, g, state, lr=0.1, momentum=0.5)
        >>> w, state["velocity"]
        (array([0.75]), array([-0.15]))
    """
    if rate_inside:
        velocity = momentum * state["velocity"] - lr * dw
        return w + velocity, {"velocity": velocity}
    velocity = momentum * state["velocity"] + dw
    return w - lr * velocity, {"velocity": velocity}
