"""Splits: shares, classes in proportion, rare classes, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import DataError, SettingError
from chainrule.datasets.splits import check_count, split


def test_shares_and_proportions():
    labels = np.repeat([0, 1, 2], [500, 300, 200])
    parts = split(1000, labels, seed=0)
    assert [len(part) for part in parts] == [800, 100, 100]
    for part, share in zip(parts, (0.8, 0.1, 0.1)):
        np.testing.assert_array_equal(np.bincount(labels[part]), np.array([500, 300, 200]) * share)


@settings(max_examples=150, deadline=None)
@given(st.integers(3, 200), st.integers(1, 12), st.integers(0, 5), st.booleans())
def test_every_row_once_and_classes_kept_in_training(n, classes, seed, real):
    labels = np.random.default_rng(seed).integers(0, classes, n)
    labels = np.unique(labels, return_inverse=True)[1]
    train, val, test = split(n, None if real else labels, seed)
    assert sorted([*train, *val, *test]) == list(range(n))
    wanted = max(1, round(0.1 * n))
    assert len(val) == len(test) == wanted
    counts = np.bincount(labels)
    room = sum(counts - 1) >= 2 * wanted
    if not real and room:
        assert set(labels[train]) == set(labels)
    if not real:
        for part in (val, test):
            share = counts * wanted / n
            got = np.bincount(labels[part], minlength=len(counts))
            assert (got <= np.ceil(share) + (0 if room else 1)).all()


def test_seeds():
    first, again, other = split(100, None, 0), split(100, None, 0), split(100, None, 1)
    for a, b in zip(first, again):
        np.testing.assert_array_equal(a, b)
    assert any(not np.array_equal(a, b) for a, b in zip(first, other))
    assert not np.array_equal(first[0], np.sort(first[0]))  # the first rows are a random sample


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    split(50, np.arange(50) % 3, 0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


def test_too_few_rows():
    with pytest.raises(DataError, match="2 rows cannot be split"):
        split(2, None, 0)
    assert [len(part) for part in split(3, np.array([0, 1, 2]), 0)] == [1, 1, 1]


@pytest.mark.parametrize("count", [0, -1, 11, 2.0, True, "3"])
def test_counts_of_rows(count):
    assert check_count("num_train", None, 10) == check_count("num_train", np.int64(10), 10) == 10
    with pytest.raises(SettingError, match="num_train must be a whole number from 1 to 10"):
        check_count("num_train", count, 10)
