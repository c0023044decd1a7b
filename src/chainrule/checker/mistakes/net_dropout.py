"""How dropout in a whole net goes wrong."""

from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps
from chainrule.checker.task import Mistake

LOOK_MODE = (
    "Which mode does dropout_param have when y is None?",
    "loss(X) without y is an answer: nothing is dropped, and nothing is scaled.",
)
LOOK_MASK = (
    "Which hidden units had a say in the loss, and with which factor?",
    "After every hidden layer's ReLU the units that stay are divided by p, and backward passes through the same mask.",
)
LOOK_SEED = (
    "Call loss twice with the same batch.",
    "Every training pass draws new masks; a net with a seed hands it to dropout, which makes them repeatable.",
)
ALL: Any = (np.ones(1), np.ones(1), np.ones(1))


def _mistake(name: str, says: str, steps: Steps, hints: tuple[str, ...], *also: Steps, **more: Any) -> Mistake:
    return Mistake(name, says, steps, hints, also=also, **more)


MISTAKES = (
    _mistake(
        "p_is_drop",
        "dropout is taken for the probability to drop",
        {"keep": lambda p: 1 - p},
        ("Which share of the units is 0 when dropout = 0.8?", "Read again what the argument means in your course."),
        convention=("cs182",),
        otherwise="dropout is taken for the probability to keep",
        others=("cs231n", "cs682", "c147"),
    ),
    _mistake(
        "masked_in_test",
        "dropout is still on in test mode",
        {"test_twice": lambda: "different", "test_scores": lambda masks, seen: seen["test_scores"]},
        LOOK_MODE,
    ),
    _mistake(
        "scaled_in_test",
        "hidden units are scaled in test mode",
        {"test_factor": lambda keep: keep},
        LOOK_MODE,
        {"test_factor": lambda keep: 1 / keep},
    ),
    _mistake(
        "not_used",
        "nothing is dropped in training",
        {"shares": lambda: np.ones(2), "factor": lambda: 1.0, "two_calls": lambda: "equal"},
        LOOK_MASK,
        {"shares": lambda: np.ones(2), "factor": lambda: 1.0},
        {"shares": lambda: np.ones(2), "two_calls": lambda: "equal"},
    ),
    _mistake(
        "first_layer_only",
        "only one hidden layer has dropout",
        {"shares": lambda keep: np.array([keep, 1.0]), "h2": lambda r2: r2, "dr2": lambda dh2: dh2},
        LOOK_MASK,
        {"shares": lambda keep: np.array([1.0, keep]), "h1": lambda r1: r1, "dr1": lambda dh1: dh1},
    ),
    _mistake(
        "no_scale",
        "the units that stay are not divided by p",
        {"factor": lambda: 1.0},
        LOOK_MASK,
        {"factor": lambda: 1.0, "test_factor": lambda keep: keep},
    ),
    _mistake("multiplied", "the units that stay are multiplied by p, not divided", {"factor": lambda keep: keep}, LOOK_MASK),
    _mistake(
        "other_probability",
        "the units that stay are divided by 1 - p, where p is their share",
        {"factor": lambda keep: 1 / (1 - keep)},
        LOOK_MASK,
    ),
    _mistake(
        "mask_turned",
        "the masks are turned around: a share p is dropped, and what stays is divided by p",
        {"shares": lambda keep: np.full(2, 1 - keep)},
        LOOK_MASK,
    ),
    _mistake("no_mask_back", "backward does not pass through dropout", {"back_masks": lambda: ALL}, LOOK_MASK,
             {"back_masks": lambda: ALL, "back_factor": lambda: 1.0}),
    _mistake("no_scale_back", "backward masks, but does not divide by p", {"back_factor": lambda: 1.0}, LOOK_MASK),
    _mistake("scaled_twice_back", "backward divides by p twice", {"back_factor": lambda keep: 1 / keep**2}, LOOK_MASK),
    _mistake("same_masks", "every pass has the same masks although the net has no seed", {"two_calls": lambda: "equal"},
             LOOK_SEED),
    _mistake("seed_ignored", "a net's seed does not reach dropout", {"seeded": lambda: "different"}, LOOK_SEED),
    _mistake("dropout_on_inputs", "the inputs are dropped too", {"h0": lambda X, masks, factor: X * masks[0] * factor},
             LOOK_MASK),
)  # fmt: skip
