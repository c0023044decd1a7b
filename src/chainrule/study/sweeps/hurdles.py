"""Pruning: what a trial has to reach at an epoch, known when it is drawn.

Optuna's pruners look at whatever other trials have reported at that moment, so that the same study ends differently
with another number of workers. Here the hurdles of a trial come from the trials whose results it was drawn from; it
carries them along, and no worker has to ask anyone. Where trials run one after another, both decide alike.
"""

import math
import statistics
from collections.abc import Iterable

from chainrule.study.sweeps.definition import Pruner
from chainrule.study.sweeps.records import Trial


def hurdles(pruner: Pruner, ended: Iterable[Trial], epochs: int) -> dict[int, float]:
    """The best validation score so far that a trial needs at each epoch; below it, the trial ends.

    Args:
        pruner: "median": as much as the median of the complete trials had at the same epoch, from `first` on, once
            `startup` of them are complete. "halving": at epochs first, first * factor, ... as much as the best
            1 / factor of all that came so far.
        ended: the trials to go by.
        epochs: of a whole trial, at whose end there is nothing to prune.

    Source: Golovin et al., Google Vizier, KDD 2017, section 3.2 (median). Li et al., A system for massively parallel
        hyperparameter tuning, MLSys 2020, algorithm 2 (halving).
    """
    if pruner.kind == "median":
        return _median(pruner, list(ended), epochs)
    return _halving(pruner, list(ended), epochs) if pruner.kind == "halving" else {}


def _median(pruner: Pruner, ended: list[Trial], epochs: int) -> dict[int, float]:
    complete = [trial.curve for trial in ended if trial.state == "complete"]
    if len(complete) < pruner.startup:
        return {}
    found = {}
    for epoch in range(pruner.first, epochs):
        values = [curve[epoch] for curve in complete if math.isfinite(curve.get(epoch, math.nan))]
        if values:
            found[epoch] = statistics.median(values)
    return found


def _halving(pruner: Pruner, ended: list[Trial], epochs: int) -> dict[int, float]:
    found, epoch = {}, pruner.first
    while epoch < epochs:
        values = sorted((trial.curve[epoch] for trial in ended if epoch in trial.curve), reverse=True)
        if values:
            found[epoch] = values[max((len(values) + 1) // pruner.factor, 1) - 1]
        epoch *= pruner.factor
    return found
