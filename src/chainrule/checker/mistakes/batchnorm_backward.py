"""How the gradient of batch normalization goes wrong."""

from chainrule.checker.task import Mistake

LOOK_PATHS = (
    "On how many paths does one entry of x reach the outputs of its column?",
    "x reaches out directly, through the mean and through the variance; their three contributions are added.",
)
LOOK_SUM = (
    "How many entries of out contain one gamma (or one beta)?",
    "All rows of a column share one gamma and one beta, so their gradients are summed over the rows.",
)


def _own(name, says, forms, hints):
    """A mistake in backward, where the alternative backward may make it too."""
    renamed = tuple({key + "_alt": step for key, step in form.items()} for form in forms)
    return Mistake(name, says, forms[0], hints, also=(*forms[1:], *renamed))


BACKWARD = (
    _own(
        "statistics_as_constants",
        "dx misses the paths through the mean and through the variance: the statistics are treated as constants",
        ({"dx": lambda direct: direct},),
        LOOK_PATHS,
    ),
    _own(
        "mean_path_missing",
        "dx misses the path through the mean",
        ({"dx": lambda direct, through_the_variance: direct + through_the_variance},),
        (
            "Add up a column of dx: shifting all of x changes nothing, so what should the sum be?",
            "Moving one x moves the mean by 1/N, and the mean is in every row of its column.",
        ),
    ),
    _own(
        "variance_path_missing",
        "dx misses the path through the variance",
        ({"dx": lambda direct, through_the_mean: direct + through_the_mean},),
        (
            "Multiply dx by xhat and add up a column: stretching x changes almost nothing, so what should the sum be?",
            "Moving one x moves the variance of its column, and the variance is in every row.",
        ),
    ),
    _own(
        "direct_path_missing",
        "dx has only the paths through the statistics and misses the direct one",
        ({"dx": lambda through_the_mean, through_the_variance: through_the_mean + through_the_variance},),
        LOOK_PATHS,
    ),
    _own(
        "mean_path_negative",
        "the path through the mean enters dx with the wrong sign",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance: (
                    direct - through_the_mean + through_the_variance
                )
            },
        ),
        ("Look at the signs.", "The mean is subtracted, so raising it lowers every xhat."),
    ),
    _own(
        "variance_path_negative",
        "the path through the variance enters dx with the wrong sign",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance: (
                    direct + through_the_mean - through_the_variance
                )
            },
        ),
        ("Look at the signs.", "The standard deviation divides, so raising it brings every xhat nearer to 0."),
    ),
    _own(
        "variance_path_doubled",
        "the path through the variance has the wrong factor: a 2 or a 1/2 is lost",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance: (
                    direct + through_the_mean + 2 * through_the_variance
                )
            },
            {
                "dx": lambda direct, through_the_mean, through_the_variance: (
                    direct + through_the_mean + through_the_variance / 2
                )
            },
        ),
        (
            "Which constants do the derivatives of a square and of a root bring?",
            "The square gives 2, the root 1/2; both belong to the path through the variance.",
        ),
    ),
    _own(
        "mean_path_not_divided",
        "the mean's path is not divided by N in dx",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, x: (
                    direct + len(x) * through_the_mean + through_the_variance
                )
            },
        ),
        ("By how much does the mean move when one x moves by 1?", "A mean over N rows moves by 1/N."),
    ),
    _own(
        "variance_path_not_divided",
        "the variance's path is not divided by N in dx",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, x: (
                    direct + through_the_mean + len(x) * through_the_variance
                )
            },
        ),
        ("By how much does a mean of squares move when one x moves?", "A mean over N rows carries a 1/N."),
    ),
    _own(
        "mean_path_twice_divided",
        "the mean's path is divided by N twice in dx",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, x: (
                    direct + through_the_mean / len(x) + through_the_variance
                )
            },
        ),
        ("By how much does the mean move when one x moves by 1?", "A mean over N rows moves by 1/N."),
    ),
    _own(
        "n_forgotten",
        "dx as a whole is not divided by N",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, x: (
                    (direct + through_the_mean + through_the_variance) * len(x)
                )
            },
        ),
        ("Divide dx by the wanted one.", "The short form has 1 / (N * std) in front."),
    ),
    _own(
        "xhat_forgotten",
        "the path through the variance misses its factor xhat",
        (
            {
                "dx": lambda direct, through_the_mean, dxhat, xhat, std: (
                    direct + through_the_mean - (dxhat * xhat).mean(axis=0) / std
                )
            },
        ),
        ("Which factor has the variance's path for each entry?", "Stretching x moves each entry by its own xhat."),
    ),
    _own(
        "features_for_rows",
        "dx uses the number of features D where the number of rows N is wanted",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, x: (
                    direct + (through_the_mean + through_the_variance) * len(x) / x.shape[1]
                )
            },
        ),
        ("Which of x's two sizes is the N of the mean?", "The means run over the rows of the batch."),
    ),
    _own(
        "gamma_forgotten",
        "gamma is forgotten in dx",
        ({"dx": lambda dout, xhat, std: (dout - dout.mean(axis=0) - xhat * (dout * xhat).mean(axis=0)) / std},),
        ("Divide dx by the wanted one, column by column.", "out = gamma * xhat + beta, so dxhat is dout times gamma."),
    ),
    _own(
        "std_forgotten",
        "dx is not divided by the standard deviation",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, std: (
                    (direct + through_the_mean + through_the_variance) * std
                )
            },
        ),
        ("Divide dx by the wanted one, column by column.", "xhat = (x - mean) / std: the slope carries 1 / std."),
    ),
    _own(
        "divided_by_variance_back",
        "dx is divided by the variance, not by the standard deviation",
        (
            {
                "dx": lambda direct, through_the_mean, through_the_variance, std: (
                    (direct + through_the_mean + through_the_variance) / std
                )
            },
            {
                "dx": lambda direct, through_the_mean, through_the_variance, std, var: (
                    (direct + through_the_mean + through_the_variance) * std / var
                )
            },
        ),
        ("Divide dx by the wanted one, column by column.", "xhat = (x - mean) / std: the slope carries 1 / std."),
    ),
    _own(
        "dgamma_from_x",
        "dgamma uses x where xhat is wanted",
        (
            {"dgamma": lambda dout, x: (dout * x).sum(axis=0)},
            {"dgamma": lambda dout, centered: (dout * centered).sum(axis=0)},
        ),
        ("What does gamma multiply in forward?", "out = gamma * xhat + beta: the slope by gamma is xhat."),
    ),
    _own(
        "dgamma_not_summed",
        "dgamma is not summed over the rows",
        ({"dgamma": lambda dout, xhat: dout * xhat},),
        LOOK_SUM,
    ),
    _own(
        "dgamma_axis",
        "dgamma is summed over the features, not over the rows",
        ({"dgamma": lambda dout, xhat: (dout * xhat).sum(axis=1)},),
        LOOK_SUM,
    ),
    _own(
        "dgamma_mean",
        "dgamma is a mean over the rows, not a sum",
        ({"dgamma": lambda dout, xhat: (dout * xhat).mean(axis=0)},),
        LOOK_SUM,
    ),
    _own("dbeta_not_summed", "dbeta is not summed over the rows", ({"dbeta": lambda dout: dout},), LOOK_SUM),
    _own(
        "dbeta_axis",
        "dbeta is summed over the features, not over the rows",
        ({"dbeta": lambda dout: dout.sum(axis=1)},),
        LOOK_SUM,
    ),
    _own(
        "dbeta_mean", "dbeta is a mean over the rows, not a sum", ({"dbeta": lambda dout: dout.mean(axis=0)},), LOOK_SUM
    ),
    _own(
        "dgamma_dbeta_swapped",
        "dgamma and dbeta are swapped",
        ({"dgamma": lambda dout: dout.sum(axis=0), "dbeta": lambda dout, xhat: (dout * xhat).sum(axis=0)},),
        ("In which order are the three returned?", "The order is dx, dgamma, dbeta."),
    ),
)
