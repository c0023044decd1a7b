"""The rectified linear unit as a task."""

import numpy as np

from chainrule.checker.mistakes.relu import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import off_zero, sizes


def _forward(play: Play, x):
    if play.style("forward") == "library":  # which takes rows
        out, play.memory["cache"] = parts(
            play.call("forward", {"x": x.reshape(len(x), -1)}, kept=[1]), 2, "y and a cache"
        )
        return {"out": out.reshape(x.shape) if np.size(out) == x.size else out}
    out, play.memory["cache"] = parts(play.call("forward", {"x": x}, kept=[1]), 2, "out and a cache")
    return {"out": out}


def _backward(play: Play, dout):
    if play.style("backward") == "library":
        dx = play.call("backward", {"dy": dout.reshape(len(dout), -1), "cache": play.memory["cache"]})
        return {"dx": dx.reshape(dout.shape) if np.size(dx) == dout.size else dx}
    return {"dx": play.call("backward", {"dout": dout, "cache": play.memory["cache"]})}


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Two or three axes; every fifth x has entries of exactly 0."""
    made = []
    for i in range(number):
        n, d1, d2 = sizes(rng, 3)
        shape = (n, d1, d2) if i % 4 == 3 else (n, d1)
        x = off_zero(rng, *shape)
        kind = ""
        if i % 5 == 4:
            x[rng.random(shape) < 0.3] = 0.0
            x.flat[0] = 0.0
            kind = "entries of exactly 0"
        made.append(Case({"x": x, "dout": rng.standard_normal(shape)}, kind, {"N": n, "D": d1}))
    return made


RELU = Task(
    name="relu",
    lesson="relu",
    roles=(
        Role("forward", {"relu_forward": "course", "relu.forward": "library"}, _forward),
        Role("backward", {"relu_backward": "course", "relu.backward": "library"}, _backward, needs=("forward",)),
    ),
    quantities=(
        Quantity("out", "forward", "each entry of x, or 0 where that is larger"),
        Quantity("dx", "backward", "dout where x was above 0, and 0 elsewhere"),
    ),
    steps={
        "out": lambda x: np.maximum(x, 0),
        "dx": lambda x, dout: dout * (x > 0),
    },
    cases=cases,
    example={"x": np.array([[1.0, -2.0, 3.0]]), "dout": np.array([[5.0, 6.0, -7.0]])},
    mistakes=MISTAKES,
    gradients={"dx": ("out", "x", "dout")},
    dtype_counts=True,
)
