"""The page of a study: the verdict first, then what it stands on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule import plots
from chainrule.core.kinds import having
from chainrule.plots import series
from chainrule.plots.lines import METRICS
from chainrule.plots.studies import MOST_VARIANTS, epoch_length, shown
from chainrule.report import parts
from chainrule.report.page import page, ready, write
from chainrule.report.pictures import figure, figures

TITLES = {
    "loss": "Training loss",
    "train_acc": "Training {}",
    "val_acc": "Validation {}",
    "grad_norm": "Mean gradient norm",
}


def write_study(path: str | Path, study: Any, *, overwrite: bool = False) -> Path:
    """Write a study as a self-contained HTML page; equal studies give equal bytes.

    Args:
        path: the file; folders on the way are made.
        study: has `.title`, `.settings`, `.variants`, `.table()`, `.verdict`, `.findings`, `.best_label`, `.target_acc`
            and `.confidence`.
        overwrite: replace a file that is there.

    Returns:
        The path written.

    Raises:
        OutputError: the file is there already, or cannot be written.
        ArrayTypeError: something that is no study.
    """
    path = ready(path, overwrite)
    having(
        "write_study", "study", study, "variants table verdict findings", wanted="a Study, such as compare() returns"
    )
    return write_drawn(path, study, plots.study_figures(study), overwrite=overwrite)


def write_drawn(path: Path, study: Any, drawn: Mapping[str, Any], *, overwrite: bool = False) -> Path:
    """`write_study` with figures that `plots.study_figures` has drawn already."""
    metric = _metric(study)
    content = (
        _verdict(study),
        _figures(study, metric, drawn),
        parts.section("All variants", _table(study, metric)),
        parts.section("What went wrong", _findings(study), _failures(study)),
        parts.section("Settings", parts.settings_table("settings", _shared(study)), _variants(study)),
        parts.reproduce(study.settings),
    )
    return write(path, page("Study", study.title, *content), overwrite)


def _metric(study) -> str:
    histories = [run.history for variant in study.variants for run in variant.runs if run.history is not None]
    return histories[0].metric if histories else "accuracy"


def _shared(study) -> dict:
    return {name: value for name, value in study.settings.items() if name != "command"}


def _verdict(study) -> str:
    sentences = "".join(f"<li>{parts.esc(sentence)}</li>" for sentence in study.verdict)
    return f'<ul class="verdict">{sentences}</ul>\n' if sentences else ""


def _figures(study, metric, drawn) -> str:
    name = METRICS.get(metric, metric)
    best = f"Of {len(study.variants)} variants the best {MOST_VARIANTS} are drawn. "
    words = (
        f"{best if len(study.variants) > MOST_VARIANTS else ''}"
        "Lines are means over the seeds, bands one standard deviation to either side."
    )
    ranking = figure(drawn["ranking"], "ranking", f"Validation {name} at the end", _told(study, "val_acc", metric))
    sections = [parts.section("Result of every seed", figures(ranking))]
    length = epoch_length(study)
    if length:
        words += f" An epoch is {length:g} steps for each of them."
    for by in (by for by in series.AXES if f"loss_by_{by}" in drawn):
        group = [
            figure(
                drawn[f"{quantity}_by_{by}"], f"{quantity}_by_{by}", title.format(name), _told(study, quantity, metric)
            )
            for quantity, title in TITLES.items()
        ]
        sections.append(parts.section(f"By {by}", f'<p class="soft">{words}</p>\n', figures(*group)))
    return "".join(sections)


def _told(study, quantity, metric) -> str:
    """The figure in words: where each variant ends."""
    ends = []
    for variant in shown(study):
        last = [series.last(run.history, quantity) for run in variant.runs if run.history is not None]
        finite = [value for value in last if parts.is_number(value)]
        mean = sum(finite) / len(finite) if finite else None
        ends.append(f"{variant.label} {parts.score(mean, metric) if quantity.endswith('acc') else parts.number(mean)}")
    return f"{TITLES[quantity].format(METRICS.get(metric, metric))}, mean over the seeds at the end: {'; '.join(ends)}."


def _table(study, metric) -> str:
    rows = list(study.table())
    target = parts.score(study.target_acc, metric)
    header = [
        "variant",
        "validation, end",
        "validation, best",
        "training, end",
        "test",
        f"epochs to {target} in training (seeds)",
        "time of a run",
        f"against the best ({100 * study.confidence:g}\u00a0% interval)",
    ]
    cells = [
        [
            row["variant"],
            *(
                parts.spread(row[f"{q}_mean"], row[f"{q}_std"], metric)
                for q in ("final_val", "best_val", "final_train", "test")
            ),
            f"{parts.number(row['first_epoch'], 3)} ({row['reached']})",
            parts.duration(row["seconds"]),
            _difference(row, metric),
        ]
        for row in rows
    ]
    best = next((place for place, row in enumerate(rows) if row["variant"] == study.best_label), None)
    unit = "points of a hundred" if metric == "accuracy" else METRICS.get(metric, metric)
    words = (
        f"Mean ± one standard deviation over the seeds. Differences, in {unit}, are paired by seed; "
        "an interval that holds 0 leaves open which of the two is better."
    )
    return f'<p class="soft">{words}</p>\n' + parts.table("results of all variants", header, cells, best=best)


def _difference(row, metric) -> str:
    if row["difference_low"] is None or not parts.is_number(row["difference_mean"]):
        return parts.NOTHING
    scale, digits = (100, 1) if metric == "accuracy" else (1, 3)
    mean, low, high = (
        f"{scale * row[f'difference_{k}']:+z.{digits}f}".replace("-", "−") for k in ("mean", "low", "high")
    )
    return f"{mean} ({low} to {high})"


def _findings(study) -> str:
    """Equal findings once, with the variants they were made in."""
    groups: dict[tuple, list] = {}
    for label, item in study.findings:
        groups.setdefault((item.severity != "problem", item.kind, item.title), []).append((label, item))
    return "".join(
        parts.finding(members[0][1], _where([label for label, _ in members]))
        for _, members in sorted(groups.items(), key=lambda g: g[0][0])
    )


def _where(labels: list) -> str:
    counts = {label: labels.count(label) for label in labels}
    return "In " + ", ".join(f"{label} ({count} times)" if count > 1 else str(label) for label, count in counts.items())


def _failures(study) -> str:
    items = [
        f"<li><b>{parts.esc(variant.label)}</b>, seed {parts.esc(run.seed)}: {parts.esc(run.failed)}</li>"
        for variant in study.variants
        for run in variant.runs
        if run.failed
    ]
    return f"<h3>Runs that failed</h3>\n<ul>{''.join(items)}</ul>\n" if items else ""


def _variants(study) -> str:
    """One row for each variant, one column for each setting in which variants differ."""
    rows = [dict(parts.flatten(variant.settings)) for variant in study.variants]
    names = list(dict.fromkeys(name for row in rows for name in row))
    differing = [name for name in names if len({row.get(name) for row in rows}) > 1]
    if not differing:
        return ""
    cells = [[v.label, *(row.get(name, parts.NOTHING) for name in differing)] for v, row in zip(study.variants, rows)]
    header = ["variant", *differing]
    table = parts.table("settings in which the variants differ", header, cells, text=range(len(header)))
    return f"<h3>Where the variants differ</h3>\n{table}"
