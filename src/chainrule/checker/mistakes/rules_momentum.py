"""How momentum and Nesterov's momentum go wrong."""

from chainrule.checker.mistakes.rules import LOOK_STORED, NOT_WRITTEN, SHARED, UPHILL
from chainrule.checker.task import Mistake

LOOK_VELOCITY = (
    "Under a constant gradient, to what length do the steps grow?",
    "A share `momentum` of the old velocity stays, and the whole new push is added.",
)
LOOK_AHEAD = (
    "Where is the gradient looked at in Nesterov's form?",
    "The step is the new velocity plus momentum times how much the velocity has changed.",
)


def _by_default(momentum):
    return lambda o: o.get("momentum", momentum)


COMMON = (
    NOT_WRITTEN,
    Mistake(
        "default_momentum",
        "momentum is not 0.9 where config does not say",
        {"momentum": lambda o: o.get("momentum", 0.99)},
        ("What is momentum when config does not say?", "The default is 0.9."),
        also=tuple({"momentum": _by_default(rest)} for rest in (0.5, 0.8, 0.95, 0.999)),
    ),
    *SHARED,
    Mistake(
        "velocity_not_stored",
        "the velocity is not stored, or not used: every step is made from rest, as in plain sgd",
        {"velocity": lambda: 0.0},
        LOOK_STORED,
        also=({"move": lambda lr, dw: -lr * dw},),
    ),
    Mistake(
        "moving_average",
        "the velocity is a moving average: the push is multiplied by 1 - momentum, and steps stay ten times shorter",
        {"new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity - (1 - momentum) * lr * dw},
        LOOK_VELOCITY,
        also=(
            {
                "new_velocity": lambda momentum, velocity, dw: momentum * velocity + (1 - momentum) * dw,
                "move": lambda lr, new_velocity: -lr * new_velocity,
            },
        ),
    ),
    Mistake(
        "momentum_swapped",
        "momentum and 1 - momentum are swapped",
        {"new_velocity": lambda momentum, velocity, lr, dw: (1 - momentum) * velocity - lr * dw},
        LOOK_VELOCITY,
    ),
    Mistake(
        "no_friction",
        "the velocity is not multiplied by momentum",
        {"new_velocity": lambda velocity, lr, dw: velocity - lr * dw},
        LOOK_VELOCITY,
    ),
    Mistake(
        "momentum_on_gradient",
        "momentum multiplies the gradient, not the velocity",
        {"new_velocity": lambda momentum, velocity, lr, dw: velocity - momentum * lr * dw},
        LOOK_VELOCITY,
    ),
    Mistake(
        "own_momentum",
        "the momentum of config is not used",
        {"momentum": lambda: 0.9},
        ("Which of the config's entries has no effect?", "config may bring a momentum of its own."),
    ),
)

MOMENTUM_MISTAKES = (
    Mistake(
        "rate_outside",
        "the learning rate stands outside the velocity, so that a new rate acts on the whole velocity at once",
        {
            "new_velocity": lambda momentum, velocity, dw: momentum * velocity + dw,
            "move": lambda lr, new_velocity: -lr * new_velocity,
        },
        (
            "When the learning rate changes, does the velocity that is there already change its effect?",
            "Look where the learning rate enters: with the gradient, or with the whole velocity.",
        ),
        convention=("cs182", "PyTorch"),
        otherwise="the learning rate stands inside the velocity, so that old pushes keep the rate they were made with",
        others=("cs231n", "cs682", "c147"),
    ),
    Mistake(
        "ascent",
        "the steps go uphill",
        {"new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity + lr * dw},
        UPHILL,
        also=({"move": lambda new_velocity: -new_velocity},),
    ),
    Mistake(
        "old_velocity",
        "w is moved by the old velocity, not by the new one",
        {"move": lambda velocity: velocity},
        ("Which velocity moves w?", "The gradient pushes first; then the new velocity moves w."),
    ),
    Mistake(
        "rate_twice",
        "the learning rate is used twice",
        {"move": lambda lr, new_velocity: lr * new_velocity},
        ("How often does the learning rate enter?", "It enters once: with the gradient."),
        also=(
            {
                "new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity + lr * dw,
                "move": lambda lr, new_velocity: -lr * new_velocity,
            },
        ),
    ),
    Mistake(
        "nesterov",
        "these are the steps of Nesterov's momentum",
        {"move": lambda momentum, new_velocity, lr, dw: momentum * new_velocity - lr * dw},
        ("What is added to w?", "Plain momentum adds the new velocity and nothing else."),
    ),
    Mistake(
        "gradient_twice",
        "the gradient is applied twice: in the velocity and again in the step",
        {"move": lambda new_velocity, lr, dw: new_velocity - lr * dw},
        ("What is added to w?", "The new velocity holds the gradient already."),
    ),
    *COMMON,
)

NESTEROV_MISTAKES = (
    Mistake(
        "plain_momentum",
        "these are the steps of plain momentum: there is no looking ahead",
        {"move": lambda new_velocity: new_velocity},
        LOOK_AHEAD,
    ),
    Mistake(
        "ahead_negative",
        "the look-ahead term has the wrong sign",
        {"move": lambda momentum, velocity, new_velocity: new_velocity - momentum * (new_velocity - velocity)},
        LOOK_AHEAD,
    ),
    Mistake(
        "old_velocity_not_subtracted",
        "the look-ahead term uses the new velocity alone, not how much it has changed",
        {"move": lambda momentum, new_velocity: new_velocity + momentum * new_velocity},
        LOOK_AHEAD,
        also=({"move": lambda momentum, velocity, new_velocity: new_velocity + momentum * velocity},),
    ),
    Mistake(
        "ahead_not_scaled",
        "the look-ahead term is not multiplied by momentum",
        {"move": lambda velocity, new_velocity: 2 * new_velocity - velocity},
        LOOK_AHEAD,
    ),
    Mistake(
        "velocity_alone_ahead",
        "momentum times the old velocity is added, where it should be subtracted",
        {"move": lambda momentum, velocity, new_velocity: momentum * velocity + (1 + momentum) * new_velocity},
        LOOK_AHEAD,
    ),
    Mistake(
        "ascent",
        "the steps go uphill",
        {"new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity + lr * dw},
        UPHILL,
    ),
    Mistake(
        "other_look_ahead",
        "the look-ahead is momentum times the new velocity less the learning rate times the gradient, in PyTorch's form",
        {
            "new_velocity": lambda momentum, velocity, dw: momentum * velocity + dw,
            "move": lambda momentum, new_velocity, lr, dw: -lr * (dw + momentum * new_velocity),
        },
        LOOK_AHEAD,
        convention=("PyTorch",),
    ),
    *COMMON,
)
