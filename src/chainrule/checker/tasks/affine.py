"""The affine layer as a task."""

import numpy as np

from chainrule.checker.mistakes.affine import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import sizes


def _forward(play: Play, x, w, b):
    if play.style("forward") == "library":  # which takes flat rows
        x = x.reshape(len(x), -1)
    out, play.memory["cache"] = parts(play.call("forward", {"x": x, "w": w, "b": b}, kept=[1]), 2, "out and a cache")
    return {"out": out}


def _backward(play: Play, dout, x):
    arguments = {"dout": dout, "cache": play.memory["cache"]}
    dx, dw, db = parts(play.call("backward", arguments), 3, "dx, dw and db")
    if play.style("backward") == "library" and isinstance(dx, np.ndarray) and dx.size == x.size:
        dx = dx.reshape(x.shape)
    return {"dx": dx, "dw": dw, "db": db}


STEPS: Steps = {
    "rows": lambda x: x.reshape(len(x), -1),
    "out": lambda rows, w, b: rows @ w + b,
    "dx_rows": lambda dout, w: dout @ w.T,
    "dx": lambda dx_rows, x: dx_rows.reshape(x.shape),
    "rows_again": lambda x: x.reshape(len(x), -1),
    "dw": lambda rows_again, dout: rows_again.T @ dout,
    "db": lambda dout: dout.sum(axis=0),
}


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Every second x has more than two axes."""
    made = []
    for i in range(number):
        n, m, d1, d2 = sizes(rng, 4, low=2)
        d, shape = (d1 * d2, (n, d1, d2)) if i % 2 else (d1, (n, d1))
        inputs = {
            "x": rng.standard_normal(shape),
            "w": rng.standard_normal((d, m)),
            "b": rng.standard_normal(m),
            "dout": rng.standard_normal((n, m)),
        }
        made.append(Case(inputs, "x with more than two axes" if i % 2 else "", {"N": n, "D": d, "M": m}))
    return made


AFFINE = Task(
    name="affine",
    lesson="affine",
    roles=(
        Role("forward", {"affine_forward": "course", "affine.forward": "library"}, _forward),
        Role("backward", {"affine_backward": "course", "affine.backward": "library"}, _backward, needs=("forward",)),
    ),
    quantities=(
        Quantity("out", "forward", "each row of x as a flat row, times w, plus b"),
        Quantity("dx", "backward", "dout times the transpose of w, put back into the shape of x"),
        Quantity("dw", "backward", "the transpose of the flat x, times dout"),
        Quantity("db", "backward", "dout summed over the rows"),
    ),
    steps=STEPS,
    cases=cases,
    example={
        "x": np.array([[1.0, 2.0], [0.0, -1.0]]),
        "w": np.array([[1.0, 0.0, 2.0], [3.0, 1.0, -1.0]]),
        "b": np.array([10.0, 20.0, 30.0]),
        "dout": np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]]),
    },
    mistakes=MISTAKES,
    gradients={"dx": ("out", "x", "dout"), "dw": ("out", "w", "dout"), "db": ("out", "b", "dout")},
)
