"""What notebooks show of a study and of a training: a figure, and the words and numbers beside it."""

from typing import Any
from uuid import uuid4

from chainrule import plots
from chainrule.core.html import paragraphs, table
from chainrule.report.pictures import inline


def study_view(study: Any, rows: list[list[str]]) -> str:
    """A study: its verdict, its table, and the validation curves with bands.

    Args:
        study: as for `write_study`.
        rows: its table as texts, header first.
    """
    curves = plots.study_figures(study)["val_acc_by_epoch"]
    return paragraphs(study.verdict) + table(rows) + _drawn(curves, "Validation accuracy of every variant by epoch")


def run_view(history: Any, sentences: list[str]) -> str:
    """A training: its four plots, and what was found in words."""
    return paragraphs(sentences) + _drawn(plots.training_figure(history), "Loss, accuracy, gradients and updates")


def _drawn(figure: Any, description: str) -> str:
    """A figure among others on a notebook's page: its parts need names of their own."""
    return f'<div style="max-width: 56em">{inline(figure, f"view-{uuid4().hex[:8]}", description)}</div>'
