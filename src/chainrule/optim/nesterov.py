"""Nesterov momentum: the gradient counts as taken where the velocity is about to carry the parameter."""

from chainrule.core.arrays import namespace
from chainrule.core.steps import starting, stepping


@starting
def init(w):
    """The state before the first step: at rest, zeros of w's shape."""
    return {"velocity": namespace(w).zeros_like(w)}


@stepping
def step(w, dw, state, *, lr, momentum=0.9, rate_inside=True):
    """Move a parameter along its velocity, and then as far ahead as the new velocity will carry it.

    The stored parameter is the look-ahead point itself, so that its gradient is the one that the method asks for.

    Formula:
        ahead = momentum * velocity - lr * dw
        w = w + ahead + momentum * (ahead - velocity)
        velocity = ahead

    Formula (rate_inside=False):
        velocity = momentum * velocity + dw
        w = w - lr * (dw + momentum * velocity)

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

    Convention: rate_inside=True is the form of UCLA C147 and Keras (w + momentum * ahead - lr * dw, the same number),
        False that of PyTorch with dampening 0. Both take the same steps while the learning rate stays.

    Source: Nesterov, A method of solving a convex programming problem with convergence rate O(1/k^2), 1983; at the
        look-ahead point Bengio, Boulanger-Lewandowski, Pascanu, Advances in Optimizing Recurrent Networks, 2013,
        section 3.5.

    Example:
        >>> import numpy as np
        >>> w = np.array([1.0])
        >>> w, state = step(w, np.array([1.0]), init(w), lr=0.1, momentum=0.5)
        >>> w, state["velocity"]
        (array([0.85]), array([-0.1]))
    """
    velocity = state["velocity"]
    if rate_inside:
        ahead = momentum * velocity - lr * dw
        return w + ahead + momentum * (ahead - velocity), {"velocity": ahead}
    velocity = momentum * velocity + dw
    return w - lr * (dw + momentum * velocity), {"velocity": velocity}
