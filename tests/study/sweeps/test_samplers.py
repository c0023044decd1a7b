"""Samplers: what a trial draws depends on the seed, its number, and the trials noted before; nothing else."""

import pytest

from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.records import Trial
from chainrule.study.sweeps.samplers import sampler_of
from chainrule.study.sweeps.space import Space

SPACE = {
    "lr": {"log": [1e-4, 1.0]},
    "rule": ["momentum", "adam"],
    "momentum": {"float": [0.5, 0.95]},
    "hidden": [[20], [20, 20], []],
    "batch_size": {"int": [10, 100], "step": 10},
}


def sampler(kind, seed=3):
    definition = Definition.of({"space": SPACE, "sampler": {"kind": kind, "startup": 6}, "seed": seed})
    return sampler_of(definition, Space.of(SPACE, {}))


def ended(number, params):
    value = 0.9 - abs(params["lr"] - 0.01) - 0.02 * len(params["hidden"])
    return Trial(number, params, 0, "pruned" if number % 4 == 3 else "complete", value, {1: value}, 1, 0.1, None, {})


def drawn(own, trials, ahead, known=None):
    """Settings of trials as a search draws them; `known` are read, as after a kill."""
    found, known = [], known or {}
    for number in range(trials):
        found.append(own.draw(number, known.get(number)))
        if number >= ahead - 1:
            own.tell(ended(number - ahead + 1, found[number - ahead + 1]))
    return found


@pytest.mark.parametrize("kind", ["tpe", "random", "quasi_random"])
def test_a_resumed_study_draws_what_it_would_have_drawn(kind):
    whole = drawn(sampler(kind), 30, ahead=4)
    for killed in (1, 9, 22):
        kept = {n: whole[n] for n in range(killed) if n != killed - 2}  # the one before the last had not ended
        assert drawn(sampler(kind), 30, ahead=4, known=kept) == whole


@pytest.mark.parametrize("kind", ["tpe", "random", "quasi_random"])
def test_no_trial_is_repeated_and_seeds_differ(kind):
    whole = drawn(sampler(kind), 30, ahead=4)
    assert len({repr(params) for params in whole}) == 30
    assert drawn(sampler(kind, seed=4), 30, ahead=4) != whole
    assert all(("momentum" in params) == (params["rule"] == "momentum") for params in whole)


def test_tpe_learns():
    whole = drawn(sampler("tpe"), 60, ahead=4)
    late = sorted(abs(params["lr"] - 0.01) for params in whole[40:])
    early = sorted(abs(params["lr"] - 0.01) for params in whole[:20])
    assert late[len(late) // 2] < early[len(early) // 2]


def test_tpe_goes_by_what_was_noted():
    """Another result of an early trial changes what comes later, and only what comes after it was noted."""
    first = drawn(sampler("tpe"), 20, ahead=4)
    own, found = sampler("tpe"), []
    for number in range(20):
        found.append(own.draw(number, None))
        if number >= 3:
            other = ended(number - 3, found[number - 3])
            own.tell(other if number - 3 else Trial(**{**vars(other), "value": 5.0}))
    assert found[:7] == first[:7]
    assert found != first


def test_quasi_random_points_are_evenly_spread():
    whole = drawn(sampler("quasi_random"), 64, ahead=1)
    counts = [sum(1e-4 * 10**k <= params["lr"] < 1e-4 * 10 ** (k + 1) for params in whole) for k in range(4)]
    assert max(counts) - min(counts) <= 4  # evenly spread, as random points would hardly be
