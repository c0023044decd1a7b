"""The sandwich of an affine layer and a ReLU as a task."""

import numpy as np

from chainrule.checker.mistakes.affine_relu import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Quantity, Role, Task
from chainrule.checker.tasks import affine
from chainrule.checker.tasks.own_parts import sandwich


def _forward(play: Play, x, w, b):
    arguments = {"x": x, "w": w, "b": b}
    out, play.memory["cache"] = parts(play.call("forward", arguments, kept=[1]), 2, "out and a cache")
    return {"out": out}


def _backward(play: Play, dout):
    arguments = {"dout": dout, "cache": play.memory["cache"]}
    return dict(zip(("dx", "dw", "db"), parts(play.call("backward", arguments), 3, "dx, dw and db")))


STEPS: Steps = {
    "rows": lambda x: x.reshape(len(x), -1),
    "a": lambda rows, w, b: rows @ w + b,
    "out": lambda a: np.maximum(a, 0),
    "da": lambda a, dout: dout * (a > 0),
    "dx_rows": lambda da, w: da @ w.T,
    "dx": lambda dx_rows, x: dx_rows.reshape(x.shape),
    "dw": lambda rows, da: rows.T @ da,
    "db": lambda da: da.sum(axis=0),
}

AFFINE_RELU = Task(
    name="affine_relu",
    lesson="relu",
    roles=(
        Role("forward", {"affine_relu_forward": "course"}, _forward),
        Role("backward", {"affine_relu_backward": "course"}, _backward, needs=("forward",)),
    ),
    quantities=(
        Quantity("out", "forward", "the affine layer's output, with 0 for everything below 0"),
        Quantity("dx", "backward", "dout through the ReLU first, then through the affine layer"),
        Quantity("dw", "backward", "the transpose of the flat x, times dout masked by the ReLU"),
        Quantity("db", "backward", "dout masked by the ReLU, summed over the rows"),
    ),
    steps=STEPS,
    cases=affine.cases,
    example={
        "x": np.array([[1.0, 2.0], [0.0, -1.0]]),
        "w": np.array([[1.0, 0.0, 2.0], [3.0, 1.0, -1.0]]),
        "b": np.array([1.0, -4.0, 2.0]),
        "dout": np.array([[1.0, 5.0, 2.0], [7.0, 3.0, 1.0]]),
    },
    mistakes=MISTAKES,
    built_of=sandwich,
    gradients={"dx": ("out", "x", "dout"), "dw": ("out", "w", "dout"), "db": ("out", "b", "dout")},
)
