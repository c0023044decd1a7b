"""Records of studies, figures, pages and data sets; and all records together."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from assignment_records import assignment_records
from before_records import before_records
from bench_records import bench_records
from course_records import course_records
from estimator_records import estimator_records
from grading_records import grading_records
from hostile import (
    COUNT,
    NOT_NEGATIVE,
    POSITIVE,
    Floats,
    Labels,
    Name,
    Number,
    Source,
    Target,
    Thing,
)
from interop_records import interop_records
from library_records import (
    SOLVER_ROLES,
    SOURCES,
    X_ROWS,
    Y_LABELS,
    check_records,
    layer_extras,
    net,
    net_records,
    optim_records,
    parts,
    rows,
    trained,
    training_records,
)
from neighbor_records import neighbor_records
from public_api import C, D, Record, numbers, table_records
from sweep_records import sweep_records

import chainrule as cr
from chainrule import plots, report
from chainrule.study.result import Study, StudyRun, Variant

HISTORY = trained().history


def study_records() -> dict[str, Record]:
    pair = lambda: (numbers(40, D), np.arange(40) % C)  # noqa: E731
    plan = {
        name: role
        for name, role in SOLVER_ROLES.items()
        if name not in ("net", "callbacks", "sample_weight", "folder", "checkpoint_every", "sampler", "restore")
    }
    plan |= {
        "hidden": Thing(wrong=(3, "text", [0], [2.5], ["3"], [True], None, object())),
        "norm": Name(optional=True), "activation": Thing(wrong=(3, "nonsense", ["relu", "relu"], [None])),
        "keep": Number(wrong=(0, -0.5, 1.5, True)), "reg": NOT_NEGATIVE, "dtype": Thing(wrong=(3, "int32", "nonsense")),
        "loss": Name(optional=True), "init": Thing(wrong=(3, "nonsense", {}, {"kind": "he", "warmth": 1})),
        "out": Target(optional=True), "task": Name(optional=True),
        "num_train": replace(COUNT, optional=True), "num_test": replace(COUNT, optional=True),
        "data": Thing(wrong=(None, 3, object(), "nonsense", {}, (1, 2), "no-such.csv", b"digits")),
        "warmth": Thing(wrong=("warmth",)),
    }  # fmt: skip
    usual = {
        "data": pair(), "hidden": [3], "epochs": 1, "batch_size": 8, "threads": 1, "verbose": False, "rule": "momentum",
    }  # fmt: skip
    versus = {
        "variants": Thing(
            wrong=(
                3,
                "text",
                [3],
                [{"warmth": 1}],
                {"rule": "adam"},
                [{"rule": "nonsense"}],
                [{"label": "a"}, {"label": "a"}],
            )
        ),
        "rules": Thing(wrong=(3, "adam", ["nonsense"], [3], ["adam", "adam"], [None])),
        "inits": Thing(wrong=(3, "he", ["nonsense"], [3])),
        "depths": Thing(wrong=(3, "2", [-1], ["2"], [2.5], [None])),
        "seeds": Thing(wrong=(0, -1, None, "3", [], [1, 1], [-1], ["a"], [1.5], 2.5, True, [None])),
        "options": Thing(wrong=(3, "text", {"adam": 3}, {"nonsense": {}}, {"momentum": {"warmth": 1}})),
        "search_lr": Thing(wrong=("yes", [0.0], [-1.0], ["a"], [float("nan")], [None])),
        "target_acc": Number(wrong=()),
        "workers": replace(COUNT, optional=True),
    }
    judged = {
        "net": Thing(),
        "X": X_ROWS,
        "y": Y_LABELS,
        "image_shape": Thing(wrong=(3, "text", (3, 3), (2.5, 1), (-2, -2), object())),
    }

    says = {
        "data": ("load_data", "arrays", "no-such.csv"), "hidden": ("hidden_dims[0]",),
        "rules": ("update rule", "two variants"),
        "inits": ("initializer",), "seeds": ("every seed",), "variants": ("setting", "update rule"),
    }  # fmt: skip

    def judge(folder: Path) -> Any:
        own = net()
        return (lambda **given: cr.judge(**given).describe()), {"net": own, **rows(), "image_shape": (2, 2)}, [own]

    def path_of_run(folder: Path) -> Any:
        return cr.resume, {"folder": folder / "none", "verbose": False}, []

    return sweep_records(plan) | {
        "train": Record(
            lambda folder: (cr.train, {**usual, "out": folder / "new"}, []),
            {**plan, "callbacks": FUNCTIONS},
            slow=True,
            says=says,
            parts=("target", "impute"),
        ),
        "compare": Record(
            lambda folder: (cr.compare, {**usual, "seeds": 1, "workers": 1, "out": folder / "new"}, []),
            {**{n: r for n, r in plan.items() if n != "seed"}, **versus},
            slow=True,
            says=says,
            parts=("target", "impute"),
        ),
        "resume": Record(
            path_of_run,
            {"folder": Source(), "callbacks": FUNCTIONS},
            slow=True,
            parts=("data",),
            says={"folder": ("holds no training",)},
        ),
        "judge": Record(judge, judged),
    }


FUNCTIONS = Thing(wrong=(3, "text", print, [3], ["print"], [None], {}, object()))


def plot_records() -> dict[str, Record]:
    shape = Thing(wrong=(None, 3, "text", (3, 3), (2.5, 1), (-2, -2), (2,), object()))
    figure = lambda: plots.curves(HISTORY, "loss")  # noqa: E731
    given = HISTORY
    study_ = SimpleNamespace(variants=[SimpleNamespace(label="a", runs=[SimpleNamespace(history=given)])])

    def drawn(function: Callable) -> Callable:
        return lambda **arguments: _drawn(function(**arguments))

    def one(function: Callable, roles: dict[str, Any], **arguments: Any) -> Record:
        return Record(
            lambda folder: (drawn(function), {k: v() if callable(v) else v for k, v in arguments.items()}, []), roles
        )

    missing = Thing(wrong=(None, 3, "text", object(), np.ones(3)))
    return {
        "plots.confusion_matrix": one(
            plots.confusion_matrix,
            {"matrix": Floats("c c", finite=True), "classes": Thing(wrong=(3, ["a"], object(), "text"))},
            matrix=lambda: np.abs(numbers(C, C)).round(1) * 10,
            classes=["a", "b", "c"],
        ),
        "plots.heat_map": one(
            plots.heat_map,
            {
                "table": Floats("r c", draws="left empty"),
                "rows": Thing(wrong=(3, ["a"], object(), "text")),
                "columns": Thing(wrong=(3, ["a"], object(), "text")),
            },
            table=lambda: numbers(2, 3),
            rows=[0.1, 0.2],
            columns=["a", "b", "c"],
        ),
        "plots.image_grid": one(
            plots.image_grid,
            {
                "images": Floats("n h w", "n", draws="stretched", pixels=True),
                "titles": Thing(wrong=(3, ["a"], object())),
                "columns": COUNT,
            },
            images=lambda: numbers(2, 3, 4),
            titles=["a", "b"],
            columns=2,
        ),
        "plots.samples_per_class": one(
            plots.samples_per_class,
            {
                "X": Floats("n d", "n d", draws="stretched", pixels=True),
                "y": Labels(C),
                "classes": Thing(wrong=(None, 3, [], object())),
                "image_shape": shape,
                "each": COUNT,
            },
            **{k: (lambda v=v: v.copy()) for k, v in rows().items()},
            classes=["a", "b", "c"],
            image_shape=(2, 2),
            each=1,
        ),
        "plots.weight_grid": one(
            plots.weight_grid,
            {"W": Floats("d h", "d", draws="shown as zero"), "image_shape": shape},
            W=lambda: numbers(4, 3),
            image_shape=(2, 2),
        ),
        "plots.curves": one(
            plots.curves,
            {
                "histories": missing,
                "quantity": Name(),
                "by": Name(),
                "smooth": Thing(wrong=(0, -1, 1.5, "text", object())),
                "band": Name(optional=True),
                "scale": Name(),
            },
            histories=given,
            quantity="loss",
            by="step",
            smooth=None,
            band="std",
            scale="auto",
        ),
        "plots.training_figure": one(plots.training_figure, {"history": missing}, history=given),
        "plots.training_panels": one(plots.training_panels, {"history": missing}, history=given),
        "plots.ranking": one(plots.ranking, {"study": missing}, study=study_),
        "plots.study_figures": one(plots.study_figures, {"study": missing}, study=study_),
        "plots.render": Record(
            lambda folder: (plots.render, {"figure": figure(), "format": "png", "dpi": 20}, []),
            {"figure": missing, "format": Name(), "dpi": POSITIVE},
        ),
        "plots.save": Record(
            lambda folder: (_written, {"figure": figure(), "path": folder / "new.png", "dpi": 20}, []),
            {"figure": missing, "path": Target(), "dpi": POSITIVE},
            says={"path": ("figure format",)},
        ),
    }


def _written(**arguments: Any) -> bytes:
    path = plots.save(**arguments)
    content = path.read_bytes()
    path.unlink()
    return content


def _drawn(result: Any) -> Any:
    """What is to be seen in figures: pictures and lines."""
    if isinstance(result, dict):
        return {name: _drawn(figure) for name, figure in result.items()}
    return [
        [
            [np.asarray(i.get_array()) for i in ax.images],
            [line.get_xydata() for line in ax.lines],
            [t.get_text() for t in ax.texts],
        ]
        for ax in result.axes
    ]


def report_records() -> dict[str, Record]:
    missing = Thing(wrong=(None, 3, "text", object()))

    def run(folder: Path) -> Any:
        given = {
            "path": folder / "new.html",
            "title": "a",
            "settings": {},
            "summary": net().summary(),
            "history": HISTORY,
        }
        return report.write_run, given, []

    one = StudyRun(0, HISTORY, 0.5, 1.0, [], None)
    study_ = Study("a", {}, [Variant("b", {}, [one])], 0.9)

    def write(folder: Path) -> Any:
        return report.write_study, {"path": folder / "new.html", "study": study_}, []

    return {
        "report.write_run": Record(
            run,
            {
                "path": Target(),
                "settings": missing,
                "summary": missing,
                "history": missing,
                "findings": Thing(wrong=(3, "text", [3])),
            },
            parts=("evaluation", "weights", "image_shape", "data"),
        ),
        "report.write_study": Record(write, {"path": Target(), "study": missing}),
    }


def data_records() -> dict[str, Record]:
    def load(folder: Path) -> Any:
        def run(*, X, y, source=None, **rest):
            data = cr.load_data((X, y) if source is None else source, **rest)
            return {name: data[name].astype(float) for name in data}, data.classes

        given = {"X": numbers(30, D), "y": np.arange(30) % C, "task": "classification", "split_seed": 0}
        return run, {**given, **dict.fromkeys(("target", "impute", "folder", "num_train", "num_val", "num_test"))}, []

    def dataset(folder: Path) -> Any:
        def run(**given):
            data = cr.Dataset("own", classes=("a", "b", "c"), **given)
            return [data.describe()["rows"], data.input_transform().arrays()]

        return run, parts(), []

    counts = dict.fromkeys(("num_train", "num_val", "num_test"), replace(COUNT, optional=True))
    pair = {"X": Floats("n d", "n", finite=True), "y": Labels(None, texts=True, codes=True)}
    wrong = {"source": Thing(wrong=SOURCES)}
    other = {"task": Name(optional=True), "split_seed": Number(whole=True, wrong=(True, float("inf")))}
    values = {
        f"{n}_{part}": role
        for part in ("train", "val")
        for n, role in (("X", Floats("n d", "n d", finite=True, pixels=True)), ("y", Labels(C)))
    }
    return {
        "load_data": Record(
            load,
            {**pair, **wrong, **other, **counts},
            parts=("folder", "target", "impute"),
            says={"source": ("load_data", "arrays", "data set"), "X": ("X_train",), "y": ("class labels",)},
        ),
        "Dataset": Record(
            dataset,
            values,
            parts=("name", "X_test", "y_test", "classes", "columns", "image_shape", "target", "measured"),
        ),
        "datasets.Source": Record(reason="a row of a table"),
        "datasets.read_rows": Record(reason="reads files, whose damage has tests of its own"),
    }


def records() -> dict[str, Record]:
    found: dict[str, Record] = {}
    for group in (
        table_records,
        net_records,
        check_records,
        optim_records,
        layer_extras,
        training_records,
        study_records,
        plot_records,
        report_records,
        data_records,
        neighbor_records,
        course_records,
        bench_records,
        interop_records,
        before_records,
        estimator_records,
        assignment_records,
        grading_records,
    ):
        found |= group()
    return found
