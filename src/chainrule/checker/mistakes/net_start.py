"""How initialization goes wrong."""

import numpy as np

from chainrule.checker.recipe import Steps
from chainrule.checker.task import Mistake

LOOK_SCALE = (
    "What does weight_scale change?",
    "Weights are normal numbers of mean 0 whose standard deviation is weight_scale.",
)
LOOK_ALIKE = (
    "Can two hidden units that start alike ever become different?",
    "Weights must be drawn, so that no two units are alike; only biases may start at 0.",
)


MISTAKES = (
    Mistake(
        "constant_weights",
        "all weights of a layer start alike, so that its hidden units stay identical for ever",
        {"stds": lambda fans: np.zeros(len(fans)), "within": lambda fans: np.zeros(len(fans))},
        LOOK_ALIKE,
    ),
    Mistake(
        "scale_ignored",
        "weight_scale is not used: the weights have standard deviation 1",
        {"stds": lambda fans: np.ones(len(fans))},
        LOOK_SCALE,
    ),
    Mistake(
        "own_scale",
        "weight_scale is not used, but a fixed one",
        {"stds": lambda fans: np.full(len(fans), 1e-2)},
        LOOK_SCALE,
        also=({"stds": lambda fans: np.full(len(fans), 1e-3)},),
    ),
    Mistake(
        "scale_squared",
        "weight_scale acts twice, or as a variance",
        {"stds": lambda fans, weight_scale: np.full(len(fans), weight_scale**2)},
        LOOK_SCALE,
        also=({"stds": lambda fans, weight_scale: np.full(len(fans), weight_scale**0.5)},),
    ),
    Mistake(
        "uniform_0_1",
        "the weights are uniform from 0 to weight_scale, not normal: all positive",
        {
            "stds": lambda fans, weight_scale: np.full(len(fans), weight_scale / np.sqrt(12)),
            "means": lambda fans: np.full(len(fans), np.sqrt(3)),
            "within": lambda fans: np.full(len(fans), 0.577),
        },
        LOOK_SCALE,
        also=(
            {
                "stds": lambda fans: np.full(len(fans), 1 / np.sqrt(12)),
                "means": lambda fans: np.full(len(fans), np.sqrt(3)),
                "within": lambda fans: np.full(len(fans), 0.577),
            },
        ),
    ),
    Mistake(
        "uniform",
        "the weights are uniform around 0, not normal",
        {
            "stds": lambda fans, weight_scale: np.full(len(fans), weight_scale / np.sqrt(3)),
            "within": lambda fans: np.full(len(fans), 0.577),
        },
        LOOK_SCALE,
    ),
    Mistake(
        "he",
        "the weights have He's standard deviation sqrt(2 / fan_in), not weight_scale",
        {"stds": lambda fans: np.sqrt(2 / fans)},
        LOOK_SCALE,
    ),
    Mistake(
        "he_without_root",
        "the weights have the standard deviation 2 / fan_in: the root is missing, and weight_scale is not used",
        {"stds": lambda fans: 2 / fans},
        LOOK_SCALE,
    ),
    Mistake(
        "xavier",
        "the weights have Xavier's standard deviation, not weight_scale",
        {"stds": lambda fans: np.sqrt(1 / fans)},
        LOOK_SCALE,
        also=({"stds": lambda fans, outs: np.sqrt(2 / (fans + outs))},),
    ),
    Mistake(
        "biases_drawn",
        "the biases are not 0 at the start",
        {"biases": lambda seen: seen["biases"]},
        ("What are the biases before training?", "Biases start at 0."),
    ),
    Mistake(
        "dtype_ignored",
        "the parameters do not have the dtype that was asked for",
        {"dtypes": lambda: "float64"},
        ("Which dtype do NumPy's draws have?", "Every parameter is cast to dtype."),
        also=({"dtypes": lambda: "float32"}, {"dtypes": lambda seen: seen["dtypes"]}),
    ),
)

LOOK_HE = (
    "Compare the standard deviation of every weight matrix with sqrt(2 / fan_in).",
    "'he' is sqrt(2 / fan_in), normal, in every layer, the last one too; 'random' is weight_scale; 'zero' is 0.",
)


def _he(name: str, says: str, steps: Steps, *also: Steps) -> Mistake:
    return Mistake(name, says, steps, LOOK_HE, also=also)


def _but_last(he: np.ndarray, random: np.ndarray) -> np.ndarray:
    return np.append(he[:-1], random[-1])


HE_MISTAKES = (
    _he("initialization_ignored", "initialization is not used: all weights have weight_scale",
        {"he": lambda random: random, "zero": lambda random: random}, {"he": lambda random: random},
        {"zero": lambda random: random}),
    _he("he_not_in_last", "'he' leaves out the last layer",
        {"he": lambda fans, random: _but_last(np.sqrt(2 / fans), random)}),
    _he("he_fan_out", "'he' divides by the number of units, fan_out, not of inputs", {"he": lambda outs: np.sqrt(2 / outs)}),
    _he("he_without_root", "'he' has 2 / fan_in for the standard deviation: the root is missing",
        {"he": lambda fans: 2 / fans}),
    _he("he_is_xavier", "'he' has Xavier's standard deviation", {"he": lambda fans: np.sqrt(1 / fans)},
        {"he": lambda fans, outs: np.sqrt(2 / (fans + outs))}),
    _he("he_scaled", "'he' is multiplied by weight_scale",
        {"he": lambda fans, weight_scale: weight_scale * np.sqrt(2 / fans)}),
    _he("zero_is_one", "'zero' fills the weights with other numbers than 0", {"means": lambda seen: seen["means"],
        "zero": lambda seen: seen["stds"]}, {"zero": lambda random: random, "he": lambda fans: np.sqrt(2 / fans)}),
)  # fmt: skip
