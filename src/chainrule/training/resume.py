"""The whole state of a training as tensors and plain values, so that it can stop anywhere and go on bit by bit."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule import nets
from chainrule.core.errors import FileFormatError, SettingError
from chainrule.training import checkpoints
from chainrule.training.best import Snapshot
from chainrule.training.history import CHECK_COLUMNS, STEP_COLUMNS, History

if TYPE_CHECKING:
    from chainrule.training.solver import Solver

STATS = ("mean", "var")


def write(solver: "Solver") -> None:
    """Write a checkpoint into the solver's folder."""
    checkpoints.save(_folder(solver), solver.task.step, _tensors(solver), _meta(solver))


def read(solver: "Solver") -> bool:
    """Put the newest whole checkpoint of the solver's folder into the solver; false where there is none.

    Raises:
        FileFormatError: none can be read, or it belongs to another training; the solver is as it was.
    """
    found = checkpoints.latest(_folder(solver))
    if found is None:
        return False
    step, tensors, meta = found
    _same(solver, meta)
    groups = _grouped(tensors)
    nets.restore(
        solver.net,
        {f"{group}.{name}": v for group in ("params", "stats", "input") for name, v in groups.get(group, {}).items()},
        meta["input"],
        _folder(solver),
    )
    task = solver.task
    task.step, task.total_steps = step, meta["total_steps"]
    task.state = {param: dict(values) for param, values in meta["rule_state"].items()}
    for name, value in groups.get("rule", {}).items():
        param, part = name.rsplit(".", 1)
        task.state.setdefault(param, {})[part] = value
    texts = {name: np.array(meta[name]) for name in ("param_names", "layer_names")}
    columns = {**groups["history"], **texts, "metric": np.array([meta["metric"]])}
    solver.history = History.restore(columns, meta["fault"])
    solver.seconds = meta["seconds"]
    if meta["best_score"] is not None:
        solver.best.score, solver.best.net = meta["best_score"], _snapshot(groups["best"])
    return True


def _folder(solver: "Solver") -> Path:
    if solver.folder is None:
        raise SettingError("Solver: checkpoints need a folder; build it with Solver(..., folder=...).")
    solver.folder.mkdir(parents=True, exist_ok=True)
    return solver.folder


def _tensors(solver: "Solver") -> dict[str, np.ndarray]:
    tensors = dict(solver.net.tensors())
    for param, values in solver.task.state.items():
        tensors.update({f"rule.{param}.{k}": v for k, v in values.items() if isinstance(v, np.ndarray)})
    tensors.update({f"history.{name}": getattr(solver.history, name) for name in (*STEP_COLUMNS, *CHECK_COLUMNS)})
    if solver.best.net is not None:
        tensors.update({f"best.params.{name}": value for name, value in solver.best.net.params.items()})
        for name, pair in solver.best.net.stats.items():
            tensors.update({f"best.stats.{name}.{what}": part for what, part in zip(STATS, pair)})
    return tensors


def _meta(solver: "Solver") -> dict[str, Any]:
    history = solver.history
    return {
        **_identity(solver),
        "input": solver.net.input.describe(),
        "total_steps": solver.task.total_steps,
        "rule_state": {
            param: {k: v for k, v in values.items() if not isinstance(v, np.ndarray)}
            for param, values in solver.task.state.items()
        },
        "best_score": None if solver.best.net is None else solver.best.score,
        "seconds": solver.seconds,
        "fault": history.fault,
        "metric": history.metric,
        "param_names": history.param_names,
        "layer_names": history.layer_names,
    }


def _identity(solver: "Solver") -> dict[str, Any]:
    """What must be equal for a training to go on: the net, the settings, the data, the weights of its rows."""
    weights = solver.task.weights
    return {
        "net": {"class": type(solver.net).__name__, **solver.net.settings()},
        "solver": solver.settings.describe(),
        "data": solver.data.fingerprint,
        "sample_weight": None if weights is None else hashlib.sha256(weights.tobytes()).hexdigest(),
    }


def _same(solver: "Solver", meta: dict[str, Any]) -> None:
    for part, own in _identity(solver).items():
        saved = meta.get(part)
        if own == saved:
            continue
        detail = ""
        if isinstance(own, dict) and isinstance(saved, dict):
            detail = "".join(
                f"; {name} was {saved.get(name)!r} and is now {own.get(name)!r}"
                for name in sorted({*own, *saved})
                if own.get(name) != saved.get(name)
            )
        raise FileFormatError(
            f"{solver.folder}: the checkpoint belongs to a training with another {part}{detail}. "
            f"A training can only go on as it began; start a new one in another folder."
        )


def _grouped(tensors: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """`"params.W1"` -> groups["params"]["W1"]."""
    groups: dict[str, dict[str, np.ndarray]] = {}
    for full, value in tensors.items():
        group, name = full.split(".", 1)
        groups.setdefault(group, {})[name] = value
    return groups


def _snapshot(tensors: dict[str, np.ndarray]) -> Snapshot:
    groups = _grouped(tensors)
    names = {name.rsplit(".", 1)[0] for name in groups.get("stats", {})}
    stats = groups.get("stats", {})
    return Snapshot(groups["params"], {name: (stats[f"{name}.mean"], stats[f"{name}.var"]) for name in names})
