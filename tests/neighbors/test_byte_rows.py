"""Distances of two rows of bytes, one by one and by the processor's instruction: whole numbers, never too large to count."""

import numpy as np
import pytest

from chainrule.neighbors.byte_rows import PART, STRIDE, one_by_one, squared

WAYS = {"one by one": one_by_one, "as used": squared}


def apart(a, b):
    return ((a.astype(np.int64) - b) ** 2).sum()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("wide", [1, STRIDE - 1, STRIDE, STRIDE + 1, PART, PART + 3, 3072, 70_000])
def test_the_distance_is_exact(way, wide, rng):
    some, white, black = (
        rng.integers(0, 256, (5, wide), np.uint8),
        np.full(wide, 255, np.uint8),
        np.zeros(wide, np.uint8),
    )
    for a in (*some, white):
        for b in (*some, black):
            assert way(a, b, np.inf) == apart(a, b)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_above_the_limit_it_may_stop_and_below_it_may_not(way, rng):
    a, b = rng.integers(0, 256, (2, 3 * PART + 5), np.uint8)
    whole, first = apart(a, b), apart(a[:PART], b[:PART])
    assert way(a, b, float(whole)) == whole
    assert whole - 1 < way(a, b, whole - 1.0) <= whole
    assert way(a, b, first - 1.0) == first


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_rows_may_lie_anywhere(way, rng):
    """Also where no vector begins."""
    a, b = rng.integers(0, 256, (2, 500), np.uint8)
    for i, j in ((0, 1), (3, 0), (7, 33)):
        assert way(a[i : i + 400], b[j : j + 400], np.inf) == apart(a[i : i + 400], b[j : j + 400])
