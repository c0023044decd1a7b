"""A study's end: the winner is tested, and everything is written; result.json comes last and says that the rest is whole."""

from pathlib import Path
from typing import Any

from chainrule.core.errors import FileFormatError, OutputError
from chainrule.core.json_files import plain, read_json, write_json
from chainrule.datasets import Dataset
from chainrule.report import write_sweep
from chainrule.study.executors.base import Data
from chainrule.study.result import Study
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.finals import Finals, finalists, label_of, net_of, repetitions
from chainrule.study.sweeps.records import NET, REPORT, RESULT, SETTINGS, Trial, trials_of
from chainrule.study.sweeps.result import Sweep
from chainrule.study.sweeps.search import Search
from chainrule.training.evaluation import evaluate

MAY_CHANGE = ("budget", "finals", "data")  # data are compared by their fingerprint


def saved_settings(folder: Path) -> dict[str, Any]:
    """The settings of the study in a folder.

    Raises:
        FileFormatError: there is no study, or its settings are damaged.
    """
    if not (folder / SETTINGS).is_file():
        raise FileFormatError(f"{folder} holds no study: there is no {SETTINGS}. Is it the folder given by --out?")
    saved = read_json(folder / SETTINGS)
    if not isinstance(saved, dict) or saved.get("kind") != "sweep":
        kind = saved.get("kind") if isinstance(saved, dict) else None
        raise FileFormatError(f"{folder}: {SETTINGS} is that of a {kind or 'foreign program'}, not of a sweep.")
    return saved


def same_study(folder: Path, asked: dict[str, Any]) -> None:
    """See that a folder holds the study that is asked for; a larger budget, or more finalists, may be asked for later.

    Raises:
        OutputError: the folder holds something else.
        FileFormatError: what it holds is damaged.
    """
    if not (folder / SETTINGS).is_file():
        raise OutputError(f"{folder} exists and holds no study; nothing is overwritten. Choose another --out.")
    saved, new = saved_settings(folder), plain(asked)
    differ = [
        name
        for name in new["study"]
        if name not in MAY_CHANGE and new["study"][name] != saved.get("study", {}).get(name)
    ]
    if new["data"]["fingerprint"] != saved.get("data", {}).get("fingerprint"):
        differ.append("data")
    if differ:
        raise OutputError(
            f"{folder} holds another study: its {', '.join(differ)} differ. A study goes on as it began (only its budget "
            f"and its finals may grow); choose another --out."
        )
    if {name: saved["study"][name] for name in MAY_CHANGE[:2]} != {name: new["study"][name] for name in MAY_CHANGE[:2]}:
        write_json(folder / SETTINGS, asked)


def finished(folder: Path, asked: dict[str, Any]) -> Sweep | None:
    """The study as its files have it, where it came to the end that is asked for."""
    if not (folder / RESULT).exists():
        return None
    result = read_json(folder / RESULT)
    wanted = plain(asked["study"])
    try:
        if not result["complete"] or any(result["study"][name] != wanted[name] for name in ("budget", "finals")):
            return None
        return read(folder)
    except (KeyError, TypeError) as error:
        raise FileFormatError(
            f"{folder / RESULT} is damaged; remove it, and the same command makes it again."
        ) from error


def read(folder: Path) -> Sweep:
    """A study, finished or not, from its folder.

    Raises:
        FileFormatError: there is none, or its files are damaged.
    """
    saved = saved_settings(folder)
    try:
        definition, about = Definition.of(saved["study"], str(folder / SETTINGS)), saved["data"]["about"]
    except (KeyError, TypeError) as error:
        raise FileFormatError(f"{folder / SETTINGS} is damaged: it describes no study ({error}).") from error
    result = read_json(folder / RESULT) if (folder / RESULT).exists() else {}
    trials = trials_of(folder)
    metric = "accuracy" if about["task"] == "classification" else "r2"
    study = repetitions(folder, definition, finalists(trials, definition.finals.finalists)) if result else None
    return _sweep(folder, definition, trials, study, result, metric)


def _sweep(
    folder: Path, definition: Definition, trials: list[Trial], finals: Study | None, result: dict[str, Any], metric: str
) -> Sweep:
    complete, winner = bool(result.get("complete")), result.get("winner")
    ranked = finalists(trials, len(trials))
    best = next((t for t in ranked if label_of(t) == winner), ranked[0] if ranked else None)
    return Sweep(
        folder, definition.describe(), list(definition.space), trials, finals, winner, best, result.get("test"), metric,
        float(result.get("seconds", 0.0)), complete,
    )  # fmt: skip


def stopped(folder: Path, asked: dict[str, Any], search: Search) -> Sweep:
    """A study that Ctrl-C ended, with the trials that it has."""
    trials = sorted([*search.trials, *search.ended.values()], key=lambda trial: trial.number)
    metric = "accuracy" if asked["data"]["about"]["task"] == "classification" else "r2"
    return _sweep(folder, search.definition, trials, None, {"seconds": search.seconds}, metric)


def conclude(
    folder: Path, asked: dict[str, Any], search: Search, finals: Finals, chosen: list[Trial], data: Data
) -> Sweep:
    """Test the winner and write everything."""
    metric = "accuracy" if asked["data"]["about"]["task"] == "classification" else "r2"
    study = repetitions(folder, search.definition, chosen)
    result: dict[str, Any] = {"seconds": search.seconds, "complete": True}
    if study.variants:
        result["winner"] = study.best_label
        trial = next(trial for trial in chosen if label_of(trial) == study.best_label)
        scores = study.best.by_seed("best_val")
        net, rows = net_of(finals.setup, folder, trial, max(scores, key=lambda seed: (scores[seed], -seed)), data)
        net.save(folder / NET, overwrite=True)
        result["test"] = _tested(net, rows)
    made = _sweep(folder, search.definition, search.trials, study, result, metric)
    write_sweep(folder / REPORT, made, settings=asked, overwrite=True)
    write_json(
        folder / RESULT,
        {
            **result,
            "folder": str(folder),
            "study": search.definition.describe(),
            "metric": metric,
            "best": made.best,
            "settings": made.best_trial.settings if made.best_trial else None,
            "verdict": made.verdict,
            "finals": study.table(),
            "trials": made.table(),
        },
    )
    return made


def _tested(net: Any, rows: Dataset) -> float | None:
    """The winner's score on the test rows: the one place of a study that sees them."""
    return float(evaluate(net, rows.X_test, rows.y_test).score) if "X_test" in rows else None
