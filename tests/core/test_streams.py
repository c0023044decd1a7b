"""Streams are functions of their key: known values, independence, and even spread."""

import numpy as np
import pytest

from chainrule.core.streams import bits, generator, integers, key, permutation, uniform


def splitmix(seed, n):
    """SplitMix64 as published, one number after another, in Python's integers."""
    out, state = [], seed
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
        out.append(z ^ (z >> 31))
    return out


@pytest.mark.parametrize("seed", [0, 1, 1234567, 2**64 - 1])
def test_the_stream_is_splitmix64(seed):
    assert [int(value) for value in bits(seed, 50)] == splitmix(seed, 50)


def test_the_published_first_values():
    assert [int(value) for value in bits(1234567, 3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_keys_differ_by_every_part_of_their_path_and_are_the_same_everywhere():
    paths = [
        (),
        (0,),
        (1,),
        ("dropout",),
        ("dropout", 0),
        ("dropout", 1),
        ("dropout", 0, 1),
        ("dropout", 1, 0),
        ("batches", 0),
    ]
    keys = {key(seed, *path) for seed in (0, 1, 2) for path in paths}
    assert len(keys) == 3 * len(paths)
    assert key(3, "dropout", 5, 1) == key(3, "dropout", 5, 1)


def test_any_element_can_be_drawn_again_alone():
    whole = uniform(key(5, "x"), (40, 30))
    assert np.array_equal(uniform(key(5, "x"), (10, 30)), whole[:10])


def test_numbers_are_spread_evenly(rng):
    values = uniform(key(1, "spread"), (200_000,))
    assert 0 <= values.min() < 1e-4
    assert 1 - 1e-4 < values.max() < 1
    counts = np.histogram(values, bins=50, range=(0, 1))[0]
    chi2 = ((counts - 4000) ** 2 / 4000).sum()
    assert 20 < chi2 < 95  # 49 degrees of freedom, one in 10,000 to either side
    neighbours = np.corrcoef(values[:-1], values[1:])[0, 1]
    others = np.corrcoef(values, uniform(key(1, "spread", 1), (200_000,)))[0, 1]
    assert max(abs(neighbours), abs(others)) < 0.01


def test_integers_cover_their_range_evenly():
    values = integers(key(2), 7, 70_000)
    assert values.dtype == np.int64
    counts = np.bincount(values, minlength=7)
    assert len(counts) == 7
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 28


def test_permutations_hold_every_number_once_and_are_fair():
    assert sorted(permutation(key(3), 1000)) == list(range(1000))
    firsts = np.bincount([permutation(key(3, i), 5)[0] for i in range(5000)], minlength=5)
    assert ((firsts - 1000) ** 2 / 1000).sum() < 24


def test_generators_are_their_keys():
    a, b, c = (generator(key(seed, "weights", 1)).standard_normal(4) for seed in (0, 0, 1))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
