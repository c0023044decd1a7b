"""The rubric that belongs to an assignment: points for every chosen function, with partial credit by quantity."""

from chainrule.checker.assignment.choices import Choice
from chainrule.checker.grading.rubric import Line, Rubric

Prices = dict[str, float]  # points by quantity

STEPS: Prices = {"first": 1, "second": 1, "later": 1}
LOSS: Prices = {"loss": 2, "dx": 3}
NORM: Prices = {"dx": 4, "dgamma": 1, "dbeta": 1}
PRICES: dict[str, Prices] = {
    "affine_forward": {"out": 2},
    "affine_backward": {"dx": 2, "dw": 2, "db": 1},
    "relu_forward": {"out": 1},
    "relu_backward": {"dx": 2},
    "affine_relu_forward": {"out": 1},
    "affine_relu_backward": {"dx": 1, "dw": 1, "db": 1},
    "softmax_loss": LOSS,
    "softmax_forward": LOSS,
    "svm_loss": LOSS,
    "svm_forward": LOSS,
    "batchnorm_forward": {"out": 2, "running_mean": 1, "running_var": 1, "test_out": 2},
    "batchnorm_backward": NORM,
    "batchnorm_backward_alt": NORM,
    "layernorm_forward": {"out": 2},
    "layernorm_backward": NORM,
    "dropout_forward": {"share": 1, "factor": 1, "test_factor": 1},
    "dropout_backward": {"agreement": 1, "slope": 1},
    "sgd": {"first": 1},
    "sgd_step": {"first": 1},
    "eval_numerical_gradient": {"grad": 2},
    "eval_numerical_gradient_array": {"grad": 2},
    "knn": {"two_loops_dists": 2, "no_loops_dists": 3, "labels": 3},
    "two_layer_start": {"shapes": 1},
    "two_layer_net": {"scores": 1, "loss": 1, "dW2": 1, "db2": 1, "dW1": 1, "db1": 1},
    "cs145_start": {"shapes": 1},
    "cs145_net": {"scores": 1, "loss": 1, "dW2": 1, "db2": 1, "dW1": 1, "db1": 1},
    "net_start": {"shapes": 1},
    "net_initialization": {},
    "fully_connected_net": {"scores": 1, "loss": 1, "dW3": 1, "dW2": 1, "dW1": 1},
    "net_with_batchnorm": {"loss": 1, "dgamma1": 1, "dbeta1": 1, "dW1": 1},
    "net_with_layernorm": {"loss": 1, "dgamma1": 1, "dbeta1": 1, "dW1": 1},
    "net_with_dropout": {},
}
NET = {"FullyConnectedNet.__init__": "net_start", "FullyConnectedNet.loss": "fully_connected_net"}
BATCHNORM = {"FullyConnectedNet with batch normalization": "net_with_batchnorm"}
LAYERNORM = {"FullyConnectedNet with layer normalization": "net_with_layernorm"}
DROPOUT = {"FullyConnectedNet with dropout": "net_with_dropout"}
INITIALIZATION = {"FullyConnectedNet with he and zero initialization": "net_initialization"}
NETS: dict[str | None, dict[str, str]] = {
    "cs231n": {**NET, **BATCHNORM, **LAYERNORM, **DROPOUT},
    "cs682": {**NET, **BATCHNORM, **LAYERNORM, **DROPOUT},
    "cs182": {**NET, **INITIALIZATION, **BATCHNORM, **DROPOUT},
    "c147": {**NET, **BATCHNORM, **DROPOUT},
}


def rubric(choice: Choice, given: str) -> Rubric:
    """Lines for what was chosen. One point of each is for a function that is right in everything.

    Args:
        choice: what is to be written.
        given: the folder of what was handed out, beside the rubric.
    """
    lines = [
        Line(name=title, function=function, points=sum(prices.values()) + 1, quantities=prices, file=f"{module}.py")
        for module, names in choice.modules.items()
        for name in names
        for title, function in _functions(name, choice.course).items()
        for prices in [_prices(function, choice.course)]
    ]
    return Rubric(title=f"Assignment: {', '.join(choice.modules)}", course=choice.course, given=given, lines=lines)


def _functions(name: str, course: str | None) -> dict[str, str]:
    """The lines of one choice: title -> function or task, as a rubric names it."""
    if course is None:
        return {name: name.replace(".", "_")}
    start, loss = ("cs145_start", "cs145_net") if course == "cs145" else ("two_layer_start", "two_layer_net")
    classes = {
        "TwoLayerNet": {"TwoLayerNet.__init__": start, "TwoLayerNet.loss": loss},
        "FullyConnectedNet": NETS.get(course, {}),
        "KNearestNeighbor": {name: "knn"},
        "KNN": {name: "knn"},
    }
    return classes.get(name, {name: name})


def _prices(function: str, course: str | None) -> Prices:
    """Points by quantity."""
    library = function.replace("batch_norm", "batchnorm").replace("layer_norm", "layernorm")
    prices = PRICES.get(function) or PRICES.get(library, STEPS if function not in PRICES else {})
    return {**prices, "one_loop_dists": 2} if function == "knn" and course != "cs145" else prices
