"""The multi-class hinge loss as a task."""

import numpy as np

from chainrule.checker.mistakes.svm import MISTAKES
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import labels, sizes
from chainrule.checker.tasks.softmax import observe

STEPS: Steps = {
    "correct": lambda x, y: x[np.arange(len(y)), y][:, None],
    "others": lambda x, y: np.arange(x.shape[1])[None, :] != y[:, None],
    "delta": lambda: 1.0,
    "short": lambda x, correct, delta: x - correct + delta,
    "margins": lambda short: np.maximum(short, 0),
    "losses": lambda margins, others: (margins * others).sum(axis=1),
    "loss": lambda losses: losses.mean(),
    "violating": lambda short, others: (short > 0) & others,
    "pushed": lambda violating: violating.astype(float),
    "pulled": lambda pushed, others: ~others * pushed.sum(axis=1, keepdims=True),
    "dx": lambda pushed, pulled: (pushed - pulled) / len(pushed),
}
KINDS = ("", "", "", "scores near 0", "scores exactly at the margin")


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Scores of scale 3, near 0, and some exactly at the margin; never near it by chance."""
    return [_case(rng, KINDS[i % len(KINDS)]) for i in range(number)]


def _case(rng: np.random.Generator, kind: str) -> Case:
    n, c = sizes(rng, 2)
    y = labels(rng, n, c)
    x = (0.1 if kind == "scores near 0" else 3.0) * rng.standard_normal((n, c))
    rows = np.arange(n)
    gap = x - x[rows, y][:, None] + 1
    x = np.where((np.abs(gap) < 0.02) & (np.arange(c) != y[:, None]), x + 0.1, x)
    if kind == "scores exactly at the margin":
        x = np.round(x * 4) / 4
        x[rows, (y + 1) % c] = x[rows, y] - 1
    return Case({"x": x, "y": y}, kind, {"N": n, "C": c})


SVM = Task(
    name="svm",
    lesson="svm",
    roles=(
        Role(
            "loss",
            {"svm_loss": "course", "svm.forward": "library", "svm_forward": "library"},
            observe,
        ),
    ),
    quantities=(
        Quantity("loss", "loss", "the mean over the rows of the sum over the wrong classes of max(0, s_j - s_y + 1)"),
        Quantity("dx", "loss", "1 for each class too close, minus their number at the right class, all divided by N"),
    ),
    steps=STEPS,
    cases=cases,
    example={"x": np.array([[2.0, 1.5, 0.0], [1.0, 3.0, 2.5]]), "y": np.array([0, 2])},
    mistakes=MISTAKES,
    gradients={"dx": ("loss", "x", None)},
)
