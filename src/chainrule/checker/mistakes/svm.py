"""How a hinge loss goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

LOOK_N = (
    "What happens to the loss when every row comes twice?",
    "Loss and gradient are means over the rows: both are divided by N, once.",
)
LOOK_PULL = (
    "Add up a row of dx.",
    "The right class's score stands in every violated margin of its row, with a minus sign.",
)


def _worst(short, others):
    """Only the worst wrong class of each row."""
    masked = np.where(others, short, -np.inf)
    return masked == masked.max(axis=1, keepdims=True)


MISTAKES = (
    Mistake(
        "right_class_kept",
        "the right class's own margin is kept in the sum, which makes the loss larger by exactly 1",
        {"losses": lambda margins: margins.sum(axis=1)},
        ("What is the right class's own term?", "The sum runs over the wrong classes alone."),
    ),
    Mistake(
        "no_margin",
        "the margin of 1 is missing",
        {"delta": lambda: 0.0},
        ("What is the loss when all scores are equal?", "The right class must win by 1; equal scores cost C - 1."),
        also=({"delta": lambda: 0.0, "losses": lambda margins: margins.sum(axis=1)},),
    ),
    Mistake(
        "margin_subtracted",
        "the margin of 1 is subtracted, where it is added",
        {"delta": lambda: -1.0},
        ("What is the loss when all scores are equal?", "The right class must win by 1; equal scores cost C - 1."),
    ),
    Mistake("sum", "the loss is the sum over the rows, not their mean", {"loss": lambda losses: losses.sum()}, LOOK_N),
    Mistake(
        "loss_twice_divided",
        "the loss is divided by N twice",
        {"loss": lambda losses: losses.mean() / len(losses)},
        LOOK_N,
    ),
    Mistake(
        "dx_not_divided",
        "dx is not divided by N, though the loss is a mean",
        {"dx": lambda pushed, pulled: pushed - pulled},
        LOOK_N,
    ),
    Mistake(
        "dx_twice_divided",
        "dx is divided by N twice",
        {"dx": lambda pushed, pulled: (pushed - pulled) / len(pushed) ** 2},
        LOOK_N,
    ),
    Mistake(
        "squared",
        "the margins are squared: that is the squared hinge loss",
        {
            "margins": lambda short: np.maximum(short, 0) ** 2,
            "pushed": lambda violating, short: 2.0 * violating * short,
        },
        ("What does a margin of 2 cost?", "A class that is too close by 2 costs 2."),
        also=({"margins": lambda short: np.maximum(short, 0) ** 2},),
    ),
    Mistake(
        "no_maximum",
        "margins below 0 are counted too",
        {"margins": lambda short: short},
        ("Can the loss be negative?", "A class that is far enough away costs nothing."),
    ),
    Mistake(
        "minus_one",
        "the right class's entry of dx is -1 and not minus the number of violated margins",
        {"pulled": lambda others: (~others).astype(float)},
        LOOK_PULL,
        also=({"pulled": lambda others, pushed: ~others * (pushed.sum(axis=1, keepdims=True) > 0)},),
    ),
    Mistake(
        "nothing_at_right_class",
        "dx has nothing at the right class",
        {"pulled": lambda: 0.0},
        LOOK_PULL,
    ),
    Mistake(
        "right_class_overwritten",
        "the right class counts as violating its own margin, so its entry of dx is too large by 1/N",
        {"pulled": lambda violating, others: ~others * (violating.sum(axis=1, keepdims=True) - 1.0)},
        LOOK_PULL,
        also=({"pulled": lambda violating, others: ~others * (violating.sum(axis=1, keepdims=True) + 1.0)},),
    ),
    Mistake(
        "margins_as_gradient",
        "dx holds the margins themselves, where their slopes (1 or 0) are wanted",
        {"pushed": lambda margins, others: margins * others},
        ("What is the slope of max(0, m) at m = 3?", "Each violated margin has slope 1, however large it is."),
    ),
    Mistake(
        "dx_negative",
        "dx has the wrong sign",
        {"dx": lambda pushed, pulled: (pulled - pushed) / len(pushed)},
        ("Should the right class's score go up or down?", "dx is negative where raising a score lowers the loss."),
    ),
    Mistake(
        "all_labels_in_every_row",
        "every row is compared with the right-class scores of all rows",
        {"correct": lambda x, y: x[:, y]},
        ("What shape has the array of right-class scores?", "Row i has one right class: y[i]."),
    ),
    Mistake(
        "difference_turned",
        "the difference is turned around: the right class's score less the others'",
        {"short": lambda x, correct, delta: correct - x + delta},
        ("When should the loss be large?", "A wrong class costs more the higher its own score is."),
    ),
    Mistake(
        "at_the_margin",
        "a class exactly at the margin counts as violating it",
        {"violating": lambda short, others: (short >= 0) & others},
        ("Look at scores whose margin is exactly 0.", "There the function has no slope, and either side's is right."),
        convention=("a free choice at the kink",),
        accepted=("cs231n", "cs682", "cs182", "c147", "cs145"),
    ),
    Mistake(
        "worst_class_only",
        "only the worst wrong class counts: that is Crammer and Singer's form",
        {
            "losses": lambda margins, short, others: (margins * _worst(short, others)).max(axis=1),
            "violating": lambda short, others: (short > 0) & _worst(short, others),
        },
        ("How many terms has the sum over the classes?", "Every wrong class that is too close counts."),
        convention=("scikit-learn",),
        also=(
            {
                "losses": lambda margins, short, others: (margins * _worst(short, others)).sum(axis=1),
                "violating": lambda short, others: (short > 0) & _worst(short, others),
            },
        ),
    ),
    Mistake(
        "divided_by_classes",
        "the loss is divided by the number of classes as well",
        {
            "loss": lambda losses, x: losses.mean() / x.shape[1],
            "dx": lambda pushed, pulled: (pushed - pulled) / pushed.size,
        },
        ("How many terms does the mean have?", "It is a mean over the rows and a sum over the classes."),
        convention=("PyTorch",),
    ),
)
