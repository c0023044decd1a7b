"""How layer normalization goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

LOOK_EPS = (
    "What happens in a row that hardly varies?",
    "eps is added to the variance, before the root: sqrt(var + eps).",
)
LOOK_PATHS = (
    "On how many paths does one entry of x reach the outputs of its row?",
    "x reaches out directly, through the row's mean and through its variance; the three contributions are added.",
)
LOOK_SUM = (
    "How many entries of out contain one gamma (or one beta)?",
    "All rows share gamma and beta, so their gradients are summed over the rows: axis 0, as in batch norm.",
)
BATCH_AXIS = (
    "Add a row to x: do the other rows of out change?",
    "Each row gets its own mean and variance, over its D features.",
)

MISTAKES = (
    Mistake(
        "batch_axis",
        "mean and variance are taken over the batch (axis 0), as in batch norm, not over each row",
        {"mean": lambda x: x.mean(axis=0), "var": lambda x: x.var(axis=0)},
        BATCH_AXIS,
        also=(
            {
                "mean": lambda x: x.mean(axis=0),
                "var": lambda x: x.var(axis=0),
                "dx": lambda dxhat, xhat, std: (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std,
            },
            {"mean": lambda x: x.mean(), "var": lambda x: x.var()},
        ),
    ),
    Mistake(
        "no_keepdims",
        "the means of the rows are (N,) and do not line up with x: an axis is lost",
        {"mean": lambda x: x.mean(axis=1)},
        ("Compare the shapes of x and of its means.", "One mean for each row must be (N, 1) to meet x (N, D)."),
    ),
    Mistake(
        "eps_outside",
        "eps is added outside the root, to the standard deviation",
        {"std": lambda var, eps: np.sqrt(var) + eps},
        LOOK_EPS,
    ),
    Mistake("no_eps", "eps is missing, so that a constant row gives 0/0", {"std": lambda var: np.sqrt(var)}, LOOK_EPS),
    Mistake(
        "own_eps",
        "the eps of ln_param is not used",
        {"eps": lambda: 1e-5},
        ("Which entry of ln_param has no effect?", "ln_param may bring an eps of its own."),
        also=({"eps": lambda: 1e-8},),
    ),
    Mistake(
        "divided_by_variance",
        "x - mean is divided by the variance, not by its root",
        {"std": lambda var, eps: var + eps},
        ("What is the standard deviation of your xhat?", "Dividing by the standard deviation gives variance 1."),
    ),
    Mistake(
        "unbiased_variance",
        "the variance is divided by D - 1",
        {"var": lambda x: x.var(axis=1, ddof=1, keepdims=True)},
        ("By what is the sum of squares divided?", "The variance of a row is the plain mean of its D squares."),
    ),
    Mistake(
        "gamma_missing",
        "gamma is not used",
        {"out": lambda xhat, beta: xhat + beta},
        ("Which argument has no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
    ),
    Mistake(
        "beta_missing",
        "beta is not used",
        {"out": lambda xhat, gamma: gamma * xhat},
        ("Which argument has no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
    ),
    Mistake(
        "gamma_beta_missing",
        "neither gamma nor beta is used",
        {"out": lambda xhat: xhat},
        ("Which arguments have no effect on out?", "xhat is scaled by gamma and then shifted by beta."),
    ),
    Mistake(
        "gamma_beta_swapped",
        "gamma and beta are swapped",
        {"out": lambda xhat, gamma, beta: beta * xhat + gamma},
        ("Which of the two multiplies?", "gamma is the scale, beta the shift."),
    ),
    Mistake(
        "gamma_of_rows",
        "gamma is taken for (N, 1): one scale for each row instead of each feature",
        {"out": lambda xhat, gamma, beta: gamma.reshape(-1, 1) * xhat + beta.reshape(-1, 1)},
        ("What is gamma.shape?", "gamma and beta are (D,): every feature has its own."),
        also=({"out": lambda xhat, gamma, beta: gamma[:, None] * xhat + beta},),
    ),
    Mistake(
        "out_transposed",
        "out is transposed",
        {"out": lambda xhat, gamma, beta: (gamma * xhat + beta).T},
        (
            "Compare out.shape with x.shape.",
            "Whoever turns x around to use batch norm's code must turn the result back.",
        ),
    ),
    Mistake(
        "dx_transposed",
        "dx is transposed",
        {
            "dx": lambda direct, through_the_mean, through_the_variance: (
                (direct + through_the_mean + through_the_variance).T
            )
        },
        (
            "Compare dx.shape with x.shape.",
            "Whoever turns x around to use batch norm's code must turn the result back.",
        ),
    ),
    Mistake(
        "dx_batch_axis",
        "dx averages over the batch (axis 0), as in batch norm, not over each row",
        {"dx": lambda dxhat, xhat, std: (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std},
        BATCH_AXIS,
    ),
    Mistake(
        "statistics_as_constants",
        "dx misses the paths through the mean and through the variance: the statistics are treated as constants",
        {"dx": lambda direct: direct},
        LOOK_PATHS,
    ),
    Mistake(
        "mean_path_missing",
        "dx misses the path through the mean",
        {"dx": lambda direct, through_the_variance: direct + through_the_variance},
        (
            "Add up a row of dx: shifting all of x changes nothing, so what should the sum be?",
            "Moving one x moves the mean by 1/D, and the mean is in every entry of its row.",
        ),
    ),
    Mistake(
        "variance_path_missing",
        "dx misses the path through the variance",
        {"dx": lambda direct, through_the_mean: direct + through_the_mean},
        (
            "Multiply dx by xhat and add up a row: stretching x changes almost nothing, so what should the sum be?",
            "Moving one x moves the variance of its row, and the variance is in every entry.",
        ),
    ),
    Mistake(
        "gamma_forgotten",
        "gamma is forgotten in dx",
        {"dxhat": lambda dout: dout},
        ("Divide dx by the wanted one.", "out = gamma * xhat + beta, so dxhat is dout times gamma: before the means."),
    ),
    Mistake(
        "gamma_after_means",
        "gamma is multiplied after the means over the row, as in batch norm; here it differs inside a row",
        {
            "dx": lambda dout, gamma, xhat, std: (
                gamma
                / std
                * (dout - dout.mean(axis=1, keepdims=True) - xhat * (dout * xhat).mean(axis=1, keepdims=True))
            )
        },
        (
            "Is gamma the same along the axis of the means?",
            "gamma changes from feature to feature, so it stays inside the means.",
        ),
    ),
    Mistake(
        "rows_for_features",
        "dx divides by the number of rows N where the number of features D is wanted",
        {
            "dx": lambda direct, through_the_mean, through_the_variance, x: (
                direct + (through_the_mean + through_the_variance) * x.shape[1] / len(x)
            )
        },
        ("Which of x's two sizes is in the mean?", "The means run over the D features of a row."),
    ),
    Mistake(
        "std_forgotten",
        "dx is not divided by the standard deviation",
        {
            "dx": lambda direct, through_the_mean, through_the_variance, std: (
                (direct + through_the_mean + through_the_variance) * std
            )
        },
        ("Divide dx by the wanted one, row by row.", "xhat = (x - mean) / std: the slope carries 1 / std."),
    ),
    Mistake(
        "dgamma_axis",
        "dgamma is summed over the features, not over the rows",
        {"dgamma": lambda dout, xhat: (dout * xhat).sum(axis=1)},
        LOOK_SUM,
    ),
    Mistake(
        "dbeta_axis",
        "dbeta is summed over the features, not over the rows",
        {"dbeta": lambda dout: dout.sum(axis=1)},
        LOOK_SUM,
    ),
    Mistake(
        "dgamma_not_summed", "dgamma is not summed over the rows", {"dgamma": lambda dout, xhat: dout * xhat}, LOOK_SUM
    ),
    Mistake("dbeta_not_summed", "dbeta is not summed over the rows", {"dbeta": lambda dout: dout}, LOOK_SUM),
    Mistake(
        "dgamma_mean",
        "dgamma is a mean over the rows, not a sum",
        {"dgamma": lambda dout, xhat: (dout * xhat).mean(axis=0)},
        LOOK_SUM,
    ),
    Mistake(
        "dbeta_mean", "dbeta is a mean over the rows, not a sum", {"dbeta": lambda dout: dout.mean(axis=0)}, LOOK_SUM
    ),
    Mistake(
        "dgamma_from_x",
        "dgamma uses x where xhat is wanted",
        {"dgamma": lambda dout, x: (dout * x).sum(axis=0)},
        ("What does gamma multiply in forward?", "out = gamma * xhat + beta: the slope by gamma is xhat."),
        also=({"dgamma": lambda dout, centered: (dout * centered).sum(axis=0)},),
    ),
)
