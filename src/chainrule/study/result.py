"""What a comparison found: its variants with all their runs, a table, and a verdict in sentences."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.report.notebook import study_view
from chainrule.study.statistics import Difference, mean, paired, std
from chainrule.training.diagnosis import Finding
from chainrule.training.history import History

CONFIDENCE = 0.95


@dataclass(frozen=True)
class StudyRun:
    """One training of a study.

    Attributes:
        seed: of weights, batches and masks.
        history: of every step.
        test_acc: of the best net (by validation) on the test rows; NaN where there are none.
        seconds: of training.
        findings: what went wrong, in words.
        failed: in words, where a value was not finite; else None.
    """

    seed: int
    history: History
    test_acc: float
    seconds: float
    findings: list[Finding]
    failed: str | None


@dataclass(frozen=True)
class Variant:
    """One setting of a study with its runs, one a seed."""

    label: str
    settings: dict[str, Any]
    runs: list[StudyRun]

    def by_seed(self, value: str) -> dict[int, float]:
        """A figure of every run: "best_val", "final_val", "final_train", "test"."""
        return {run.seed: FIGURES[value](run) for run in self.runs}


def _last(values: np.ndarray) -> float:
    return float(values[-1]) if len(values) else math.nan


FIGURES = {
    "final_val": lambda run: _last(run.history.val_acc),
    "best_val": lambda run: run.history.best_val_acc,
    "final_train": lambda run: _last(run.history.train_acc),
    "test": lambda run: run.test_acc,
}


@dataclass(frozen=True)
class Study:
    """A finished (or interrupted) comparison.

    Attributes:
        title: for people.
        settings: what was asked for.
        variants: in the order asked for.
        target_acc: the training accuracy whose first epoch the table gives.
        confidence: of the intervals.
        complete: whether every run that was planned is there.
    """

    title: str
    settings: dict[str, Any]
    variants: list[Variant]
    target_acc: float
    confidence: float = CONFIDENCE
    complete: bool = True

    @property
    def ranked(self) -> list[Variant]:
        """Variants by their mean best validation accuracy, the best first; diverged runs count with what they reached."""
        return sorted(self.variants, key=lambda v: -or_lowest(mean(list(v.by_seed("best_val").values()))))

    @property
    def best(self) -> Variant:
        """The variant with the highest mean best validation accuracy."""
        return self.ranked[0]

    @property
    def best_label(self) -> str:
        """Its label."""
        return self.best.label

    @property
    def findings(self) -> list[tuple[str, Finding]]:
        """(variant's label, finding) of every run."""
        return [(v.label, finding) for v in self.variants for run in v.runs for finding in run.findings]

    def difference(self, variant: Variant, other: Variant) -> Difference:
        """Best validation accuracy of `variant` less that of `other`, paired by seed."""
        return paired(variant.by_seed("best_val"), other.by_seed("best_val"), confidence=self.confidence)

    def table(self) -> list[dict[str, Any]]:
        """One row a variant, the best first: means and standard deviations over the seeds, and the paired difference."""
        ranked = self.ranked
        return [self._row(variant, ranked[0]) for variant in ranked]

    def _row(self, variant: Variant, best: Variant) -> dict[str, Any]:
        row: dict[str, Any] = {"variant": variant.label}
        for name in FIGURES:
            values = list(variant.by_seed(name).values())
            row[f"{name}_mean"], row[f"{name}_std"] = mean(values), std(values)
        epochs = [first_epoch(run.history, self.target_acc) for run in variant.runs]
        reached = [epoch for epoch in epochs if epoch is not None]
        row["first_epoch"], row["reached"] = (mean(reached) if reached else None), len(reached)
        row["seeds"], row["seconds"] = len(variant.runs), mean([run.seconds for run in variant.runs])
        if variant is best:
            return row | {"difference_mean": 0.0, "difference_low": None, "difference_high": None}
        gap = self.difference(variant, best)
        return row | {"difference_mean": gap.mean, "difference_low": gap.low, "difference_high": gap.high}

    @property
    def verdict(self) -> list[str]:
        """What was found, in sentences."""
        first, *others = self.ranked
        seeds = len(first.runs)
        metric = first.runs[0].history.metric if first.runs else "accuracy"
        value = mean(list(first.by_seed("best_val").values()))
        test = mean(list(first.by_seed("test").values()))
        if not math.isfinite(value):
            return ["No variant has a validation result: all trainings diverged at once; see what went wrong."]
        said = f"{first.label} is best: {_score(value, metric)} on the validation rows"
        if math.isfinite(test):
            said += f" and {_score(test, metric)} on the test rows"
        sentences = [f"{said} (mean of {seeds} seed{'s' if seeds != 1 else ''})."]
        if others:
            sentences.append(self._against(first, others[0], metric))
            if len(others) > 1:
                sentences.append(self._against(first, others[-1], metric))
        if "search" in self.settings:
            rates = ", ".join(f"{v.settings['lr']:g} for {v.label}" for v in self.variants)
            sentences.append(f"Learning rates found with a seed of their own: {rates}.")
        broken = [v.label for v in self.variants if any(run.failed for run in v.runs)]
        if broken:
            sentences.append(f"Trainings diverged with {', '.join(broken)}: see what went wrong.")
        if not self.complete:
            sentences.append("The study was interrupted; only the runs that ended are counted.")
        return sentences

    def _against(self, first: Variant, other: Variant, metric: str) -> str:
        gap = self.difference(first, other)
        if not gap.pairs:
            return f"{other.label} has no validation result to compare with."
        if gap.low is None or gap.high is None:
            seeds = "with one seed" if gap.pairs == 1 else f"with each of {gap.pairs} seeds"
            return (
                f"It is {_gap(gap.mean, metric)} ahead of {other.label} {seeds}; "
                f"whether that is luck takes more seeds to say."
            )
        interval = (
            f"{100 * self.confidence:g} % interval {_gap(gap.low, metric, unit=False)} to {_gap(gap.high, metric)}"
        )
        if not gap.is_clear:
            return (
                f"Its lead over {other.label}, {_gap(gap.mean, metric)}, may be luck ({interval}, {gap.pairs} seeds)."
            )
        return f"It beats {other.label} by {_gap(gap.mean, metric)} ({interval}, {gap.pairs} seeds)."

    def __str__(self) -> str:
        return "\n".join([text_table(self), "", *self.verdict])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return study_view(self, table_rows(self))


def first_epoch(history: History, target: float) -> float | None:
    """The first epoch whose check reached the target training accuracy; None if none did."""
    reached = np.flatnonzero(history.train_acc >= target)
    return float(history.check_epoch[reached[0]]) if len(reached) else None


def text_table(study: Study, width: int | None = None) -> str:
    """The table as text, folded where it would be wider than `width` characters."""
    return text_rows(table_rows(study), width)


def table_rows(study: Study) -> list[list[str]]:
    """The table's cells as texts, header first."""
    metric = study.variants[0].runs[0].history.metric
    unit = "%" if metric == "accuracy" else "R²"
    target = _score(study.target_acc, metric, unit=False).removesuffix(".0")
    rows = [
        [
            "variant",
            f"best val {unit}",
            f"last val {unit}",
            f"last train {unit}",
            f"test {unit}",
            f"epoch at {target} {unit}",
            "seconds",
            f"vs best [{100 * study.confidence:g} %]",
        ]
    ]
    for row in study.table():
        spreads = [
            f"{_score(row[f'{name}_mean'], metric, unit=False)} ± {_score(row[f'{name}_std'], metric, unit=False)}"
            if math.isfinite(row[f"{name}_mean"])
            else "-"
            for name in ("best_val", "final_val", "final_train", "test")
        ]
        gap = "" if row["variant"] == study.best_label else _interval(row, metric)
        rows.append([row["variant"], *spreads, _reached(row), f"{row['seconds']:.1f}", gap])
    return rows


def _reached(row: dict[str, Any]) -> str:
    """The mean first epoch at the target, and of how many seeds where not all got there."""
    if row["first_epoch"] is None:
        return "never"
    some = f" ({row['reached']} of {row['seeds']})" if row["reached"] < row["seeds"] else ""
    return f"{row['first_epoch']:.1f}{some}"


def _interval(row: dict[str, Any], metric: str) -> str:
    middle, low, high = (row[f"difference_{name}"] for name in ("mean", "low", "high"))
    if low is None:
        return _points(middle, metric) if math.isfinite(middle) else "-"
    return f"{_points(middle, metric)} [{_points(low, metric)}, {_points(high, metric)}]"


def text_rows(rows: list[list[str]], width: int | None = None) -> str:
    """A header and rows as aligned text, the first column to the left, the others to the right.

    Args:
        rows: the header, then the rows.
        width: of the terminal; columns that do not fit stand below, under the first column again.
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    blocks: list[list[int]] = [[0]]
    for i in range(1, len(widths)):
        if len(blocks[-1]) > 1 and width and sum(widths[j] + 2 for j in blocks[-1]) + widths[i] > width:
            blocks.append([0])
        blocks[-1].append(i)
    return "\n\n".join(_block(rows, widths, block) for block in blocks)


def _block(rows: list[list[str]], widths: list[int], columns: list[int]) -> str:
    cells = [[row[i].rjust(widths[i]) if i else row[i].ljust(widths[i]) for i in columns] for row in rows]
    header, *lines = ["  ".join(row) for row in cells]
    return "\n".join([header.rstrip(), "─" * len(header), *(line.rstrip() for line in lines)])


def or_lowest(value: float) -> float:
    """The value, or -inf where there is none: what diverged ranks last."""
    return value if math.isfinite(value) else -math.inf


def _score(value: float, metric: str, *, unit: bool = True) -> str:
    return f"{100 * value:z.1f}{' %' if unit else ''}" if metric == "accuracy" else f"{value:z.3f}"


def _points(value: float, metric: str) -> str:
    return f"{100 * value:+z.1f}" if metric == "accuracy" else f"{value:+z.3f}"


def _gap(value: float, metric: str, *, unit: bool = True) -> str:
    return f"{100 * value:z.1f}{' points' if unit else ''}" if metric == "accuracy" else f"{value:z.3f}"
