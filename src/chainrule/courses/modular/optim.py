"""The update rules of the modular-network courses: `rule(w, dw, config=None) -> next_w, config`.

`config` holds the learning rate, the hyper-parameters and the state; defaults are filled in and the state is written back
into the dict that was passed, so that the next call goes on from it. A course's own `optim` module takes from here what
it calls by these names, and states where its convention differs.
"""

from chainrule.courses.modular.recipes import Recipe, course_rule
from chainrule.optim import OPTIMIZERS

RATE = {"lr": ("learning_rate", 1e-2)}
MOMENTUM = {**RATE, "momentum": ("momentum", 0.9)}
VELOCITY = {"velocity": "velocity"}
EPS = {"eps": ("epsilon", 1e-8)}
RMSPROP = Recipe(OPTIMIZERS["rmsprop"], {**RATE, "decay": ("decay_rate", 0.99), **EPS}, {"cache": "cache"})
ADAM = Recipe(
    OPTIMIZERS["adam"],
    {"lr": ("learning_rate", 1e-3), "beta1": ("beta1", 0.9), "beta2": ("beta2", 0.999), **EPS},
    {"m": "m", "v": "v", "t": "t"},
)

sgd = course_rule(
    "sgd",
    Recipe(OPTIMIZERS["sgd"], RATE),
    """w moves against its gradient, in place: w - learning_rate * dw. Config: learning_rate (1e-2).""",
    in_place=True,
)

sgd_momentum = course_rule(
    "sgd_momentum",
    Recipe(OPTIMIZERS["momentum"], MOMENTUM, VELOCITY),
    """velocity = momentum * velocity - learning_rate * dw; next_w = w + velocity.

    Config: learning_rate (1e-2), momentum (0.9), velocity (zeros), which holds the learning rate that it was made with.
    """,
)

sgd_momentum_rate_outside = course_rule(
    "sgd_momentum",
    Recipe(OPTIMIZERS["momentum"], MOMENTUM, VELOCITY, {"rate_inside": False}),
    """velocity = momentum * velocity + dw; next_w = w - learning_rate * velocity.

    Config: learning_rate (1e-2), momentum (0.9), velocity (zeros), in units of dw.
    """,
)

sgd_nesterov_momentum = course_rule(
    "sgd_nesterov_momentum",
    Recipe(OPTIMIZERS["nesterov"], MOMENTUM, VELOCITY),
    """v = momentum * velocity - learning_rate * dw; next_w = w + v + momentum * (v - velocity); velocity = v.

    Config: learning_rate (1e-2), momentum (0.9), velocity (zeros).
    """,
)

rmsprop = course_rule(
    "rmsprop",
    RMSPROP,
    """cache = decay_rate * cache + (1 - decay_rate) * dw**2; next_w = w - learning_rate * dw / (sqrt(cache) + epsilon).

    Config: learning_rate (1e-2), decay_rate (0.99), epsilon (1e-8), cache (zeros).
    """,
)

adam = course_rule(
    "adam",
    ADAM,
    """A step by the first moment m over the root of the second moment v, both corrected for their start at zero.

    t is raised first; epsilon stands outside the root. Config: learning_rate (1e-3), beta1 (0.9), beta2 (0.999),
    epsilon (1e-8), m and v (zeros), t (0).
    """,
)
