"""What a study found: its trials, its finals, and the winner, in tables and sentences."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from chainrule.study.result import Study, text_rows, text_table
from chainrule.study.sweeps.dimension import Dimension
from chainrule.study.sweeps.importance import importance
from chainrule.study.sweeps.points import shown, words
from chainrule.study.sweeps.records import Trial, trial_path
from chainrule.study.sweeps.space import Space
from chainrule.training.history import History

PAIR = ["weight_scale", "lr"]
NETS = ("hidden", "depth", "width", "norm", "activation", "init", "rule")
MOST_ROWS = 10  # of the trials' table in a terminal


@dataclass(frozen=True)
class Sweep:
    """A study, finished or stopped.

    Attributes:
        folder: where everything lies.
        definition: the study's tables.
        space: the names of the settings that were searched.
        trials: in the order in which they were drawn.
        finals: the repetitions of the best, as a comparison; None where the study was stopped before.
        winner: the label of the best of the finals.
        best_trial: the trial that it comes from.
        test: the winner's score on the test rows; None where there are none.
        metric: what scores are: "accuracy" or "r2".
        seconds: of the whole study.
        complete: whether it came to its end.
    """

    folder: Path
    definition: dict[str, Any]
    space: list[str]
    trials: list[Trial]
    finals: Study | None
    winner: str | None
    best_trial: Trial | None
    test: float | None
    metric: str
    seconds: float
    complete: bool

    @property
    def best(self) -> dict[str, Any]:
        """The best settings that were found, of those searched."""
        return {} if self.best_trial is None else dict(self.best_trial.params)

    @cached_property
    def ranked(self) -> list[Trial]:
        """Trials, the best first; pruned ones behind those that are complete, failed ones last."""
        order = {"complete": 0, "pruned": 1, "failed": 2}
        return sorted(self.trials, key=lambda t: (order[t.state], -(t.value or 0.0), t.number))

    @cached_property
    def whole_space(self) -> Space:
        """The settings that were searched, with their values."""
        given = self.definition["space"]
        return Space.of(given, self.definition["settings"], tuple(given))

    @property
    def dimensions(self) -> list[Dimension]:
        """One for each setting."""
        return list(self.whole_space.dimensions)

    def importance(self) -> dict[str, float]:
        """The share of each setting in being among the best trials; {} where there are too few."""
        return importance(self.whole_space, self.trials)

    def pair(self, shares: dict[str, float]) -> tuple[Dimension, Dimension] | None:
        """The two settings that are shown together: learning rate and weight scale, else the two most important."""
        known = {dimension.name: dimension for dimension in self.dimensions}
        names = PAIR if all(name in known for name in PAIR) else list(shares)[:2]
        return (known[names[0]], known[names[1]]) if len(names) == 2 else None

    def kinds(self, pair: tuple[Dimension, Dimension]) -> dict[str, list[Trial]]:
        """The trials, apart for each kind of net where the search had a few; else all of them."""
        apart = min(
            (d for d in self.dimensions if d.choices and d.name in NETS and d not in pair),
            key=lambda d: NETS.index(d.name),
            default=None,
        )
        if apart is None:
            return {"": self.trials}
        return {
            f"{apart.name.replace('_', ' ')} {shown(choice)}": [
                t for t in self.trials if t.params.get(apart.name) == choice
            ]
            for choice in apart.choices or ()
        }

    def history(self, trial: Trial) -> History:
        """Every step of a trial."""
        return History.load(trial_path(self.folder, trial.number))

    def table(self) -> list[dict[str, Any]]:
        """One row a trial, the best first."""
        names = ("number", "state", "value", "epochs", "seconds", "fault")
        return [{name: getattr(trial, name) for name in names} | {"params": trial.params} for trial in self.ranked]

    @property
    def counts(self) -> dict[str, int]:
        """How many trials are in each state."""
        return {state: sum(t.state == state for t in self.trials) for state in ("complete", "pruned", "failed")}

    @property
    def verdict(self) -> list[str]:
        """What was found, in sentences."""
        sentences: list[str] = []
        if self.finals is not None and self.finals.variants:
            sentences += self.finals.verdict
        elif self.best_trial is not None:
            sentences.append(
                f"So far trial {self.best_trial.number} is best: {score(self.best_trial.value, self.metric)} on the "
                f"validation rows, with {words(self.best)}."
            )
        elif self.trials:
            sentences.append("No trial has a result: see the column fault for what went wrong.")
        if self.test is not None:
            sentences.append(
                f"The winner's best net has {score(self.test, self.metric)} on the test rows, which nothing else has seen."
            )
        counts = ", ".join(f"{n} {state}" for state, n in self.counts.items() if n)
        sentences.append(f"{len(self.trials)} trials: {counts or 'none yet'}.")
        if not self.complete:
            sentences.append("The study was stopped before its end; the same command goes on with it.")
        return sentences

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def text(self, width: int | None = None) -> str:
        """Tables and sentences, for a terminal of so many columns."""
        finals = [text_table(self.finals, width), ""] if self.finals is not None and self.finals.variants else []
        return "\n".join([self._trials_text(width), "", *finals, *self.verdict])

    def _trials_text(self, width: int | None) -> str:
        header = ["trial", "validation", "epochs", "seconds", "state", *self.space]
        rows = [
            [
                str(trial.number),
                score(trial.value, self.metric),
                str(trial.epochs),
                f"{trial.seconds:.1f}",
                trial.state,
                *(shown(trial.params[name]) if name in trial.params else "–" for name in self.space),
            ]
            for trial in self.ranked[:MOST_ROWS]
        ]
        more = len(self.trials) - len(rows)
        return text_rows([header, *rows], width) + (f"\n... and {more} more" if more > 0 else "")


def score(value: float | None, metric: str) -> str:
    """An accuracy in percent, an R² as it is."""
    if value is None or value != value:
        return "–"
    return f"{100 * value:.1f} %" if metric == "accuracy" else f"{value:.3f}"
