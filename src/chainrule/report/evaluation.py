"""What a net gets right and wrong: the confusion matrix, the commonest mistakes, the worst single ones."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule import plots
from chainrule.plots.images import as_picture
from chainrule.report import parts
from chainrule.report.pictures import figure, figures, image

MOST_PAIRS = 10
MOST_WORST = 40


def mistakes(evaluation: Mapping[str, Any]) -> str:
    """The confusion matrix as a figure, and the pairs of classes most often confused as a table."""
    if evaluation.get("confusion") is None:
        return ""
    counts = np.asarray(evaluation["confusion"])
    classes = evaluation.get("classes")
    names = [str(name) for name in (range(len(counts)) if classes is None else classes)]
    told = f"Confusion matrix of {len(names)} classes; {np.trace(counts)} of {counts.sum()} predictions are right."
    drawn = figure(plots.confusion_matrix(counts, names), "confusion", "True class against prediction", told)
    pairs = confused(counts, names)
    table = parts.table("the commonest mistakes", ["true", "predicted", "times", "of the class"], pairs, text=(0, 1))
    beside = f"<div><h3>The commonest mistakes</h3>\n{table}</div>\n" if pairs else ""
    return parts.section("Right and wrong", figures(drawn, beside))


def confused(counts: np.ndarray, names: list[str]) -> list[list[str]]:
    """Rows of (true, predicted, times, share of the true class), the commonest mistake first."""
    wrong = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_PAIRS]
    rows = []
    for true, predicted in zip(*np.unravel_index(order, counts.shape)):
        times = wrong[true, predicted]
        if times > 0:
            share = parts.score(times / counts[true].sum(), "accuracy")
            rows.append([names[true], names[predicted], parts.number(times), share])
    return rows


def worst(evaluation: Mapping[str, Any]) -> str:
    """The mistakes of which the net was surest."""
    cells = [_mistake(item) for item in list(evaluation.get("worst") or ())[:MOST_WORST]]
    words = "Wrong, and sure of it: first what it is, then what the net took it for and with what probability."
    return (
        parts.section("Worst mistakes", f'<p>{words}</p>\n<div class="pictures">\n{"".join(cells)}</div>\n')
        if cells
        else ""
    )


def _mistake(item) -> str:
    told = f"{item['true']} taken for {item['predicted']}"
    picture = item.get("image")
    shown = '<div class="none">no picture</div>' if picture is None else image(as_picture(picture), told)
    sure = parts.score(item.get("confidence"), "accuracy")
    words = f"<b>{parts.esc(item['true'])}</b><br>{parts.esc(item['predicted'])}, {sure}"
    return f"<figure>{shown}<figcaption>{words}</figcaption></figure>\n"
