"""The softmax loss as a task."""

import numpy as np

from chainrule.checker.mistakes.softmax import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import labels, one_hot, sizes


def observe(play: Play, x, y):
    """The loss and its gradient, in one call or in two."""
    loss, dx = _loss(play, x, y)
    return {"loss": loss, "dx": dx}


def _loss(play: Play, x, y):
    if play.style("loss") == "course":
        return parts(play.call("loss", {"x": x, "y": y}), 2, "the loss and dx")
    loss, cache = parts(play.call("loss", {"scores": x, "y": y}, kept=[1]), 2, "the loss and a cache")
    backward = play.names["loss"].replace("forward", "backward")
    return loss, play.subject.call(backward, [cache]).result


NAMES = {
    "softmax_loss": "course",
    "softmax.forward": "library",
    "softmax_forward": "library",
}
STEPS: Steps = {
    "top": lambda x: x.max(axis=1, keepdims=True),
    "shifted": lambda x, top: x - top,
    "e": lambda shifted: np.exp(shifted),
    "total": lambda e: e.sum(axis=1, keepdims=True),
    "p": lambda e, total: e / total,
    "losses": lambda shifted, total, y: np.log(total[:, 0]) - shifted[np.arange(len(y)), y],
    "loss": lambda losses: losses.mean(),
    "hot": lambda p, y: one_hot(y, p.shape[1]),
    "dx": lambda p, hot: (p - hot) / len(p),
}
KINDS = ("", "", "scores of scale 1000", "", "rows offset by thousands")


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Scores of scale 1, of scale 1000, and rows that lie thousands apart."""
    return [scores(rng, KINDS[i % len(KINDS)], 1.5) for i in range(number)]


def scores(rng: np.random.Generator, kind: str, size: float) -> Case:
    """Scores (N, C) of a kind, and labels."""
    n, c = sizes(rng, 2)
    x = size * rng.standard_normal((n, c))
    if kind == "scores of scale 1000":
        x = 1000 * rng.standard_normal((n, c))
    if kind == "rows offset by thousands":
        x += 2000 * np.arange(n)[:, None] * rng.choice([-1, 1])
    return Case({"x": x, "y": labels(rng, n, c)}, kind, {"N": n, "C": c, "ln 2": np.log(2), "ln 10": np.log(10)})


SOFTMAX = Task(
    name="softmax",
    lesson="softmax",
    roles=(Role("loss", NAMES, observe),),
    quantities=(
        Quantity("loss", "loss", "the mean over the rows of log(sum of exp(scores)) minus the right class's score"),
        Quantity("dx", "loss", "the probabilities, less 1 at each row's right class, all divided by N"),
    ),
    steps=STEPS,
    cases=cases,
    example={"x": np.log(np.array([[1.0, 2.0, 1.0], [5.0, 3.0, 2.0]])), "y": np.array([1, 0])},
    mistakes=MISTAKES,
    gradients={"dx": ("loss", "x", None)},
)
