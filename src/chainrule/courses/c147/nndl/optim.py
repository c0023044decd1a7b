"""C147's `nndl.optim`: its names of the state are a (second moment) and v (velocity, first moment)."""

from dataclasses import replace

from chainrule.courses.modular import optim
from chainrule.courses.modular.optim import sgd, sgd_momentum, sgd_nesterov_momentum
from chainrule.courses.modular.recipes import course_rule

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum", "sgd_nesterov_momentum"]

rmsprop = course_rule(
    "rmsprop",
    replace(optim.RMSPROP, state={"cache": "a"}),
    """a = decay_rate * a + (1 - decay_rate) * dw**2; next_w = w - learning_rate * dw / (sqrt(a) + epsilon).

    Config: learning_rate (1e-2), decay_rate (0.99), epsilon (1e-8), a (zeros).
    """,
)

adam = course_rule(
    "adam",
    replace(optim.ADAM, state={"m": "v", "v": "a", "t": "t"}),
    """A step by the first moment v over the root of the second moment a, both corrected for their start at zero.

    t is raised first; epsilon stands outside the root. Config: learning_rate (1e-3), beta1 (0.9), beta2 (0.999),
    epsilon (1e-8), v and a (zeros), t (0).
    """,
)
