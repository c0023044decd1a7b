"""Searches that rule most pairs out by a few numbers of each row find the same neighbours, to the last bit."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from chainrule.core.threads import cores
from chainrule.neighbors import fast, filtered
from chainrule.neighbors.fast import Trained, search
from chainrule.neighbors.filter_kernels import refine
from chainrule.neighbors.filtered import FEW, Filter, _tiles, pays
from chainrule.neighbors.projection import DIRECTIONS, Projection
from chainrule.neighbors.rounding import rounding

MEMORY = 64_000_000
ROWS, QUERIES, WIDE = 2000, 600, 1100  # wide enough that a measurement has several parts


def smooth(rng, n, *, height=20.0, noise=6.0):
    """Rows near a plane of eight dimensions, as images are: bytes as floats."""
    patterns = np.random.default_rng(5).standard_normal((8, WIDE))
    rows = 128 + height * rng.standard_normal((n, 8)) @ patterns + noise * rng.standard_normal((n, WIDE))
    return np.clip(rows, 0, 255)


def rough(rng, n):
    """Rows near no plane."""
    return rng.integers(0, 256, (n, WIDE))


def flat(rng, n):
    """Rows nearly in that plane: their points are as far apart as they are, but for rounding."""
    return smooth(rng, n, height=3.0, noise=0.001)


def both(train, queries, k, monkeypatch):
    """The training rows, what is found by filtering, and what by measuring all."""
    trained = Trained.of(train)
    found = search(trained, queries, k, order=2.0, memory=MEMORY)
    monkeypatch.setattr(filtered, "pays", lambda *sizes: False)
    return trained, found, search(Trained.of(train), queries, k, order=2.0, memory=MEMORY)


@pytest.mark.parametrize(
    "dtypes", [("uint8", "uint8"), ("float32", "float32"), ("float64", "uint8"), ("uint8", "float64")]
)
@pytest.mark.parametrize("make", [smooth, flat])
@pytest.mark.parametrize("k", [1, 10])
def test_the_neighbours_are_those_of_all_distances(dtypes, make, k, rng, monkeypatch):
    train, queries = (make(rng, n).astype(dtype) for n, dtype in zip((ROWS, QUERIES), dtypes))
    trained, found, wanted = both(train, queries, k, monkeypatch)
    (used,) = trained.filters.values()
    assert not used.poor
    assert np.array_equal(found[0], wanted[0])
    assert np.array_equal(found[1], wanted[1])


@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_ties_go_to_the_smaller_row_and_a_row_is_its_own_neighbour(dtype, rng, monkeypatch):
    train = smooth(rng, ROWS).astype(dtype)
    train[1::2] = train[::2]  # each row twice
    shuffled = rng.permutation(ROWS)
    trained, found, wanted = both(train[shuffled], train[:QUERIES], 4, monkeypatch)
    assert trained.filters
    assert (found[0][:, :2] == 0).all()
    assert (np.diff(found[1][:, :2]) > 0).all()
    assert np.array_equal(found[1], wanted[1])


def test_where_too_many_must_be_measured_the_rest_is_left_to_the_other_search(rng, monkeypatch):
    train, queries = (rough(rng, n).astype(np.uint8) for n in (ROWS, QUERIES))
    trained, found, wanted = both(train, queries, 5, monkeypatch)
    (used,) = trained.filters.values()
    assert used.poor
    assert np.array_equal(found[0], wanted[0])
    assert np.array_equal(found[1], wanted[1])


@pytest.mark.parametrize("train", [smooth, rough])
def test_every_distance_is_counted_once(train, rng):
    seen = []
    rows, queries = train(rng, ROWS).astype(np.uint8), train(rng, QUERIES).astype(np.uint8)
    search(Trained.of(rows), queries, 2, order=2.0, memory=MEMORY, tick=seen.append)
    assert sum(seen) == ROWS * QUERIES


def test_an_error_in_a_thread_comes_out(rng):
    def tick(n):
        raise KeyboardInterrupt("enough")

    rows = smooth(rng, ROWS).astype(np.uint8)
    with pytest.raises(KeyboardInterrupt, match="enough"):
        search(Trained.of(rows), rows[:QUERIES], 2, order=2.0, memory=MEMORY, tick=tick)


@pytest.mark.parametrize("queries", [1, 15, 32, 33, 500, 4096])
@pytest.mark.parametrize("most", [1, 20, 128])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_tiles_hold_every_query_once_and_are_shared_evenly(queries, most, workers):
    tiles = _tiles(queries, most, workers)
    assert [i for part in tiles for i in range(part.start, part.stop)] == list(range(queries))
    sizes = [part.stop - part.start for part in tiles]
    assert max(sizes) <= most
    assert max(sizes[:workers]) <= FEW
    later = sizes[workers:]
    assert len(later) <= workers * -(-max(0, queries - workers * min(FEW, most)) // (workers * most))
    assert all(size == later[0] for size in later[:-1])


def test_what_was_learned_of_the_rows_is_used_again_also_for_few_queries(rng, monkeypatch):
    rows, queries = smooth(rng, ROWS).astype(np.uint8), smooth(rng, QUERIES).astype(np.uint8)
    trained = Trained.of(rows)
    all_ = search(trained, queries, 3, order=2.0, memory=MEMORY)
    known = dict(trained.filters)
    monkeypatch.setattr(filtered, "Filter", None)
    few = search(trained, queries[:7], 3, order=2.0, memory=MEMORY)
    assert trained.filters == known
    assert np.array_equal(few[1], all_[1][:7])


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_rows_that_were_changed_since_are_learned_anew(dtype, rng):
    """Nothing is copied, so that the caller can change the training rows; a change of their order is one too."""
    rows, queries = smooth(rng, ROWS).astype(dtype), smooth(rng, QUERIES).astype(dtype)
    trained = Trained.of(rows)
    before = search(trained, queries, 3, order=2.0, memory=MEMORY)
    (old,) = trained.filters.values()
    assert old.still_holds()
    rows[[0, before[1][0, 0]]] = rows[[before[1][0, 0], 0]]
    assert not old.still_holds()
    few = search(trained, queries[:2], 3, order=2.0, memory=MEMORY)
    assert few[1][0, 0] == 0
    assert not trained.filters  # two queries alone are not worth learning for
    rows[:] = rows[::-1].copy()
    again = search(trained, queries, 3, order=2.0, memory=MEMORY)
    (new,) = trained.filters.values()
    assert new is not old
    assert again[1][0, 0] == ROWS - 1
    assert np.array_equal(again[0], before[0])


def test_rows_that_hold_the_same_numbers_are_told_apart(rng):
    """Sums with weights would not do: rows of one 1 each look alike to them."""
    rows = np.eye(200)[rng.permutation(200)]
    with ThreadPoolExecutor(1) as pool:
        learned = Filter(rows, Trained.of(rows).centre, 1.0, pool)
    for _ in range(500):
        i, j = rng.choice(200, 2, replace=False)
        rows[[i, j]] = rows[[j, i]]
        assert not learned.still_holds()
        rows[[i, j]] = rows[[j, i]]
    assert learned.still_holds()


@pytest.mark.parametrize("factor", [1.0, 1e-30, 1e30])
@pytest.mark.parametrize(
    "make", [smooth, flat, rough, lambda rng, n: np.full((n, WIDE), 7.0)], ids=["near", "in", "far", "alike"]
)
def test_points_are_no_farther_apart_than_their_rows(make, factor, rng):
    """With the slack that is told, and not much nearer where rows lie near a plane."""
    train, queries = factor * make(rng, 300).astype(np.float64), factor * make(rng, 40).astype(np.float64)
    scale = np.float64(2.0 ** -np.frexp(max(train.max(), queries.max()))[1])
    with ThreadPoolExecutor(2) as pool:
        projection = Projection.of(train, Trained.of(train).centre, scale)
        points, own = projection.points(train, pool), projection.points(queries, pool)
    assert projection.basis.shape[1] <= DIRECTIONS
    rows = scale * np.linalg.norm(queries[:, None] - train, axis=2)
    places = np.linalg.norm(own.places[:, None].astype(np.float64) - points.places, axis=2)
    assert (places <= rows * (1 + 1e-9) + own.slack[:, None] + points.slack).all()
    assert (points.slack <= 0.03 * points.lengths + 1e-4).all()  # or it would rule little out
    if make in (smooth, flat):
        assert np.median(places / rows) > 0.8
    if make is flat:
        assert (places > rows * (1 + 1e-9)).any()  # so that the slack is needed


def test_rows_that_come_late_are_measured_where_they_may_be_as_near(rng):
    """The kernel by itself, beginning with the last of many equal rows."""
    train = np.repeat(rough(rng, 50).astype(np.uint8), 40, axis=0)
    queries = train[::400].copy()
    products = np.zeros((len(queries), len(train)), np.float32)  # points that are all alike rule nothing out
    squares, zeros, k = np.zeros(len(train), np.float32), np.zeros(len(queries)), 3
    candidates = np.tile(np.arange(len(train) - 5, len(train)), (len(queries), 1))
    distances, rows = np.full((len(queries), k), np.inf), np.full((len(queries), k), len(train))
    args = zeros, zeros, zeros, 1.0, candidates, distances, rows
    assert refine(queries, train, products, squares, *args) >= products.size
    assert (distances == 0).all()
    assert np.array_equal(np.sort(rows, axis=1), 400 * np.arange(len(queries))[:, None] + np.arange(k))


def test_no_row_within_reach_is_passed_over_whatever_the_search_begins_with(rng):
    """The kernel by itself, where points are the rows, so that nothing but reach decides."""
    train, queries, k = rng.standard_normal((500, 8)).astype(np.float32), rng.standard_normal((200, 8)), 5
    queries = queries.astype(np.float32)
    squares, own = (train**2).sum(axis=1), (queries.astype(np.float64) ** 2).sum(axis=1)
    doubt = rounding(np.sqrt(own), float(np.sqrt(squares.max())), 8, whole=False)
    candidates = np.tile(np.arange(k), (len(queries), 1))
    distances, rows = np.full((len(queries), k), np.inf), np.full((len(queries), k), len(train))
    args = np.zeros(len(queries)), doubt, 1.0, candidates, distances, rows
    measured = refine(queries, train, queries @ train.T, squares, own, *args)
    wide = ((queries[:, None].astype(np.float64) - train) ** 2).sum(axis=2)
    assert np.array_equal(np.sort(rows, axis=1), np.sort(np.argsort(wide, axis=1)[:, :k], axis=1))
    assert measured < wide.size / 2


@pytest.mark.parametrize(
    ("sizes", "answer"),
    [
        ((5000, 3072, 500, 10, 1 << 28), True),
        ((5000, 3072, 500, 10, 1 << 20), False),  # no memory for points
        ((5000, 100, 500, 10, 1 << 28), False),  # narrow rows
        ((5000, 3072, 10, 10, 1 << 28), False),  # few queries
        ((5000, 3072, 500, 200, 1 << 28), False),  # many neighbours
    ],
)
def test_when_it_pays(sizes, answer):
    assert pays(*sizes) is answer


def test_one_row_and_one_query(rng):
    row = smooth(rng, 1)
    with ThreadPoolExecutor(cores()) as pool:
        alone = Filter(row, Trained.of(row).centre, 2.0**-8, pool)
    assert alone.points.places.shape == (1, 2)
    assert fast.search(Trained.of(row), row, 1, order=2.0, memory=MEMORY)[0] == 0
