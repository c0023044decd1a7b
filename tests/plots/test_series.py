"""Numbers behind the curves."""

from types import SimpleNamespace

import numpy as np
import pytest
from plot_fakes import empty_history, history

from chainrule.core.errors import ArrayError, SettingError
from chainrule.plots import series


def test_blocks_are_means_of_finite_values_and_keep_the_last_short_one():
    numbers = np.array([1.0, 3.0, np.nan, 5.0, np.nan, np.nan, 7.0])
    assert np.array_equal(series.blocks(numbers, 2), [2.0, 5.0, np.nan, 7.0], equal_nan=True)
    assert np.array_equal(series.blocks(numbers, 2, series.highest), [3.0, 5.0, np.nan, 7.0], equal_nan=True)
    assert series.blocks(numbers, 1) is numbers


def test_band_is_mean_and_sample_standard_deviation_of_the_seeds_that_are_there():
    runs = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [8.0, 4.0, np.nan]])
    low, high = series.band(runs, "std")
    assert series.mean(runs) == pytest.approx([4.0, 3.0, np.nan], nan_ok=True)
    assert high - series.mean(runs) == pytest.approx([np.std([1, 3, 8], ddof=1), np.sqrt(2), np.nan], nan_ok=True)
    assert low + high == pytest.approx(2 * series.mean(runs), nan_ok=True)
    low, high = series.band(runs, "range")
    assert np.array_equal(low, [1, 2, np.nan], equal_nan=True)
    assert np.array_equal(high, [8, 4, np.nan], equal_nan=True)


def test_mean_and_band_of_huge_values_stay_finite():
    runs = np.array([[1e308], [1.5e308]])
    assert series.mean(runs) == pytest.approx([1.25e308])
    assert np.isfinite(series.band(runs, "std")).all()


def test_epochs_of_steps_follow_the_checks():
    # 10 steps an epoch; interrupted 5 steps after the second epoch
    h = SimpleNamespace(loss=np.ones(25), check_step=np.array([1, 10, 20]), check_epoch=np.array([0.0, 1.0, 2.0]))
    x = series.positions(h, "loss", "epoch")
    assert x[[0, 9, 19, 24]] == pytest.approx([0, 1, 2, 2.5])
    assert np.all(np.diff(x) > 0)
    assert np.array_equal(series.positions(h, "loss", "step"), np.arange(1, 26))


def test_epochs_are_unknown_before_the_second_check():
    h = SimpleNamespace(loss=np.ones(5), check_step=np.array([1]), check_epoch=np.array([0.0]))
    assert series.positions(h, "loss", "epoch").size == 0
    x, runs, _ = series.gather([h], "loss", "epoch", "auto")
    assert x.size == 0
    assert runs.shape == (0, 0)


def test_shorter_seeds_are_padded_with_nan():
    x, runs, size = series.gather([history(0, steps=40), history(1, steps=20), empty_history()], "loss", "step", None)
    assert size == 1
    assert runs.shape == (2, 40)
    assert np.array_equal(x, np.arange(1, 41))
    assert np.isnan(runs[1, 20:]).all()
    assert np.isfinite(runs[:, :20]).all()


@pytest.mark.parametrize("steps", [1, 299, 300, 301, 100_000])
def test_auto_leaves_at_most_300_points_and_keeps_the_mean(steps):
    h = history(steps=steps, epochs=1)
    x, runs, size = series.gather([h], "loss", "step", "auto")
    assert len(x) <= series.MOST_POINTS
    assert size == -(-steps // 300)
    assert runs[0, 0] == pytest.approx(h.loss[:size].mean())


@pytest.mark.parametrize("smooth", [0, -3, 2.5, "some", True])
def test_smooth_must_be_a_positive_whole_number(smooth):
    with pytest.raises(SettingError, match="smooth must be"):
        series.block_size(10, smooth)


def test_histories_that_do_not_fit_together_are_named():
    h = history()
    h.val_acc = h.val_acc[:-1]
    with pytest.raises(ArrayError, match="differ in length"):
        series.gather([h], "val_acc", "epoch", "auto")


def test_as_groups_takes_one_a_list_and_a_mapping():
    h = history()
    assert series.as_groups(h) == {"": [h]}
    assert series.as_groups([h, None, h]) == {"": [h, h]}
    assert series.as_groups({"a": h, 3: [h]}) == {"a": [h], "3": [h]}
