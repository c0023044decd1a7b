"""The page of one training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule import plots
from chainrule.core.kinds import having, listed
from chainrule.plots import series
from chainrule.report import evaluation as judged
from chainrule.report import parts
from chainrule.report.page import page, ready, write
from chainrule.report.pictures import figure, figures

TITLES = {
    "loss": "Loss",
    "accuracy": "Accuracy",
    "gradients": "Gradient norm of each layer",
    "updates": "Size of an update against the weights",
}
COLUMNS = {"name": "layer", "multiply_adds": "multiply-adds"}


def write_run(
    path: str | Path,
    *,
    title: str,
    settings: Mapping[str, Any],
    summary: Any,
    history: Any,
    findings: Sequence[Any] = (),
    evaluation: Mapping[str, Any] | None = None,
    weights: Any = None,
    image_shape: tuple[int, ...] | None = None,
    data: Mapping[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Write one training as a self-contained HTML page; equal inputs give equal bytes.

    Args:
        path: the file; folders on the way are made.
        title: the page's heading.
        settings: nested settings; `settings["command"]`, where there, is shown as the way to reproduce the run.
        summary: what `net.summary()` gives, or its rows: name, shape, parameters, multiply_adds, memory (bytes).
        history: the run's `History`; interrupted and diverged ones too.
        findings: what went wrong, with `.title`, `.measured`, `.advice`, `.severity`.
        evaluation: "accuracy", "confusion" (C, C), "classes" and "worst" (dicts with "image", "true", "predicted",
            "confidence"), each where there is one; or None.
        weights: (D, H) first-layer weights to be shown as pictures of `image_shape`, or None.
        image_shape: (h, w), (3, h, w) or (h, w, 3).
        data: a description of the data set.
        overwrite: replace a file that is there.

    Returns:
        The path written.

    Raises:
        OutputError: the file is there already, or cannot be written.
        ArrayError: a confusion matrix or weights of the wrong shape.
        ArrayTypeError: something that is no history, summary, finding or dict.
    """
    path = ready(path, overwrite)
    series.check_history("write_run", history)
    having("write_run", "settings", settings, "items get", wanted="a dict of settings")
    findings = listed("write_run", "findings", findings)
    for finding in findings:
        having("write_run", "findings", finding, "title measured advice severity", wanted="Findings, as diagnose gives")
    evaluation = evaluation or {}
    rows = listed("write_run", "summary", getattr(summary, "rows", summary))
    content = (
        _numbers(history, evaluation, rows),
        parts.section("What to look at", *map(parts.finding, findings)),
        parts.section("Training", _curves(history)),
        judged.mistakes(evaluation),
        judged.worst(evaluation),
        _weights(weights, image_shape),
        parts.section("Net", _summary(rows)),
        parts.section("Data", parts.settings_table("the data", data or {})),
        parts.section("Settings", parts.settings_table("settings", _without_command(settings))),
        parts.reproduce(settings),
    )
    return write(path, page("Training run", title, *content), overwrite)


def _without_command(settings) -> dict:
    return {name: value for name, value in settings.items() if name != "command"}


def _numbers(history, evaluation, summary) -> str:
    metric, seconds = history.metric, np.asarray(history.seconds, dtype=float)
    name = plots.lines.METRICS.get(metric, metric)
    best = parts.score(history.best_val_acc, metric)
    epoch = f", epoch {history.best_epoch:g}" if best != parts.NOTHING else ""
    parameters = [row["parameters"] for row in summary if parts.is_number(row.get("parameters"))]
    return parts.numbers(
        [
            (f"Test {name}", parts.score(evaluation.get("accuracy"), metric)),
            (f"Best validation {name}{epoch}", best),
            (f"Validation {name} at the end", parts.score(series.last(history, "val_acc"), metric)),
            (f"Training {name} at the end", parts.score(series.last(history, "train_acc"), metric)),
            ("Training loss at the end", parts.number(series.last(history, "loss"))),
            ("Steps", parts.number(np.size(history.loss))),
            ("Parameters", parts.number(sum(parameters)) if parameters else parts.NOTHING),
            ("Time", parts.duration(seconds[-1]) if seconds.size else parts.NOTHING),
        ]
    )


def _curves(history) -> str:
    metric = history.metric
    told = {
        "loss": f"Loss over {np.size(history.loss)} steps: {_ends(history, 'loss')}.",
        "accuracy": f"Training {metric}: {_ends(history, 'train_acc')}; validation: {_ends(history, 'val_acc')}.",
        "gradients": f"Gradient norms of {', '.join(history.param_names)} over the steps.",
        "updates": "Size of an update as a share of the size of the weights, each layer, at every check.",
    }
    panels = plots.training_panels(history)
    return figures(*(figure(panel, name, TITLES[name], told[name]) for name, panel in panels.items()))


def _ends(history, quantity) -> str:
    """First and last value in words."""
    numbers = np.asarray(getattr(history, quantity), dtype=float)
    if not numbers.size:
        return "nothing recorded"
    show = (lambda v: parts.score(v, history.metric)) if quantity.endswith("_acc") else parts.number
    return f"{show(numbers[0])} to {show(numbers[-1])}"


def _weights(weights, image_shape) -> str:
    if weights is None or image_shape is None:
        return ""
    words = "The weights of each unit of the first layer, as a picture of what the unit responds to."
    drawn = figure(plots.weight_grid(weights, image_shape), "weights", "First-layer weights", words)
    return parts.section("What the first layer looks for", f"<p>{words}</p>\n", figures(drawn))


def _summary(summary) -> str:
    """The layers, with totals of what can be added up."""
    if not summary:
        return ""
    names = list(summary[0])
    rows = [[_cell(name, row.get(name)) for name in names] for row in summary]
    totals = [_cell(name, _total(summary, name)) if name != names[0] else "in all" for name in names]
    text = [i for i, name in enumerate(names) if not parts.is_number(summary[0][name])]
    header = [COLUMNS.get(name, name.replace("_", " ")) for name in names]
    return parts.table("layers of the net", header, rows, text=text, foot=totals)


def _total(summary, name) -> Any:
    values = [row.get(name) for row in summary]
    return sum(values) if all(map(parts.is_number, values)) else None


def _cell(name, value) -> str:
    if value is None:
        return ""
    if name == "shape":
        return f"(N, {', '.join(map(str, np.atleast_1d(value)))})"
    if not parts.is_number(value):
        return str(value)
    return parts.memory(value) if name == "memory" else parts.number(value)
