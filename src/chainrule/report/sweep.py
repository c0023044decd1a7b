"""The page of a search: the verdict first, then the best settings, what mattered, and every trial."""

from pathlib import Path
from typing import Any

from chainrule.core.kinds import having
from chainrule.plots import search_space, searches
from chainrule.plots.lines import METRICS
from chainrule.report import parts
from chainrule.report.page import page, ready, write
from chainrule.report.pictures import figure, figures

MOST_TRIALS = 200  # rows of the table
MOST_MAPS = 6
CLOSE = 0.02  # of a score


def write_sweep(
    path: str | Path, study: Any, *, settings: dict[str, Any] | None = None, overwrite: bool = False
) -> Path:
    """Write a search as a self-contained HTML page; equal searches give equal bytes but for their times.

    Args:
        path: the file; folders on the way are made.
        study: a Sweep, as `sweep` returns.
        settings: what was asked for, to be shown.
        overwrite: replace a file that is there.

    Returns:
        The path written.

    Raises:
        OutputError: the file is there already, or cannot be written.
        ArrayTypeError: something that is no Sweep.
    """
    path = ready(path, overwrite)
    having(
        "write_sweep",
        "study",
        study,
        "trials ranked verdict finals dimensions",
        wanted="a Sweep, such as sweep() returns",
    )
    importance = study.importance()
    content = (
        f'<ul class="verdict">{"".join(f"<li>{parts.esc(sentence)}</li>" for sentence in study.verdict)}</ul>\n',
        _numbers(study),
        parts.section("Best settings", _best(study)),
        parts.section("Finals", _finals(study)),
        _course(study),
        _settings(study, importance),
        _interactions(study, importance),
        parts.section("All trials", _trials(study)),
        parts.section("What was asked for", parts.settings_table("settings", study.definition)),
        parts.reproduce(settings or {}),
    )
    return write(path, page("Search", study.definition["name"], *content), overwrite)


def _numbers(study: Any) -> str:
    """The figures that matter, large."""
    training = sum(trial.seconds for trial in study.trials)
    pruned = sum(trial.state == "pruned" for trial in study.trials)
    return parts.numbers(
        [
            ("test, the winner", parts.score(study.test, study.metric)),
            ("trials", parts.number(len(study.trials))),
            ("of them pruned", parts.number(pruned)),
            ("epochs", parts.number(sum(trial.epochs for trial in study.trials))),
            ("time of all trials' training", parts.duration(training)),
            ("time of the study", parts.duration(study.seconds)),
        ]
    )


def _best(study: Any) -> str:
    if study.best_trial is None:
        return ""
    rows = {name: searches.worded(value) for name, value in study.best.items()}
    whole = parts.settings_table("all settings of the best trial", study.best_trial.settings)
    return (
        parts.settings_table("best settings", rows)
        + f"<details><summary>Every setting of trial {study.best_trial.number}</summary>\n{whole}</details>\n"
    )


def _finals(study: Any) -> str:
    """The repetitions of the best trials, in pairs."""
    if study.finals is None or not study.finals.variants:
        return ""
    rows = [
        [
            row["variant"],
            parts.spread(row["best_val_mean"], row["best_val_std"], study.metric),
            parts.spread(row["final_train_mean"], row["final_train_std"], study.metric),
            parts.number(row["seeds"]),
            parts.duration(row["seconds"]),
            _difference(row, study.metric),
        ]
        for row in study.finals.table()
    ]
    words = (
        "The best trials once more, with seeds that the search did not use: what a trial owed to luck does not come again. "
        "Differences are paired by seed; an interval that holds 0 leaves open which of the two is better."
    )
    header = [
        "settings",
        "validation, best",
        "training, end",
        "seeds",
        "time of a run",
        "against the best (95\u00a0% interval)",
    ]
    return f'<p class="soft">{words}</p>\n' + parts.table("finals", header, rows, best=0)


def _difference(row: dict[str, Any], metric: str) -> str:
    if not parts.is_number(row["difference_low"]):
        return parts.NOTHING
    scale, digits = (100, 1) if metric == "accuracy" else (1, 3)
    mean, low, high = (f"{scale * row[f'difference_{k}']:+z.{digits}f}" for k in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})".replace("-", "−")


def _course(study: Any) -> str:
    """How the search went: by trial, by epoch, by time."""
    if not study.trials:
        return ""
    metric, name = study.metric, METRICS.get(study.metric, study.metric)
    best = max((t.value for t in study.trials if t.value is not None), default=None)
    told = f"{len(study.trials)} trials; the best validation {name} is {parts.score(best, metric)}."
    return parts.section(
        "How it went",
        figures(
            figure(searches.progress_figure(study.trials, metric), "progress", "Trial by trial", told),
            figure(
                searches.learning_figure(study.trials, metric), "learning", f"Best validation {name} so far, by epoch",
                f"Learning curves of {len(study.trials)} trials; pruned ones end in a cross.",
            ),
            figure(searches.cost_figure(study.trials, metric), "cost", "What the best cost", told),
        ),
    )  # fmt: skip


def _settings(study: Any, importance: dict[str, float]) -> str:
    """What each setting was worth."""
    if not study.trials:
        return ""
    metric = study.metric
    told = "; ".join(f"{searches.named(name)} {100 * share:.0f} %" for name, share in importance.items())
    wide = figure(
        search_space.parallel_figure(study.trials, study.dimensions, metric), "parallel", "Settings and scores together",
        "Each line is a trial, from setting to setting to its score; the best is marked.",
    )  # fmt: skip
    slices = [
        figure(
            search_space.slice_figure(study.trials, dimension, metric), f"slice-{place}", searches.named(dimension.name),
            f"Validation score of every trial by {searches.named(dimension.name)}.",
        )
        for place, dimension in enumerate(study.dimensions)
    ]  # fmt: skip
    bars = figure(
        search_space.importance_figure(importance), "importance", "Importance", told or "Too few trials to tell."
    )
    words = "Importance: how far the best quarter of the trials differs from the others in a setting."
    return parts.section(
        "What mattered", f'<p class="soft">{words}</p>\n', f'<div class="wide">{wide}</div>\n', figures(bars, *slices)
    )


def _interactions(study: Any, importance: dict[str, float]) -> str:
    """Heat maps of two settings, one for each kind of net where the search had several."""
    pair = study.pair(importance)
    if pair is None:
        return ""
    first, second = pair
    kinds = study.kinds(pair)
    maps, told = [], []
    for place, (words, trials) in enumerate(list(kinds.items())[:MOST_MAPS]):
        maps.append(
            figure(
                search_space.interaction_figure(trials, first, second, study.metric), f"map-{place}",
                words or "Best validation score of each pair",
                f"Best validation score by {searches.named(first.name)} and {searches.named(second.name)}.",
            )
        )  # fmt: skip
        told.append(_sensitivity(words, trials))
    both = f"{searches.named(first.name)} and {searches.named(second.name)}"
    sentence = f"{' '.join(told)} The fewer, the more it hangs on the settings." if any(told) else ""
    return parts.section(f"How {both} go together", f'<p class="soft">{parts.esc(sentence)}</p>\n', figures(*maps))


def _sensitivity(words: str, trials: list[Any]) -> str:
    """How many trials come close to the best of their kind."""
    values = [trial.value for trial in trials if trial.value is not None]
    if not values:
        return ""
    close = sum(value >= max(values) - CLOSE for value in values)
    return f"{words or 'All'}: {close} of {len(trials)} trials come within {100 * CLOSE:g} points of the best."


def _trials(study: Any) -> str:
    names = [dimension.name for dimension in study.dimensions]
    rows = [
        [
            f"{trial.number}",
            parts.score(trial.value, study.metric),
            trial.state,
            parts.number(trial.epochs),
            parts.duration(trial.seconds),
            *(searches.worded(trial.params[name]) if name in trial.params else parts.NOTHING for name in names),
            trial.fault or "",
        ]
        for trial in study.ranked[:MOST_TRIALS]
    ]
    if not rows:
        return ""
    header = ["trial", "validation", "state", "epochs", "time", *map(searches.named, names), "what went wrong"]
    left = len(study.trials) - len(rows)
    more = (
        f'<p class="soft">And {left} more in the folder\'s files; --export writes them all.</p>\n' if left > 0 else ""
    )
    return parts.table("all trials", header, rows, text=(0, 2, len(header) - 1), best=0) + more
