"""The compiled search gives the neighbours of float64, whatever the data, the blocks and the number of threads."""

import os
import tracemalloc

import numpy as np
import pytest

from chainrule.neighbors import distances, fast
from chainrule.neighbors.fast import Search, Trained, search
from chainrule.neighbors.rounding import rounding
from chainrule.neighbors.vote import nearest

NAMES = {1.0: "l1", 2.0: "l2", np.inf: "max"}
MEMORY = 64_000_000


def oracle(train, queries, k, order=2.0):
    """By one loop over differences, in float64."""
    dists = distances(queries, train, norm=NAMES[order], method="one_loop")
    rows = nearest(dists, k)
    return np.take_along_axis(dists, rows, axis=1), rows


def agree(train, queries, k, order=2.0, memory=MEMORY, exactly=True):
    found = search(Trained.of(train), queries, k, order=order, memory=memory)
    wanted = oracle(train, queries, k, order)
    assert found[0].dtype == np.float64
    assert found[1].dtype == np.int64
    if exactly:
        assert np.array_equal(found[0], wanted[0])
    else:
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-13)
    assert np.array_equal(found[1], wanted[1])


def whole(rng, n, wide=48, high=256):
    return rng.integers(0, high, (n, wide)).astype(np.uint8)


@pytest.mark.parametrize("order", NAMES)
@pytest.mark.parametrize("k", [1, 7, 200])
def test_bytes_to_the_last_bit(k, order, rng):
    agree(whole(rng, 200), whole(rng, 23), k, order)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int16", "int64", "bool", ">f8", ">i2"])
def test_every_type_of_number(dtype, rng):
    train, queries = (10 * rng.standard_normal((n, 30)) for n in (300, 11))
    agree(train.astype(dtype), queries.astype(dtype), 5, exactly=dtype not in ("float64", "float32", "float16", ">f8"))


def test_bytes_and_floats_together(rng):
    agree(whole(rng, 100), whole(rng, 9) + rng.standard_normal((9, 48)), 4, exactly=False)
    agree(whole(rng, 100) + rng.standard_normal((100, 48)), whole(rng, 9), 4, exactly=False)


@pytest.mark.parametrize("high", [2, 3, 256])
def test_ties_go_to_the_smaller_row(high, rng):
    train = whole(rng, 150, wide=4, high=high)
    train = np.vstack([train, train, train])
    agree(train, train[:40], 9)
    agree(train.astype(float) + 0.25, train[:40].astype(float) + 0.25, 9)


def test_rows_that_float32_cannot_tell_apart(rng):
    """Near ties by the hundred: more candidates than are kept, so that every row is looked at."""
    middle = rng.standard_normal(60)
    train = middle + 1e-9 * rng.standard_normal((400, 60))
    agree(train, middle + rng.standard_normal((12, 60)), 3, exactly=False)
    agree(1e8 + train, 1e8 + train[:12], 3, exactly=False)


@pytest.mark.parametrize("scale", [1e-200, 1e-30, 1e30, 1e140])
def test_any_size_of_number(scale, rng):
    train, queries = scale * rng.standard_normal((200, 20)), scale * rng.standard_normal((6, 20))
    if scale < 1e-100:  # squares of differences vanish in the plain form too: all are equal
        train, queries = train * 1e60, queries * 1e60
    agree(train, queries, 4, exactly=False)
    train[0] *= 1e6  # one row far out makes every bound wide
    agree(train, queries, 4, exactly=False)


def test_small_memory_changes_nothing(rng):
    agree(whole(rng, 700, wide=300), whole(rng, 90, wide=300), 6, memory=1_000_000)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_threads_changes_nothing(workers, rng, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(workers), raising=False)
    monkeypatch.setattr(fast, "SMALL", 1)
    train, queries = rng.standard_normal((500, 40)), rng.standard_normal((30, 40))
    assert Search(Trained.of(train), queries, 3, 2, MEMORY, print).workers == workers
    agree(train, queries, 3, exactly=False)
    agree(whole(rng, 500), whole(rng, 30), 3, order=1.0)


def test_tick_counts_every_distance_once(rng):
    for order in NAMES:
        seen = []
        search(Trained.of(whole(rng, 300)), whole(rng, 70), 2, order=order, memory=1_000_000, tick=seen.append)
        assert sum(seen) == 300 * 70


def test_an_error_in_a_thread_comes_out(rng):
    def tick(n):
        raise KeyboardInterrupt("enough")

    with pytest.raises(KeyboardInterrupt, match="enough"):
        search(Trained.of(whole(rng, 300)), whole(rng, 70), 2, order=2.0, memory=MEMORY, tick=tick)


@pytest.mark.parametrize("whole_numbers", [True, False])
def test_no_score_is_wrong_by_more_than_the_bound(whole_numbers, rng):
    a = rng.integers(-128, 128, (20, 3072)).astype(float) if whole_numbers else rng.standard_normal((20, 3072))
    b = rng.integers(-128, 128, (200, 3072)).astype(float) if whole_numbers else rng.standard_normal((200, 3072))
    a32, b32 = a.astype(np.float32), b.astype(np.float32)
    scores = np.float32((b32.astype(float) ** 2).sum(axis=1)) - np.float32(2) * (a32 @ b32.T)
    errors = np.abs(scores - ((b**2).sum(axis=1) - 2 * a @ b.T)).max(axis=1)
    length = np.sqrt((b**2).sum(axis=1)).max()
    bound = rounding(np.sqrt((a**2).sum(axis=1)), length, 3072, whole=whole_numbers)
    assert (errors > 0).any()
    assert (errors <= bound).all()
    assert rounding(np.array([100.0]), 1000.0, 64, whole=True)[0] == 0


def test_bytes_are_never_copied_to_floats_as_a_whole(rng):
    train, queries = whole(rng, 20_000, wide=400), whole(rng, 50, wide=400)
    trained = Trained.of(train)
    assert np.shares_memory(trained.rows, train)
    search(trained, queries[:1], 3, order=2.0, memory=2_000_000)
    tracemalloc.start()
    search(trained, queries, 3, order=2.0, memory=2_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_600_000  # as float32 the training rows are 32 MB


@pytest.mark.parametrize("wide", [1, 63, 64, 200])
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (130, 9), (700, 33)])
def test_bytes_in_whole_numbers_and_in_floats(shape, wide, rng, monkeypatch):
    """The processor's products of bytes, where it has them, and those of float32 give the same; ties by row."""
    train, queries = (rng.integers(0, 256, (n, wide), dtype=np.uint8) for n in shape)
    train[1:] = train[rng.integers(0, len(train), len(train) - 1)]
    k = min(4, len(train))
    found = search(Trained.of(train), queries, k, order=2, memory=MEMORY)
    monkeypatch.setattr(fast.whole, "possible", lambda queries, rows: False)
    by_floats = search(Trained.of(train), queries, k, order=2, memory=MEMORY)
    for one, other in zip(found, by_floats):
        assert np.array_equal(one, other)


def test_extreme_bytes_do_not_overflow():
    train = np.array([[0] * 9000, [255] * 9000], np.uint8)
    distances, rows = search(Trained.of(train), train[::-1], 2, order=2, memory=MEMORY)
    assert rows.tolist() == [[1, 0], [0, 1]]
    assert np.array_equal(distances, np.sqrt([[0, 255**2 * 9000]] * 2))
