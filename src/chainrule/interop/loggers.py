"""Callbacks that send each check of a training to a tracking tool; each needs that tool's own package."""

from pathlib import Path
from typing import Any

from chainrule.core.errors import MissingExtraError, SettingError, choose
from chainrule.core.paths import path_of
from chainrule.training.log import JSONLines, NewChecks, flat


def _settings(solver: Any) -> dict[str, Any]:
    """Net and training of a solver as names and plain values."""
    net = {f"net.{name}": value for name, value in solver.net.settings().items()}
    return net | {f"training.{name}": value for name, value in solver.settings.describe().items()}


class TensorBoard(NewChecks):
    """Writes event files that TensorBoard shows as curves.

    Args:
        folder: for the event files; several trainings side by side go to folders beside each other.

    Raises:
        MissingExtraError: the package tensorboard is not installed.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = path_of(folder, owner="TensorBoard", name="folder")
        try:
            from tensorboard.summary import Writer
        except ImportError as error:
            raise MissingExtraError("TensorBoard logs need tensorboard: pip install 'chainrule[logging]'.") from error
        self._writer = Writer(str(self.folder))

    def log(self, row: dict[str, Any]) -> None:
        """Write every number of the check as a scalar of its step."""
        for name, number in flat(row).items():
            if name != "step":
                self._writer.add_scalar(name, number, row["step"])
        self._writer.flush()


class MLflow(NewChecks):
    """Logs to the active run of MLflow, or to a new one.

    Args:
        experiment: its name; where None, MLflow's own default.

    Raises:
        MissingExtraError: the package mlflow is not installed.
    """

    def __init__(self, experiment: str | None = None) -> None:
        super().__init__()
        try:
            import mlflow
        except ImportError as error:
            raise MissingExtraError("MLflow logs need mlflow: pip install mlflow (or mlflow-skinny).") from error
        self._mlflow = mlflow
        if experiment is not None:
            mlflow.set_experiment(experiment)

    def begin(self, solver: Any) -> None:
        """Log net and training as parameters."""
        if self._mlflow.active_run() is None:
            self._mlflow.start_run()
        self._mlflow.log_params(_settings(solver))

    def log(self, row: dict[str, Any]) -> None:
        """Log every number of the check as a metric of its step."""
        self._mlflow.log_metrics(flat(row), step=row["step"])


class WandB(NewChecks):
    """Logs to the active run of Weights & Biases, or to a new one.

    Args:
        project: of a new run.

    Raises:
        MissingExtraError: the package wandb is not installed.
    """

    def __init__(self, project: str = "chainrule") -> None:
        super().__init__()
        try:
            import wandb
        except ImportError as error:
            raise MissingExtraError("Weights & Biases logs need wandb: pip install wandb.") from error
        self._wandb, self.project = wandb, project

    def begin(self, solver: Any) -> None:
        """Log net and training as the run's configuration."""
        if self._wandb.run is None:
            self._wandb.init(project=self.project)
        self._wandb.run.config.update(_settings(solver))

    def log(self, row: dict[str, Any]) -> None:
        """Log every number of the check at its step."""
        self._wandb.run.log(flat(row), step=row["step"], commit=True)


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
