"""How Adam and AdamW go wrong."""

import numpy as np

from chainrule.checker.mistakes.rules import LOOK_EPS, LOOK_STORED, NOT_WRITTEN, OTHER_EPS, SHARED, UPHILL
from chainrule.checker.task import Mistake

LOOK_BIAS = (
    "How long is the very first step, in units of the learning rate?",
    "Both moments start at 0 and are too small at first; each is divided by 1 - beta**t to make up for it.",
)
LOOK_T = (
    "What is t when the first correction is computed?",
    "t counts the steps, this one included: it is 1 in the first.",
)
LOOK_MOMENTS = (
    "What do the two moments average?",
    "m averages gradients with beta1, v averages their squares with beta2; old and new shares add up to 1.",
)
PLAIN_V = {"vhat": lambda new_v: new_v}
PLAIN_M = {"mhat": lambda new_m: new_m}


MOMENTS = (
    NOT_WRITTEN,
    Mistake(
        "t_starts_at_1",
        "t starts at 1 and is used before it is raised, so that a t of 5 in config makes a fifth step, not the sixth",
        {"t": lambda calls, given: calls if given else calls + 1},
        LOOK_T,
    ),
    Mistake(
        "no_bias_correction",
        "the bias correction is missing: the first steps are more than three times too long",
        {**PLAIN_M, **PLAIN_V},
        LOOK_BIAS,
    ),
    Mistake(
        "only_first_corrected",
        "only the first moment is corrected for its start at 0: the first steps are thirty times too long",
        PLAIN_V,
        LOOK_BIAS,
    ),
    Mistake(
        "only_second_corrected",
        "only the second moment is corrected for its start at 0: the first step is ten times too short",
        PLAIN_M,
        LOOK_BIAS,
    ),
    Mistake(
        "t_late",
        "t is increased after it is used, so that the first correction divides by 0",
        {"t": lambda calls: calls},
        LOOK_T,
    ),
    Mistake(
        "t_ahead",
        "t is increased twice in a step, or starts at 1",
        {"t": lambda calls: calls + 2},
        LOOK_T,
        also=({"t": lambda calls: 2 * calls + 2},),
    ),
    Mistake(
        "t_not_stored",
        "t is 1 in every step: it is not stored, or not used as a power",
        {"t": lambda: 1},
        LOOK_STORED,
        also=({"t": lambda calls, given: calls + 1 if given else 1, "stored_t": lambda calls: calls},),
    ),
    Mistake(
        "correction_multiplied",
        "the moments are multiplied by 1 - beta**t, where they should be divided",
        {
            "mhat": lambda new_m, beta1, t: new_m * (1 - beta1**t),
            "vhat": lambda new_v, beta2, t: new_v * (1 - beta2**t),
        },
        LOOK_BIAS,
        also=(
            {"mhat": lambda new_m, beta1, t: new_m * (1 - beta1**t)},
            {"vhat": lambda new_v, beta2, t: new_v * (1 - beta2**t)},
        ),
    ),
    Mistake(
        "correction_without_power",
        "the correction divides by 1 - beta * t, not by 1 - beta**t",
        {
            "mhat": lambda new_m, beta1, t: new_m / (1 - beta1 * t),
            "vhat": lambda new_v, beta2, t: new_v / (1 - beta2 * t),
        },
        LOOK_BIAS,
    ),
    Mistake(
        "correction_stored",
        "the corrected moments are stored, so that the next step corrects them once more",
        {
            "new_m": lambda beta1, m, dw, t: (beta1 * m + (1 - beta1) * dw) / (1 - beta1**t),
            "new_v": lambda beta2, v, dw, t: (beta2 * v + (1 - beta2) * dw * dw) / (1 - beta2**t),
            **PLAIN_M,
            **PLAIN_V,
        },
        (
            "Are m and v in config the plain moments?",
            "Only the plain moments are kept; the corrected ones serve one step.",
        ),
    ),
    Mistake(
        "betas_swapped",
        "beta1 and beta2 are swapped",
        {"beta1": lambda o: o.get("beta2", 0.999), "beta2": lambda o: o.get("beta1", 0.9)},
        LOOK_MOMENTS,
    ),
    Mistake(
        "correction_betas_swapped",
        "the bias corrections take each other's beta",
        {
            "mhat": lambda new_m, beta2, t: new_m / (1 - beta2**t),
            "vhat": lambda new_v, beta1, t: new_v / (1 - beta1**t),
        },
        LOOK_BIAS,
        also=(
            {"mhat": lambda new_m, beta2, t: new_m / (1 - beta2**t)},
            {"vhat": lambda new_v, beta1, t: new_v / (1 - beta1**t)},
        ),
    ),
    Mistake(
        "v_of_gradients",
        "the second moment averages gradients, not their squares",
        {"new_v": lambda beta2, v, dw: beta2 * v + (1 - beta2) * dw},
        LOOK_MOMENTS,
        also=({"new_v": lambda beta2, v, dw: beta2 * v + (1 - beta2) * np.abs(dw)},),
    ),
    Mistake(
        "v_of_m",
        "the second moment averages the squares of the first moment, not of the gradient",
        {"new_v": lambda beta2, v, new_m: beta2 * v + (1 - beta2) * new_m**2},
        LOOK_MOMENTS,
    ),
    Mistake(
        "m_not_averaged",
        "the gradient enters the first moment in full, without 1 - beta1",
        {"new_m": lambda beta1, m, dw: beta1 * m + dw},
        LOOK_MOMENTS,
    ),
    Mistake(
        "v_not_averaged",
        "the squared gradient enters the second moment in full, without 1 - beta2",
        {"new_v": lambda beta2, v, dw: beta2 * v + dw * dw},
        LOOK_MOMENTS,
    ),
    Mistake(
        "m_shares_swapped",
        "beta1 and 1 - beta1 are swapped in the first moment",
        {"new_m": lambda beta1, m, dw: (1 - beta1) * m + beta1 * dw},
        LOOK_MOMENTS,
    ),
    Mistake(
        "v_shares_swapped",
        "beta2 and 1 - beta2 are swapped in the second moment",
        {"new_v": lambda beta2, v, dw: (1 - beta2) * v + beta2 * dw * dw},
        LOOK_MOMENTS,
    ),
    Mistake("m_not_stored", "the first moment is not stored", {"m": lambda: 0.0}, LOOK_STORED),
    Mistake("v_not_stored", "the second moment is not stored", {"v": lambda: 0.0}, LOOK_STORED),
    Mistake(
        "moments_not_stored",
        "neither moment is stored",
        {"m": lambda: 0.0, "v": lambda: 0.0},
        LOOK_STORED,
        also=({"m": lambda: 0.0, "v": lambda: 0.0, "t": lambda: 1},),
    ),
    Mistake(
        "no_eps", "eps is missing, so that a gradient of 0 gives 0/0", {"root": lambda vhat: np.sqrt(vhat)}, LOOK_EPS
    ),
    Mistake(
        "eps_inside",
        "eps stands inside the root, where steps of tiny gradients become a thousand times smaller",
        {"root": lambda vhat, eps: np.sqrt(vhat + eps)},
        LOOK_EPS,
        convention=("Keras' older form",),
    ),
    Mistake(
        "epsilon_hat",
        "eps is added to the root of the uncorrected moment: the paper's faster form, with a larger eps in the first steps",
        {"root": lambda new_v, beta2, t, eps: (np.sqrt(new_v) + eps) / np.sqrt(1 - beta2**t)},
        LOOK_EPS,
        convention=("Keras", "TensorFlow"),
    ),
    Mistake("eps_subtracted", "eps is subtracted", {"root": lambda vhat, eps: np.sqrt(vhat) - eps}, LOOK_EPS),
    Mistake(
        "no_root",
        "the step divides by the second moment, not by its root",
        {"root": lambda vhat, eps: vhat + eps},
        ("In which units is the second moment?", "v holds squares; its root divides."),
    ),
    OTHER_EPS,
    Mistake(
        "own_betas",
        "the betas of config are not used",
        {"beta1": lambda: 0.9, "beta2": lambda: 0.999},
        ("Which of the config's entries have no effect?", "config may bring a beta1 and a beta2 of its own."),
        also=(
            {"beta1": lambda: 0.9},
            {"beta2": lambda: 0.999},
            {"beta2": lambda: 0.99},
            {"beta1": lambda: 0.9, "beta2": lambda: 0.999, "eps": lambda: 1e-8},
        ),
    ),
    *SHARED,
)

ADAM_MISTAKES = (
    *MOMENTS,
    Mistake("ascent", "the step goes uphill", {"move": lambda mhat, lr, root: lr * mhat / root}, UPHILL),
    Mistake(
        "gradient_for_moment",
        "the gradient itself is divided by the root, not its moving average",
        {"move": lambda dw, lr, root: -lr * dw / root},
        LOOK_MOMENTS,
    ),
)

ADAMW_MISTAKES = (
    *MOMENTS,
    Mistake(
        "ascent", "the step goes uphill", {"move": lambda mhat, lr, root, shrink: lr * mhat / root + shrink}, UPHILL
    ),
    Mistake(
        "l2",
        "the weight decay is added to the gradient, as an L2 penalty, where it should act apart from the moments",
        {
            "new_m": lambda beta1, m, dw, w, weight_decay: beta1 * m + (1 - beta1) * (dw + weight_decay * w),
            "new_v": lambda beta2, v, dw, w, weight_decay: beta2 * v + (1 - beta2) * (dw + weight_decay * w) ** 2,
            "shrink": lambda: 0.0,
        },
        ("Does the decay pass through the moments?", "AdamW takes the decay from w directly, beside Adam's step."),
        convention=("Adam with L2",),
    ),
    Mistake(
        "no_decay",
        "the weight decay is missing: these are Adam's steps",
        {"shrink": lambda: 0.0},
        ("Do the weights shrink when the gradient is 0?", "Every step takes lr * weight_decay of w away."),
    ),
    Mistake(
        "decay_without_rate",
        "the weight decay is not multiplied by the learning rate",
        {"shrink": lambda weight_decay, w: -weight_decay * w},
        ("How much of w is lost in a step?", "The share is the learning rate times weight_decay."),
        convention=("the paper",),
    ),
    Mistake(
        "growth",
        "the weights grow by the decay, where they should shrink",
        {"shrink": lambda lr, weight_decay, w: lr * weight_decay * w},
        ("Do the weights shrink when the gradient is 0?", "Every step takes lr * weight_decay of w away."),
    ),
)
