"""Wholes as the learner's own parts make them: sandwiches and nets may be wrong only because a part is."""

from collections.abc import Callable, Collection
from typing import Any

from chainrule.checker.play import parts
from chainrule.checker.recipe import Steps, needing
from chainrule.checker.subject import Subject

LAYERS = ("affine_forward", "affine_backward", "relu_forward", "relu_backward")
BACKWARDS = {"batchnorm": ("batchnorm_backward", "batchnorm_backward_alt"), "layernorm": ("layernorm_backward",)}


def _layer(subject: Subject, name: str, count: int) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A learner's forward, which gives (out, handle of the cache), and backward."""

    def forward(*inputs: Any) -> Any:
        return parts(subject.call(f"{name}_forward", inputs, kept=[1]).result, 2, "out and a cache")

    def backward(dout: Any, made: Any) -> Any:
        return parts(subject.call(f"{name}_backward", [dout, made[1]]).result, count, "gradients")

    return forward, backward


def _relu_backward(subject: Subject) -> Callable[..., Any]:
    return lambda dout, made: subject.call("relu_backward", [dout, made[1]]).result


def _there(subject: Subject, names: Collection[str]) -> bool:
    return set(names) <= set(subject.names)


def sandwich(subject: Subject) -> list[Steps]:
    """affine_relu by the learner's own affine and relu."""
    if not _there(subject, LAYERS):
        return []
    affine, affine_back = _layer(subject, "affine", 3)
    relu, _ = _layer(subject, "relu", 1)
    steps: dict[str, Callable[..., Any]] = {
        "by_affine": lambda x, w, b: affine(x, w, b),
        "a": lambda by_affine: by_affine[0],
        "by_relu": lambda a: relu(a),
        "out": lambda by_relu: by_relu[0],
        "da": needing("dout", "by_relu")(_relu_backward(subject)),
        "back": lambda da, by_affine: affine_back(da, by_affine),
        "dx": lambda back: back[0],
        "dw": lambda back: back[1],
        "db": lambda back: back[2],
    }
    return [steps]


def net(depth: int, norm: str | None) -> Callable[[Subject], list[Steps]]:
    """A net of the learner's own layers and softmax_loss; with either backward of batch normalization."""

    def built(subject: Subject) -> list[Steps]:
        if not _there(subject, [*LAYERS, "softmax_loss", *([f"{norm}_forward"] if norm else [])]):
            return []
        backwards = [name for name in BACKWARDS[norm] if name in subject.names] if norm else [""]
        return [_net(subject, depth, norm, backward) for backward in backwards]

    return built


def _net(subject: Subject, depth: int, norm: str | None, backward: str) -> Steps:
    steps: dict[str, Callable[..., Any]] = {
        "h0": lambda X: X,
        "by_loss": lambda scores, y: parts(subject.call("softmax_loss", [scores, y]).result, 2, "loss and dx"),
        "data_loss": lambda by_loss: by_loss[0],
        "dscores": lambda by_loss: by_loss[1],
    }
    for i in range(1, depth + 1):
        steps |= _affine(subject, i, depth)
        if i < depth:
            steps |= _relu(subject, i) | (_norm(subject, i, norm, backward) if norm else {})
    return steps


def _affine(subject: Subject, i: int, depth: int) -> dict[str, Callable[..., Any]]:
    forward, backward = _layer(subject, "affine", 3)
    steps: dict[str, Callable[..., Any]] = {
        f"by_affine{i}": needing(f"h{i - 1}", f"W{i}", f"b{i}")(forward),
        "scores" if i == depth else f"a{i}": needing(f"by_affine{i}")(lambda made: made[0]),
        f"affine_back{i}": needing(f"da{i}", f"by_affine{i}")(backward),
        f"dh{i - 1}": needing(f"affine_back{i}")(lambda back: back[0]),
        f"dW{i}": needing(f"affine_back{i}", "pull", f"W{i}")(lambda back, pull, W: back[1] + pull * W),
        f"db{i}": needing(f"affine_back{i}")(lambda back: back[2]),
    }
    return steps


def _relu(subject: Subject, i: int) -> dict[str, Callable[..., Any]]:
    relu, _ = _layer(subject, "relu", 1)
    return {
        f"by_relu{i}": needing(f"n{i}")(relu),
        f"h{i}": needing(f"by_relu{i}")(lambda made: made[0]),
        f"dn{i}": needing(f"dh{i}", f"by_relu{i}")(_relu_backward(subject)),
    }


def _norm(subject: Subject, i: int, norm: str, name: str) -> dict[str, Callable[..., Any]]:
    def forward(a: Any, gamma: Any, beta: Any) -> Any:
        result = subject.call(f"{norm}_forward", [a, gamma, beta, {"mode": "train"}], kept=[1]).result
        return parts(result, 2, "out and a cache")

    def backward(dout: Any, made: Any) -> Any:
        return parts(subject.call(name, [dout, made[1]]).result, 3, "dx, dgamma and dbeta")

    return {
        f"normed{i}": needing(f"a{i}", f"gamma{i}", f"beta{i}")(forward),
        f"back{i}": needing(f"dn{i}", f"normed{i}")(backward),
    }
