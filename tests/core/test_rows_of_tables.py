"""Rows of the tables: one object each, copied as itself and pickled by its name."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import SettingError
from chainrule.initializers import INITIALIZERS
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.optim import OPTIMIZERS

ROWS = [row for table in (LAYERS, LOSSES, OPTIMIZERS, INITIALIZERS) for row in table.values()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_copy_of_a_row_is_the_row(row):
    assert copy.copy(row) is row
    assert copy.deepcopy(row) is row
    assert pickle.loads(pickle.dumps(row)) is row


def test_a_row_in_no_table_says_so():
    stranger = dataclasses.replace(LAYERS["relu"], name="softplus")
    with pytest.raises(SettingError, match=r"'softplus' is none of LAYERS.*add it there first"):
        pickle.dumps(stranger)


def test_a_changed_row_is_not_taken_for_the_one_of_its_name():
    with pytest.raises(SettingError, match="'relu' is none of LAYERS"):
        pickle.dumps(dataclasses.replace(LAYERS["relu"], rowwise=False))


def test_a_row_that_another_process_added_says_what_to_import(monkeypatch):
    stranger = dataclasses.replace(LAYERS["relu"], name="softplus")
    monkeypatch.setitem(LAYERS, "softplus", stranger)
    raw = pickle.dumps(stranger)
    monkeypatch.delitem(LAYERS, "softplus")
    with pytest.raises(SettingError, match=r"LAYERS has no row 'softplus'.*import the module"):
        pickle.loads(raw)


@pytest.mark.parametrize("carry", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))], ids=["copy", "pickle"])
def test_a_net_is_carried_whole_and_apart(carry):
    rng = np.random.default_rng(3)
    net = cr.FullyConnectedNet([7, 6], input_dim=5, num_classes=4, norm="batch", keep=0.8, seed=1)
    X, y = rng.standard_normal((30, 5)).astype("float32"), rng.integers(0, 4, 30)
    net.loss(X, y)
    other = carry(net)
    np.testing.assert_array_equal(other.scores(X), net.scores(X))
    before = net.scores(X)
    for value in other.params.values():
        value += 1
    np.testing.assert_array_equal(net.scores(X), before)
    cr.Solver(other, (X, y), epochs=1, verbose=False).train()
    np.testing.assert_array_equal(net.scores(X), before)


def test_a_result_of_a_training_is_pickled(tmp_path):
    result = cr.train("digits", hidden=[8], epochs=1, verbose=False)
    other = pickle.loads(pickle.dumps(result))
    X = np.random.default_rng(0).random((5, 64), dtype="float32")
    np.testing.assert_array_equal(other.net.scores(X), result.net.scores(X))
