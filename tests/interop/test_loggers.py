"""Loggers, read back by the tools that they are for."""

import sys
from pathlib import Path

import numpy as np
import pytest

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


def test_mlflow_reads_what_was_logged(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="the MLflow logger needs mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    run = cr.train(**SMALL, out=tmp_path / "run", callbacks=[MLflow("digits")])
    active = mlflow.active_run().info.run_id
    mlflow.end_run()
    logged = mlflow.MlflowClient().get_metric_history(active, "val_acc")
    assert [(m.step, m.value) for m in logged] == list(zip(run.history.check_step, run.history.val_acc))
    assert mlflow.get_run(active).data.params["training.rule"] == "adam"


def test_weights_and_biases_takes_what_was_logged(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb", reason="the Weights & Biases logger needs wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))
    monkeypatch.setenv("WANDB_SILENT", "true")
    run = cr.train(**SMALL, out=tmp_path / "run", callbacks=[WandB("digits")])
    assert wandb.run.config["training.rule"] == "adam"
    assert wandb.run.summary["val_acc"] == run.history.val_acc[-1]
    wandb.finish()
    assert list(tmp_path.glob("wandb/offline-run-*/*.wandb"))


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
