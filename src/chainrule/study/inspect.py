"""A saved net on data: measured with pictures of its mistakes, or its predictions in a file."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import plots
from chainrule.core.errors import DataError, OutputError, SettingError, choose
from chainrule.core.files import free_name, new_folder, write_atomically
from chainrule.core.json_files import read_json, write_json
from chainrule.datasets import SOURCES, Dataset, load_data, read_rows
from chainrule.losses import softmax
from chainrule.nets import load_net
from chainrule.nets.net import Net
from chainrule.study.classification import ClassFigures
from chainrule.study.judge import judge
from chainrule.study.recipe import Recipe
from chainrule.study.result import text_rows

PICTURES = 3  # of mistakes in a row


@dataclass(frozen=True)
class Inspection:
    """What `evaluate_net` found: figures for programs, and text for people."""

    figures: dict[str, Any]
    text: str


def saved_net(path: str | Path) -> Net:
    """The net in a file, or in the folder of a run."""
    path = Path(path)
    return load_net(path / "net.safetensors" if path.is_dir() else path)


@dataclass(frozen=True)
class Rows:
    """Rows to be judged or predicted: X, y (None where there are no labels), an image's shape, and what they are."""

    X: Any
    y: Any
    image_shape: tuple[int, ...] | None
    about: str


def evaluate_net(
    path: str | Path, data: Any = None, *, part: str | None = None, impute: Any = None, out: str | Path | None = None
) -> Inspection:
    """Measure a saved net on a part of a data set, or on all rows of a file.

    Args:
        path: of the net, or of a run's folder.
        data: a data set's name, or a file, all of whose rows are taken, read as the net's training file was; where
            None, the data that the run's folder names, split as they were in training.
        part: of a data set: "test" (where None), "val" or "train".
        impute: for files, what stands for missing numbers.
        out: a new folder for evaluation.json and the pictures; where None, one under `runs/`.

    Raises:
        DataError, FileFormatError, SettingError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
    """
    net = saved_net(path)
    rows = _own_rows(net, Path(path), part) if data is None else _rows(net, data, part, impute)
    if rows.y is None:
        raise DataError(f"{data}: there is no column {net.input.target!r}, so nothing to measure against.")
    found = judge(net, rows.X, rows.y, image_shape=rows.image_shape)
    folder = Path(out) if out is not None else free_name("runs", f"evaluate-{Path(path).absolute().stem}")
    figures = {"net": str(path), "data": rows.about, "folder": str(folder), **found.describe()}
    with new_folder(folder) as partial:
        write_json(partial / "evaluation.json", figures)
        if found.confusion is not None:
            plots.save(plots.confusion_matrix(found.confusion, list(found.classes)), partial / "confusion.png")
        if found.calibration is not None:
            plots.save(plots.calibration_curve(found.calibration), partial / "calibration.png")
        shown = [row for row in found.worst if row["image"] is not None]
        if shown:
            titles = [f"{row['true']} → {row['predicted']} {100 * row['confidence']:.0f} %" for row in shown]
            grid = plots.image_grid([row["image"] for row in shown], titles, columns=PICTURES)
            plots.save(grid, partial / "mistakes.png")
    metric = "accuracy" if found.confusion is not None else "R²"
    lines = [f"{metric} {found.score:.4f}, loss {found.loss:.4f} on {rows.about} ({found.rows} rows)"]
    if found.confusion is not None:
        lines += ["", _by_class(found.by_class)]
    if found.calibration is not None:
        lines += ["", f"Confidence and truth differ by {100 * found.calibration.error:.1f} % on average."]
    return Inspection(figures, "\n".join([*lines, "", f"Written to {folder}"]))


def _by_class(figures: list[ClassFigures]) -> str:
    """A row a class: precision, recall, F1, and what its rows were most often taken for."""
    rows = [["class", "rows", "precision %", "recall %", "F1 %", "most often taken for"]]
    for own in figures:
        shares = [f"{100 * share:.1f}" if share == share else "-" for share in (own.precision, own.recall, own.f1)]
        rows.append([own.name, str(own.rows), *shares, f"{own.taken_for} ({own.taken})" if own.taken else "-"])
    return text_rows(rows)


def predict_rows(path: str | Path, data: Any, out: str | Path, *, impute: Any = None) -> dict[str, Any]:
    """Write a CSV file with a prediction a row: the class, its probability (softmax nets), or the predicted numbers.

    Args:
        path: of the net, or of a run's folder.
        data: a file, or the name of a data set, whose test rows are taken.
        out: the file to write.
        impute: for files, what stands for missing numbers: "mean" (of the training rows) or a number.

    Returns:
        {"rows", "out", "columns"}.

    Raises:
        DataError, FileFormatError: something given cannot be used; nothing was written.
        OutputError: the file exists, or cannot be written.
    """
    net, out = saved_net(path), Path(out)
    if out.exists():
        raise OutputError(f"{out} exists; nothing is overwritten. Choose another --out.")
    scores = net.scores(_rows(net, data, None, impute).X)
    header, columns = _predictions(net, scores)

    def lines(stream: Any) -> None:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(zip(*columns))
        text.flush()
        text.detach()

    write_atomically(out, lines)
    return {"rows": len(scores), "out": str(out), "columns": header}


def _predictions(net: Net, scores: np.ndarray) -> tuple[list[str], list[Any]]:
    """Column names and columns."""
    name = net.input.target or "prediction"
    if not net.input.classes:
        several = scores.shape[1] > 1
        return [f"{name}_{i}" if several else name for i in range(scores.shape[1])], list(scores.T)
    labels = scores.argmax(axis=1)
    header, columns = [name], [[net.input.classes[label] for label in labels]]
    if net.loss_name == "softmax":
        header.append("probability")
        columns.append([f"{p:.6f}" for p in softmax.probabilities(scores).max(axis=1)])
    return header, columns


def _own_rows(net: Net, path: Path, part: str | None) -> Rows:
    """Rows of the data that a run's folder names."""
    settings = path / "settings.json"
    if not settings.is_file():
        raise SettingError(f"{path} does not say which data to take; name them with data= (--data).")
    saved = read_json(settings)
    recipe = Recipe.restore(saved, settings)
    data = recipe.load()
    if data.fingerprint != saved["data"].get("fingerprint"):
        raise DataError(f"{recipe.source}: it has changed since the net was trained; name it as new data with data=.")
    return _part(data, part)


def _rows(net: Net, data: Any, part: str | None, impute: Any) -> Rows:
    """Rows of a file, or of a named data set."""
    if isinstance(data, str | Path) and data not in SOURCES:
        if part is not None:
            raise SettingError(f"part={part!r} has no meaning here; all rows of {data} are taken.")
        return Rows(*read_rows(data, net.input, impute=impute), None, str(data))
    if isinstance(data, str) and SOURCES[data].features != net.input_dim:  # before a long download
        raise DataError(
            f"{data}: its rows have {SOURCES[data].features} features, but the net reads {net.input_dim}. "
            f"Was the net trained on other data?"
        )
    return _part(load_data(data, impute=impute), part)


def _part(data: Dataset, part: str | None) -> Rows:
    known = [name for name in ("test", "val", "train") if f"X_{name}" in data]
    part = choose(part or "test", known, what="part of the data")
    words = {"test": "test", "val": "validation", "train": "training"}[part]
    return Rows(data[f"X_{part}"], data[f"y_{part}"], data.image_shape, f"the {words} rows of {data.name}")
