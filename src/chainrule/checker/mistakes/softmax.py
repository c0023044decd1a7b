"""How a softmax loss goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

MODULAR = ("cs231n", "cs682", "cs182", "c147")
LOOK_SHIFT = (
    "What is exp(1000)?",
    "Each row's own largest score is subtracted from that row before the exponential; the probabilities do not change.",
)
LOOK_N = (
    "What happens to the loss when every row comes twice?",
    "Loss and gradient are means over the rows: both are divided by N, once.",
)


def log_p(p, y):
    """-log of a probability that may have rounded to 0."""
    return -np.log(p[np.arange(len(y)), y])


def with_small(small):
    """-log of a probability with a small number added."""
    return {"losses": lambda p, y: -np.log(p[np.arange(len(y)), y] + small)}


MISTAKES = (
    Mistake(
        "no_shift",
        "the exponential is taken of the scores as they are, so that scores of a thousand overflow to NaN",
        {"top": lambda x: 0.0},
        LOOK_SHIFT,
        also=({"top": lambda x: 0.0, "losses": log_p},),
    ),
    Mistake(
        "max_of_all",
        "the largest score of the whole array is subtracted, not each row's own, so that rows far below it underflow to 0/0",
        {"top": lambda x: x.max()},
        (
            "Which rows does the largest score of the whole array come from? What becomes of a row 2000 below it?",
            "Each row is shifted by its own largest score.",
        ),
        also=({"top": lambda x: x.max(), "losses": log_p},),
    ),
    Mistake(
        "max_of_columns",
        "the maximum is taken over the rows (axis 0), not over the classes",
        {"top": lambda x: x.max(axis=0)},
        ("Along which axis is the maximum taken?", "Each row is shifted by its own largest score."),
        also=({"top": lambda x: x.max(axis=0), "losses": log_p},),
    ),
    Mistake(
        "log_of_zero",
        "the logarithm is taken of a probability that has rounded to 0, so that the loss is infinite",
        {"losses": log_p},
        (
            "What is the loss of a row whose right class is 1000 below the largest?",
            "The logarithm of a quotient is a difference of logarithms; that of the exponential is known.",
        ),
        accepted=MODULAR,
    ),
    Mistake(
        "shift_by_minimum",
        "the smallest score of a row is subtracted, so that large scores still overflow",
        {"top": lambda x: x.min(axis=1, keepdims=True)},
        LOOK_SHIFT,
        also=(
            {"top": lambda x: x.mean(axis=1, keepdims=True)},
            {
                "top": lambda x: x.min(axis=1, keepdims=True),
                "p": lambda shifted, total: np.exp(shifted - np.log(total)),
            },
        ),
    ),
    Mistake("sum", "the loss is the sum over the rows, not their mean", {"loss": lambda losses: losses.sum()}, LOOK_N),
    Mistake(
        "mean_of_all",
        "the loss is divided by N and by the number of classes",
        {"loss": lambda losses, x: losses.mean() / x.shape[1]},
        ("How many terms does the mean have?", "Only one class of each row counts: there are N terms."),
    ),
    Mistake(
        "loss_twice_divided",
        "the loss is divided by N twice",
        {"loss": lambda losses: losses.mean() / len(losses)},
        LOOK_N,
    ),
    Mistake(
        "classes_for_rows",
        "loss and dx are divided by the number of classes, not of rows",
        {"loss": lambda losses, x: losses.sum() / x.shape[1], "dx": lambda p, hot, x: (p - hot) / x.shape[1]},
        LOOK_N,
        also=(
            {
                "losses": log_p,
                "loss": lambda losses, x: losses.sum() / x.shape[1],
                "dx": lambda p, hot, x: (p - hot) / x.shape[1],
            },
        ),
    ),
    Mistake(
        "loss_over_classes",
        "the loss is divided by the number of classes, not of rows",
        {"loss": lambda losses, x: losses.sum() / x.shape[1]},
        LOOK_N,
    ),
    Mistake(
        "dx_over_classes",
        "dx is divided by the number of classes, though the loss is a mean over the rows",
        {"dx": lambda p, hot, x: (p - hot) / x.shape[1]},
        LOOK_N,
    ),
    Mistake(
        "dx_not_divided", "dx is not divided by N, though the loss is a mean", {"dx": lambda p, hot: p - hot}, LOOK_N
    ),
    Mistake("dx_twice_divided", "dx is divided by N twice", {"dx": lambda p, hot: (p - hot) / len(p) ** 2}, LOOK_N),
    Mistake(
        "no_minus_one",
        "dx misses the -1 at the right class, so that its rows add up to 1/N and not to 0",
        {"dx": lambda p: p / len(p)},
        ("Add up a row of dx.", "Raising all scores of a row alike changes nothing, so each row of dx adds up to 0."),
        also=({"dx": lambda p: p},),
    ),
    Mistake(
        "one_after_division",
        "the 1 of the right class is subtracted after the division by N",
        {"dx": lambda p, hot: p / len(p) - hot},
        ("Add up a row of dx.", "Both terms belong to the mean, so both are divided by N."),
    ),
    Mistake(
        "one_from_columns",
        "the 1 is subtracted from whole columns, once for every label that occurs, not from one entry of each row",
        {"dx": lambda p, y: (p - np.isin(np.arange(p.shape[1]), y)) / len(p)},
        ("What does an index of a slice and an array select?", "Row i loses 1 at column y[i], and nowhere else."),
    ),
    Mistake(
        "small_number_in_log",
        "a small number is added inside the logarithm, so that the loss is capped and differs a little everywhere",
        with_small(1e-8),
        (
            "What is the loss of a row whose right class is 1000 below the largest?",
            "The logarithm of a quotient is a difference of logarithms; that of the exponential is known.",
        ),
        accepted=MODULAR,
        also=tuple(with_small(10.0**-k) for k in (5, 6, 7, 9, 10, 12, 15, 16, 20, 30)),
    ),
    Mistake(
        "all_labels_in_every_row",
        "every row is scored with the labels of all rows, not with its own",
        {"losses": lambda p, y: -np.log(p[:, y])},
        ("What shape has the array of right-class probabilities?", "Row i has one right class: y[i]."),
        also=({"losses": lambda shifted, total, y: np.log(total) - shifted[:, y]},),
    ),
    Mistake(
        "only_own_derivative",
        "dx has only the right class's entry of each row; the others are 0",
        {"dx": lambda p, hot: (p - 1) * hot / len(p)},
        (
            "Does raising a wrong class's score change the loss?",
            "Every score is in the sum, so every entry has a gradient.",
        ),
        also=({"dx": lambda p: p * (1 - p) / len(p)}, {"dx": lambda p: p * (1 - p)}),
    ),
    Mistake(
        "dx_negative",
        "dx has the wrong sign",
        {"dx": lambda p, hot: (hot - p) / len(p)},
        ("Should the right class's score go up or down?", "dx is negative where raising a score lowers the loss."),
    ),
    Mistake(
        "loss_negative",
        "the loss has the wrong sign",
        {"loss": lambda losses: -losses.mean()},
        (
            "Can the logarithm of a probability be positive?",
            "A probability's logarithm is negative; the loss is its opposite.",
        ),
    ),
    Mistake(
        "log2",
        "the logarithm is taken to base 2",
        {"loss": lambda losses: losses.mean() / np.log(2)},
        (
            "Divide your loss by the wanted one: do you know the number?",
            "The derivative used here is that of the natural logarithm.",
        ),
    ),
    Mistake(
        "log10",
        "the logarithm is taken to base 10",
        {"loss": lambda losses: losses.mean() / np.log(10)},
        (
            "Divide your loss by the wanted one: do you know the number?",
            "The derivative used here is that of the natural logarithm.",
        ),
    ),
    Mistake(
        "total_of_columns",
        "the probabilities are divided by sums over the rows (axis 0), not over the classes",
        {"p": lambda e: e / e.sum(axis=0), "losses": log_p},
        ("Do the probabilities of one row add up to 1?", "Each row is divided by its own sum."),
        also=(
            {
                "p": lambda e: e / e.sum(axis=0),
                "losses": lambda shifted, e, y: np.log(e.sum(axis=0))[y] - shifted[np.arange(len(y)), y],
            },
        ),
    ),
    Mistake(
        "total_of_all",
        "the probabilities are divided by the sum of the whole array",
        {"p": lambda e: e / e.sum(), "losses": log_p},
        ("Do the probabilities of one row add up to 1?", "Each row is divided by its own sum."),
        also=({"total": lambda e: np.full((len(e), 1), e.sum())},),
    ),
    Mistake(
        "one_hot_expected",
        "y is taken for one-hot rows; it holds one whole number for each row",
        {"losses": lambda p, y: -np.sum(y * np.log(p), axis=1)},
        ("Print y and y.shape.", "y[i] is the number of row i's right class: it selects a column."),
        retry=lambda inputs: {**inputs, "y": np.eye(inputs["x"].shape[1])[inputs["y"]]},
    ),
)
