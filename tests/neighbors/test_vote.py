"""Votes: the nearest first, ties to the smaller index and the smallest label, near neighbours that count more."""

from collections import Counter

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, ChainruleError, SettingError
from chainrule.neighbors import predict_labels, vote
from chainrule.neighbors.vote import nearest


def test_the_most_frequent_label_wins_and_ties_go_to_the_smallest():
    assert vote([[2, 1, 2], [3, 0, 1], [5, 5, 0], [4, 4, 1]]).tolist() == [2, 0, 5, 4]
    assert vote([[1, 0], [0, 1]]).tolist() == [0, 0]
    assert vote([[7]], classes=8).tolist() == [7]


def test_votes_agree_with_counting_by_hand(rng):
    labels = rng.integers(0, 6, (200, 9))
    wanted = [min(Counter(row.tolist()).items(), key=lambda item: (-item[1], item[0]))[0] for row in labels]
    assert vote(labels).tolist() == wanted


def test_near_neighbours_can_count_more():
    labels = [[0, 1, 1], [0, 1, 1], [1, 0, 0]]
    assert vote(labels, distances=[[1, 3, 3], [1, 1.5, 1.5], [0, 1e-9, 1e-9]]).tolist() == [0, 1, 1]
    assert vote([[0, 1, 1]], distances=[[0, 0, 5]]).tolist() == [0]  # one each at distance 0: a tie
    assert vote([[0, 1, 1]], distances=[[1e-308, 1e-308, 5e-309]]).tolist() == [1]


def test_the_nearest_come_first_and_equals_in_their_order(rng):
    dists = rng.integers(0, 5, (50, 40)).astype(float)  # full of ties
    for k in (1, 3, 17, 40):
        wanted = np.argsort(dists, axis=1, kind="stable")[:, :k]
        assert np.array_equal(nearest(dists, k), wanted)


def test_labels_are_predicted_from_distances():
    dists = [[0.5, 0.1, 0.3, 0.4], [0.0, 0.0, 0.0, 0.0]]
    y = [3, 1, 0, 0]
    assert predict_labels(dists, y).tolist() == [1, 3]
    assert predict_labels(dists, y, k=2).tolist() == [0, 1]
    assert predict_labels(dists, y, k=3).tolist() == [0, 0]
    assert predict_labels(dists, np.array(y, dtype=float), k=4).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: vote([1, 2]), ArrayError, r"labels must have shape \(N, k\).*came \(2,\)"),
        (lambda: vote([[1, -2]]), ArrayError, "label -2; labels must go from 0"),
        (lambda: vote([[1, 2]], classes=2), ArrayError, "label 2; labels must go from 0 to 1"),
        (lambda: vote([[1, 0.5]]), ArrayTypeError, "whole numbers; came 0.5"),
        (lambda: vote([["a"]]), ArrayTypeError, "labels must hold real numbers"),
        (lambda: vote([[1, 2]], distances=[[1]]), ArrayError, r"distances has shape \(1, 1\)"),
        (lambda: vote([[1, 2]], distances=[[1, -1]]), ArrayError, "least is -1"),
        (lambda: predict_labels(np.ones((2, 3)), [0, 1], 1), ArrayError, r"one label for each column.*dists\.T"),
        (lambda: predict_labels(np.ones((2, 3)), [0, 1, 2], 4), ChainruleError, "k must be at most 3.*came 4"),
        (lambda: predict_labels(np.ones((2, 3)), [0, 1, 2], 0), SettingError, "k must be.*came 0"),
        (lambda: predict_labels([[np.nan]], [0]), ArrayError, "dists holds 1 NaN"),
        (lambda: predict_labels([0.5], [0]), ArrayError, r"dists must have shape \(N, M\)"),
    ],
)
def test_what_cannot_be_used_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()
