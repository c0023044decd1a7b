"""A training that was stopped anywhere ends with the same bits as one left alone."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from chainrule.core.errors import FileFormatError
from chainrule.datasets import load_data
from chainrule.nets import FullyConnectedNet
from chainrule.optim import OPTIMIZERS
from chainrule.training import checkpoints
from chainrule.training.solver import Solver

STEPS_PER_EPOCH = 6
EPOCHS = 10


@pytest.fixture(scope="module")
def data():
    full = load_data("digits")
    keys = ("X_train", "y_train", "X_val", "y_val")
    return load_data({key: full[key][: 60 if "train" in key else 40] for key in keys})


def solver(data, folder, *, rule="adam", checkpoint_every=1, **net_settings):
    net = FullyConnectedNet([7, 5], input_dim=64, seed=2, **net_settings)
    return Solver(
        net, data, rule=rule, lr=1e-2, epochs=EPOCHS, batch_size=10, train_samples=30, seed=2, threads=1, folder=folder,
        checkpoint_every=checkpoint_every, schedule={"kind": "plateau", "patience": 1, "warmup_epochs": 1}, verbose=False,
    )  # fmt: skip


def digest(trained):
    """A hash of the net, the running statistics and the whole history but for its seconds."""
    parts = {**trained.net.tensors(), **trained.history.arrays()}
    sha = hashlib.sha256()
    for name in sorted(parts):
        if name != "seconds":
            sha.update(name.encode() + parts[name].tobytes())
    return sha.hexdigest()


class Stop(Exception):
    """Ends a training like a power failure: nothing is tidied up."""


def train_until(trained, step):
    """Train and fail at a checkpoint of the given step, after it was written."""
    write = trained.checkpoint

    def checkpoint():
        write()
        if trained.task.step >= step:
            raise Stop

    trained.checkpoint = checkpoint
    with pytest.raises(Stop):
        trained.train()


@pytest.mark.promise("P2.3")
@pytest.mark.parametrize("rule", OPTIMIZERS)
@pytest.mark.parametrize("net_settings", [{"keep": 0.8}, {"norm": "batch"}, {"norm": "layer"}], ids=str)
def test_resumed_from_a_step_ends_with_the_same_bits(data, tmp_path, rule, net_settings):
    whole = solver(data, None, rule=rule, **net_settings)
    whole.train()
    first = solver(data, tmp_path, rule=rule, checkpoint_every=7, **net_settings)
    train_until(first, 21)
    second = solver(data, tmp_path, rule=rule, checkpoint_every=7, **net_settings)
    assert second.resume()
    assert second.task.step == 21 or second.task.step >= 21
    second.train()
    assert digest(second) == digest(whole)


@pytest.mark.promise("P2.3")
@pytest.mark.long
@pytest.mark.parametrize("rule", OPTIMIZERS)
@pytest.mark.parametrize("net_settings", [{"keep": 0.8}, {"norm": "batch"}, {"norm": "layer"}], ids=str)
@pytest.mark.parametrize("step", range(1, EPOCHS * STEPS_PER_EPOCH))
def test_resumed_from_every_step_ends_with_the_same_bits(data, tmp_path, rule, net_settings, step, monkeypatch):
    monkeypatch.setattr("chainrule.training.solver.RUN_STEPS", 1)
    whole = solver(data, None, rule=rule, **net_settings)
    whole.train()
    train_until(solver(data, tmp_path, rule=rule, **net_settings), step)
    second = solver(data, tmp_path, rule=rule, **net_settings)
    assert second.resume()
    assert second.task.step == step
    second.train()
    assert digest(second) == digest(whole)


def test_nothing_to_resume_is_no_error(data, tmp_path):
    assert not solver(data, tmp_path).resume()


def test_another_training_is_refused_and_nothing_changes(data, tmp_path):
    train_until(solver(data, tmp_path), 3)
    other = solver(data, tmp_path, rule="sgd")
    before = {name: value.copy() for name, value in other.net.params.items()}
    with pytest.raises(FileFormatError, match="rule was 'adam' and is now 'sgd'"):
        other.resume()
    with pytest.raises(FileFormatError, match="another net"):
        solver(data, tmp_path, keep=0.5).resume()
    cut = load_data({key: data[key][:30] for key in data})
    with pytest.raises(FileFormatError, match="another data"):
        solver(cut, tmp_path).resume()
    assert all(np.array_equal(value, other.net.params[name]) for name, value in before.items())


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_resume import solver, load_data, digest
full = load_data("digits")
keys = ("X_train", "y_train", "X_val", "y_val")
data = load_data({{key: full[key][: 60 if "train" in key else 40] for key in keys}})
trained = solver(data, {folder!r}, norm="batch", keep=0.8, checkpoint_every=3)
trained.resume()
print("ready", flush=True)
trained.train()
print(digest(trained), flush=True)
"""


@pytest.mark.promise("P2.4")
@pytest.mark.parametrize("kills", [pytest.param(5), pytest.param(1000, marks=pytest.mark.long)])
def test_killed_again_and_again_it_ends_with_the_same_bits(data, tmp_path, kills):
    """SIGKILL at random moments; after each, the next process takes up the newest checkpoint."""
    whole = solver(data, None, norm="batch", keep=0.8)
    whole.train()
    rng = np.random.default_rng(0)
    script = SCRIPT.format(tests=os.path.dirname(__file__), folder=str(tmp_path))
    printed = killed = 0
    while killed < kills:
        child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline().strip() == "ready"
        time.sleep(rng.uniform(0, 0.25))
        child.send_signal(signal.SIGKILL)
        out = child.stdout.read().split()
        child.stdout.close()
        child.wait()
        killed += 1
        if out:
            assert out == [digest(whole)]
            printed += 1
            checkpoints.clear(tmp_path)
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.split()[-1] == digest(whole)
