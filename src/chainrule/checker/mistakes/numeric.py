"""How numeric gradients go wrong."""

import numpy as np

from chainrule.checker.task import Mistake

LOOK = (
    "How far apart are the two points, and on which side of x?",
    "One point lies h above, the other h below; the difference is divided by how far they are apart.",
)

MISTAKES = (
    Mistake(
        "forward_difference",
        "a one-sided difference is taken: its error shrinks with h alone, not with its square",
        {"below": lambda x, a: a * x**3, "width": lambda h: h},
        LOOK,
    ),
    Mistake(
        "divided_by_h", "the difference is divided by h, though the points are 2h apart", {"width": lambda h: h}, LOOK
    ),
    Mistake("not_divided", "the difference is not divided by the distance of the points", {"width": lambda: 1.0}, LOOK),
    Mistake("sign", "the difference is taken the wrong way around", {"width": lambda h: -2 * h}, LOOK),
    Mistake(
        "not_restored",
        "an entry of x stays moved while the next ones are, so that the differences mix",
        {"inputs of scalar": lambda: "x", "inputs of array": lambda: "x"},
        ("Is x after the call what it was before?", "Each entry is put back before the next one is moved."),
        also=({"inputs of scalar": lambda: "x"}, {"inputs of array": lambda: "x"}),
    ),
    Mistake(
        "copied",
        "a copy of x is moved, not x itself, so that an f that reads a net's own parameters sees nothing change",
        {"grad_in_place": lambda x: np.zeros(x.shape)},
        (
            "What does `lambda _: net.loss(X, y)[0]` see of the moved entry?",
            "x is moved in place, one entry at a time, and put back.",
        ),
    ),
    Mistake(
        "h_ignored",
        "h is not used, but a fixed one",
        {"h": lambda: 1e-2},
        ("Which argument has no effect?", "The caller chooses h: how far apart the two points are."),
        also=({"h": lambda: 1e-4}, {"h": lambda: 1e-5}, {"h": lambda: 1e-6}),
    ),
    Mistake(
        "upstream_ignored",
        "df is not used",
        {"grad_array": lambda slopes: slopes},
        ("Which argument has no effect?", "Every output counts as much as its upstream gradient says."),
    ),
    Mistake(
        "only_first",
        "every entry is that of the whole array moved at once",
        {
            "grad": lambda slopes: np.full(slopes.shape, slopes.sum()),
            "grad_in_place": lambda slopes: np.full(slopes.shape, slopes.sum()),
            "grad_array": lambda slopes, df: np.full(slopes.shape, (slopes * df).sum()),
        },
        ("How many entries of x are moved at a time?", "One entry is moved, the others stay."),
    ),
)
