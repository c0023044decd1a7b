"""Pruning decides as Optuna does where trials run one after another, and goes by the trials it is given alone."""

import optuna
import pytest

from chainrule.study.sweeps.definition import Pruner
from chainrule.study.sweeps.hurdles import hurdles
from chainrule.study.sweeps.records import Trial

EPOCHS = 12


def trial(number, curve, state="complete"):
    return Trial(number, {}, 0, state, max(curve.values()), curve, max(curve), 0.1, None, {})


def carried_out(curve, limits):
    """The part of a curve that a trial gets through, and whether it was pruned."""
    passed = {}
    for epoch, value in curve.items():
        passed[epoch] = value
        if value < limits.get(epoch, 0.0):
            return passed, True
    return passed, False


@pytest.mark.parametrize(
    ("pruner", "theirs"),
    [
        (
            Pruner(kind="median", first=2, startup=4),
            optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2),
        ),
        (
            Pruner(kind="halving", first=1, factor=3),
            optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        ),
        (
            Pruner(kind="halving", first=2, factor=2),
            optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2),
        ),
    ],
    ids=["median", "thirds", "halves"],
)
def test_decisions_are_those_of_optuna(pruner, theirs, rng):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", pruner=theirs)
    ended, pruned_count = [], 0
    for number in range(80):
        gains = rng.random(EPOCHS) * rng.random()
        best = {epoch + 1: round(float(value), 3) for epoch, value in enumerate(gains.cumsum() / EPOCHS)}
        passed, pruned = carried_out(best, hurdles(pruner, ended, EPOCHS))
        asked = study.ask()
        for epoch in range(1, EPOCHS + 1):
            asked.report(best[epoch], epoch)
            if epoch < EPOCHS and asked.should_prune():
                study.tell(asked, state=optuna.trial.TrialState.PRUNED)
                assert (max(passed), pruned) == (epoch, True), f"trial {number}"
                break
        else:
            study.tell(asked, best[EPOCHS])
            assert not pruned, f"trial {number}"
        ended.append(trial(number, passed, "pruned" if pruned else "complete"))
        pruned_count += pruned
    assert 10 < pruned_count < 80


def test_nothing_is_pruned_without_a_pruner_or_without_others():
    one = trial(0, {1: 0.5, 2: 0.9})
    assert hurdles(Pruner(), [one], 9) == {}
    assert hurdles(Pruner(kind="halving"), [], 9) == {}
    assert hurdles(Pruner(kind="median", startup=2), [one], 9) == {}
    assert hurdles(Pruner(kind="median", startup=1), [one], 9) == {1: 0.5, 2: 0.9}
