"""Layer normalization as a task."""

import numpy as np

from chainrule.checker.mistakes.layernorm import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import sizes


def _forward(play: Play, x, gamma, beta, options):
    arguments = {"x": x, "gamma": gamma, "beta": beta}
    if play.style("forward") == "course":
        found = play.call("forward", {**arguments, "ln_param": dict(options)}, kept=[1])
    else:
        found = play.call("forward", arguments, options, kept=[1])
    out, play.memory["cache"] = parts(found, 2, "out and a cache")
    return {"out": out}


def _backward(play: Play, dout):
    arguments = {"dout": dout, "cache": play.memory["cache"]}
    return dict(zip(("dx", "dgamma", "dbeta"), parts(play.call("backward", arguments), 3, "dx, dgamma and dbeta")))


STEPS: Steps = {
    "eps": lambda options: options.get("eps", 1e-5),
    "mean": lambda x: x.mean(axis=1, keepdims=True),
    "centered": lambda x, mean: x - mean,
    "var": lambda centered: (centered**2).mean(axis=1, keepdims=True),
    "std": lambda var, eps: np.sqrt(var + eps),
    "xhat": lambda centered, std: centered / std,
    "out": lambda xhat, gamma, beta: gamma * xhat + beta,
    "dxhat": lambda dout, gamma: dout * gamma,
    "direct": lambda dxhat, std: dxhat / std,
    "through_the_mean": lambda dxhat, std: -dxhat.mean(axis=1, keepdims=True) / std,
    "through_the_variance": lambda dxhat, xhat, std: -xhat * (dxhat * xhat).mean(axis=1, keepdims=True) / std,
    "dx": lambda direct, through_the_mean, through_the_variance: direct + through_the_mean + through_the_variance,
    "dgamma": lambda dout, xhat: (dout * xhat).sum(axis=0),
    "dbeta": lambda dout: dout.sum(axis=0),
}
KINDS = ("", "nearly constant rows", "", "its own eps", "a single row")


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Plain batches, rows in which eps shows, another eps, and one row alone."""
    return [_case(rng, KINDS[i % len(KINDS)]) for i in range(number)]


def _case(rng: np.random.Generator, kind: str) -> Case:
    n, d = sizes(rng, 2, low=4, high=11)
    n = 1 if kind == "a single row" else n
    x = rng.standard_normal((n, d)) * rng.uniform(0.5, 3, (n, 1)) + rng.standard_normal((n, 1))
    if kind == "nearly constant rows":
        x = 2e-3 * rng.standard_normal((n, d)) + rng.standard_normal((n, 1))
    inputs = {
        "x": x,
        "gamma": rng.uniform(0.5, 2, d) * rng.choice([-1, 1], d),
        "beta": rng.standard_normal(d),
        "options": {"eps": 1e-2} if kind == "its own eps" else {},
        "dout": rng.standard_normal((n, d)),
    }
    return Case(inputs, kind, {"N": n, "D": d})


LAYERNORM = Task(
    name="layernorm",
    lesson="layer_norm",
    roles=(
        Role(
            "forward",
            {"layernorm_forward": "course", "layer_norm.forward": "library", "layer_norm_forward": "library"},
            _forward,
        ),
        Role(
            "backward",
            {"layernorm_backward": "course", "layer_norm.backward": "library", "layer_norm_backward": "library"},
            _backward,
            needs=("forward",),
        ),
    ),
    quantities=(
        Quantity("out", "forward", "gamma * (x - mean) / sqrt(var + eps) + beta, mean and variance over each row"),
        Quantity(
            "dx",
            "backward",
            "(dxhat - mean(dxhat) - xhat * mean(dxhat * xhat)) / std with dxhat = dout * gamma, the means over each row",
            terms=("direct", "through_the_mean", "through_the_variance"),
        ),
        Quantity("dgamma", "backward", "dout * xhat summed over the rows"),
        Quantity("dbeta", "backward", "dout summed over the rows"),
    ),
    steps=STEPS,
    cases=cases,
    example={
        "x": np.array([[0.0, 4.0], [3.0, 1.0]]),
        "gamma": np.array([2.0, 1.0]),
        "beta": np.array([10.0, 20.0]),
        "options": {},
        "dout": np.array([[1.0, 2.0], [3.0, 6.0]]),
    },
    mistakes=MISTAKES,
    gradients={"dx": ("out", "x", "dout"), "dgamma": ("out", "gamma", "dout"), "dbeta": ("out", "beta", "dout")},
)
