"""How a whole net goes wrong."""

import numpy as np

from chainrule.checker.recipe import Steps, needing
from chainrule.checker.subject import Failed
from chainrule.checker.task import Mistake
from chainrule.layers import LAYERS

LOOK_REG = (
    "What is the derivative of 0.5 * reg * W * W?",
    "Loss and gradient must belong together: 0.5 in the loss makes reg * W in the gradient.",
)
LOOK_PENALTY = (
    "Which parameters does the penalty see?",
    "The weight matrices alone are in the penalty.",
)
LOOK_RELU = (
    "Can the scores be negative?",
    "A ReLU follows every hidden layer, and none the last affine layer.",
)
LOOK_ORDER = (
    "In which order do the parts of a hidden layer stand?",
    "affine, then the normalization, then the ReLU, then dropout.",
)
NORMS = {"batchnorm": "batch_norm", "layernorm": "layer_norm"}


def net_mistakes(depth: int, norm: str | None) -> tuple[Mistake, ...]:
    """The mistakes of a net of some depth."""
    hidden, layers = range(1, depth), range(1, depth + 1)
    shared = (
        Mistake("no_half_in_loss", "the 0.5 of the penalty is missing in the loss", {"half": lambda: 1.0}, LOOK_REG),
        Mistake(
            "no_half_anywhere",
            "the 0.5 of the penalty is missing in the loss, and the gradient follows it with 2 * reg * W",
            {"half": lambda: 1.0, "pull": lambda reg: 2 * reg},
            LOOK_REG,
        ),
        Mistake(
            "reg_gradient_doubled",
            "the penalty's gradient is 2 * reg * W, where the loss has 0.5 * reg",
            {"pull": lambda reg: 2 * reg},
            LOOK_REG,
        ),
        Mistake(
            "reg_gradient_halved", "the penalty's gradient is 0.5 * reg * W", {"pull": lambda reg: 0.5 * reg}, LOOK_REG
        ),
        Mistake(
            "reg_gradient_missing",
            "the penalty is in the loss and not in the gradient",
            {"pull": lambda: 0.0},
            LOOK_REG,
        ),
        Mistake(
            "reg_missing",
            "the penalty is missing",
            {"half": lambda: 0.0, "pull": lambda: 0.0},
            LOOK_REG,
            also=({"half": lambda: 0.0},),
        ),
        Mistake(
            "reg_of_constructor",
            "reg is read when the net is built: assigning to net.reg afterwards has no effect",
            {
                "half": lambda: 0.0,
                "pull": lambda: 0.0,
                "own_loss": lambda data_loss, reg, squares: data_loss + 0.5 * reg * sum(squares),
            },
            ("Which reg does loss use: the net's, or one of its own?", "loss reads self.reg at every call."),
        ),
        Mistake(
            "reg_not_kept",
            "the reg that the constructor is given is not used",
            {"own_loss": lambda data_loss: data_loss},
            ("What does the constructor do with reg?", "The constructor's reg becomes self.reg."),
        ),
        Mistake(
            "biases_in_penalty",
            "the biases are in the penalty",
            _penalized(depth, "b", layers),
            LOOK_PENALTY,
            also=({"penalty": _penalized(depth, "b", layers)["penalty"]},),
        ),
        Mistake(
            "params_not_used",
            "the scores are those of the parameters that the constructor made: assigning to params has no effect",
            {"scores": lambda seen: seen["scores_before"]},
            ("Which arrays does loss read?", "Every call of loss reads the arrays that stand in params then."),
        ),
        Mistake(
            "dw_before_relu",
            "the gradient of a weight matrix uses its layer's inputs as they were before the ReLU",
            {
                f"dW{i}": needing(f"n{i - 1}", f"da{i}", "pull", f"W{i}")(lambda n, da, pull, W: n.T @ da + pull * W)
                for i in range(2, depth + 1)
            },
            ("By what does the weight matrix multiply in forward?", "dW is made of the very inputs that W met."),
        ),
        Mistake(
            "reg_cumulative",
            "the penalty is added again for every layer in the loop",
            {"penalty": lambda half, reg, squares: half * reg * float(np.sum(np.cumsum(squares)))},
            ("Is the sum of squares set to 0 inside the loop, or outside?", "Every weight matrix counts once."),
            also=({"penalty": lambda half, reg, squares: half * reg * float(np.sum(np.cumsum(squares[::-1])))},),
        ),
        Mistake(
            "reg_last_only",
            "not every layer's weights are in the penalty",
            {"penalty": lambda half, reg, squares: half * reg * squares[-1]},
            ("How many weight matrices does the penalty see?", "Every weight matrix counts once."),
            also=(
                {"penalty": lambda half, reg, squares: half * reg * squares[0]},
                {"penalty": lambda half, reg, squares: half * reg * sum(squares[:-1])},
                {"penalty": lambda half, reg, squares: half * reg * sum(squares[1:])},
            ),
        ),
        Mistake(
            "reg_of_norm",
            "the penalty sums the norms of the weights, not their squares",
            {"penalty": lambda half, reg, squares: half * reg * sum(map(np.sqrt, squares))},
            LOOK_REG,
        ),
        Mistake(
            "relu_after_last",
            "a ReLU follows the last affine layer",
            _relu_after_last(depth),
            LOOK_RELU,
            also=({"scores": _relu_after_last(depth)["scores"]},),
        ),
        Mistake(
            "no_relu",
            "the hidden layers have no ReLU",
            {"relu": lambda: _same, **{f"dn{i}": needing(f"dh{i}")(_same) for i in hidden}},
            LOOK_RELU,
            also=({"relu": lambda: _same},),
        ),
        Mistake(
            "relu_not_in_backward",
            "backward does not pass through the ReLU of every hidden layer",
            {f"dn{i}": needing(f"dh{i}")(_same) for i in hidden},
            LOOK_RELU,
            also=tuple({f"dn{i}": needing(f"dh{i}")(_same)} for i in hidden),
        ),
        Mistake(
            "dscores_not_divided",
            "the gradient of the scores is not divided by N",
            {f"da{depth}": lambda dscores: dscores * len(dscores)},
            (
                "What happens to the gradient when every row comes twice?",
                "The loss is a mean, so its gradient is divided by N.",
            ),
        ),
        Mistake(
            "first_bias_missing",
            "a bias is not added",
            {
                "h0": lambda X: X.reshape(len(X), -1),
                "scores": needing(f"h{depth - 1}", f"W{depth}")(lambda h, W: h @ W),
            },
            ("Which parameter has no effect on the scores?", "Every affine layer adds its bias."),
        ),
        Mistake(
            "keys",
            "the gradients' names are off: they must be those of params, from 1 on",
            {"keys": lambda: _shifted(depth, norm)},
            ("Compare the keys of grads and params.", "Every parameter has a gradient of its own name."),
            also=({"keys": lambda: _shifted(depth, norm, -1)},),
        ),
    )
    return (*shared, *(_normed(depth, norm) if norm else ()))


def _same(value):
    return value


def _penalized(depth: int, name: str, layers: range) -> Steps:
    """The penalty with other parameters in it, and their gradients."""
    weights, others = [f"W{i}" for i in range(1, depth + 1)], [f"{name}{i}" for i in layers]
    steps: dict = {
        "penalty": needing("half", "reg", *weights, *others)(
            lambda half, reg, *values: half * reg * sum(float(np.sum(value * value)) for value in values)
        )
    }
    for i in layers:
        if name == "b":
            steps[f"db{i}"] = needing(f"da{i}", "pull", f"b{i}")(lambda da, pull, b: da.sum(axis=0) + pull * b)
        else:
            steps[f"dgamma{i}"] = needing(f"back{i}", "pull", f"gamma{i}")(lambda back, pull, g: back[1] + pull * g)
    return steps


def _relu_after_last(depth: int) -> Steps:
    return {
        "scores": needing(f"h{depth - 1}", f"W{depth}", f"b{depth}")(lambda h, W, b: np.maximum(h @ W + b, 0)),
        f"da{depth}": lambda dscores, scores: dscores * (scores > 0),
    }


def _shifted(depth: int, norm: str | None, by: int = 1) -> str:
    names = [f"{name}{i + by}" for i in range(1, depth + 1) for name in ("W", "b")]
    names += [f"{name}{i + by}" for i in range(1, depth) for name in ("gamma", "beta")] if norm else []
    return " ".join(sorted(names))


def _normed(depth: int, norm: str) -> tuple[Mistake, ...]:
    layer, hidden = LAYERS[NORMS[norm]], range(1, depth)
    after: dict = {}
    for i in hidden:
        after |= {
            f"n{i}": needing(f"a{i}")(lambda a: np.maximum(a, 0)),
            f"normed{i}": needing(f"n{i}", f"gamma{i}", f"beta{i}")(layer.forward),
            f"h{i}": needing(f"normed{i}")(lambda normed: normed[0]),
            f"back{i}": needing(f"dh{i}", f"normed{i}")(lambda dh, normed: layer.backward(dh, normed[1])),
            f"da{i}": needing(f"back{i}", f"a{i}")(lambda back, a: back[0] * (a > 0)),
        }
    without: dict = {}
    for i in hidden:
        without |= {f"n{i}": needing(f"a{i}")(_same), f"da{i}": needing(f"dn{i}")(_same)}
    lost: dict = {"keys": lambda: " ".join(sorted(_plain(depth)))}
    for name in (f"{kind}{i}" for i in hidden for kind in ("gamma", "beta")):
        lost[f"d{name}"] = _missing(name)
    return (
        Mistake(
            "norm_gradients_lost",
            "the gradients of gamma and beta are not among the gradients",
            lost,
            ("Compare the keys of grads and params.", "Every parameter has a gradient of its own name."),
        ),
        Mistake(
            "gamma_in_penalty",
            "gamma is in the penalty",
            _penalized(depth, "gamma", hidden),
            LOOK_PENALTY,
        ),
        Mistake(
            "gamma_beta_start",
            "gamma does not start at 1, or beta not at 0",
            {"gamma_beta": lambda seen: seen["start"]},
            ("What does a fresh normalization do?", "gamma starts at 1 and beta at 0: a plain normalization."),
        ),
        Mistake("relu_before_norm", "the ReLU stands before the normalization", after, LOOK_ORDER),
        Mistake(
            "norm_not_used",
            "the normalization is not used",
            without,
            LOOK_ORDER,
            also=({**without, "keys": lambda: " ".join(sorted(_plain(depth)))},),
        ),
        Mistake(
            "norm_not_in_backward",
            "backward does not pass through the normalization",
            {f"da{i}": needing(f"dn{i}")(_same) for i in hidden},
            LOOK_ORDER,
        ),
        *(_RUNNING if norm == "batchnorm" else ()),
    )


_RUNNING = (
    Mistake(
        "training_mode_in_evaluation",
        "loss(X) without y runs in training mode: the batch's own statistics are used",
        {"running": lambda: lambda cache, a: (a.mean(axis=0), a.var(axis=0))},
        ("Which mode do the normalizations have when y is None?", "Without y the mode is 'test' in every layer."),
    ),
    Mistake(
        "statistics_lost",
        "the running statistics do not outlast a call",
        {"running": lambda: lambda cache, a: (np.zeros(a.shape[1]), np.zeros(a.shape[1]))},
        (
            "Is the same dict of settings handed to a layer every time?",
            "Each hidden layer keeps one dict from call to call.",
        ),
    ),
    Mistake(
        "statistics_of_the_solver",
        "loss leaves the running statistics as they are, at mean 0 and variance 1: moving them is the Solver's part",
        {"running": lambda: lambda cache, a: (np.zeros(a.shape[1]), np.ones(a.shape[1]))},
        ("What changes when loss is called?", "In training the running statistics move with every call of loss."),
        convention=("chainrule",),
    ),
)


def _missing(name: str):
    return lambda: Failed("missing", f"there is no {name!r} among the gradients")


def _plain(depth: int) -> list[str]:
    return [f"{name}{i}" for i in range(1, depth + 1) for name in ("W", "b")]
