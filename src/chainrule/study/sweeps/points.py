"""A point of the space as a training: the plan, the rows that it sees, and what a net of one's own is built with."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError, SettingError
from chainrule.datasets import Dataset, load_data
from chainrule.nets import FullyConnectedNet
from chainrule.nets.net import Net
from chainrule.study.plan import NET, Plan
from chainrule.study.sweeps.space import DATA, NESTED, SHAPES, Space
from chainrule.training.settings import SolverSettings
from chainrule.training.solver import Solver

Build = Callable[..., Net]


@dataclass(frozen=True)
class Training:
    """Everything that one training depends on, but the rows themselves.

    Attributes:
        plan: settings of net and solver.
        impute: which of the data sets; None for the only one.
        num_train: how many training rows; None for all.
        own: what a net of one's own is built with.
    """

    plan: Plan
    impute: Any = None
    num_train: int | None = None
    own: dict[str, Any] = field(default_factory=dict)

    def rows(self, data: dict[str, Dataset]) -> Dataset:
        """The rows, from the data sets by their `impute`."""
        found = data[key_of(self.impute)]
        return found if self.num_train is None else load_data(found, num_train=self.num_train)

    def solver(self, data: Dataset, build: Build | None, **more: Any) -> Solver:
        """Build net and solver."""
        if build is None:
            return self.plan.solver(data, **more)
        names = [name for name in SolverSettings.__dataclass_fields__ if name != "options"]
        settings = {name: getattr(self.plan, name) for name in names}
        return Solver(build(data, **self.own), data, **settings, **self.plan.options, **more)

    def described(self, solver: Solver, build: Build | None) -> dict[str, Any]:
        """All settings, with every default written out by the solver that has them."""
        settings, net = solver.settings.describe(), solver.net
        if isinstance(net, FullyConnectedNet) and build is None:
            settings = self.plan.describe() | {"loss": net.loss_name, "init": net.init} | settings
        more = {**self.own, "impute": self.impute, "num_train": self.num_train}
        return settings | {name: value for name, value in more.items() if value is not None}


def key_of(impute: Any) -> str:
    """The name of a data set among those of a study."""
    return "" if impute is None else str(impute)


@dataclass(frozen=True)
class Setup:
    """How the points of a space become trainings."""

    space: Space
    seed: int
    build: Build | None = None

    @classmethod
    def of(cls, space: dict[str, Any], settings: dict[str, Any], seed: int, build: Build | None) -> "Setup":
        """Check the names of settings and space.

        Raises:
            SettingError: an unknown name, or one that the net of one's own does not take.
        """
        own = arguments_of(build)
        if build is not None:
            for name in [*space, *settings]:
                if name.partition(".")[0] in (*NET, "hidden", *SHAPES) and name not in own:
                    raise SettingError(f"sweep: {name} is none of the arguments of the given build: {', '.join(own)}.")
        if "seed" in settings:
            raise SettingError("sweep: seed stands beside the settings, not among them: seed = 0.")
        settings = {"threads": 1, "slices": 1, **settings}
        made = Space.of(space, settings, tuple(own))
        made.check()
        return cls(made, seed, build)

    def training(self, params: dict[str, Any], seed: int | None = None) -> Training:
        """The training of a point.

        Raises:
            SettingError: settings that do not go together.
        """
        settings = _nested({**self.space.shared, **params})
        own_names = arguments_of(self.build)
        own = {name: settings.pop(name) for name in own_names if name in settings}
        if "seed" in own_names:
            own["seed"] = self.seed if seed is None else seed
        if any(name in settings for name in SHAPES):
            if "hidden" in settings:
                raise SettingError("sweep: hidden says what width and depth would; take one or the other out.")
            settings["hidden"] = [settings.pop("width", 100)] * settings.pop("depth", 2)
        impute, num_train = (settings.pop(name, None) for name in reversed(DATA))
        plan = Plan.of(**settings, seed=self.seed if seed is None else seed)
        return Training(plan, impute, num_train, own)

    def imputes(self) -> list[Any]:
        """The ways of filling gaps that the space names; [None] where it names none."""
        found = [d.ends() for d in self.space.dimensions if d.name == "impute"]
        return found[0] if found else [None]

    def check(self, data: dict[str, Dataset]) -> None:
        """Fail now where a choice, or an end of a range, could not be trained.

        Raises:
            ChainruleError: as the net or the solver says it, with the point.
        """
        for point in self.space.samples():
            training = self.training(point)
            try:
                training.solver(training.rows(data), self.build, verbose=False)
            except ChainruleError as error:
                raise SettingError(
                    f"sweep: the space holds settings that cannot be trained, {point}: {error}"
                ) from error


def arguments_of(build: Build | None) -> list[str]:
    """The names of the settings that a net of one's own is built with."""
    if build is None:
        return []
    if not callable(build):
        raise SettingError(f"sweep: build must be a function (data, **settings) that gives a net; came {build!r:.80}.")
    return list(inspect.signature(build).parameters)[1:]


def _nested(settings: dict[str, Any]) -> dict[str, Any]:
    """`schedule.decay` into the dict of its `schedule`."""
    flat = {name: value for name, value in settings.items() if "." not in name}
    for name, value in settings.items():
        whole, dot, part = name.partition(".")
        if not dot:
            continue
        if whole not in NESTED:
            raise SettingError(f"sweep: {name} has a dot; only {' and '.join(NESTED)} have parts.")
        above = flat.get(whole, {})
        above = {"kind": above} if isinstance(above, str) else dict(above or {})
        flat[whole] = {**above, part: value}
    return flat


def words(params: dict[str, Any]) -> str:
    """A point as a label has it: `lr 0.0031, width 50`."""
    return ", ".join(f"{name.replace('_', ' ')} {shown(value)}" for name, value in params.items()) or "as given"


def shown(value: Any) -> str:
    """A value as tables have it."""
    if isinstance(value, list | tuple):
        return "–".join(shown(item) for item in value) or "none"
    if isinstance(value, dict):
        return " ".join(shown(item) for item in value.values())
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value).lower()
