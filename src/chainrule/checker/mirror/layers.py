"""Layers and losses of a recipe's steps, with the courses' signatures: each maker takes the steps and the mistake."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps, Values, run
from chainrule.checker.subject import Failed
from chainrule.checker.task import Mistake

Maker = Callable[[Steps, Mistake], Callable[..., Any]]


def taken(values: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    """Some of the values.

    Raises:
        RuntimeError: a step has failed, as the learner's code would.
    """
    found = tuple(values[name] for name in names)
    broken = next((value for value in found if isinstance(value, Failed)), None)
    if broken is not None:
        raise RuntimeError(broken.message)
    return found


def _pair(inputs: str, out: str, gradients: str) -> tuple[Maker, Maker]:
    """forward(*inputs) -> out, cache and backward(dout, cache) -> gradients."""

    def forward_of(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
        def forward(*args: Any) -> tuple[Any, Any]:
            given = dict(zip(inputs.split(), args))
            if "options" in given:
                given["options"] = {n: v for n, v in given["options"].items() if n in ("eps", "momentum")}
            return taken(run(steps, given), out)[0], given

        return forward

    def backward_of(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
        def backward(dout: Any, cache: Any) -> Any:
            found = taken(run(steps, {**cache, "dout": dout}), *gradients.split())
            return found if len(found) > 1 else found[0]

        return backward

    return forward_of, backward_of


def _loss(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
    return lambda x, y: taken(run(steps, {"x": x, "y": y}), "loss", "dx")


def _batchnorm_forward(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
    def forward(x: Any, gamma: Any, beta: Any, bn_param: dict[str, Any]) -> tuple[Any, Any]:
        options = {name: bn_param[name] for name in ("eps", "momentum") if name in bn_param}
        before = [bn_param.get(name) for name in ("running_mean", "running_var")]
        given = {"x": x, "x2": x, "x_test": x, "gamma": gamma, "beta": beta, "options": options}
        given |= {"mean_before": before[0], "var_before": before[1]}
        if bn_param["mode"] == "test":
            start = taken(run(steps, given), "start")[0]
            stored: Steps = {"running_mean_2": lambda: start[0], "running_var_2": lambda: start[1]}
            kept = {name: step for name, step in mistake.steps.items() if name not in stored}
            if mistake.name == "updated_in_test":
                _write(bn_param, run(steps, given))
            return taken(run(steps, given, {**stored, **kept}), "test_out")[0], given
        values = run(steps, given)
        _write(bn_param, values)
        return taken(values, "out")[0], given

    return forward


def _write(bn_param: dict[str, Any], values: Values) -> None:
    """The running statistics, where these steps write them at all."""
    names = ("running_mean", "running_var")
    for name, value in zip(names, taken(values, *names)):
        if isinstance(value, np.ndarray):
            bn_param[name] = value


def _batchnorm_backward(suffix: str) -> Maker:
    names = [f"{name}{suffix}" for name in ("dx", "dgamma", "dbeta")]
    return lambda steps, mistake: lambda dout, cache: taken(run(steps, {**cache, "dout": dout}), *names)


def _dropout_forward(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
    def forward(x: Any, dropout_param: dict[str, Any]) -> tuple[Any, Any]:
        values = run(steps, {"x": x, "p": dropout_param["p"]})
        if "seed" in dropout_param and values["seeded"] == "equal":
            np.random.seed(dropout_param["seed"])
        if values["two_calls"] == "equal":
            np.random.seed(0)
        prefix = "" if dropout_param["mode"] == "train" else "test_"
        share, factor = taken(values, f"{prefix}share", f"{prefix}factor")
        mask = (np.random.random_sample(x.shape) < share) * factor
        return (x * mask).astype(x.dtype), (dropout_param, mask)

    return forward


def _dropout_backward(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
    def backward(dout: Any, cache: Any) -> Any:
        param, mask = cache
        stays, factor = mask > 0, float(mask.max(initial=0.0))
        values: Values = run(steps, {"p": param["p"], "dout": dout, "seen": {"factor": factor, "test_slope": 1.0}})
        if param["mode"] == "test":
            slope = values["test_slope"]
            if slope == "it stops":
                raise TypeError("there is no mask")
            return dout * slope
        agreement, slope = taken(values, "agreement", "slope")
        if mistake.name == "fresh_mask":
            stays = np.random.random_sample(dout.shape) < param["p"]
        elif agreement != 1:
            stays = ~stays if agreement == 0 else np.ones_like(stays)
        return dout * stays * (slope or factor)

    return backward


_affine, _affine_back = _pair("x w b", "out", "dx dw db")
_relu, _relu_back = _pair("x", "out", "dx")
_layernorm, _layernorm_back = _pair("x gamma beta options", "out", "dx dgamma dbeta")
MAKERS: dict[str, dict[str, Maker]] = {
    "affine": {"affine_forward": _affine, "affine_backward": _affine_back},
    "relu": {"relu_forward": _relu, "relu_backward": _relu_back},
    "affine_relu": {"affine_relu_forward": _affine, "affine_relu_backward": _affine_back},
    "softmax": {"softmax_loss": _loss},
    "svm": {"svm_loss": _loss},
    "batchnorm": {
        "batchnorm_forward": _batchnorm_forward,
        "batchnorm_backward": _batchnorm_backward(""),
        "batchnorm_backward_alt": _batchnorm_backward("_alt"),
    },
    "layernorm": {"layernorm_forward": _layernorm, "layernorm_backward": _layernorm_back},
    "dropout": {"dropout_forward": _dropout_forward, "dropout_backward": _dropout_backward},
}
