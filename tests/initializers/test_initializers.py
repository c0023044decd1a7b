"""What the table's battery does not see: exact deviations, legacy streams, limits of the uniform draws."""

import math

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, SettingError
from chainrule.initializers import INITIALIZERS, he, normal, xavier, zeros

FANS = {"fan_in": 300, "fan_out": 100, "average": 200}


@pytest.mark.parametrize("mode", FANS)
def test_he_and_xavier_go_by_the_chosen_fan(mode):
    assert he.std((300, 100), mode=mode) == pytest.approx(math.sqrt(2 / FANS[mode]), rel=1e-15)
    assert xavier.std((300, 100), mode=mode) == pytest.approx(math.sqrt(1 / FANS[mode]), rel=1e-15)


def test_defaults_are_the_papers():
    assert he.std((3072, 50)) == pytest.approx(0.02551551815399144, rel=1e-14)  # the figure that a course prints
    assert he.std((50, 10)) == 0.2
    assert xavier.std((300, 100)) == pytest.approx(math.sqrt(2 / 400), rel=1e-15)
    assert normal.std((3, 3)) == 0.01
    assert zeros.std((3, 3)) == 0.0


@pytest.mark.parametrize("name", ["normal", "he", "xavier"])
def test_normal_and_uniform_draws_have_the_same_deviation(name):
    row, shape = INITIALIZERS[name], (400, 500)
    for distribution, kurtosis in (("normal", 3.0), ("uniform", 1.8)):
        w = row.draw(np.random.default_rng(3), shape, distribution=distribution)
        std = row.std(shape, distribution=distribution)
        assert w.std() == pytest.approx(std, rel=0.01)
        assert abs(w.mean()) < 0.01 * std
        assert np.mean(w**4) / std**4 == pytest.approx(kurtosis, rel=0.03)
        if distribution == "uniform":
            assert np.abs(w).max() == pytest.approx(math.sqrt(3) * std, rel=1e-3)
            assert np.abs(w).max() <= math.sqrt(3) * std


def test_normal_draws_are_the_courses_stream():
    w = normal.draw(np.random.RandomState(231), (5, 7), scale=5e-2)
    np.testing.assert_array_equal(w, 5e-2 * np.random.RandomState(231).randn(5, 7))


def test_zeros_draws_nothing():
    generator = np.random.default_rng(0)
    assert not zeros.draw(generator, (3, 4)).any()
    assert generator.random() == np.random.default_rng(0).random()


def test_he_keeps_the_signal_through_ten_relu_layers_and_normal_does_not():
    rng = np.random.default_rng(0)
    for draw, kept in ((he.draw, True), (normal.draw, False)):
        x = rng.standard_normal((50, 200))
        for _ in range(10):
            x = np.maximum(x @ draw(rng, (200, 200)), 0)
        assert (0.2 < np.mean(x**2) < 5) == kept


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 3), (3, -1), (2.0, 3)])
def test_a_shape_that_is_no_weight_matrix_is_refused(name, shape):
    with pytest.raises(ArrayError, match=r"shape must be \(fan_in, fan_out\)"):
        INITIALIZERS[name].draw(np.random.default_rng(0), shape)
    with pytest.raises(ArrayError, match=r"shape must be \(fan_in, fan_out\)"):
        INITIALIZERS[name].std(shape)


def test_unknown_options_are_refused_with_the_known_ones():
    generator = np.random.default_rng(0)
    with pytest.raises(SettingError, match="known: fan_in, fan_out, average"):
        he.draw(generator, (2, 3), mode="fan_avg")
    with pytest.raises(SettingError, match="known: normal, uniform"):
        xavier.draw(generator, (2, 3), distribution="gaussian")
    for scale in (-0.1, math.nan, math.inf):
        with pytest.raises(SettingError, match="scale must be a number of at least 0"):
            normal.draw(generator, (2, 3), scale=scale)
