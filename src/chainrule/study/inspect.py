"""A saved net on data: measured with pictures of its mistakes, or its predictions in a file."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import plots
from chainrule.core.errors import DataError, OutputError, SettingError, choose
from chainrule.core.files import free_name, new_folder, write_atomically
from chainrule.core.json_files import write_json
from chainrule.datasets import SOURCES, load_data, read_rows
from chainrule.losses import softmax
from chainrule.nets import load_net
from chainrule.nets.net import Net
from chainrule.study.judge import judge
from chainrule.study.result import text_rows


@dataclass(frozen=True)
class Inspection:
    """What `evaluate_net` found: figures for programs, and text for people."""

    figures: dict[str, Any]
    text: str


def saved_net(path: str | Path) -> Net:
    """The net in a file, or in the folder of a run."""
    path = Path(path)
    return load_net(path / "net.safetensors" if path.is_dir() else path)


def evaluate_net(
    path: str | Path, data: Any, *, part: str = "test", out: str | Path | None = None, **options: Any
) -> Inspection:
    """Measure a saved net on a part of a data set, or on all rows of a file.

    Args:
        path: of the net, or of a run's folder.
        data: a data set's name, or a file, all of whose rows are taken, read as the net's training file was.
        part: of a named data set: "test", "val" or "train".
        out: a new folder for evaluation.json and the pictures; where None, one under `runs/`.
        **options: as for `load_data`.

    Raises:
        DataError, FileFormatError, SettingError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
    """
    net = saved_net(path)
    X, y, image_shape = _rows(net, data, part, options)
    if y is None:
        raise DataError(f"{data}: there is no column {net.input.target!r}, so nothing to measure against.")
    found = judge(net, X, y, image_shape=image_shape)
    folder = Path(out) if out is not None else free_name("runs", f"evaluate-{Path(str(data)).stem}")
    figures = {"net": str(path), "data": str(data), "part": part, "folder": str(folder), **found.describe()}
    with new_folder(folder) as partial:
        write_json(partial / "evaluation.json", figures)
        if found.confusion is not None:
            plots.save(plots.confusion_matrix(found.confusion, list(found.classes)), partial / "confusion.png")
        shown = [row for row in found.worst if row["image"] is not None]
        if shown:
            titles = [f"{row['true']}, not {row['predicted']}\n{100 * row['confidence']:.0f} % sure" for row in shown]
            plots.save(plots.image_grid([row["image"] for row in shown], titles), partial / "mistakes.png")
    metric = "accuracy" if found.confusion is not None else "R²"
    lines = [f"{metric} {found.score:.4f} on {found.rows:,} rows, loss {found.loss:.4f}"]
    if found.confusion is not None:
        lines += ["", _by_class(found.confusion, found.classes)]
    return Inspection(figures, "\n".join([*lines, "", f"Pictures: {folder}"]))


def _by_class(confusion: np.ndarray, classes: tuple[str, ...]) -> str:
    """A row a class: how many were found, and what they were most often taken for."""
    rows = [["class", "rows", "right", "most often taken for"]]
    for i, name in enumerate(classes):
        others = confusion[i].copy()
        others[i] = 0
        total, taken = int(confusion[i].sum()), int(others.argmax())
        share = f"{100 * confusion[i, i] / total:.1f} %" if total else "-"
        rows.append([name, str(total), share, f"{classes[taken]} ({others[taken]})" if others[taken] else "-"])
    return text_rows(rows)


def predict_rows(path: str | Path, data: Any, out: str | Path) -> dict[str, Any]:
    """Write a CSV file with a prediction a row: the class, its probability (softmax nets), or the predicted numbers.

    Args:
        path: of the net, or of a run's folder.
        data: a file, or the name of a data set, whose test rows are taken.
        out: the file to write.

    Returns:
        {"rows", "out", "columns"}.

    Raises:
        DataError, FileFormatError: something given cannot be used; nothing was written.
        OutputError: the file exists, or cannot be written.
    """
    net, out = saved_net(path), Path(out)
    if out.exists():
        raise OutputError(f"{out} exists; nothing is overwritten. Choose another --out.")
    X, _, _ = _rows(net, data, "test", {})
    scores = net.scores(X)
    header, columns = _predictions(net, scores)

    def lines(stream: Any) -> None:
        import io

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


def _rows(net: Net, data: Any, part: str, options: dict[str, Any]) -> tuple[Any, Any, tuple[int, ...] | None]:
    """Rows, labels (None where there are none) and the shape of a row that is an image."""
    if isinstance(data, str | Path) and data not in SOURCES:
        others = [name for name, given in options.items() if given is not None and name not in ("impute", "target")]
        if others:
            raise SettingError(f"{', '.join(others)}: has no meaning here; all rows of {data} are taken.")
        return *read_rows(data, net.input, impute=options.get("impute")), None
    loaded = load_data(data, **options)
    choose(part, [name for name in ("test", "val", "train") if f"X_{name}" in loaded], what="part of the data")
    return loaded[f"X_{part}"], loaded[f"y_{part}"], loaded.image_shape
