"""Data sets: digits, the measured transform, what is known of them, memory."""

import json
import tracemalloc

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, DataError, SettingError
from chainrule.datasets import load_data
from chainrule.datasets.dataset import Dataset
from chainrule.datasets.moments import mean_and_variance

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def test_digits(digits):
    assert [len(digits[key]) for key in digits] == [1437, 1437, 180, 180, 180, 180]
    assert digits.X_train.shape == (1437, 64)
    assert digits.X_train.dtype == np.uint8
    assert digits.y_train.dtype == np.int64
    assert digits.classes == tuple("0123456789")
    assert (digits.image_shape, digits.input_dim, digits.num_classes) == ((8, 8), 64, 10)
    for part in ("val", "test"):
        counts = np.bincount(digits[f"y_{part}"])
        assert counts.min() >= 17
        assert counts.max() <= 19
    from sklearn.datasets import load_digits

    rows = {
        (*row, label)
        for row, label in zip(*map(np.ndarray.tolist, load_digits(return_X_y=True)))
        for row in [tuple(row)]
    }
    ours = [(*row, y) for p in ("train", "val", "test") for row, y in zip(digits[f"X_{p}"].tolist(), digits[f"y_{p}"])]
    assert len(ours) == 1797
    assert {tuple(map(float, row)) for row in ours} == {tuple(map(float, row)) for row in rows}


def test_it_reads_like_a_dict(digits):
    assert dict(digits)["X_train"] is digits.X_train
    assert digits.keys() == ("X_train", "y_train", "X_val", "y_val", "X_test", "y_test")
    assert "X_val" in digits
    assert "X_dev" not in digits
    with pytest.raises(SettingError, match="Did you mean 'X_train'"):
        digits["X_trian"]
    with pytest.raises(AttributeError):
        digits.X_train = None


def test_images_have_a_mean_image_and_one_scale(digits):
    transform = digits.input_transform()
    X = digits.X_train.astype(float)
    np.testing.assert_allclose(transform.center, X.mean(axis=0), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(transform.scale, (X - X.mean(axis=0)).std(), rtol=1e-13)
    assert transform.scale.shape == ()
    assert transform.classes == digits.classes
    assert digits.input_transform() is transform
    out = transform.apply(digits.X_train, "float64")
    np.testing.assert_allclose([out.mean(), out.std()], [0, 1], atol=1e-12)


def test_floats_are_standardized_by_column_and_constants_stay_finite():
    X = RNG.normal(5, 3, (200, 4))
    X[:, 1], X[:, 2] = 0.1, 1e9 + RNG.normal(size=200)
    data = load_data((X, np.arange(200) % 2))
    transform = data.input_transform()
    assert transform.scale[1] == 1
    assert transform.center[1] == 0.1
    out = transform.apply(data.X_train, "float64")
    np.testing.assert_array_equal(out[:, 1], 0)
    np.testing.assert_allclose(out.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(out.std(axis=0)[[0, 2, 3]], 1, rtol=1e-12)


def test_constant_images_and_huge_numbers():
    same = Dataset("same", np.full((5, 3), 7, np.uint8), np.zeros(5, np.int64), classes=("0",))
    np.testing.assert_array_equal(same.input_transform().apply(same.X_train, "float32"), 0)
    huge = Dataset("huge", np.array([[1e300], [-1e300]]), np.zeros(2, np.int64), classes=("0",))
    with pytest.raises(DataError, match="too large"):
        huge.input_transform()


def test_moments_are_those_of_a_plain_sum_whatever_the_blocks():
    X = RNG.integers(0, 256, (1000, 300), dtype=np.uint8)
    mean, var = mean_and_variance(X)
    np.testing.assert_allclose(mean, X.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(var, X.astype(float).var(axis=0), rtol=1e-12)


def test_measuring_takes_no_copy_of_the_data():
    X = RNG.integers(0, 256, (4000, 3072), dtype=np.uint8)
    data = Dataset("big", X, np.zeros(4000, np.int64), classes=("0",))
    tracemalloc.start()
    try:
        data.input_transform()
        assert len(data.fingerprint) == 64
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < X.nbytes / 4


def test_the_fingerprint_knows_every_change():
    X, y = RNG.normal(size=(6, 2)), np.arange(6) % 2
    first = load_data({"X_train": X, "y_train": y})
    prints = [first.fingerprint, load_data({"X_train": X.copy(order="F"), "y_train": y.copy()}).fingerprint]
    assert prints[0] == prints[1]
    changed = X.copy()
    changed[3, 1] = np.nextafter(changed[3, 1], 9)
    for other in (
        {"X_train": changed, "y_train": y},
        {"X_train": X, "y_train": y[::-1]},
        {"X_train": X.reshape(6, 1, 2), "y_train": y},
        {"X_train": X, "y_train": y, "X_val": X, "y_val": y},
    ):
        prints.append(load_data(other).fingerprint)
    assert len(set(prints)) == len(prints) - 1
    assert first.fingerprint is first.fingerprint


def test_description_and_repr(digits):
    said = json.loads(json.dumps(digits.describe()))
    assert said["rows"] == {"train": 1437, "val": 180, "test": 180}
    assert said["task"] == "classification"
    assert sum(said["class_counts"]["train"].values()) == 1437
    assert said["bytes"] == sum(digits[key].nbytes for key in digits)
    assert repr(digits) == (
        "<Dataset digits: 1,437 training, 180 validation, 180 test rows of 8 x 8 pixels (uint8), "
        "10 classes (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)>"
    )
    real = load_data((RNG.normal(size=(30, 3)), RNG.normal(size=30)))
    assert real.describe()["task"] == "regression"
    assert "1 real target" in repr(real)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"X_val": np.ones((2, 3))}, "y_val"),
        ({"X_val": np.ones((2, 3)), "y_val": np.zeros(3, int)}, "X_val has 2 rows but y_val has shape .3,"),
        ({"X_val": np.ones((2, 4)), "y_val": np.zeros(2, int)}, r"shape \(4,\)"),
        ({"X_train": np.ones(5)}, r"\[:, None\]"),
        ({"X_train": np.ones((5, 0))}, "must hold rows"),
        ({"X_train": np.ones((0, 3)), "y_train": np.zeros(0, int)}, "must hold rows"),
    ],
)
def test_parts_that_do_not_fit(parts, words):
    with pytest.raises(ArrayError, match=words):
        Dataset("d", **({"X_train": np.ones((5, 3)), "y_train": np.zeros(5, int), "classes": ("0",)} | parts))
