"""Rows that count more or less: a whole weight is as good as so many copies of the row."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArrayError, ArrayTypeError, FileFormatError, SettingError

N, D, C = 12, 5, 3


def trained(X, y, *, weight=None, rule="adam", **more):
    net = cr.FullyConnectedNet([6], input_dim=D, num_classes=C, norm=more.pop("norm", None), reg=0.1, dtype="float64")
    solver = cr.Solver(
        net,
        {"X_train": X, "y_train": y},
        rule=rule,
        epochs=8,
        batch_size="all",
        sample_weight=weight,
        verbose=False,
        **more,
    )
    return net, solver.train(), solver


@pytest.fixture
def rows(rng):
    return rng.standard_normal((N, D)), rng.integers(0, C, N)


def test_whole_weights_are_copies_of_rows(rows, rng):
    X, y = rows
    times = rng.integers(0, 4, N)
    weighted, history, solver = trained(X, y, weight=7.5 * times)
    copied, other, _ = trained(np.repeat(X, times, axis=0), np.repeat(y, times), engine="plain")
    assert solver.settings.engine == "plain"
    np.testing.assert_allclose(history.loss, other.loss, rtol=1e-12)
    for name, value in weighted.params.items():
        np.testing.assert_allclose(value, copied.params[name], rtol=1e-9, atol=1e-12)


def test_equal_weights_change_nothing(rows):
    one, history, _ = trained(*rows, weight=[3] * N)
    other, plain, _ = trained(*rows, engine="plain")
    np.testing.assert_allclose(history.loss, plain.loss, rtol=1e-14)
    for name, value in one.params.items():
        np.testing.assert_allclose(value, other.params[name], rtol=1e-10, atol=1e-13)


def test_what_is_no_weight_is_refused(rows):
    for weight, error, said in [
        (np.ones(N - 1), ArrayError, r"shape \(11,\) but there are 12 training rows"),
        (-np.ones(N), ArrayError, "at least 0"),
        (np.zeros(N), ArrayError, "some above"),
        (np.full(N, np.nan), ArrayError, "NaN"),
        (["a"] * N, ArrayTypeError, "real numbers"),
    ]:
        with pytest.raises(error, match=said):
            trained(*rows, weight=weight)
    with pytest.raises(SettingError, match="engine='auto'"):
        trained(*rows, weight=np.ones(N), engine="fused")


def test_a_resumed_training_has_the_same_weights(rows, tmp_path):
    *_, solver = trained(*rows, weight=np.arange(N), folder=tmp_path)
    solver.checkpoint()
    *_, other = trained(*rows, weight=np.arange(N)[::-1], folder=tmp_path)
    with pytest.raises(FileFormatError, match="another sample_weight"):
        other.resume()
