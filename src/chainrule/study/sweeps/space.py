"""What is searched: settings with the values that they may take, some of them only where others have certain values."""

import itertools
import json
import math
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import SettingError, choose
from chainrule.core.numbers import real
from chainrule.optim import OPTIMIZERS
from chainrule.study.plan import Plan
from chainrule.study.sweeps.dimension import Dimension

FORMS = ("choice", "int", "float", "log")
EXTRAS = ("when", "step", "points", "log")
SHAPES = ("width", "depth")  # of hidden layers, all alike
DATA = ("num_train", "impute")
OPTIONS = sorted({name for rule in OPTIMIZERS.values() for name in rule.options})
NESTED = ("schedule", "init")
REFUSED = {
    "seed": "seeds are repeated for the finalists: [finals] seeds = 5",
    "options": "name the rule's hyper-parameters themselves, such as momentum or beta1",
    "threads": "it is the same for all trials; set it in [settings]",
}
MOST_POINTS = 100_000


@dataclass(frozen=True)
class Space:
    """Dimensions, each after those that its `when` names; and the settings that all trials share."""

    dimensions: tuple[Dimension, ...]
    shared: dict[str, Any]

    @classmethod
    def of(cls, given: dict[str, Any], shared: dict[str, Any], extra: tuple[str, ...] = ()) -> "Space":
        """A space from its table.

        Args:
            given: name -> list of values, or a table with choice, int, float or log.
            shared: settings of all trials.
            extra: names that a net of one's own takes.

        Raises:
            SettingError: an unknown setting or form, an empty choice or range, conditions in a circle.
        """
        dimensions = [_dimension(name, values, shared, extra) for name, values in given.items()]
        return cls(tuple(_ordered(dimensions, shared)), shared)

    def active(self, dimension: Dimension, params: dict[str, Any]) -> bool:
        """Whether a dimension is drawn, given those before it."""
        known = {**self.shared, **params}
        if any(known.get(name) not in values for name, values in dimension.when):
            return False
        if dimension.name in OPTIONS and dimension.name not in Plan.__struct_fields__:
            return dimension.name in OPTIMIZERS[known.get("rule", "adam")].options
        return True

    def at(self, shares: Any) -> dict[str, Any]:
        """The settings at a point of the unit cube, one share a dimension; inactive ones are left out."""
        params: dict[str, Any] = {}
        for dimension, share in zip(self.dimensions, shares):
            if self.active(dimension, params):
                params[dimension.name] = dimension.at(float(share))
        return params

    def grid(self) -> list[dict[str, Any]]:
        """Every combination, once."""
        points: list[dict[str, Any]] = [{}]
        for dimension in self.dimensions:
            values = dimension.grid()
            points = list(
                itertools.chain.from_iterable(
                    [{**point, dimension.name: value} for value in values] if self.active(dimension, point) else [point]
                    for point in points
                )
            )
            if len(points) > MOST_POINTS:
                raise SettingError(
                    f"sweep: the grid has more than {MOST_POINTS} points; search at random, or with tpe."
                )
        return points

    def samples(self) -> list[dict[str, Any]]:
        """A few points that between them have every choice and both ends of every range."""
        found = [self.at([0.0] * len(self.dimensions))]
        for place, dimension in enumerate(self.dimensions):
            for value in dimension.ends():
                point = self._with(place, value)
                if dimension.name in point and point not in found:
                    found.append(point)
        return found

    def _with(self, place: int, value: Any) -> dict[str, Any]:
        """The first point, but with one value, and with what that one's condition asks for."""
        dimension = self.dimensions[place]
        params: dict[str, Any] = {}
        wanted = self._wanted(dimension)
        rules = [rule for rule, row in OPTIMIZERS.items() if dimension.name in row.options]
        for other in self.dimensions:
            if not self.active(other, params):
                continue
            params[other.name] = wanted.get(other.name, other.at(0.0))
            if other.name == "rule" and dimension.name in OPTIONS and rules:
                params["rule"] = next((c for c in other.choices or () if c in rules), params["rule"])
            if other is dimension:
                params[other.name] = value
        return params

    def _wanted(self, dimension: Dimension) -> dict[str, Any]:
        """Values with which a dimension is drawn, and those that its condition names, and so on."""
        found: dict[str, Any] = {}
        for name, values in dimension.when:
            above = next((other for other in self.dimensions if other.name == name), None)
            found |= (self._wanted(above) if above is not None else {}) | {name: values[0]}
        return found

    def check(self) -> None:
        """See that every dimension is drawn somewhere.

        Raises:
            SettingError: a condition that never holds, or a hyper-parameter of none of the rules.
        """
        drawn = {name for point in self.samples() for name in point}
        for dimension in self.dimensions:
            if dimension.name in drawn:
                continue
            rules = [rule for rule, row in OPTIMIZERS.items() if dimension.name in row.options]
            needs = [f"{name} = {values[0]!r}" for name, values in dimension.when]
            needs += [f"a rule that has it ({', '.join(rules)})"] if rules else []
            raise SettingError(
                f"sweep: {dimension.name} would never be drawn; it needs {' and '.join(needs)}, and no trial has that. Add "
                f"it to the space, or to the settings of all trials, or take {dimension.name} out."
            )


def _dimension(name: str, given: Any, shared: dict[str, Any], extra: tuple[str, ...]) -> Dimension:
    """One entry of the table."""
    if name in REFUSED:
        raise SettingError(f"sweep: {name} cannot be searched; {REFUSED[name]}.")
    part = name.partition(".")[0]
    known = [*Plan.__struct_fields__, *OPTIONS, *SHAPES, *DATA, *extra]
    if part not in NESTED or part == name:
        choose(name, dict.fromkeys([k for k in known if k not in REFUSED]), what="setting in the space")
    if name in shared:
        raise SettingError(f"sweep: {name} stands both in the settings of all trials and in the space; take one out.")
    table = {"choice": list(given)} if isinstance(given, list | tuple) else given
    if not isinstance(table, dict):
        raise SettingError(
            f"sweep: {name} must be a list of values, or a table such as {{ log = [1e-4, 0.1] }}; came {given!r:.80}."
        )
    for key in table:
        choose(key, dict.fromkeys([*FORMS, *EXTRAS]), what=f"part of {name} in the space")
    forms = [form for form in FORMS if form in table and not (form == "log" and isinstance(table["log"], bool))]
    if len(forms) != 1:
        raise SettingError(f"sweep: {name} needs one of choice, int, float and log; came {given!r:.80}.")
    values, when = table[forms[0]], _when(name, table.get("when", {}))
    if not isinstance(values, list | tuple) or not values:
        raise SettingError(
            f"sweep: {name} has nothing to choose from; at least one value is wanted; came {forms[0]} = {values!r:.80}."
        )
    if forms[0] == "choice":
        if len({json.dumps(value, sort_keys=True, default=repr) for value in values}) < len(values):
            raise SettingError(f"sweep: {name} names a value twice; came {values!r:.80}.")
        return Dimension(name, choices=tuple(values), when=when)
    return _range(name, forms[0], values, table, when)


def _range(name: str, form: str, values: Any, table: dict[str, Any], when: Any) -> Dimension:
    log, whole = form == "log" or table.get("log") is True, form == "int"
    ends = [real(value) for value in values]
    low, high = ends if len(ends) == 2 else (None, None)
    if low is None or high is None or not -math.inf < low < high < math.inf:
        raise SettingError(f"sweep: {name} must go from a number to a larger one, [low, high]; came {values!r:.80}.")
    if whole and not (low.is_integer() and high.is_integer()):
        raise SettingError(f"sweep: {name} is of whole numbers; its ends must be whole too; came {values!r:.80}.")
    if log and not (low > 0.5 if whole else low > 0):
        raise SettingError(f"sweep: {name} is divided by ratios, so that it must begin above 0; came {values!r:.80}.")
    step, points = table.get("step"), table.get("points")
    if step is not None and (log or real(step) is None or not 0 < step <= high - low or (whole and step != int(step))):
        raise SettingError(f"sweep: {name} has step = {step!r}; it must fit into the range, and log has none.")
    if points is not None and (isinstance(points, bool) or not isinstance(points, int) or points < 1):
        raise SettingError(f"sweep: {name} has points = {points!r}; a whole number of at least 1 is wanted.")
    return Dimension(name, None, low, high, whole, log, None if step is None else float(step), points, when)


def _when(name: str, given: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    if not isinstance(given, dict):
        raise SettingError(
            f'sweep: when of {name} must be a table such as {{ rule = "momentum" }}; came {given!r:.80}.'
        )
    return tuple(
        (key, tuple(values) if isinstance(values, list | tuple) else (values,)) for key, values in given.items()
    )


def _ordered(dimensions: list[Dimension], shared: dict[str, Any]) -> list[Dimension]:
    """Each after those that its condition names; a rule before its options."""
    names = {dimension.name for dimension in dimensions}
    for dimension in dimensions:
        for name, values in dimension.when:
            if name not in names and name not in shared:
                choose(name, sorted(names | set(shared)), what=f"setting in the condition of {dimension.name}")
            above = next((other for other in dimensions if other.name == name), None)
            for value in values:
                if above is not None and not above.has(value):
                    raise SettingError(
                        f"sweep: {dimension.name} is drawn where {name} is {value!r}, which it never is; the space has "
                        f"{above}. Correct the condition."
                    )
    found: list[Dimension] = []
    left = sorted(dimensions, key=lambda d: d.name != "rule")
    while left:
        there = {dimension.name for dimension in found}
        ready = [d for d in left if all(name in there or name not in names for name, _ in d.when)]
        if not ready:
            circle = ", ".join(dimension.name for dimension in left)
            raise SettingError(f"sweep: the conditions of {circle} go round in a circle; none of them can be first.")
        found.append(ready[0])
        left.remove(ready[0])
    return found
