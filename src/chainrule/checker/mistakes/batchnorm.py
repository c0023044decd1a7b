"""How batch normalization goes wrong: forward, and all of it."""

import numpy as np

from chainrule.checker.mistakes.batchnorm_backward import BACKWARD
from chainrule.checker.task import Mistake

LOOK_EPS = (
    "What happens in a column that hardly varies?",
    "eps is added to the variance, before the root is taken: sqrt(var + eps).",
)
LOOK_RUNNING = (
    "Print bn_param before and after the call.",
    "New statistics are momentum times the old ones plus (1 - momentum) times the batch's; they go back into bn_param.",
)
LOOK_TEST = (
    "What comes out in test mode for a single row?",
    "In test mode nothing is computed from the rows at hand: the running statistics take the batch's place, and stay.",
)


def _kept(before):
    """What stands in bn_param when nothing is written to it."""
    return "not written back" if before is None else before


MISTAKES = (
    Mistake(
        "axis",
        "mean and variance are taken over the features of each row (axis 1), not over the rows of each feature (axis 0)",
        {"mean": lambda x: x.mean(axis=1)},
        (
            "How many means are there: one for each row, or one for each feature?",
            "Every feature (column) gets mean 0 over the batch, so the means are (D,).",
        ),
        also=(
            {
                "mean": lambda x: x.mean(axis=1, keepdims=True),
                "var": lambda x: x.var(axis=1, keepdims=True),
                "stored": lambda: lambda x: (x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)),
            },
            {"mean": lambda x: x.mean(axis=1, keepdims=True), "var": lambda x: x.var(axis=1, keepdims=True)},
            {
                "mean": lambda x: x.mean(),
                "var": lambda x: x.var(),
                "stored": lambda: lambda x: (x.mean(), x.var()),
            },
        ),
    ),
    Mistake(
        "eps_outside",
        "eps is added outside the root, to the standard deviation",
        {"spread": lambda: lambda var, eps: np.sqrt(var) + eps},
        LOOK_EPS,
        also=(
            {"std": lambda var, eps: np.sqrt(var) + eps},
            {"test_std": lambda running_var_2, eps: np.sqrt(running_var_2) + eps},
        ),
    ),
    Mistake(
        "no_eps",
        "eps is missing, so that a constant column gives 0/0",
        {"spread": lambda: lambda var, eps: np.sqrt(var)},
        LOOK_EPS,
        also=({"std": lambda var: np.sqrt(var)}, {"test_std": lambda running_var_2: np.sqrt(running_var_2)}),
    ),
    Mistake(
        "own_eps",
        "the eps of bn_param is not used",
        {"eps": lambda: 1e-5},
        ("Which entries of bn_param have no effect?", "bn_param may bring an eps of its own."),
        also=({"eps": lambda: 1e-8}, {"eps": lambda: 1e-3}),
    ),
    Mistake(
        "divided_by_variance",
        "x - mean is divided by the variance, not by its root",
        {"spread": lambda: lambda var, eps: var + eps},
        ("What is the standard deviation of your xhat?", "Dividing by the standard deviation gives variance 1."),
        also=({"std": lambda var, eps: var + eps},),
    ),
    Mistake(
        "not_divided",
        "x - mean is not divided by the standard deviation",
        {"spread": lambda: lambda var, eps: 1.0},
        ("What is the standard deviation of your xhat?", "Dividing by the standard deviation gives variance 1."),
        also=({"std": lambda: 1.0},),
    ),
    Mistake(
        "not_centered",
        "the mean is not subtracted",
        {"xhat": lambda x, std: x / std},
        ("What is the mean of your xhat?", "Each column's mean is subtracted first."),
    ),
    Mistake(
        "variance_not_centered",
        "the variance is the mean of squares: the mean is not taken off first",
        {"var": lambda x: (x**2).mean(axis=0), "stored": lambda: lambda x: (x.mean(axis=0), (x**2).mean(axis=0))},
        ("What is the variance of a constant column?", "The variance is the mean square of x - mean."),
        also=({"var": lambda x: (x**2).mean(axis=0)},),
    ),
    Mistake(
        "beta_inside",
        "beta is added before gamma multiplies, so that gamma scales it too",
        {"shifted": lambda gamma, beta: lambda xhat: gamma * (xhat + beta)},
        ("What is the mean of out in a column?", "xhat is scaled by gamma and then shifted by beta."),
        also=({"out": lambda xhat, gamma, beta: gamma * (xhat + beta)},),
    ),
    Mistake(
        "running_var_from_1",
        "running_var starts at 1, not at 0",
        {
            "start": lambda mean_before, var_before, gamma: (
                (np.zeros_like(gamma), np.ones_like(gamma)) if mean_before is None else (mean_before, var_before)
            )
        },
        ("What is running_var before the first batch?", "Both running statistics start at 0."),
        convention=("PyTorch",),
    ),
    Mistake(
        "gamma_missing",
        "gamma is not used",
        {"shifted": lambda beta: lambda xhat: xhat + beta},
        ("Which argument has no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
        also=({"out": lambda xhat, beta: xhat + beta},),
    ),
    Mistake(
        "beta_missing",
        "beta is not used",
        {"shifted": lambda gamma: lambda xhat: gamma * xhat},
        ("Which argument has no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
        also=({"out": lambda xhat, gamma: gamma * xhat},),
    ),
    Mistake(
        "gamma_beta_missing",
        "neither gamma nor beta is used",
        {"shifted": lambda: lambda xhat: xhat},
        ("Which arguments have no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
        also=({"out": lambda xhat: xhat},),
    ),
    Mistake(
        "gamma_beta_swapped",
        "gamma and beta are swapped",
        {"shifted": lambda gamma, beta: lambda xhat: beta * xhat + gamma},
        ("Which of the two multiplies?", "gamma is the scale, beta the shift."),
        also=({"out": lambda xhat, gamma, beta: beta * xhat + gamma},),
    ),
    Mistake(
        "batch_statistics_in_test",
        "in test mode the statistics of the rows at hand are used, so that a single row gives beta",
        {
            "test_mean": lambda x_test: x_test.mean(axis=0),
            "test_std": lambda spread, x_test, eps: spread(x_test.var(axis=0), eps),
        },
        LOOK_TEST,
    ),
    Mistake(
        "statistics_not_written",
        "the running statistics are not written back to bn_param",
        {
            "running_mean": lambda mean_before: _kept(mean_before),
            "running_var": lambda var_before: _kept(var_before),
            "running_mean_2": lambda mean_before: _kept(mean_before),
            "running_var_2": lambda var_before: _kept(var_before),
            "test_out": lambda gamma, beta, eps, start, x_test: (
                gamma * (x_test - start[0]) / np.sqrt(start[1] + eps) + beta
            ),
        },
        LOOK_RUNNING,
    ),
    Mistake(
        "standard_deviation_stored",
        "running_var averages standard deviations, not variances",
        {"stored": lambda: lambda x: (x.mean(axis=0), x.std(axis=0))},
        ("In which units is running_var?", "It is an average of variances; the root is taken when it is used."),
        also=(
            {"stored": lambda eps: lambda x: (x.mean(axis=0), np.sqrt(x.var(axis=0) + eps))},
            {
                "stored": lambda: lambda x: (x.mean(axis=0), x.std(axis=0)),
                "test_std": lambda running_var_2: running_var_2,
            },
        ),
    ),
    Mistake(
        "unbiased_variance_stored",
        "the running variance averages unbiased variances (divided by N - 1)",
        {"stored": lambda: lambda x: (x.mean(axis=0), x.var(axis=0, ddof=1))},
        ("By what is the sum of squares divided?", "The same variance that normalizes the batch is averaged."),
        convention=("PyTorch",),
    ),
    Mistake(
        "unbiased_variance",
        "the batch's variance is divided by N - 1",
        {
            "var": lambda x: x.var(axis=0, ddof=1),
            "stored": lambda: lambda x: (x.mean(axis=0), x.var(axis=0, ddof=1)),
        },
        ("By what is the sum of squares divided?", "The variance of the batch is the plain mean of the squares."),
        also=({"var": lambda x: x.var(axis=0, ddof=1)},),
    ),
    Mistake(
        "only_last_batch",
        "the running statistics are those of the last batch alone",
        {"mixed": lambda: lambda old, new: new},
        LOOK_RUNNING,
    ),
    Mistake(
        "momentum_swapped",
        "momentum and 1 - momentum are swapped in the running statistics",
        {"mixed": lambda kept: lambda old, new: (1 - kept) * old + kept * new},
        ("How fast should the running statistics forget?", "momentum is the share that is *kept*."),
        convention=("PyTorch",),
    ),
    Mistake(
        "own_momentum",
        "the momentum of bn_param is not used",
        {"kept": lambda: 0.9},
        ("Which entries of bn_param have no effect?", "bn_param may bring a momentum of its own."),
        also=({"kept": lambda: 0.99},),
    ),
    Mistake(
        "statistics_summed",
        "the batch's statistics are added to the running ones in full",
        {"mixed": lambda kept: lambda old, new: kept * old + new},
        LOOK_RUNNING,
        also=({"mixed": lambda: lambda old, new: old + new},),
    ),
    Mistake(
        "statistics_never_shrink",
        "a share of 1 - momentum of the batch's statistics is added to the running ones, which stay in full",
        {"mixed": lambda kept: lambda old, new: old + (1 - kept) * new},
        LOOK_RUNNING,
    ),
    Mistake(
        "variance_of_mean",
        "running_mean and running_var get each other's values",
        {"stored": lambda: lambda x: (x.var(axis=0), x.mean(axis=0))},
        LOOK_RUNNING,
    ),
    Mistake(
        "updated_in_test",
        "the running statistics are changed in test mode",
        {"test_stats": lambda: "changed"},
        LOOK_TEST,
    ),
    Mistake(
        "gamma_beta_missing_in_test",
        "in test mode gamma and beta are not used",
        {"test_out": lambda x_test, test_mean, test_std: (x_test - test_mean) / test_std},
        ("Which arguments have no effect in test mode?", "Scale and shift are the same in both modes."),
    ),
    Mistake(
        "variance_in_test",
        "in test mode x - mean is divided by the running variance, not by its root",
        {"test_std": lambda running_var_2, eps: running_var_2 + eps},
        (
            "What does test mode divide by?",
            "The running variance takes the variance's place: inside the root, with eps.",
        ),
    ),
    *BACKWARD,
)
