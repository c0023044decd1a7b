"""Distances: three methods, one result; any norm; bounded memory; the figures that the courses print."""

import tracemalloc
from math import dist

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.neighbors import distances, predict_labels

METHODS = ("two_loops", "one_loop", "vectorized")
NORMS = {
    "l1": lambda v: np.abs(v).sum(),
    "l2": lambda v: np.sqrt((v * v).sum()),
    "max": lambda v: np.abs(v).max(),
    3: lambda v: (np.abs(v) ** 3).sum() ** (1 / 3),
    1.5: lambda v: (np.abs(v) ** 1.5).sum() ** (1 / 1.5),
}


@pytest.fixture(scope="module")
def images(cifar10_folder):
    """The courses' subset: 5,000 training and 500 test images."""
    return cr.load_data("cifar10", folder=cifar10_folder, num_train=5000, num_test=500)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("norm", NORMS)
def test_every_method_gives_the_length_of_every_difference(method, norm, rng):
    A, B = rng.standard_normal((5, 2, 3)), rng.standard_normal((7, 6))
    found = distances(A, B, norm=norm, method=method)
    wanted = [[NORMS[norm](a.ravel() - b) for b in B] for a in A]
    assert found.shape == (5, 7)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_euclid_by_hand():
    assert distances([[0, 0], [3, 0]], [[3, 4]]).tolist() == [[5.0], [4.0]]
    assert distances([[1.5, 2.0]], [[-1.0, 4.0]])[0, 0] == pytest.approx(dist((1.5, 2.0), (-1.0, 4.0)), rel=1e-15)


@pytest.mark.parametrize("dtype", ["uint8", "float64", "int32", "float32"])
def test_whole_numbers_agree_to_the_last_bit(dtype, rng):
    A, B = (rng.integers(0, 256, (n, 3072)).astype(dtype) for n in (4, 30))
    B[3] = A[1]
    by_loops, by_one, by_none = (distances(A, B, method=method) for method in METHODS)
    assert np.array_equal(by_loops, by_none)
    assert np.array_equal(by_one, by_none)
    assert by_none[1, 3] == 0
    exact = np.sqrt(((A.astype(int)[:, None] - B.astype(int)) ** 2).sum(axis=2).astype(float))
    assert np.array_equal(by_none, exact)


def test_an_offset_costs_no_digits(rng):
    A, B = rng.standard_normal((6, 20)), rng.standard_normal((9, 20))
    offset = 1e6 + rng.integers(0, 1000, 20)
    np.testing.assert_allclose(distances(A + offset, B + offset), distances(A, B), rtol=1e-9)


def test_large_powers_and_entries_do_not_overflow():
    assert distances([[0, 0]], [[300.0, 300.0]], norm=500)[0, 0] == pytest.approx(300 * 2 ** (1 / 500))
    assert distances([[0.0] * 10], [[1e147] * 10])[0, 0] == pytest.approx(1e147 * np.sqrt(10))
    with pytest.raises(ArrayError, match=r"A holds 1e\+200.*at most 1e\+148"):
        distances([[1e200]], [[0.0]])


@pytest.mark.parametrize("method", METHODS)
def test_a_function_sees_one_difference_vector_at_a_time(method, rng):
    A, B, seen = rng.standard_normal((3, 4)), rng.standard_normal((2, 4)), []

    def weighted(v):
        seen.append(v.copy())
        return np.abs(v) @ [1, 2, 3, 4]

    found = distances(A, B, norm=weighted, method=method)
    np.testing.assert_allclose(found, np.abs(A[:, None] - B) @ [1, 2, 3, 4])
    np.testing.assert_array_equal(seen, (A[:, None] - B).reshape(6, 4))


@pytest.mark.parametrize("norm", ["l1", "l2", 3])
def test_blocks_bound_the_memory_and_change_nothing(norm, rng):
    A, B = rng.integers(0, 256, (60, 500), dtype=np.uint8), rng.integers(0, 256, (900, 500), dtype=np.uint8)
    whole = distances(A, B, norm=norm)
    distances(A[:2], B[:2], norm=norm)
    tracemalloc.start()
    blocked = distances(A, B, norm=norm, memory_mb=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_allclose(blocked, whole, rtol=1e-14)
    assert peak < 1.2e6 + whole.nbytes  # the floats of B alone would be 3.6 MB, all differences 216 MB


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "l3"}, "unknown norm.*'l3'.*l1, l2, max"),
        ({"norm": 0.5}, "norm must be.*at least 1.*came 0.5"),
        ({"norm": lambda v: v}, "one finite number.*came array"),
        ({"norm": lambda v: np.nan}, "one finite number.*nan"),
        ({"method": "three_loops"}, "unknown method.*Did you mean 'two_loops'"),
        ({"memory_mb": 0}, "memory_mb must be.*came 0"),
        ({"B": np.ones((2, 3))}, r"A has shape \(3, 4\).*must have 3"),
        ({"B": np.ones((2, 3)), "A": np.ones((3, 2))}, r"Did you pass A\.T"),
        ({"A": np.ones(4)}, r"A must hold rows.*A\[None\]"),
        ({"A": [[np.nan] * 4]}, "A holds 4 NaN"),
    ],
)
def test_what_cannot_be_used_is_said(options, message):
    with pytest.raises((ArrayError, ArrayTypeError, SettingError), match=message):
        distances(**{"A": np.ones((3, 4)), "B": np.zeros((2, 4)), **options})


def test_the_figures_of_the_course(images):
    found = distances(images.X_test, images.X_train)
    assert np.linalg.norm(found) == pytest.approx(7892746.44, abs=0.005)
    errors = [np.mean(predict_labels(found, images.y_train, k) != images.y_test) for k in (1, 3, 10)]
    assert errors == pytest.approx([0.736, 0.726, 0.728], abs=1e-12)
    for method in METHODS[:2]:
        assert np.array_equal(distances(images.X_test[:2], images.X_train, method=method), found[:2])
