"""The trials of a task: what the learner's functions gave, beside what they should have given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checker.compare import ROUNDING, is_numeric, same, scale
from chainrule.checker.play import Play
from chainrule.checker.recipe import Steps, arguments
from chainrule.checker.subject import Failed, Subject
from chainrule.checker.task import Case, Quantity, Task

NOT_RUN = "not run"


@dataclass(frozen=True, eq=False)
class Trial:
    """One case, tried.

    Attributes:
        case: what the functions were given.
        seen: every quantity that came; a `Failed` where none did.
        wanted: every quantity as it should be.
    """

    case: Case
    seen: dict[str, Any]
    wanted: Mapping[str, Any]

    def given(self) -> dict[str, Any]:
        """What a recipe starts from: the inputs, and what the learner's functions drew themselves."""
        return {**self.case.inputs, "seen": self.seen}


def inputs_of(role: str) -> str:
    """The name of the quantity that says which inputs a function changed."""
    return f"inputs of {role}"


def compared(task: Task, roles: Mapping[str, Any]) -> list[Quantity]:
    """All that is compared of the functions that are there: each one's results, then its inputs."""
    found = []
    for role in task.roles:
        if role.name in roles:
            found += [
                *task.quantities_of(role.name),
                Quantity(inputs_of(role.name), role.name, title="the list of inputs that it changed"),
            ]
    return found


def attempt(
    task: Task, subject: Subject, roles: Mapping[str, tuple[str, str]], case: Case, base: Steps | None = None
) -> Trial:
    """Try one case.

    Args:
        task: what is tried.
        subject: the learner's code.
        roles: the functions that are there: role -> (name, style).
        case: the inputs.
        base: steps of a course's own conventions.
    """
    with np.errstate(all="ignore"):  # a learner's numbers may be infinite
        seen = observed(task, subject, roles, case.inputs)
        wanted = task.model(task.steps, {**case.inputs, "seen": seen}, base or {})
    return Trial(case, seen, wanted)


def observed(
    task: Task, subject: Subject, roles: Mapping[str, tuple[str, str]], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """Every quantity that the learner's functions give for some inputs."""
    play = Play(subject, {r: name for r, (name, _) in roles.items()}, {r: style for r, (_, style) in roles.items()})
    seen: dict[str, Any] = {}
    broken: set[str] = set()
    for role in task.roles:
        if role.name not in roles:
            continue
        try:
            if broken & set(role.needs) or not set(role.needs) <= set(roles):
                raise Failed(NOT_RUN, f"not run: it needs {' and '.join(role.needs)}")
            needed = {name: inputs[name] for name in arguments(role.observe)[1:]}
            values = role.observe(play, **needed)
            values[inputs_of(role.name)] = " and ".join(play.changed.get(role.name, []))
        except Failed as failure:
            broken.add(role.name)
            values = {quantity.name: failure for quantity in task.quantities_of(role.name)}
            values[inputs_of(role.name)] = Failed(NOT_RUN, "not run")
        seen |= values
    return seen


def is_right(quantity: Quantity, trial: Trial) -> bool:
    """Whether a quantity came as it should in a trial."""
    return alike(quantity, trial, trial.seen[quantity.name], trial.wanted.get(quantity.name, ""))


def alike(quantity: Quantity, trial: Trial, seen: Any, said: Any, least: float = 0.0) -> bool:
    """Whether two values of a quantity are the same up to the rounding of the precision that the trial came in.

    Args:
        quantity, trial: what is compared.
        seen, said: the values.
        least: what is let pass in any precision.
    """
    single = any(getattr(value, "dtype", None) == np.float32 for value in trial.seen.values())
    if not single:
        tolerance = max(quantity.tolerance or 0.0, least) if least else quantity.tolerance
        return same(seen, said, tolerance, quantity.floor)
    terms = max((scale(trial.wanted[term]) for term in quantity.terms), default=0.0)  # which may cancel
    return same(seen, said, max(quantity.tolerance or 0.0, ROUNDING[4]), max(quantity.floor, terms))


def ran(quantity: Quantity, trial: Trial) -> bool:
    """Whether its function was tried at all."""
    value = trial.seen[quantity.name]
    return not (isinstance(value, Failed) and value.verdict == NOT_RUN)


def in_single(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The same inputs with every float64 array in float32."""
    return _cast(inputs, np.float64, np.float32)


def _cast(value: Any, old: type, new: type) -> Any:
    """The same with every array of one precision in another, in dicts, lists and tuples too."""
    if isinstance(value, np.ndarray):
        return value.astype(new) if value.dtype == old else value
    if isinstance(value, Mapping):
        return {key: _cast(item, old, new) for key, item in value.items()}
    return type(value)(_cast(item, old, new) for item in value) if type(value) in (list, tuple) else value


def precisions(
    task: Task, subject: Subject, roles: Mapping[str, tuple[str, str]], case: Case, base: Steps | None = None
) -> tuple[dict[str, str], list[str]]:
    """What float32 inputs give.

    Returns:
        The dtype of every array that came, by quantity, and the quantities that are wrong there.
    """
    single = Case(in_single(case.inputs), case.kind, case.sizes)
    trial = attempt(task, subject, roles, single, base)
    double = _cast(trial.given(), np.float32, np.float64)
    wanted = task.model(task.steps, double, base or {})
    dtypes, wrong = {}, []
    for quantity in task.quantities:
        value = trial.seen.get(quantity.name)
        if isinstance(value, np.ndarray):
            dtypes[quantity.name] = value.dtype.name
        if is_numeric(value) and not same(value, wanted[quantity.name], max(quantity.tolerance or 0, 1e-3)):
            wrong.append(quantity.name)
    return dtypes, wrong
