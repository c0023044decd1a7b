"""How a ReLU goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

COURSES = ("cs231n", "cs682", "cs182", "c147", "cs145")
LOOK_MASK = (
    "Which numbers decide what passes in backward?",
    "A gradient passes where the *input* was above 0, whatever the gradient's own sign or size.",
)

MISTAKES = (
    Mistake(
        "mask_alone",
        "the mask itself is returned, where x times the mask is wanted",
        {"out": lambda x: (x > 0).astype(float)},
        ("Look at an entry of x that is 3.", "What is positive passes as it is, not as a 1."),
        also=({"out": lambda x: x > 0},),
    ),
    Mistake(
        "leak",
        "negative entries of x leak into the result",
        {"out": lambda x: x.copy()},
        ("Look at an entry of x that is -2.", "Everything below 0 becomes exactly 0."),
        also=({"out": lambda x: np.where(x > 0, x, 0.01 * x)}, {"out": lambda x: np.where(x > 0, x, 0.1 * x)}),
    ),
    Mistake(
        "absolute",
        "negative entries come out positive",
        {"out": lambda x: np.abs(x)},
        ("Look at an entry of x that is -2.", "Everything below 0 becomes exactly 0."),
    ),
    Mistake(
        "largest_of_all",
        "the largest entry of the whole array is taken, where each entry is compared with 0",
        {"out": lambda x: np.max(x)},
        ("NumPy has two functions for a maximum.", "The comparison is entry by entry: the result has x's shape."),
        also=(
            {"out": lambda x: max(0, np.max(x))},
            {"out": lambda x: np.full(x.shape, max(0.0, x.max()))},
            {"out": lambda x: np.max(x, axis=0)},
            {"out": lambda x: np.max(x, axis=1)},
        ),
    ),
    Mistake(
        "minimum",
        "the smaller of x and 0 is taken",
        {"out": lambda x: np.minimum(x, 0)},
        ("Look at an entry of x that is 3.", "What is positive passes."),
    ),
    Mistake(
        "dx_mask_alone",
        "dx is the mask alone and does not depend on dout",
        {"dx": lambda x: (x > 0).astype(float)},
        ("Call backward with dout and with 2 * dout.", "The chain rule multiplies the slope by dout."),
        also=({"dx": lambda x: x > 0}, {"dx": lambda x: (x > 0).astype(int)}),
    ),
    Mistake(
        "dx_unmasked",
        "dx lets dout through, whole or in part, where x was below 0",
        {"dx": lambda dout: dout.copy()},
        LOOK_MASK,
        also=({"dx": lambda x, dout: dout * np.where(x > 0, 1.0, 0.01)},),
    ),
    Mistake(
        "dx_mask_of_dout",
        "dx is masked by the sign of dout instead of x",
        {"dx": lambda dout: dout * (dout > 0)},
        LOOK_MASK,
    ),
    Mistake(
        "dx_times_x",
        "dx is multiplied by x itself, where its slope is wanted",
        {"dx": lambda x, dout: dout * np.maximum(x, 0)},
        (
            "What is the slope of the function max(x, 0) at x = 3?",
            "The slope is 1 on the positive side, whatever x is.",
        ),
        also=({"dx": lambda x, dout: dout * x},),
    ),
    Mistake(
        "dx_other_side",
        "dx passes where x was below 0",
        {"dx": lambda x, dout: dout * (x < 0)},
        LOOK_MASK,
        also=({"dx": lambda x, dout: dout * (x <= 0)},),
    ),
    Mistake(
        "slope_at_zero",
        "the slope at exactly 0 is not taken as 0",
        {"dx": lambda x, dout: dout * (x >= 0)},
        ("Look at entries of x that are exactly 0.", "There the function has no slope, and either side's is right."),
        convention=("a free choice at the kink",),
        accepted=COURSES,
        also=({"dx": lambda x, dout: dout * np.heaviside(x, 0.5)},),
    ),
)
