"""Numeric gradients as a task: central differences of functions whose derivative is known."""

from typing import Any

import numpy as np

from chainrule.checker.mistakes.numeric import MISTAKES
from chainrule.checker.play import Play
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import sizes


def _cubic(a: np.ndarray) -> Any:
    """A sum of cubes: its forward and central differences are known in closed form."""
    return lambda x: float(np.sum(a * x**3))


def _scalar(play: Play, x, a):
    found = {"grad": play.call("scalar", {"f": _cubic(a), "x": x, "verbose": False, "h": 1e-3})}
    return {**found, "grad_in_place": _of_parameters(play, x, a)}


def _of_parameters(play: Play, x: Any, a: Any) -> Any:
    """The gradient as the courses' notebooks ask for it: f ignores its argument and sees only the caller's own array."""
    net = play.subject.stand_in({"x": x}, lambda X, y, params: _cubic(a)(params["x"]))
    f = play.subject.get(net, "loss", kept=True)
    own = play.subject.call((play.subject.get(net, "params", kept=True), "get"), ["x"], kept=True).result
    return play.call("scalar", {"f": f, "own": own, "verbose": False, "h": 1e-3})


def _array(play: Play, x, a, df):
    arguments = {"f": lambda x: a * x**3, "x": x, "df": df, "h": 1e-3}
    return {"grad_array": play.call("array", arguments)}


STEPS: Steps = {
    "h": lambda: 1e-3,
    "above": lambda x, a, h: a * (x + h) ** 3,
    "below": lambda x, a, h: a * (x - h) ** 3,
    "width": lambda h: 2 * h,
    "slopes": lambda above, below, width: (above - below) / width,
    "grad": lambda slopes: slopes,
    "grad_in_place": lambda slopes: slopes,
    "grad_array": lambda slopes, df: slopes * df,
}


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Arrays of two and three axes."""
    made = []
    for i in range(min(number, 8)):
        n, d, m = sizes(rng, 3, low=2, high=4)
        shape = (n, d, m) if i % 2 else (n, d)
        inputs = {name: rng.standard_normal(shape) for name in ("x", "a", "df")}
        made.append(Case(inputs, "x with more than two axes" if i % 2 else "", {"N": n, "h": 1e-3}))
    return made


NUMERIC = Task(
    name="numeric_gradient",
    lesson="gradient_checking",
    roles=(
        Role("scalar", {"eval_numerical_gradient": "course"}, _scalar, optional=True),
        Role("array", {"eval_numerical_gradient_array": "course"}, _array, optional=True),
    ),
    quantities=(
        Quantity("grad", "scalar", "(f(x + h) - f(x - h)) / 2h for each entry alone"),
        Quantity(
            "grad_in_place",
            "scalar",
            "the same: x itself is moved, entry by entry, and put back",
            title="grad of an f that ignores its argument and reads the caller's x",
        ),
        Quantity("grad_array", "array", "the sum of (f(x + h) - f(x - h)) * df, over 2h, for each entry", title="grad"),
    ),
    steps=STEPS,
    cases=cases,
    example={},
    mistakes=MISTAKES,
    single=False,
)
