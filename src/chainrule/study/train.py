"""One training in a folder of its own: settings first, checkpoints while it runs, results and a page at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule import plots
from chainrule.core.errors import DataError, FileFormatError
from chainrule.core.files import free_name, new_folder
from chainrule.core.json_files import plain, read_json, write_json
from chainrule.core.paths import path_of
from chainrule.datasets import Dataset
from chainrule.nets import load_net
from chainrule.nets.net import Net
from chainrule.report import write_run
from chainrule.report.notebook import run_view
from chainrule.study.judge import Judgement, judge
from chainrule.study.plan import Plan
from chainrule.study.recipe import Recipe
from chainrule.training import checkpoints
from chainrule.training.diagnosis import Finding, diagnose
from chainrule.training.history import History
from chainrule.training.log import JSONLines
from chainrule.training.settings import functions
from chainrule.training.solver import Solver

SETTINGS, RESULT = "settings.json", "result.json"
HISTORY, NET, FIGURE, REPORT = "history.npz", "net.safetensors", "training.svg", "report.html"
LOG = "log.jsonl"


@dataclass(frozen=True)
class Run:
    """A training's outcome.

    Attributes:
        folder: where everything lies.
        net: the best one.
        history: of every step.
        findings: what went wrong, in words.
        test: how the net does on the test rows; None where there are none.
        result: the figures, as `result.json` has them.
    """

    folder: Path
    net: Net
    history: History
    findings: list[Finding]
    test: Judgement | None
    result: dict[str, Any]

    @property
    def finished(self) -> bool:
        """Whether the training came to its end (it may have been interrupted)."""
        return bool(self.result["finished"])

    def _said(self) -> list[str]:
        tested = [] if self.test is None else [f"On the test rows: {self.history.metric} {self.test.score:.4f}."]
        return [repr(self.history)[1:-1], *tested, *map(str, self.findings), f"The page: {self.folder / REPORT}"]

    def __repr__(self) -> str:
        return "\n".join(self._said())

    def _repr_html_(self) -> str:
        return run_view(self.history, self._said())


def train(
    data: Any = "digits",
    *,
    out: str | Path | None = None,
    target: str | None = None,
    task: str | None = None,
    impute: Any = None,
    num_train: int | None = None,
    num_test: int | None = None,
    callbacks: Sequence[Callable[[Solver], Any]] = (),
    verbose: bool = True,
    command: str | None = None,
    **settings: Any,
) -> Run:
    """Train a net on data, and leave a folder with settings, history, net and a page.

    Args:
        data: what `load_data` takes.
        out: the folder, which may not exist yet; where None, a new one under `runs/`.
        target, task, impute, num_train, num_test: as for `load_data`.
        callbacks: as for `Solver`, such as the loggers of `chainrule.interop.loggers`.
        verbose: whether progress is shown.
        command: the command line to show in the report.
        **settings: as the fields of `Plan`: hidden, norm, keep, rule, lr, epochs, batch_size, seed, ...

    Returns:
        The run; its folder holds settings.json, history.npz, net.safetensors, report.html, result.json, and log.jsonl
        with a line for every check, which is there while the training runs.

    Raises:
        SettingError, DataError, ArrayError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
    """
    callbacks = functions("callbacks", callbacks)
    recipe = Recipe.of(data, target=target, task=task, impute=impute, num_train=num_train, num_test=num_test)
    loaded = recipe.load(data)
    plan = Plan.of(**settings).resolved(loaded)
    folder = path_of(out, owner="train", name="out") if out is not None else free_name("runs", f"train-{loaded.name}")
    with new_folder(folder) as partial:
        write_json(partial / SETTINGS, recipe.settings("train", loaded, command, plan=plan.describe()))
    return _go_on(folder, loaded, plan, callbacks=callbacks, verbose=verbose)


def resume(
    folder: str | Path,
    *,
    data: Any = None,
    callbacks: Sequence[Callable[[Solver], Any]] = (),
    verbose: bool = True,
) -> Run:
    """Go on with a training that was stopped or killed; a finished one is read and returned as it is.

    Args:
        folder: of the training.
        data: the same data again, where it was given as arrays and not by a name.
        callbacks: as for `train`.
        verbose: whether progress is shown.

    Raises:
        FileFormatError: the folder holds no training, or its files do not fit together.
        DataError: the data have changed.
        SettingError: the data cannot be loaded again by name and were not given.
    """
    folder, callbacks = path_of(folder, owner="resume", name="folder"), functions("callbacks", callbacks)
    if not (folder / SETTINGS).is_file():
        raise FileFormatError(f"{folder} holds no training: there is no {SETTINGS}. Is it the folder given by --out?")
    saved = read_json(folder / SETTINGS)
    if not isinstance(saved, dict) or saved.get("kind") != "train":
        kind = saved.get("kind") if isinstance(saved, dict) else None
        raise FileFormatError(f"{folder}: {SETTINGS} is that of a {kind or 'foreign program'}, not of a training.")
    plan = Plan.restore_from(saved.get("plan"), folder / SETTINGS)
    recipe = Recipe.restore(saved, folder / SETTINGS)
    loaded = recipe.load(data)
    if loaded.fingerprint != saved["data"].get("fingerprint"):
        raise DataError(
            f"{folder}: {recipe.source or 'the data given'} is not what the training began with (the fingerprints "
            f"differ). Bring the old data back, or start a new training."
        )
    return _go_on(folder, loaded, plan, callbacks=callbacks, verbose=verbose)


def _go_on(
    folder: Path, data: Dataset, plan: Plan, *, callbacks: Sequence[Callable[[Solver], Any]], verbose: bool
) -> Run:
    run = _finished(folder, data)
    if run is not None:
        return run
    own = JSONLines(folder / LOG)
    solver = plan.solver(data, folder=folder, callbacks=[own, *callbacks], verbose=verbose)
    solver.resume()
    solver.train(0 if solver.finished else None)  # killed after its last step, it needs none, only its best net
    return _conclude(folder, solver)


def _finished(folder: Path, data: Dataset) -> Run | None:
    """The run as its files have it; None where it did not come to its end."""
    if not (folder / RESULT).exists():
        return None
    result = read_json(folder / RESULT)
    try:
        if not result["finished"]:
            return None
        findings = [Finding(**finding) for finding in result["findings"]]
    except (KeyError, TypeError) as error:
        raise FileFormatError(f"{folder / RESULT} is damaged; remove it, and --resume makes it again.") from error
    net, history = load_net(folder / NET), History.load(folder / HISTORY)
    return Run(folder, net, history, findings, _judged(net, data), result)


def _conclude(folder: Path, solver: Solver) -> Run:
    """Write everything; `result.json` comes last and says that the rest is whole."""
    net, history, data = solver.net, solver.history, solver.data
    findings, test = diagnose(solver), _judged(net, data)
    saved = read_json(folder / SETTINGS)
    history.save(folder / HISTORY)
    net.save(folder / NET, overwrite=True)
    plots.save(plots.training_figure(history), folder / FIGURE, overwrite=True)
    write_run(
        folder / REPORT,
        title=_title(data, saved["plan"]),
        settings={"command": saved.get("command"), **saved["plan"]},
        summary=net.summary(),
        history=history,
        findings=findings,
        evaluation=test.page() if test else None,
        weights=net.params["W1"] if data.image_shape else None,
        image_shape=data.image_shape,
        data=data.describe(),
        overwrite=True,
    )
    result = {
        "finished": not solver.interrupted,
        "folder": str(folder),
        "data": data.name,
        "metric": history.metric,
        "epochs": solver.epoch,
        "steps": len(history.loss),
        "best_epoch": history.best_epoch,
        "best_val_acc": history.best_val_acc,
        "final_val_acc": float(history.val_acc[-1]) if len(history.val_acc) else None,
        "final_train_acc": float(history.train_acc[-1]) if len(history.train_acc) else None,
        "final_loss": float(history.loss[-1]) if len(history.loss) else None,
        "test_acc": test.score if test else None,
        "test_loss": test.loss if test else None,
        "fault": history.fault,
        "findings": [vars(finding) for finding in findings],
        "seconds": solver.seconds,
    }
    result = plain(result)  # as the file has it: no NaN
    write_json(folder / RESULT, result)
    if not solver.interrupted:
        checkpoints.clear(folder)
    return Run(folder, net, history, findings, test, result)


def _title(data: Dataset, plan: dict[str, Any]) -> str:
    hidden = " – ".join(map(str, plan["hidden"])) or "no hidden layer"
    return f"{data.name}: {hidden}, {plan['rule']}"


def _judged(net: Net, data: Dataset) -> Judgement | None:
    """The net on the test rows, where there are some."""
    return judge(net, data.X_test, data.y_test, image_shape=data.image_shape) if "X_test" in data else None
