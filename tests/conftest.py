"""Fixtures that every test may use."""

import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def rng():
    """A generator of the test's own."""
    return np.random.default_rng(7)


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_is_heard():
    """A shell that starts the tests in the background has it ignored, here and in every process that a test starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def global_random_state_is_left_alone():
    """No function of the library draws from, or reseeds, NumPy's global generator, or changes its error state."""
    kind, keys, position, *rest = np.random.get_state(legacy=True)
    errors = np.geterr()
    yield
    after = np.random.get_state(legacy=True)
    assert (kind, position, tuple(rest)) == (after[0], after[2], tuple(after[3:]))
    assert np.array_equal(keys, after[1])
    assert np.geterr() == errors


@pytest.fixture(scope="session")
def cifar10_folder():
    """The folder that holds cifar-10-batches-py; only CHAINRULE_DATA is asked."""
    folder = os.environ.get("CHAINRULE_DATA")
    if not folder or not (Path(folder) / "cifar-10-batches-py" / "data_batch_1").exists():
        pytest.skip("CHAINRULE_DATA names no folder with cifar-10-batches-py")
    return Path(folder)


@pytest.fixture
def chainrule(monkeypatch, capsys, tmp_path):
    """`chainrule("train", "--epochs", 3)` runs a command in a folder of the test's own: exit status, stdout, stderr."""
    from chainrule.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["chainrule", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return run
