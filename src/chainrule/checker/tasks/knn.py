"""k-nearest neighbours as a task: distances in three ways, and the vote."""

from typing import Any

import numpy as np

from chainrule.checker.mistakes.knn import MISTAKES
from chainrule.checker.play import Play
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import sizes

METHODS = {
    "two_loops": {"course": "compute_distances_two_loops", "cs145": "compute_distances", "library": "distances"},
    "one_loop": {"course": "compute_distances_one_loop", "library": "distances"},
    "no_loops": {
        "course": "compute_distances_no_loops",
        "cs145": "compute_L2_distances_vectorized",
        "library": "distances",
    },
    "vote": {"course": "predict_labels", "cs145": "predict_labels"},
}
WAYS = {"two_loops": "two_loops", "one_loop": "one_loop", "no_loops": "vectorized"}
LARGE = (40, 150, 60)  # test rows, training rows, features: the array of all differences would take 2.9 MB


def _trained(play: Play, role: str, X: Any, y: Any) -> Any:
    learner = play.subject.call(play.names[role], kept=True).result
    play.subject.call((learner, "fit" if play.style(role) == "library" else "train"), [X, y])
    return learner


def _options(play: Play, role: str) -> dict[str, Any]:
    """The library has one method, which is told the way."""
    return {"method": WAYS[role]} if play.style(role) == "library" else {}


def distances(role: str) -> Any:
    """What is observed of one way to compute distances."""

    def observe(play: Play, X_train, y_train, X_test):
        method = METHODS[role][play.style(role)]
        learner = _trained(play, role, X_train, y_train)
        answer = play.subject.call((learner, method), [X_test], _options(play, role))
        play.note(role, {"X": X_test}, answer)
        return {f"{role}_dists": answer.result}

    return observe


def _no_loops(play: Play, X_train, y_train, X_test):
    found = distances("no_loops")(play, X_train, y_train, X_test)
    rows, others, features = LARGE
    learner = _trained(play, "no_loops", np.ones((others, features)), np.arange(others))
    method = METHODS["no_loops"][play.style("no_loops")]
    peak = play.subject.call(
        (learner, method), [np.zeros((rows, features))], _options(play, "no_loops"), measured=True
    ).peak
    whole = 8 * rows * others * features
    memory = "all differences at once" if peak and peak > 0.8 * whole else "modest"
    return {**found, "memory": memory, "same_rows": _of_themselves(play, method)}


def _of_themselves(play: Play, method: str) -> str:
    """Distances of rows to themselves, whose squares may round to just below 0."""
    rows = np.random.default_rng(0).standard_normal(LARGE[1:]) + 3
    learner = _trained(play, "no_loops", rows, np.arange(len(rows)))
    found = play.subject.call((learner, method), [rows], _options(play, "no_loops")).result
    return "NaN" if isinstance(found, np.ndarray) and np.isnan(found).any() else "numbers"


def _vote(play: Play, X_train, y_train, dists, k):
    learner = _trained(play, "vote", X_train, y_train)
    answer = play.subject.call((learner, METHODS["vote"][play.style("vote")]), [dists, k])
    play.note("vote", {"dists": dists, "k": k}, answer)
    labels = answer.result
    return {"labels": np.asarray(labels, dtype=float) if isinstance(labels, list | np.ndarray) else labels}


def majority(nearest: np.ndarray) -> np.ndarray:
    """The most frequent label of each row, the smaller of equals."""
    return np.array([float(np.argmax(np.bincount(row))) for row in nearest])


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return ((a[:, None, :] - b[None, :, :]) ** 2).sum(axis=2)


STEPS: Steps = {
    "squares": lambda X_test, X_train: _squared(X_test, X_train),
    "dists_of": lambda squares: np.sqrt(squares),
    "two_loops_dists": lambda dists_of: dists_of,
    "one_loop_dists": lambda dists_of: dists_of,
    "no_loops_dists": lambda dists_of: dists_of,
    "memory": lambda: "modest",
    "same_rows": lambda: "numbers",
    "order": lambda dists: np.argsort(dists, axis=1, kind="stable"),
    "count": lambda k: k,
    "nearest": lambda order, count, y_train: y_train[order[:, :count]],
    "labels": lambda nearest: majority(nearest),
}


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Few labels and several k, so that votes tie."""
    made = []
    for i in range(min(number, 12)):
        n, m, d = sizes(rng, 3, low=5, high=14)
        k = (1, 3, 4, 5)[i % 4]
        inputs = {
            "X_train": rng.standard_normal((m, d)) + 5,
            "y_train": rng.integers(0, 4, m) + 2,
            "X_test": rng.standard_normal((n, d)) + 5,
            "dists": rng.permutation(n * m).reshape(n, m) + 0.5,
            "k": k,
        }
        made.append(Case(inputs, "", {"k": k, "D": d}))
    return made


def _role(name: str, observe: Any) -> Role:
    styles = METHODS[name]
    names = {cls: style if style in styles else "" for cls, style in (("KNearestNeighbor", "course"), ("KNN", "cs145"))}
    part = {style: f".{method}" for style, method in styles.items()}
    marks = {"fit": "library" if "library" in styles else ""}
    return Role(name, names, observe, part=part, marks=marks, optional=True)


FORMULA = "the root of the sum of squared differences"
KNN = Task(
    name="knn",
    lesson="nearest_neighbours",
    roles=(
        _role("two_loops", distances("two_loops")),
        _role("one_loop", distances("one_loop")),
        _role("no_loops", _no_loops),
        _role("vote", _vote),
    ),
    quantities=(
        Quantity("two_loops_dists", "two_loops", FORMULA, title="dists"),
        Quantity("one_loop_dists", "one_loop", FORMULA, title="dists"),
        Quantity("no_loops_dists", "no_loops", FORMULA, 1e-6, title="dists"),
        Quantity("memory", "no_loops", title="the memory needed"),
        Quantity("same_rows", "no_loops", "0 or above", title="the distances of rows to themselves"),
        Quantity("labels", "vote", "the most frequent label among the k nearest, the smaller of equals"),
    ),
    steps=STEPS,
    cases=cases,
    example={
        "X_train": np.array([[0.0, 0.0], [3.0, 4.0]]),
        "y_train": np.array([1, 2]),
        "X_test": np.array([[0.0, 0.0], [3.0, 0.0], [6.0, 8.0]]),
        "dists": np.array([[0.0, 5.0], [3.0, 4.0]]),
        "k": 1,
    },
    mistakes=MISTAKES,
    single=False,
)
