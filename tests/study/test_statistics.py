"""Means, spreads and paired intervals against SciPy's and against figures worked out by hand."""

import math

import numpy as np
import pytest

from chainrule.study.statistics import Difference, mean, paired, std


def test_values_that_are_not_finite_are_left_out():
    assert mean([1.0, math.nan, 3.0, math.inf]) == 2.0
    assert std([1.0, math.nan, 3.0]) == pytest.approx(math.sqrt(2))
    assert math.isnan(mean([]))
    assert math.isnan(mean([math.nan]))


def test_a_single_value_has_no_spread():
    assert std([0.3]) == 0.0
    assert std([]) == 0.0


def test_the_interval_worked_out_by_hand():
    """d = 1, 2, 3: mean 2, standard error 1 / sqrt(3), t(0.975, 2) = 4.302653."""
    found = paired({0: 2.0, 1: 4.0, 2: 6.0}, {0: 1.0, 1: 2.0, 2: 3.0})
    assert found.mean == 2.0
    assert found.high - found.mean == pytest.approx(4.302652729911275 / math.sqrt(3))
    assert found.mean - found.low == pytest.approx(found.high - found.mean)
    assert found.pairs == 3
    assert not found.is_clear


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_the_interval_is_that_of_students_test(rng, confidence):
    from scipy.stats import ttest_rel

    a, b = rng.normal(size=(2, 9))
    own = paired(dict(enumerate(a)), dict(enumerate(b)), confidence=confidence)
    theirs = ttest_rel(a, b).confidence_interval(confidence)
    assert (own.low, own.high) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


def test_the_interval_holds_the_truth_as_often_as_it_says(rng):
    hits = [paired(dict(enumerate(rng.normal(0.3, 1, 5))), dict.fromkeys(range(5), 0.0)) for _ in range(2000)]
    share = np.mean([found.low < 0.3 < found.high for found in hits])
    assert 0.93 < share < 0.97


def test_only_seeds_that_both_have_are_paired():
    found = paired({0: 1.0, 1: 5.0, 2: math.nan, 3: 2.0}, {1: 4.0, 2: 0.0, 3: 0.5, 9: 7.0})
    assert (found.mean, found.pairs) == (1.25, 2)
    assert found.low < 1.25 < found.high


def test_too_few_pairs_have_no_interval():
    assert paired({0: 1.0}, {0: 0.25}) == Difference(0.75, None, None, 1)
    none = paired({0: 1.0}, {1: 1.0})
    assert math.isnan(none.mean)
    assert none.pairs == 0
    assert not none.is_clear


def test_equal_differences_of_accuracies_on_a_grid_are_no_certainty():
    found = paired({0: 0.75, 1: 0.5}, {0: 0.5, 1: 0.25})
    assert (found.mean, found.low, found.pairs, found.is_clear) == (0.25, None, 2, False)
    assert paired({0: 0.75, 1: 0.5}, {0: 0.75, 1: 0.5}).low == 0
