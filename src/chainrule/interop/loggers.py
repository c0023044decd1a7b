"""Callbacks that send each check of a training to a tracking tool; each needs that tool's own package."""

from importlib import import_module
from pathlib import Path
from typing import Any

from chainrule.core.errors import MissingExtraError, SettingError, choose
from chainrule.core.paths import path_of
from chainrule.training.log import JSONLines, NewChecks, flat

MARK = "training.rule"  # a run whose parameters hold this one holds a training


def _settings(solver: Any) -> dict[str, Any]:
    """Net and training of a solver as names and plain values."""
    net = {f"net.{name}": value for name, value in solver.net.settings().items()}
    return net | {f"training.{name}": value for name, value in solver.settings.describe().items()}


def _tool(package: str, hint: str) -> Any:
    """A tracking tool's package; imported where it is used, since copies and pickles of a callback hold no modules."""
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingExtraError(hint) from error


class TensorBoard(NewChecks):
    """Writes event files that TensorBoard shows as curves, one for every training.

    Args:
        folder: for the event files; several trainings side by side go to folders beside each other.

    Raises:
        MissingExtraError: the package tensorboard is not installed.
    """

    _needs = ("tensorboard.summary", "TensorBoard logs need tensorboard: pip install 'chainrule[logging]'.")

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        _tool(*self._needs)
        self.folder = path_of(folder, owner="TensorBoard", name="folder")
        self._writer: Any = None

    def begin(self, solver: Any) -> None:
        """Start an event file."""
        self._writer = _tool(*self._needs).Writer(str(self.folder))

    def log(self, row: dict[str, Any]) -> None:
        """Write every number of the check as a scalar of its step."""
        for name, number in flat(row).items():
            if name != "step":
                self._writer.add_scalar(name, number, row["step"])
        self._writer.flush()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_writer": None, "_logged": 0}  # an open file goes into no copy, which begins anew


class MLflow(NewChecks):
    """Logs to the active run of MLflow, or to a new one where none is active or that one holds a training already.

    Args:
        experiment: name of the experiment of new runs; where None, MLflow's own default.

    Raises:
        MissingExtraError: the package mlflow is not installed.
    """

    _needs = ("mlflow", "MLflow logs need mlflow: pip install mlflow (or mlflow-skinny).")

    def __init__(self, experiment: str | None = None) -> None:
        super().__init__()
        _tool(*self._needs)
        self.experiment = experiment

    def begin(self, solver: Any) -> None:
        """Log net and training as parameters."""
        mlflow = _tool(*self._needs)
        while (run := mlflow.active_run()) and MARK in mlflow.get_run(run.info.run_id).data.params:
            mlflow.end_run()
        if run is None:
            if self.experiment is not None:
                mlflow.set_experiment(self.experiment)
            mlflow.start_run()
        mlflow.log_params(_settings(solver))

    def log(self, row: dict[str, Any]) -> None:
        """Log every number of the check as a metric of its step."""
        _tool(*self._needs).log_metrics(flat(row), step=row["step"])


class WandB(NewChecks):
    """Logs to the active run of Weights & Biases, or to a new one where none is active or that one holds a training.

    Args:
        project: of new runs.

    Raises:
        MissingExtraError: the package wandb is not installed.
    """

    _needs = ("wandb", "Weights & Biases logs need wandb: pip install wandb.")

    def __init__(self, project: str = "chainrule") -> None:
        super().__init__()
        _tool(*self._needs)
        self.project = project

    def begin(self, solver: Any) -> None:
        """Log net and training as the run's configuration."""
        wandb = _tool(*self._needs)
        if wandb.run is not None and MARK in wandb.run.config.keys():  # noqa: SIM118, the configuration is no dict
            wandb.run.finish()
        if wandb.run is None:
            wandb.init(project=self.project)
        wandb.run.config.update(_settings(solver))

    def log(self, row: dict[str, Any]) -> None:
        """Log every number of the check at its step."""
        _tool(*self._needs).run.log(flat(row), step=row["step"], commit=True)


LOGGERS = {"jsonl": JSONLines, "tensorboard": TensorBoard, "mlflow": MLflow, "wandb": WandB}
PLACES = ("jsonl", "tensorboard")  # whose place must be named


def logger(described: str) -> NewChecks:
    """The logger of a text such as "tensorboard:logs/first", "jsonl:log.jsonl", "mlflow:experiment" or "wandb:project".

    Raises:
        SettingError: an unknown kind, or no place for one that needs it.
        MissingExtraError: the tool's package is not installed.
    """
    kind, _, place = described.partition(":")
    choose(kind, LOGGERS, what="logger")
    if kind in PLACES and not place:
        raise SettingError(f"log: {kind} needs a place after a colon, such as {kind}:logs; came {described!r}.")
    return LOGGERS[kind](place) if place else LOGGERS[kind]()
