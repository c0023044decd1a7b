"""Norms without overflow, clipping, coupled decay."""

import math

import numpy as np
import pytest

from chainrule.core.errors import SettingError
from chainrule.optim.gradients import clip_by_norm, clip_by_value, decayed, norm


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_norm_is_the_root_of_the_sum_of_squares(dtype):
    for shape in [(1,), (7,), (300, 40), (3072, 100), (2, 3, 4)]:
        array = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        exact = math.sqrt(math.fsum(array.astype(np.float64).ravel() ** 2))
        assert norm(array) == pytest.approx(exact, rel=1e-6 if dtype == np.float32 else 1e-13, abs=0)
        assert type(norm(array)) is float


def test_norm_takes_any_layout():
    array = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    for view in (array.T, array[::-1], array[:, ::2], np.asfortranarray(array), np.broadcast_to(array[0], (5, 4))):
        assert norm(view) == pytest.approx(np.linalg.norm(view.astype(float)), rel=1e-6)
    assert norm(np.zeros((0, 3))) == 0.0
    assert norm(np.zeros((2, 3))) == 0.0
    assert norm(np.array(-3.0)) == 3.0


@pytest.mark.parametrize(
    ("dtype", "sizes"),
    [
        (np.float32, [3e38, 1e30, 1e20, 1e-20, 1e-30, 1e-38, 1e-44]),
        (np.float64, [1e307, 1e200, 1e-200, 1e-300, 5e-323]),
    ],
)
@pytest.mark.promise("P4.norm")
def test_norm_neither_overflows_nor_underflows(dtype, sizes):
    for size in sizes:
        array = np.array([3, -4] * 8, dtype) / np.array(4, dtype) * np.array(size, dtype)
        exact = math.hypot(*array.tolist())
        assert norm(array) == pytest.approx(exact, rel=1e-6 if dtype == np.float32 else 1e-13, abs=0)


def test_norm_of_broken_gradients_says_so():
    assert math.isnan(norm(np.array([1.0, np.nan])))
    assert norm(np.array([1.0, -np.inf], np.float32)) == math.inf


def test_clip_by_norm_shortens_all_by_one_factor():
    grads = {"W1": np.array([[3.0, 0.0], [0.0, 0.0]]), "b1": np.array([0.0, -4.0])}
    clipped, length = clip_by_norm(grads, 2.5)
    assert length == 5.0
    assert clipped["W1"].tolist() == [[1.5, 0.0], [0.0, 0.0]]
    assert clipped["b1"].tolist() == [0.0, -2.0]
    assert grads["W1"][0, 0] == 3.0
    assert list(clipped) == ["W1", "b1"]


def test_clip_by_norm_leaves_short_gradients_alone():
    grads = {"W1": np.array([3.0]), "b1": np.array([4.0])}
    for limit in (5.0, 6.0, math.inf):
        clipped, length = clip_by_norm(grads, limit)
        assert clipped == grads
        assert clipped is not grads
        assert length == 5.0


@pytest.mark.parametrize("size", [1e30, 3e38])
def test_clip_by_norm_keeps_float32_and_survives_huge_gradients(size):
    grads = {"W1": np.full((30, 20), size, np.float32), "b1": np.zeros(20, np.float32)}
    clipped, length = clip_by_norm(grads, np.float64(1.0))
    assert length == pytest.approx(size * math.sqrt(600), rel=1e-6)
    assert clipped["W1"].dtype == np.float32
    assert norm(clipped["W1"]) == pytest.approx(1.0, rel=1e-4)  # 1/norm has few digits left below 1e-38


def test_clip_by_norm_hands_broken_gradients_on():
    grads = {"W1": np.array([np.nan, 1.0]), "b1": np.array([np.inf])}
    clipped, length = clip_by_norm(grads, 1.0)
    assert not math.isfinite(length)
    np.testing.assert_array_equal(clipped["W1"], grads["W1"])
    np.testing.assert_array_equal(clipped["b1"], grads["b1"])


def test_clip_by_value_cuts_entry_by_entry():
    grads = {"W1": np.array([-3.0, 0.5, np.nan, np.inf], np.float32)}
    clipped = clip_by_value(grads, np.float64(1.0))
    np.testing.assert_array_equal(clipped["W1"], np.array([-1.0, 0.5, np.nan, 1.0], np.float32))
    assert clipped["W1"].dtype == np.float32
    assert grads["W1"][0] == -3.0


@pytest.mark.parametrize("limit", [0, -1.0, math.nan, "1", None, True])
@pytest.mark.parametrize("clip", [clip_by_norm, clip_by_value])
def test_a_limit_that_is_not_above_zero_is_refused(clip, limit):
    with pytest.raises(SettingError, match="must be a number above 0"):
        clip({"W1": np.ones(2)}, limit)


def test_decayed_adds_the_gradient_of_the_l2_term():
    w, dw = np.array([2.0, -1.0], np.float32), np.array([0.5, 0.5], np.float32)
    total = decayed(dw, w, 0.1)
    np.testing.assert_allclose(total, [0.7, 0.4], rtol=1e-6)
    assert total.dtype == np.float32
    assert dw.tolist() == [0.5, 0.5]
