"""Batch normalization as a task: two batches in training, one in evaluation, and the gradient of the first."""

import numpy as np

from chainrule.checker.mistakes.batchnorm import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.subject import Failed
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import sizes


def _forward(play: Play, x, x2, x_test, gamma, beta, options, mean_before, var_before):
    arguments = (x, x2, x_test, gamma, beta, options, mean_before, var_before)
    return (_course if play.style("forward") == "course" else _library)(play, *arguments)


def _course(play: Play, x, x2, x_test, gamma, beta, options, running_mean, running_var):
    started = {} if running_mean is None else {"running_mean": running_mean, "running_var": running_var}
    settings = play.subject.keep({"mode": "train", **options, **started})

    def forward(rows, **kept):
        return parts(
            play.call("forward", {"x": rows, "gamma": gamma, "beta": beta, "bn_param": settings}, **kept),
            2,
            "out and a cache",
        )

    def stats(name):
        value = play.subject.value(settings).get(name)
        return value if isinstance(value, np.ndarray) else "not written back"

    out, play.memory["cache"] = forward(x, kept=[1])
    found = {"out": out, "running_mean": stats("running_mean"), "running_var": stats("running_var")}
    forward(x2, kept=[1])
    found |= {"running_mean_2": stats("running_mean"), "running_var_2": stats("running_var")}
    play.subject.set_item(settings, "mode", "test")
    try:
        found["test_out"] = forward(x_test, kept=[1])[0]
    except Failed as failure:
        found["test_out"] = failure
    unmoved = [np.array_equal(stats(n), found[f"{n}_2"]) for n in ("running_mean", "running_var")]
    return {**found, "test_stats": "as before" if all(unmoved) else "changed"}


def _library(play: Play, x, x2, x_test, gamma, beta, options, running_mean, running_var):
    d = len(gamma)
    stats = (np.zeros(d), np.zeros(d)) if running_mean is None else (running_mean, running_var)
    eps = {"eps": options["eps"]} if "eps" in options else {}
    momentum = {"momentum": options["momentum"]} if "momentum" in options else {}
    update = play.names["forward"].replace("forward", "update")

    def forward(rows, given=None):
        arguments = {"x": rows, "gamma": gamma, "beta": beta, **({} if given is None else {"stats": given})}
        return parts(play.call("forward", arguments, eps, kept=[1]), 2, "y and a cache")

    out, play.memory["cache"] = forward(x)
    first = parts(play.subject.call(update, [stats, play.memory["cache"]], momentum).result, 2, "mean and variance")
    second = parts(play.subject.call(update, [first, forward(x2)[1]], momentum).result, 2, "mean and variance")
    return {
        "out": out,
        "running_mean": first[0],
        "running_var": first[1],
        "running_mean_2": second[0],
        "running_var_2": second[1],
        "test_out": forward(x_test, second)[0],
        "test_stats": "as before",
    }


def _backward(play: Play, dout):
    arguments = {"dout": dout, "cache": play.memory["cache"]}
    return dict(zip(("dx", "dgamma", "dbeta"), parts(play.call("backward", arguments), 3, "dx, dgamma and dbeta")))


def _alternative(play: Play, dout):
    found = parts(play.call("alternative", {"dout": dout, "cache": play.memory["cache"]}), 3, "dx, dgamma and dbeta")
    return {f"{name}_alt": value for name, value in zip(("dx", "dgamma", "dbeta"), found)}


STEPS: Steps = {
    "eps": lambda options: options.get("eps", 1e-5),
    "kept": lambda options: options.get("momentum", 0.9),
    "mean": lambda x: x.mean(axis=0),
    "centered": lambda x, mean: x - mean,
    "var": lambda centered: (centered**2).mean(axis=0),
    "spread": lambda: lambda var, eps: np.sqrt(var + eps),
    "shifted": lambda gamma, beta: lambda xhat: gamma * xhat + beta,
    "std": lambda spread, var, eps: spread(var, eps),
    "xhat": lambda centered, std: centered / std,
    "out": lambda shifted, xhat: shifted(xhat),
    "start": lambda mean_before, var_before, gamma: (
        (np.zeros_like(gamma), np.zeros_like(gamma)) if mean_before is None else (mean_before, var_before)
    ),
    "stored": lambda: lambda x: (x.mean(axis=0), x.var(axis=0)),
    "mixed": lambda kept: lambda old, new: kept * old + (1 - kept) * new,
    "running_mean": lambda start, stored, mixed, x: mixed(start[0], stored(x)[0]),
    "running_var": lambda start, stored, mixed, x: mixed(start[1], stored(x)[1]),
    "running_mean_2": lambda running_mean, stored, mixed, x2: mixed(running_mean, stored(x2)[0]),
    "running_var_2": lambda running_var, stored, mixed, x2: mixed(running_var, stored(x2)[1]),
    "test_mean": lambda running_mean_2: running_mean_2,
    "test_std": lambda spread, running_var_2, eps: spread(running_var_2, eps),
    "test_out": lambda shifted, x_test, test_mean, test_std: shifted((x_test - test_mean) / test_std),
    "test_stats": lambda: "as before",
    "dxhat": lambda dout, gamma: dout * gamma,
    "count": lambda x: len(x),
    "direct": lambda dxhat, std: dxhat / std,
    "through_the_mean": lambda dxhat, std, count: -dxhat.sum(axis=0) / count / std,
    "through_the_variance": lambda dxhat, xhat, std, count: -xhat * (dxhat * xhat).sum(axis=0) / count / std,
    "dx": lambda direct, through_the_mean, through_the_variance: direct + through_the_mean + through_the_variance,
    "dgamma": lambda dout, xhat: (dout * xhat).sum(axis=0),
    "dbeta": lambda dout: dout.sum(axis=0),
    "dx_alt": lambda dx: dx,
    "dgamma_alt": lambda dgamma: dgamma,
    "dbeta_alt": lambda dbeta: dbeta,
}
KINDS = ("", "nearly constant columns", "", "a batch of two rows", "its own eps and momentum", "", "a constant column")


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Plain batches, and those where eps, N or the settings show; every other one starts without running statistics."""
    return [_case(rng, KINDS[i % len(KINDS)], started=i % 2 == 1) for i in range(number)]


def _case(rng: np.random.Generator, kind: str, started: bool) -> Case:
    n, d = sizes(rng, 2, low=4, high=11)
    n = 2 if kind == "a batch of two rows" else n
    x = rng.standard_normal((n, d)) * rng.uniform(0.5, 3, d) + rng.standard_normal(d)
    if kind == "nearly constant columns":
        x = 2e-3 * rng.standard_normal((n, d)) + rng.standard_normal(d)
    if kind == "a constant column":
        x[:, 0] = 1.5
    inputs = {
        "x": x,
        "x2": 2 * rng.standard_normal((n + 1, d)) - 1,
        "x_test": rng.standard_normal((int(rng.integers(1, 4)), d)),
        "gamma": rng.uniform(0.5, 2, d) * rng.choice([-1, 1], d),
        "beta": rng.standard_normal(d),
        "options": {"eps": 1e-2, "momentum": 0.7} if kind == "its own eps and momentum" else {},
        "mean_before": rng.standard_normal(d) if started else None,
        "var_before": rng.uniform(0.5, 2, d) if started else None,
        "dout": rng.standard_normal((n, d)),
    }
    return Case(inputs, kind, {"N": n, "D": d})


TERMS = ("direct", "through_the_mean", "through_the_variance")
DX = "gamma / std times (dout - mean(dout) - xhat * mean(dout * xhat)), the means over the rows"
BATCHNORM = Task(
    name="batchnorm",
    lesson="batch_norm",
    roles=(
        Role(
            "forward",
            {"batchnorm_forward": "course", "batch_norm.forward": "library", "batch_norm_forward": "library"},
            _forward,
        ),
        Role(
            "backward",
            {"batchnorm_backward": "course", "batch_norm.backward": "library", "batch_norm_backward": "library"},
            _backward,
            needs=("forward",),
        ),
        Role("alternative", {"batchnorm_backward_alt": "course"}, _alternative, needs=("forward",), optional=True),
    ),
    quantities=(
        Quantity("out", "forward", "gamma * (x - mean) / sqrt(var + eps) + beta, mean and variance over the rows"),
        Quantity("running_mean", "forward", "momentum * running_mean + (1 - momentum) * the batch's mean"),
        Quantity("running_var", "forward", "momentum * running_var + (1 - momentum) * the batch's variance"),
        Quantity("running_mean_2", "forward", title="running_mean after a second batch"),
        Quantity("running_var_2", "forward", title="running_var after a second batch"),
        Quantity(
            "test_out", "forward", "the same formula with the running mean and variance", title="out in test mode"
        ),
        Quantity("test_stats", "forward", title="the running statistics after test mode"),
        Quantity("dx", "backward", DX, terms=TERMS),
        Quantity("dgamma", "backward", "dout * xhat summed over the rows"),
        Quantity("dbeta", "backward", "dout summed over the rows"),
        Quantity("dx_alt", "alternative", DX, terms=TERMS, title="dx"),
        Quantity("dgamma_alt", "alternative", "dout * xhat summed over the rows", title="dgamma"),
        Quantity("dbeta_alt", "alternative", "dout summed over the rows", title="dbeta"),
    ),
    steps=STEPS,
    cases=cases,
    example={
        "x": np.array([[0.0], [0.0], [4.0], [4.0]]),
        "x2": np.array([[0.0], [2.0]]),
        "x_test": np.array([[1.0]]),
        "gamma": np.array([2.0]),
        "beta": np.array([10.0]),
        "options": {},
        "mean_before": np.array([1.0]),
        "var_before": np.array([4.0]),
        "dout": np.array([[1.0], [2.0], [3.0], [6.0]]),
    },
    mistakes=MISTAKES,
    gradients={"dx": ("out", "x", "dout"), "dgamma": ("out", "gamma", "dout"), "dbeta": ("out", "beta", "dout")},
)
