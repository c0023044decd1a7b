"""Looking at a study while it runs, or after: how far it is, its best, its table, its dashboard."""

import csv
import io
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainrule.core.errors import MissingExtraError, OutputError
from chainrule.core.files import write_atomically
from chainrule.core.json_files import read_json
from chainrule.study.sweeps import conclusion
from chainrule.study.sweeps.database import address_of, shown
from chainrule.study.sweeps.points import words
from chainrule.study.sweeps.records import DATABASE, FINALS, STATUS, Trial, is_running, trials_of
from chainrule.study.sweeps.result import score

EVERY = 2.0  # seconds between two looks
PORT = 8080  # of the dashboard, unless something else is there


def status(folder: Path) -> dict[str, Any]:
    """How far a study is.

    Returns:
        state ("running", "finished" or "stopped"), planned, counts by state, running trials, repetitions of finalists
        that ended and that were planned, best trial, seconds, and seconds left (None where unknown).
    """
    sweep, running = conclusion.read(folder), is_running(folder)
    told = read_json(folder / STATUS) if (folder / STATUS).exists() else {}
    finals = sweep.definition["finals"]
    best = sweep.best_trial
    return {
        "state": "finished" if sweep.complete else "running" if running else "stopped",
        "planned": sweep.definition["budget"]["trials"],
        "trials": sweep.counts,
        "running": told.get("running", {}) if running else {},
        "finals": len(list((folder / FINALS).glob("[0-9]*.npz"))),
        "finals_planned": finals["finalists"] * finals["seeds"],
        "best": None if best is None else {"trial": best.number, "value": best.value, "params": best.params},
        "metric": sweep.metric,
        "seconds": told.get("seconds", sweep.seconds),
        "seconds_left": _left(sweep.trials, sweep.definition["budget"]["trials"], told.get("seconds")),
    }


def _left(trials: list[Trial], planned: int | None, seconds: Any) -> float | None:
    """At the pace so far, of the trials alone."""
    if planned is None or not trials or not isinstance(seconds, int | float):
        return None
    return max(0.0, seconds / len(trials) * (planned - len(trials)))


def told(found: dict[str, Any]) -> str:
    """A status in a few lines."""
    counts = ", ".join(f"{n} {state}" for state, n in found["trials"].items() if n) or "none ended yet"
    planned = f" of {found['planned']}" if found["planned"] else ""
    lines = [
        f"{found['state']}, {_duration(found['seconds'])}: {sum(found['trials'].values())}{planned} trials ({counts})"
    ]
    if found["finals"]:
        lines[0] += f", {found['finals']} of {found['finals_planned']} repetitions of the best"
    if found["state"] == "running" and found["seconds_left"]:
        lines.append(f"about {_duration(found['seconds_left'])} left for the trials")
    lines += [f"  trial {number}: {words(params)}" for number, params in found["running"].items()]
    if found["best"]:
        best = found["best"]
        said = score(best["value"], found["metric"])
        lines.append(f"best so far: trial {best['trial']}, {said} on the validation rows: {words(best['params'])}")
    return "\n".join(lines)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"


def watch(folder: Path, show: Callable[[str], None], every: float = EVERY) -> dict[str, Any]:
    """Show the status until the study does not run any more; the last one is returned."""
    while True:
        found = status(folder)
        show(told(found))
        if found["state"] != "running":
            return found
        time.sleep(every)


def export(folder: Path, path: Path) -> int:
    """Write every trial as a row of a CSV file; gives how many there are.

    Raises:
        OutputError: the file exists, or cannot be written.
    """
    if path.exists():
        raise OutputError(f"{path} exists; nothing is overwritten. Choose another name.")
    trials = trials_of(folder)
    names = list(dict.fromkeys(name for trial in trials for name in trial.params))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["trial", "state", "best_val", "epochs", "seconds", "seed", "fault", *names])
    for trial in trials:
        own = [trial.number, trial.state, trial.value, trial.epochs, trial.seconds, trial.seed, trial.fault]
        table.writerow([_cell(value) for value in [*own, *(trial.params.get(name) for name in names)]])
    write_atomically(path, text.getvalue().encode())
    return len(trials)


def _cell(value: Any) -> Any:
    return "" if value is None else value


def dashboard(folder: Path, storage: str | None = None) -> int:
    """Start optuna-dashboard on the study's database, until it is ended.

    Raises:
        MissingExtraError: it is not installed.
        OutputError: the study has no database yet.
    """
    if storage is None and not (folder / DATABASE).exists():
        conclusion.saved_settings(folder)
        raise OutputError(
            f"{folder} has no {DATABASE}. Is the study's database elsewhere? Give its address: --storage URL."
        )
    address = address_of(folder, storage)
    program = shutil.which("optuna-dashboard") or shutil.which("optuna-dashboard", path=sysconfig.get_path("scripts"))
    if program is None:
        raise MissingExtraError(
            f"optuna-dashboard is not installed; install it with: pip install optuna-dashboard, then: "
            f"optuna-dashboard {shown(address)}"
        )
    line = [program, address, "--host", "127.0.0.1", "--port", str(_free_port())]
    return subprocess.run(line, check=False).returncode


def _free_port() -> int:
    """The usual port of this machine's own address, or another one where that is taken."""
    for port in (PORT, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    return PORT
