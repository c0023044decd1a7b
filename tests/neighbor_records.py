"""Records of nearest neighbours."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hostile import COUNT, COUNT_FROM_0, Floats, Labels, Name, Number, Target, Thing
from public_api import C, D, N, Record, numbers

import chainrule as cr
from chainrule import neighbors, plots

NORM = Thing(wrong=(None, "l3", "", 0.5, -1, float("nan"), [2], {}, True, object(), b"l2", int))
MEMORY = Number(wrong=(0, -1.0, float("inf"), True))
KS = Thing(wrong=(None, 3.5, "1,3", [], [0], [1.5], ["1"], [True], [99], [1, 1], {}, object()))
ROWS = Floats("n d", "d", finite=True)


def neighbor_records() -> dict[str, Record]:
    return {**_functions(), **_classifier(), **_figures(), "knn": _command()}


def _functions() -> dict[str, Record]:
    A, B, y = (lambda: numbers(N, D)), (lambda: numbers(7, D)), (lambda: np.arange(12) % C)
    near = lambda: np.arange(N * 3).reshape(N, 3) % C  # noqa: E731

    def one(function: Callable, roles: dict[str, Any], says: dict[str, Any] | None = None, **given: Any) -> Record:
        return Record(
            lambda folder: (function, {k: v() if callable(v) else v for k, v in given.items()}, []), roles, says or {}
        )

    return {
        "neighbors.distances": one(
            neighbors.distances,
            {"A": ROWS, "B": ROWS, "norm": NORM, "method": Name(), "memory_mb": MEMORY},
            A=A, B=B, norm="l1", method="one_loop", memory_mb=8,
        ),
        "neighbors.vote": one(
            neighbors.vote,
            {
                "labels": Thing(wrong=(None, 3, "text", [1, 2], [[1, -1]], [[0.5]], [[C]], [["a"]], [[]], [[1j]])),
                "classes": replace(COUNT, optional=True),
                "distances": Floats("n k", "n k", finite=True, optional=True),
            },
            labels=near, classes=C, distances=lambda: np.abs(numbers(N, 3)).round(2),
        ),
        "neighbors.predict_labels": one(
            neighbors.predict_labels,
            {"dists": Floats("n m", "m", finite=True), "y": Labels(None), "k": COUNT},
            dists=lambda: numbers(N, 12), y=y, k=3,
        ),
        "neighbors.cross_validate": one(
            lambda **given: neighbors.cross_validate(**given).accuracy,
            {
                "X": Floats("n d", "n", finite=True), "y": Labels(None, texts=True, codes=True), "ks": KS,
                "folds": Number(whole=True, wrong=(0, 1, -1, True, 99)), "norm": NORM, "weights": Name(),
                "seed": COUNT_FROM_0, "memory_mb": MEMORY,
            },
            {"y": ("class labels",), "ks": ("k",)},
            X=lambda: numbers(12, D), y=y, ks=[1, 3], folds=3, norm="l1", weights="distance", seed=1, memory_mb=8,
        ),
        "neighbors.CrossValidation": Record(reason="figures that cross_validate made"),
    }  # fmt: skip


def _classifier() -> dict[str, Record]:
    X, y = (lambda: numbers(12, D)), (lambda: np.arange(12) % C)

    def fitted() -> cr.KNN:
        return cr.KNN(3).fit(X(), y())

    def fit(folder: Path) -> Any:
        own = cr.KNN(3)

        def run(**given: Any) -> Any:
            made = own.fit(**given)
            return made.X.astype(float), made.y, made.classes, made.predict(numbers(N, D))

        return run, {"X": X(), "y": y()}, []

    def method(name: str, roles: dict[str, Any], **given: Any) -> Record:
        def valid(folder: Path) -> Any:
            return getattr(fitted(), name), {"X": numbers(N, D), **{k: v() for k, v in given.items()}}, []

        return Record(valid, {"X": ROWS, **roles})

    k = Number(whole=True, wrong=(0, -1, True, 13, float("inf")), optional=True)
    settings = {"k": COUNT, "norm": NORM, "weights": Name(), "memory_mb": MEMORY}
    usual = {"k": 3, "norm": "l1", "weights": "distance", "memory_mb": 8}
    return {
        "KNN": Record(lambda folder: (lambda **given: repr(cr.KNN(**given)), dict(usual), []), settings),
        "KNN.fit": Record(
            fit,
            {"X": Floats("n d", "n", finite=True), "y": Labels(None, texts=True, codes=True)},
            says={"y": ("class labels",)},
        ),
        "KNN.distances": method(
            "distances",
            {"method": Name(), "norm": replace(NORM, wrong=NORM.wrong[1:])},
            method=lambda: "one_loop",
            norm=lambda: "l1",
        ),
        "KNN.kneighbors": method("kneighbors", {"k": k}, k=lambda: 2),
        "KNN.predict": method("predict", {"k": k}, k=lambda: 2),
        "KNN.predict_proba": method("predict_proba", {"k": k}, k=lambda: 2),
        "KNN.score": replace(
            method(
                "score",
                {"X": Floats("n d", "n d", finite=True), "y": Labels(None, codes=True), "k": k},
                y=lambda: np.arange(N) % C,
                k=lambda: 2,
            ),
            says={"y": ("class labels",)},
        ),
    }


def _figures() -> dict[str, Record]:
    def picture() -> np.ndarray:
        return np.arange(12, dtype=np.uint8).reshape(3, 4)

    near = [{"image": picture(), "true": "b"}]
    whole = {"image": picture(), "true": "a", "predicted": "b", "neighbors": near}
    lacking = [{k: v for k, v in whole.items() if k != name} for name in whole]
    wrong = (None, 3, "text", [], [3], [None], [{}], *([item] for item in lacking), [{**whole, "neighbors": 3}],
             [{**whole, "image": np.ones(3)}], [{**whole, "neighbors": [{"true": "a"}]}])  # fmt: skip
    return {
        "plots.accuracy_by_k": Record(
            lambda folder: (_lines, {"ks": [1, 3], "accuracies": {"a": numbers(2, 4)}}, []),
            {
                "ks": Thing(wrong=(None, 3, "1,3", [0, 1], [1.5, 1], [1], [], {1: 2})),
                "accuracies": Thing(
                    wrong=(None, 3, "text", [0.5], {"a": 3}, {"a": [0.5]}, {"a": [np.nan, 1]}, {"a": "b"})
                ),
            },
        ),
        "plots.neighbor_examples": Record(
            lambda folder: (plots.neighbor_examples, {"examples": [whole]}, []), {"examples": Thing(wrong=wrong)}
        ),
    }


def _lines(**given: Any) -> Any:
    return [line.get_xydata() for line in plots.accuracy_by_k(**given).axes[0].lines]


def _command() -> Record:
    pair = (numbers(40, D), np.arange(40) % C)
    usual = {"data": pair, "ks": [1, 3], "folds": 3, "norm": "l1", "weights": "distance", "verbose": False}
    return Record(
        lambda folder: (cr.knn, {**usual, "out": folder / "new"}, []),
        {
            "data": Thing(wrong=(None, 3, object(), "nonsense", {}, (1, 2), "no-such.csv", b"digits")),
            "ks": KS,
            "folds": Number(whole=True, wrong=(0, 1, -1, True, 99), optional=True),
            "norm": NORM,
            "weights": Name(),
            "seed": COUNT_FROM_0,
            "memory_mb": MEMORY,
            "out": Target(optional=True),
            "task": Name(optional=True),
            "num_train": replace(COUNT, optional=True),
            "num_test": replace(COUNT, optional=True),
        },
        says={"data": ("load_data", "arrays", "no-such.csv", "data set"), "ks": ("k",)},
        slow=True,
        parts=("target", "impute"),
    )
