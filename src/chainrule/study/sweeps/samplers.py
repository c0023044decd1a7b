"""Samplers: the settings of trial number n, from the study's seed, n, and the trials that n may know of.

Nothing else goes in, so that a study that was stopped draws what it would have drawn, and no number of workers changes
it: every trial has a random stream of its own.
"""

import json
import warnings
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from chainrule.core.streams import key, uniform
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.dimension import Dimension
from chainrule.study.sweeps.optional import optuna, quiet
from chainrule.study.sweeps.records import Trial
from chainrule.study.sweeps.space import Space


class Sampler(Protocol):
    """Draws trials one after the other."""

    def draw(self, number: int, known: dict[str, Any] | None) -> dict[str, Any] | None:
        """The settings of a trial; `known` are those that it had in an earlier run of the study. None: no more."""

    def tell(self, trial: Trial) -> None:
        """A trial ended; they come in the order in which they were drawn."""


class Points:
    """Trials that depend on their number alone."""

    def __init__(self, point: Callable[[int], dict[str, Any] | None]) -> None:
        self.point = point

    def draw(self, number: int, known: dict[str, Any] | None) -> dict[str, Any] | None:
        """The settings of a trial."""
        return self.point(number)

    def tell(self, trial: Trial) -> None:
        """Nothing is learnt."""


def sampler_of(definition: Definition, space: Space) -> Sampler:
    """The sampler that a study asks for."""
    kind, seed, width = definition.sampler.kind, definition.seed, len(space.dimensions)
    if kind == "grid":
        points = space.grid()
        return Points(lambda n: points[n] if n < len(points) else None)
    if kind == "random":
        return Points(lambda n: space.at(uniform(key(seed, "sweep", n), (width,))))
    if kind == "quasi_random":
        from scipy.stats import qmc

        sequence = qmc.Halton(width, rng=np.random.default_rng(seed))  # trials are drawn in their order
        return Points(lambda n: space.at(sequence.random(1)[0]))
    return Tpe(space, seed, definition.sampler.startup)


class Tpe:
    """Optuna's tree-structured Parzen estimator, over a copy of the study in memory.

    Running trials count as poor ones, so that trials drawn together spread. Each draw is asked of the copy, then set
    aside there and entered as a running trial with its settings alone: the same entry that a resumed study makes.
    """

    def __init__(self, space: Space, seed: int, startup: int) -> None:
        self.space, self.seed, self.startup = space, seed, startup
        self.optuna = optuna()
        with quiet():
            self.copy = self.optuna.create_study(direction="maximize")
        self.entries = 0
        self.running: dict[int, tuple[int, dict[str, Any]]] = {}  # trial -> its entry's number, and what it holds

    def draw(self, number: int, known: dict[str, Any] | None) -> dict[str, Any]:
        """The settings of a trial."""
        with quiet():
            params = self._asked(number) if known is None else known
            holds = entered(self.space, params)
            self.running[number] = self._enter(state=self.optuna.trial.TrialState.RUNNING, **holds), holds
        return params

    def _asked(self, number: int) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that drawing by groups is experimental
            self.copy.sampler = self.optuna.samplers.TPESampler(
                seed=key(self.seed, "sweep", number) % (1 << 32), n_startup_trials=self.startup, multivariate=True,
                group=True, constant_liar=True,
            )  # fmt: skip
        asked = self.copy.ask()
        params: dict[str, Any] = {}
        for dimension in self.space.dimensions:
            if self.space.active(dimension, params):
                params[dimension.name] = _suggested(asked, dimension)
        self._set_aside(asked.number)
        self.entries += 1
        return params

    def _enter(self, **holds: Any) -> int:
        self.copy.add_trial(self.optuna.trial.create_trial(**holds))
        self.entries += 1
        return self.entries - 1

    def _set_aside(self, entry: int) -> None:
        """Optuna passes over trials that failed."""
        self.copy.tell(entry, state=self.optuna.trial.TrialState.FAIL)

    def tell(self, trial: Trial) -> None:
        """A trial ended."""
        states = self.optuna.trial.TrialState
        with quiet():
            entry, holds = self.running.pop(trial.number)
            self._set_aside(entry)
            if trial.value is not None:
                state = states.COMPLETE if trial.state == "complete" else states.PRUNED
                self._enter(state=state, value=trial.value, intermediate_values=trial.curve, **holds)


def distribution(dimension: Dimension) -> Any:
    """A dimension as Optuna has it."""
    kinds = optuna().distributions
    if dimension.choices is not None:
        return kinds.CategoricalDistribution([_scalar(choice) for choice in dimension.choices])
    if dimension.whole:
        return kinds.IntDistribution(
            int(dimension.low), int(dimension.high), log=dimension.log, step=int(dimension.step or 1)
        )
    return kinds.FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)


def entered(space: Space, params: dict[str, Any]) -> dict[str, Any]:
    """A point's params and distributions, as Optuna enters them."""
    known = {dimension.name: dimension for dimension in space.dimensions}
    return {
        "params": {name: _scalar(value) if known[name].choices else value for name, value in params.items()},
        "distributions": {name: distribution(known[name]) for name in params},
    }


def _suggested(asked: Any, dimension: Dimension) -> Any:
    """What Optuna draws for a dimension."""
    if dimension.choices is not None:
        names = [_scalar(choice) for choice in dimension.choices]
        return dimension.choices[names.index(asked.suggest_categorical(dimension.name, names))]
    if dimension.whole:
        return asked.suggest_int(
            dimension.name, int(dimension.low), int(dimension.high), log=dimension.log, step=int(dimension.step or 1)
        )
    return float(
        asked.suggest_float(dimension.name, dimension.low, dimension.high, log=dimension.log, step=dimension.step)
    )


def _scalar(choice: Any) -> Any:
    """A choice as Optuna can keep it: lists and tables as JSON."""
    return choice if choice is None or isinstance(choice, bool | int | float | str) else json.dumps(choice)
