"""Loggers, read back by the tools that they are for."""

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import cross_validate

import chainrule as cr
from chainrule.core.errors import MissingExtraError, SettingError
from chainrule.interop.loggers import MLflow, TensorBoard, WandB, logger
from chainrule.training.log import JSONLines

SMALL = {"hidden": [6], "num_train": 90, "epochs": 3, "batch_size": 30, "threads": 1, "slices": 1, "verbose": False}


def test_tensorboard_reads_what_was_logged(tmp_path):
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    run = cr.train(**SMALL, out=tmp_path / "run", callbacks=[TensorBoard(tmp_path / "board")])
    (file,) = Path(tmp_path / "board").iterdir()
    found: dict[str, list] = {}
    for event in LegacyEventFileLoader(str(file)).Load():
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.tensor.float_val[0]))
    history = run.history
    assert [step for step, _ in found["val_acc"]] == list(history.check_step)
    np.testing.assert_allclose([number for _, number in found["val_acc"]], history.val_acc, rtol=1e-6)
    np.testing.assert_allclose([n for _, n in found["update_ratio/W1"]], history.update_ratios[:, 0], rtol=1e-6)


def made(kind, tmp_path, monkeypatch):
    """A logger whose tool writes under tmp_path."""
    if kind == "mlflow":
        pytest.importorskip("mlflow", reason="the MLflow logger needs mlflow").set_tracking_uri(
            f"sqlite:///{tmp_path / 'mlflow.db'}"
        )
        return MLflow("digits")
    if kind == "wandb":
        wandb = pytest.importorskip("wandb", reason="the Weights & Biases logger needs wandb")
        wandb.teardown()  # which forgets the folder of another test
        for name, value in {"MODE": "offline", "DIR": str(tmp_path), "SILENT": "true"}.items():
            monkeypatch.setenv(f"WANDB_{name}", value)
        return WandB("digits")
    return JSONLines(tmp_path / "log.jsonl") if kind == "jsonl" else TensorBoard(tmp_path / "board")


def trainings(kind, tmp_path):
    """How many trainings the tool holds, and the checks of the last; where one file is all there is, one."""
    if kind == "jsonl":
        return 1, len((tmp_path / "log.jsonl").read_text().splitlines())
    if kind == "tensorboard":
        return len(list((tmp_path / "board").iterdir())), None
    if kind == "mlflow":
        import mlflow

        mlflow.end_run()
        runs = mlflow.search_runs(experiment_names=["digits"], output_format="list")
        return len(runs), len(mlflow.MlflowClient().get_metric_history(runs[0].info.run_id, "train_acc"))
    import wandb

    wandb.finish()
    return len(list(tmp_path.glob("wandb/offline-run-*"))), None


def test_mlflow_reads_what_was_logged(tmp_path, monkeypatch):
    callback = made("mlflow", tmp_path, monkeypatch)
    import mlflow

    run = cr.train(**SMALL, out=tmp_path / "run", callbacks=[callback])
    active = mlflow.active_run().info.run_id
    logged = mlflow.MlflowClient().get_metric_history(active, "val_acc")
    assert [(m.step, m.value) for m in logged] == list(zip(run.history.check_step, run.history.val_acc))
    assert mlflow.get_run(active).data.params["training.rule"] == "adam"
    mlflow.end_run()


def test_weights_and_biases_takes_what_was_logged(tmp_path, monkeypatch):
    callback = made("wandb", tmp_path, monkeypatch)
    import wandb

    run = cr.train(**SMALL, out=tmp_path / "run", callbacks=[callback])
    assert wandb.run.config["training.rule"] == "adam"
    assert wandb.run.summary["val_acc"] == run.history.val_acc[-1]
    assert trainings("wandb", tmp_path) == (1, None)


@pytest.mark.parametrize("kind", ["jsonl", "tensorboard", "mlflow", "wandb"])
def test_copies_log_the_fits_of_a_grid_and_a_second_fit_begins_anew(kind, tmp_path, monkeypatch, rng):
    X, y = rng.standard_normal((40, 3)), np.arange(40) % 2
    model = cr.FullyConnectedClassifier((3,), epochs=2, batch_size=20, callbacks=[made(kind, tmp_path, monkeypatch)])
    pickle.loads(pickle.dumps(model)).fit(X, y)
    cross_validate(model, X, y, cv=2, error_score="raise")
    fitted = model.fit(X, y).set_params(epochs=3, random_state=1).fit(X, y)
    pickle.loads(pickle.dumps(fitted))
    held = {"jsonl": (1, 4), "tensorboard": (5, None), "mlflow": (5, 4), "wandb": (5, None)}
    assert trainings(kind, tmp_path) == held[kind]  # 4 checks: after the first step and after each epoch


def test_a_text_names_a_logger(tmp_path):
    assert isinstance(logger(f"tensorboard:{tmp_path}"), TensorBoard)
    assert logger("jsonl:log.jsonl").path == Path("log.jsonl")
    assert isinstance(logger("jsonl:log.jsonl"), JSONLines)
    with pytest.raises(SettingError, match=r"unknown logger 'tensorbord'.*Did you mean 'tensorboard'"):
        logger("tensorbord:logs")
    with pytest.raises(SettingError, match="jsonl needs a place after a colon"):
        logger("jsonl")


@pytest.mark.parametrize(
    ("kind", "package"), [("tensorboard:x", "tensorboard.summary"), ("mlflow", "mlflow"), ("wandb", "wandb")]
)
def test_a_package_that_is_missing_is_named(kind, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match="pip install"):
        logger(kind)
