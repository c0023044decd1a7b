"""Nearest neighbours on a data set, in a folder of their own: which k, how good, which mistakes, which neighbours."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import plots
from chainrule.core.errors import DataError
from chainrule.core.files import free_name, new_folder
from chainrule.core.json_files import plain, write_json
from chainrule.core.numbers import whole
from chainrule.core.paths import path_of
from chainrule.datasets import Dataset
from chainrule.neighbors import KNN, CrossValidation
from chainrule.neighbors.cross_validation import check_ks, checked_plan, measure
from chainrule.neighbors.rows import MEMORY_MB, flat_rows
from chainrule.neighbors.search import neighbors
from chainrule.neighbors.vote import votes_by_k
from chainrule.report.neighbors import write_neighbors
from chainrule.study.judge import picture
from chainrule.study.recipe import Recipe
from chainrule.training.progress import bar

SHOWN = 8  # neighbours of an example
EXAMPLES = 4  # right ones, and as many wrong ones


@dataclass(frozen=True)
class Neighborhood:
    """What came of it.

    Attributes:
        folder: where settings.json, result.json, report.html and the figures lie.
        model: the classifier, with the chosen k.
        cross_validation: where it was asked for, else None.
        result: the figures, as `result.json` has them.
    """

    folder: Path
    model: KNN
    cross_validation: CrossValidation | None
    result: dict[str, Any]


def knn(
    data: Any = "digits",
    *,
    ks: Sequence[int] = (1, 3, 5, 10),
    norm: Any = "l2",
    weights: str = "uniform",
    folds: int | None = None,
    seed: int = 0,
    memory_mb: float = MEMORY_MB,
    out: str | Path | None = None,
    target: str | None = None,
    task: str | None = None,
    impute: Any = None,
    num_train: int | None = None,
    num_test: int | None = None,
    verbose: bool = True,
    command: str | None = None,
) -> Neighborhood:
    """Classify by nearest neighbours, for every k from one search, and leave a folder with figures and a page.

    The k whose mistakes and neighbours are shown is the best by cross-validation; without folds, the best on the
    validation rows. Test rows never choose. Images are compared as stored; columns of a table are standardized.

    Args:
        data: what `load_data` takes; its target must be classes.
        ks: numbers of neighbours.
        norm, weights, memory_mb: as for `KNN`.
        folds: cross-validate on the training rows with so many parts; None does not.
        seed: of the parts.
        out: the folder, which may not exist yet; where None, a new one under `runs/`.
        target, task, impute, num_train, num_test: as for `load_data`.
        verbose: whether progress is shown.
        command: the command line to show in the report.

    Returns:
        The outcome, with the fitted classifier.

    Raises:
        SettingError, DataError, ArrayError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
    """
    recipe = Recipe.of(data, target=target, task=task, impute=impute, num_train=num_train, num_test=num_test)
    loaded = recipe.load(data)
    parts = [part for part in ("test", "val") if f"X_{part}" in loaded]
    if not loaded.classes or not parts:
        missing = "classes, but its target is real numbers" if not loaded.classes else "test or validation rows too"
        raise DataError(f"knn: data must have {missing}; came {loaded.name}.")
    model = KNN(norm=norm, weights=weights, memory_mb=memory_mb).fit(_features(loaded, "train"), loaded.y_train)
    if folds is None:
        ks, seed = check_ks("knn", ks, len(model.X)), whole(seed, "seed", owner="knn", least=0)
    else:
        ks, folds, seed = checked_plan("knn", len(model.X), ks, folds, seed)
    folder = path_of(out, owner="knn", name="out") if out is not None else free_name("runs", f"knn-{loaded.name}")
    chosen = {"ks": ks, "norm": model.norm.name, "weights": weights, "folds": folds, "seed": seed}
    settings = recipe.settings("knn", loaded, command, neighbors={**chosen, "memory_mb": memory_mb})
    with new_folder(folder) as partial:
        with _progress(_pairs(loaded, parts, folds), verbose) as tick:
            validated = measure(model, ks, folds, seed, tick=tick) if folds else None
            found = {part: _answers(model, loaded, part, ks, tick) for part in parts}
        model.k, chosen_by = _choose(ks, validated, found)
        answers = found[parts[0]]
        figures = {
            "folder": str(folder),
            "data": loaded.name,
            "norm": model.norm.name,
            "weights": weights,
            "k": model.k,
            "chosen_by": chosen_by,
            "part": parts[0],
            "accuracy": answers.accuracy(model.k),
            "table": _table(ks, validated, found),
            "classes": list(loaded.classes),
            "confusion": _confusion(answers, model.k, len(loaded.classes)),
            "examples": _examples(answers, model.k, loaded),
        }
        result = plain(figures)
        _write(partial, result, plain(settings), loaded, parts[0], validated)
    return Neighborhood(folder, model, validated, result)


@dataclass(frozen=True)
class _Answers:
    """What the neighbours of a part's rows say: labels y (N,), votes (N,) by k, neighbours' rows and distances."""

    y: np.ndarray
    votes: dict[int, np.ndarray]
    rows: np.ndarray
    distances: np.ndarray

    def accuracy(self, k: int) -> float:
        return float(np.mean(self.votes[k] == self.y))


def _answers(model: KNN, data: Dataset, part: str, ks: Sequence[int], tick: Callable[[int], Any]) -> _Answers:
    X = flat_rows("knn", f"X_{part}", _features(data, part))
    most = max(*ks, min(SHOWN, len(model.X)))
    distances, rows = neighbors(model.trained, X, most, model.norm, memory=model.memory, tick=tick)
    votes = votes_by_k(data.y_train[rows], distances, ks, len(data.classes), model.weights)
    return _Answers(data[f"y_{part}"], dict(zip(ks, votes)), rows, distances)


def _features(data: Dataset, part: str) -> np.ndarray:
    """Images as stored; other rows as a net would read them: standardized, categories one-hot."""
    X = data[f"X_{part}"]
    return X if X.dtype == np.uint8 else data.input_transform().apply(X, "float64")


def _choose(ks: Sequence[int], validated: CrossValidation | None, found: dict[str, _Answers]) -> tuple[int, str]:
    """The k to show, and why."""
    if len(ks) == 1:
        return ks[0], "the only one that was tried"
    if validated is not None:
        return validated.best_k, "the best by cross-validation"
    if len(found) == 1:
        return ks[0], "the first of those that were tried"
    return min(ks, key=lambda k: (-found["val"].accuracy(k), k)), "the best on the validation rows"


def _table(ks: Sequence[int], validated: CrossValidation | None, found: dict[str, _Answers]) -> list[dict[str, Any]]:
    rows = [{"k": k, **{part: answers.accuracy(k) for part, answers in found.items()}} for k in ks]
    for row, more in zip(rows, validated.table() if validated else []):
        row |= {f"cross_validation_{name}": value for name, value in more.items() if name != "k"}
    return rows


def _confusion(answers: _Answers, k: int, classes: int) -> np.ndarray:
    """(C, C) counts, true classes down, predicted ones across."""
    return np.bincount(answers.y * classes + answers.votes[k], minlength=classes**2).reshape(classes, classes)


def _examples(answers: _Answers, k: int, data: Dataset) -> list[dict[str, Any]]:
    """The first rows that came out right and the first that came out wrong, with their neighbours."""
    right = answers.votes[k] == answers.y
    names = data.classes
    return [
        {
            "row": int(row),
            "true": names[answers.y[row]],
            "predicted": names[answers.votes[k][row]],
            "neighbors": [
                {"row": int(near), "true": names[data.y_train[near]], "distance": float(distance)}
                for near, distance in zip(answers.rows[row, :SHOWN], answers.distances[row])
            ],
        }
        for row in (*np.flatnonzero(right)[:EXAMPLES], *np.flatnonzero(~right)[:EXAMPLES])
    ]


def _write(
    folder: Path, result: dict[str, Any], settings: dict[str, Any], data: Dataset, part: str,
    validated: CrossValidation | None,
) -> None:  # fmt: skip
    """Settings, figures, page, and the result last."""
    write_json(folder / "settings.json", settings)
    lines = {name: [row[name] for row in result["table"]] for name in ("test", "val") if name in result["table"][0]}
    lines = {{"val": "validation"}.get(name, name): values for name, values in lines.items()}
    ks = [row["k"] for row in result["table"]]
    drawn = {
        "accuracy": plots.accuracy_by_k(ks, lines | ({"cross-validation": validated.accuracy} if validated else {})),
        "confusion": plots.confusion_matrix(result["confusion"], result["classes"]),
    }
    if data.image_shape is not None:
        drawn["neighbors"] = plots.neighbor_examples(_with_pictures(result["examples"], data, part))
    for name, figure in drawn.items():
        plots.save(figure, folder / f"{name}.png")
    write_neighbors(folder / "report.html", result=result, figures=drawn, settings=settings)
    write_json(folder / "result.json", result)


def _with_pictures(examples: list[dict[str, Any]], data: Dataset, part: str) -> list[dict[str, Any]]:
    def seen(item: dict[str, Any], X: np.ndarray) -> dict[str, Any]:
        return item | {"image": picture(X[item["row"]], data.image_shape)}

    return [
        seen(example, data[f"X_{part}"]) | {"neighbors": [seen(near, data.X_train) for near in example["neighbors"]]}
        for example in examples
    ]


def _pairs(data: Dataset, parts: Sequence[str], folds: int | None) -> int:
    """How many distances are looked at."""
    train = len(data.X_train)
    sizes = [len(part) for part in np.array_split(np.arange(train), folds)] if folds else []
    return sum(size * (train - size) for size in sizes) + sum(train * len(data[f"X_{part}"]) for part in parts)


@contextmanager
def _progress(pairs: int, verbose: bool) -> Iterator[Callable[[int], None]]:
    """A bar that several threads may move."""
    lock = threading.Lock()
    with bar(pairs, what="neighbours", unit="distance", verbose=verbose) as shown:
        shown.unit_scale = True

        def tick(n: int) -> None:
            with lock:
                shown.update(n)

        yield tick
