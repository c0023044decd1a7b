"""FullyConnectedNet with dropout as a task: its masks are read off the gradients, then everything must follow from them.

One row, hidden units that are all above 0, no penalty: a row of zeros in the next layer's gradient is a dropped unit.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.checker.mistakes.net_dropout import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps, needing
from chainrule.checker.subject import Failed, Handle, Subject
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks import own_parts
from chainrule.checker.tasks.draws import sizes
from chainrule.checker.tasks.net_steps import gradients, net_steps
from chainrule.checker.tasks.nets import built

DEPTH = 3
# So many units that their share lies within TOLERANCE of p, by five standard deviations, and never one of 0.3 near 0.7.
HIDDEN, TOLERANCE = (150, 140), 0.21


def _ways(p: float) -> tuple[dict[str, Any], ...]:
    """How the courses ask for dropout."""
    return {"dropout_keep_ratio": p}, {"dropout": p}


def observe(play: Play, X, y, p, params, widths, seed):
    """The scores in test mode, one training pass explained by its own masks, and whether masks come again."""
    shape = {"input_dim": widths[0], "hidden_dims": widths[1:-1], "num_classes": widths[-1], "dtype": "float64"}

    def net(**more: Any) -> Handle:
        made = built(play, "loss", _ways(p), **shape, **more)
        own = play.subject.get(made, "params", kept=True)
        for name, value in params.items():
            play.subject.set_item(own, name, value)
        return made

    play.subject.seed(seed)
    free, seeded = net(), net(seed=seed % 1000)
    tests = [play.subject.call((free, "loss"), [X]).result for _ in range(2)]
    loss, grads = _pass(play.subject, free, X, y)
    masks = masks_of(grads)
    return {
        "test_twice": _compared(*tests),
        "test_scores": tests[0],
        "masks": masks,
        "shares": np.array([np.mean(mask) for mask in masks[1:]]),
        "two_calls": _compared(grads["W2"], _pass(play.subject, free, X, y)[1]["W2"]),
        "seeded": _compared(*(_pass(play.subject, seeded, X, y)[1]["W2"] for _ in range(2))),
        "loss": loss,
        **{f"d{name}": grads[name] for name in params},
    }


def _pass(subject: Subject, net: Handle, X: np.ndarray, y: np.ndarray) -> tuple[Any, dict[str, np.ndarray]]:
    """The loss and the gradients of one call in training mode."""
    loss, grads = parts(subject.call((net, "loss"), [X, y]).result, 2, "the loss and a dict of gradients")
    weights = [f"W{i}" for i in range(1, DEPTH + 1)]
    if not isinstance(grads, dict) or not all(np.ndim(grads.get(name, 0)) == 2 for name in weights):
        raise Failed("crash", f"the gradients must be a dict with {', '.join(weights)}")
    return loss, grads


def masks_of(grads: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Which inputs of each affine layer were not 0: those whose row of its gradient is not."""
    return [np.any(grads[f"W{i}"] != 0, axis=1) for i in range(1, DEPTH + 1)]


def _compared(one: Any, other: Any) -> str:
    return "equal" if np.array_equal(one, other) else "different"


def _steps() -> Steps:
    steps: dict[str, Callable[..., Any]] = {
        **net_steps(DEPTH),
        "masks": lambda seen: seen["masks"],
        "keep": lambda p: p,
        "factor": lambda keep: 1 / keep,
        "back_factor": lambda factor: factor,
        "back_masks": lambda masks: masks,
        "shares": lambda keep: np.full(len(HIDDEN), keep),
        "two_calls": lambda: "different",
        "seeded": lambda: "equal",
        "test_twice": lambda: "equal",
        "test_factor": lambda: 1.0,
        "t0": lambda h0: h0,
    }
    for i in range(1, DEPTH):
        steps |= {
            f"r{i}": needing("relu", f"n{i}")(lambda relu, n: relu(n)),
            f"h{i}": needing(f"r{i}", "masks", "factor")(_masked(i)),
            f"dr{i}": needing(f"dh{i}", "back_masks", "back_factor")(_masked(i)),
            f"dn{i}": needing(f"dr{i}", f"n{i}")(lambda dr, n: dr * (n > 0)),
            f"t{i}": needing(f"t{i - 1}", f"W{i}", f"b{i}", "test_factor")(
                lambda t, W, b, factor: np.maximum(t @ W + b, 0) * factor
            ),
        }
    last = DEPTH
    return steps | {"test_scores": needing(f"t{last - 1}", f"W{last}", f"b{last}")(lambda t, W, b: t @ W + b)}


def _masked(i: int) -> Callable[..., Any]:
    return lambda h, masks, factor: h * masks[i] * factor


def built_of(subject: Subject) -> list[Steps]:
    """The learner's own layers, with the masks that they drew."""
    made: list[Steps] = []
    for steps in own_parts.net(DEPTH, None)(subject):
        renamed = {f"h{i}": f"r{i}" for i in range(1, DEPTH)}
        own = {renamed.get(name, name): step for name, step in steps.items()}
        for i in range(1, DEPTH):
            own[f"dn{i}"] = needing(f"dr{i}", f"by_relu{i}")(_relu_backward(subject))
        made.append(own)
    return made


def _relu_backward(subject: Subject) -> Callable[..., Any]:
    return lambda dout, by_relu: subject.call("relu_backward", [dout, by_relu[1]]).result


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Nets whose hidden units are all above 0, and p far from 0.5."""
    return [_case(rng, (0.7, 0.3, 0.75)[i % 3]) for i in range(min(number, 9))]


def _case(rng: np.random.Generator, p: float) -> Case:
    features, classes = sizes(rng, 2, low=4, high=9)
    widths = [features, *HIDDEN, classes]
    params: dict[str, np.ndarray] = {}
    for i in range(1, DEPTH + 1):
        W = rng.standard_normal((widths[i - 1], widths[i])) / np.sqrt(widths[i - 1])
        params[f"W{i}"] = np.abs(W) if i < DEPTH else W
        params[f"b{i}"] = rng.uniform(0.2, 0.8, widths[i])
    inputs = {"X": rng.uniform(0.2, 1.0, (1, features)), "y": rng.integers(0, classes, 1), "p": p, "reg": 0.0}
    inputs |= {"params": params, "widths": widths, "seed": int(rng.integers(1 << 31)), **params}
    return Case(inputs, "", {"p": p, "1 - p": 1 - p})


FORMULA = "the plain net's, with every hidden layer times its mask / p"
WITH_DROPOUT = Task(
    name="net_with_dropout",
    lesson="dropout",
    roles=(
        Role(
            "loss",
            {"FullyConnectedNet": ""},
            observe,
            part={"course": ".loss with dropout"},
            marks={"dropout_keep_ratio": "course", "dropout": "course", "kwargs": "course"},
            optional=True,
        ),
    ),
    quantities=(
        Quantity("test_twice", "loss", title="the scores of two calls in test mode"),
        Quantity("test_scores", "loss", "the plain net's", title="the scores in test mode"),
        Quantity("shares", "loss", "p", TOLERANCE, floor=1.0, title="the share of hidden units that stay, by layer"),
        Quantity("two_calls", "loss", title="the masks of two calls in training mode"),
        Quantity("seeded", "loss", title="the masks of two calls of a net with a seed"),
        Quantity("loss", "loss", FORMULA, title="the loss in training mode"),
        *(Quantity(name, "loss", FORMULA, floor=1e-2) for name in gradients(DEPTH, None)),
    ),
    steps=_steps(),
    cases=cases,
    example={},
    mistakes=MISTAKES,
    single=False,
    built_of=built_of,
)
