"""Correct implementations, in whatever style, are never called wrong."""

import numpy as np
import pytest
import variants

from chainrule.checker import check

LESSONS = {name: variants.module(source, name) for name, source in variants.STYLES.items()}


def complaints(style, seed):
    report = check(LESSONS[style], seed=seed)
    assert report.findings
    return [(f.name, f.verdict, f.message, f.faults) for f in report.findings if f.verdict != "correct"]


@pytest.mark.promise("P6.7")
@pytest.mark.parametrize("style", LESSONS)
@pytest.mark.parametrize("seed", range(2))
def test_correct_functions_are_right(style, seed):
    assert complaints(style, seed) == []


@pytest.mark.long
@pytest.mark.promise("P6.7")
@pytest.mark.parametrize("style", LESSONS)
def test_correct_functions_are_right_over_a_thousand_seeds(style):
    assert [(seed, found) for seed in range(1000) for found in complaints(style, seed)] == []


def in_single(function):
    """The same function, computing in float32 whatever comes."""

    def single(*args, **options):
        narrow = lambda x: x.astype(np.float32) if getattr(x, "dtype", None) == np.float64 else x  # noqa: E731
        result = function(*map(narrow, args), **options)
        return tuple(map(narrow, result)) if isinstance(result, tuple) else narrow(result)

    return single


@pytest.mark.promise("P6.7")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("style", ["vectorized", "einsum"])
def test_functions_that_compute_in_float32_are_right(style, seed):
    functions = {
        name: in_single(function)
        for name, function in vars(LESSONS[style]).items()
        if callable(function) and "numerical" not in name and name[0].islower()
    }
    report = check(functions, seed=seed)
    assert len(report.findings) >= 22
    assert report.ok, report.text()
