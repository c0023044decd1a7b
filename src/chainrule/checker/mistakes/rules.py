"""How sgd, AdaGrad and RMSProp go wrong, and what update rules share."""

import numpy as np

from chainrule.checker.task import Mistake

COURSES = ("cs231n", "cs682", "cs182", "c147", "cs145")
UPHILL = (
    "Does the loss fall or rise?",
    "The gradient points uphill; the step goes the other way.",
)
LOOK_EPS = (
    "How large is a step for a gradient of 1e-7?",
    "eps is added to the root, after it is taken; it only keeps 0/0 away.",
)
LOOK_STORED = (
    "What is in the config that comes back?",
    "What a rule remembers must be written into config, or the next call starts afresh.",
)
LOOK_RATE = (
    "Which of the config's entries has no effect?",
    "The step is in proportion to the learning rate that config holds at that moment.",
)
LOOK_SQUARE = ("In which units is the cache?", "The cache holds squares of gradients, and its root divides.")
IN_PLACE = Mistake(
    "w_in_place",
    "w itself is changed in place",
    {"inputs of rule": lambda: "w"},
    ("Which line assigns to w?", "A new array is the safer result; whoever passed w still sees the old one."),
    convention=("the courses' own sgd",),
    accepted=COURSES,
)
DW_IN_PLACE = Mistake(
    "dw_in_place",
    "dw is changed in place",
    {"inputs of rule": lambda: "dw"},
    ("Which line assigns to dw, or uses *= on it?", "The gradient belongs to the caller, who may need it again."),
    also=({"inputs of rule": lambda: "w and dw"},),
)
NO_RATE = Mistake("no_rate", "the learning rate is not used", {"lr": lambda: 1.0}, LOOK_RATE)
RATE_OF_DEFAULT = Mistake(
    "own_rate",
    "the learning rate of config is not used, but a fixed one",
    {"lr": lambda: 1e-2},
    LOOK_RATE,
    also=({"lr": lambda: 1e-3},),
)


def _always(value):
    return lambda: value


NOT_WRITTEN = Mistake(
    "config_not_changed",
    "the config that was passed stays as it was: who passed it finds no new state there",
    {"written": lambda: lambda before, after: before},
    (
        "Which dict does the rule write to: the caller's, or one of its own?",
        "config is changed in place: the new state is read from the very dict that was passed.",
    ),
    convention=("optax",),
)
SHARED_CONFIG = Mistake(
    "config_shared",
    "calls without config share one dict, so that the state of one parameter leaks into the next",
    {"two_calls": lambda: "different", "default_rate": lambda seen: seen["default_rate"]},
    (
        "When is the default value of an argument made: once, or at every call?",
        "Every call without config begins with a new dict.",
    ),
)
OTHER_RATE = Mistake(
    "other_default_rate",
    "the learning rate of a call without config is not the course's",
    {"default_rate": lambda: 1e-1},
    ("What is learning_rate when config does not say?", "The default is 1e-3 for Adam and 1e-2 for the others."),
    also=tuple({"default_rate": _always(rate)} for rate in (1e-4, 1e-3, 1e-2)),
)
SHARED = (IN_PLACE, DW_IN_PLACE, NO_RATE, RATE_OF_DEFAULT, OTHER_RATE, SHARED_CONFIG)

SGD_MISTAKES = (
    Mistake("ascent", "the step goes uphill: the gradient is added", {"move": lambda dw, lr: lr * dw}, UPHILL),
    Mistake(
        "rate_divides", "the gradient is divided by the learning rate", {"move": lambda dw, lr: -dw / lr}, LOOK_RATE
    ),
    Mistake("sign_only", "only the gradient's sign is used", {"move": lambda dw, lr: -lr * np.sign(dw)}, LOOK_RATE),
    *(mistake for mistake in SHARED if mistake is not SHARED_CONFIG),  # it has no state to share
)

OLD_CACHE = Mistake(
    "old_cache",
    "the step divides by the cache as it was before this gradient",
    {"root": lambda cache, eps: np.sqrt(cache) + eps},
    (
        "Does the present gradient count in the cache that divides it?",
        "The cache takes in dw first; then it divides.",
    ),
)
OTHER_EPS = Mistake(
    "other_eps",
    "eps is not the wanted one",
    {"eps": lambda: 1e-8},
    LOOK_EPS,
    also=({"eps": lambda: 1e-7}, {"eps": lambda: 1e-6}, {"eps": lambda: 1e-5}, {"eps": lambda: 1e-10}),
)
ADAPTIVE = (
    NOT_WRITTEN,
    Mistake(
        "ascent", "the step goes uphill: the gradient is added", {"move": lambda dw, lr, root: lr * dw / root}, UPHILL
    ),
    Mistake(
        "no_root",
        "the gradient is divided by the cache, not by its root",
        {"root": lambda new_cache, eps: new_cache + eps},
        LOOK_SQUARE,
    ),
    Mistake(
        "cache_not_stored",
        "the cache is not stored: every call starts with an empty one",
        {"cache": lambda: 0.0, "written": lambda: lambda before, after: before},
        LOOK_STORED,
    ),
    Mistake(
        "no_square",
        "the cache sums the gradients, not their squares",
        {"new_cache": lambda cache, dw: cache + dw},
        LOOK_SQUARE,
    ),
    Mistake(
        "no_eps",
        "eps is missing, so that a gradient of 0 gives 0/0",
        {"root": lambda new_cache: np.sqrt(new_cache)},
        LOOK_EPS,
    ),
    Mistake(
        "eps_inside",
        "eps stands inside the root, where steps of tiny gradients become a thousand times smaller",
        {"root": lambda new_cache, eps: np.sqrt(new_cache + eps)},
        LOOK_EPS,
        convention=("Keras",),
    ),
    Mistake("eps_subtracted", "eps is subtracted", {"root": lambda new_cache, eps: np.sqrt(new_cache) - eps}, LOOK_EPS),
    OTHER_EPS,
    *SHARED,
)

ADAGRAD_MISTAKES = (
    *ADAPTIVE,
    OLD_CACHE,
    Mistake(
        "decayed",
        "the cache forgets: that is RMSProp",
        {"new_cache": lambda cache, dw: 0.99 * cache + 0.01 * dw * dw},
        ("Can AdaGrad's cache shrink?", "AdaGrad adds up all squares, for ever."),
        also=({"new_cache": lambda cache, dw: 0.9 * cache + 0.1 * dw * dw},),
    ),
)

RMSPROP_MISTAKES = (
    *(mistake for mistake in ADAPTIVE if mistake.name != "no_square"),
    Mistake(
        "no_square",
        "the cache averages the gradients, not their squares",
        {"new_cache": lambda decay, cache, dw: decay * cache + (1 - decay) * dw},
        LOOK_SQUARE,
        also=({"new_cache": lambda decay, cache, dw: decay * cache + (1 - decay) * np.abs(dw)},),
    ),
    OLD_CACHE,
    Mistake(
        "swapped",
        "decay and 1 - decay are swapped",
        {"new_cache": lambda decay, cache, dw: (1 - decay) * cache + decay * dw * dw},
        ("How long should the cache remember?", "decay_rate is the share of the old cache that is *kept*."),
    ),
    Mistake(
        "not_averaged",
        "the new square is added in full, without 1 - decay",
        {"new_cache": lambda decay, cache, dw: decay * cache + dw * dw},
        (
            "To what does the cache tend under a constant gradient?",
            "It is a mean: the shares of old and new add up to 1.",
        ),
    ),
    Mistake(
        "never_forgets",
        "the cache adds up all squares: that is AdaGrad",
        {"new_cache": lambda cache, dw: cache + dw * dw},
        (
            "To what does the cache tend under a constant gradient?",
            "It is a mean: the shares of old and new add up to 1.",
        ),
    ),
    Mistake(
        "own_decay",
        "the decay rate of config is not used",
        {"decay": lambda: 0.99},
        ("Which of the config's entries has no effect?", "config may bring a decay_rate of its own."),
        also=({"decay": lambda: 0.9}, {"decay": lambda: 0.999}),
    ),
)
