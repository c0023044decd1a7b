"""Every check as a line of JSON, the same for a training that was stopped and one left alone."""

import json

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import OutputError
from chainrule.training.log import JSONLines, flat, measured

SMALL = {"hidden": [6], "num_train": 90, "epochs": 4, "batch_size": 30, "threads": 1, "slices": 1, "verbose": False}


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_seconds(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


@pytest.fixture
def run(tmp_path):
    return cr.train(**SMALL, out=tmp_path / "run")


def test_a_run_holds_a_line_for_every_check(run):
    rows, history = lines(run.folder / "log.jsonl"), run.history
    assert [row["step"] for row in rows] == [1, 3, 6, 9, 12]
    assert [row["epoch"] for row in rows] == [0, 1, 2, 3, 4]
    assert rows == [measured(history, check) for check in range(5)]
    assert rows[2]["loss"] == pytest.approx(history.loss[3:6].mean())
    assert rows[2]["grad_norm"]["W1"] == pytest.approx(history.grad_norms[3:6, 0].mean())
    assert rows[4]["val_acc"] == history.val_acc[-1]


def test_a_resumed_training_leaves_the_same_lines(run, tmp_path):
    class Pulled(Exception):
        """The plug."""

    def pull(solver):
        if solver.epoch == 2:
            raise Pulled

    with pytest.raises(Pulled):
        cr.train(**SMALL, out=tmp_path / "other", callbacks=[pull])
    assert len(lines(tmp_path / "other" / "log.jsonl")) == 3
    cr.resume(tmp_path / "other", verbose=False)
    assert without_seconds(lines(tmp_path / "other" / "log.jsonl")) == without_seconds(lines(run.folder / "log.jsonl"))


def test_what_was_not_measured_is_none_and_left_out_of_the_flat_names(rng):
    X, y = rng.standard_normal((40, 5)).astype("float32"), rng.integers(0, 3, 40)
    net = cr.FullyConnectedNet([4], input_dim=5, num_classes=3)
    solver = cr.Solver(net, {"X_train": X, "y_train": y}, epochs=1, batch_size=20, verbose=False)
    solver.train()
    row = measured(solver.history, 1)
    assert row["val_acc"] is None
    assert json.loads(json.dumps(row, allow_nan=False)) == row
    names = flat(row)
    assert "val_acc" not in names
    assert {"loss", "grad_norm/W1", "update_ratio/b2", "dead_share/relu1"} <= set(names)
    assert all(np.isfinite(number) for number in names.values())


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        cr.train(**SMALL, out=tmp_path / "run", callbacks=[JSONLines(tmp_path / "nowhere" / "log.jsonl")])
