"""Why a quantity is wrong: the catalogue's mistakes, one and two at a time, against what came in every trial."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from chainrule.checker.battery import Trial, alike, is_right, ran
from chainrule.checker.compare import blurred
from chainrule.checker.recipe import Steps, behind, run
from chainrule.checker.subject import Failed
from chainrule.checker.task import Mistake, Quantity, Task

ROUGH = 1e-5  # in units of the largest entry


@dataclass(frozen=True)
class Cause:
    """What explains a wrong quantity.

    Attributes:
        mistakes: one known mistake, or two made at once.
        steps: the recipe's steps as they do them.
        trials: how many trials it was compared in; it gave the same in all of them.
        follows: whether an earlier quantity had this cause already, and this one only shows it too.
        rough: whether it gave the same to five digits only, as where the code computes with fewer.
    """

    mistakes: tuple[Mistake, ...]
    steps: Steps
    trials: int
    follows: bool = False
    rough: bool = False


class Catalogue:
    """The mistakes of a task, ready to be compared with trials.

    Args:
        task: what was tried.
        trials: what came.
        course: whose conventions count, or None.
    """

    def __init__(self, task: Task, trials: Sequence[Trial], course: str | None) -> None:
        self.task, self.trials = task, trials
        self.base = conventions(task, course)
        self.mistakes = [*_others(task, course), *(m for m in task.mistakes if course not in m.convention)]
        self._known: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        self._behind: dict[str, frozenset[str]] = {}

    def explain(self, quantities: Sequence[Quantity], wrong: Sequence[Quantity]) -> dict[str, Cause]:
        """A cause for every wrong quantity that has one, in the order of the data flow."""
        causes: dict[str, Cause] = {}
        before: Steps = {}
        for quantity in wrong:
            trials = [i for i, trial in enumerate(self.trials) if ran(quantity, trial)]
            earlier = next((c for c in causes.values() if self._agrees(quantity, c.steps, trials, rough=c.rough)), None)
            if earlier is None and before and self._agrees(quantity, before, trials):
                earlier = list(causes.values())[-1]
            if earlier:
                causes[quantity.name] = replace(earlier, trials=len(trials), follows=True)
                continue
            cause = self._find(quantity, quantities, trials, before) or self._crash(quantity, quantities, trials)
            if cause:
                causes[quantity.name] = cause
                before = {**before, **cause.steps}
        return causes

    def _find(
        self, quantity: Quantity, quantities: Sequence[Quantity], trials: list[int], before: Steps
    ) -> Cause | None:
        """The mistake that agrees with this quantity in every trial, and best with the others; else a pair of them."""
        singles = [(m, form) for m in self.mistakes for form in m.forms if self._touches(form, quantity)]
        alone = [((m,), form) for m, form in singles]
        after = [((m,), {**before, **form}) for m, form in singles] if before else []
        best = self._best(quantity, quantities, trials, alone) or self._best(quantity, quantities, trials, after)
        if best is None:
            best = self._best(quantity, quantities, trials, alone, blur=True)
        if best is None and not any(isinstance(self.trials[i].seen[quantity.name], Failed) for i in trials):
            best = self._best(quantity, quantities, trials, _pairs(singles), blur=True)
        rough = best is None and not self._agrees(quantity, {}, trials, rough=True)
        if rough:
            wrong = [candidate for candidate in alone if not candidate[0][0].convention]  # roughly is not right
            best = self._best(quantity, quantities, trials, wrong, blur=True, rough=True)
        return best and Cause(*best, trials=len(trials), rough=rough)

    def _crash(self, quantity: Quantity, quantities: Sequence[Quantity], trials: list[int]) -> Cause | None:
        """Where a function stopped, any of its quantities may be the one that stopped it."""
        if any(isinstance(self.trials[i].seen[quantity.name], Failed) for i in trials):
            for other in quantities:
                if other.role == quantity.role and other is not quantity:
                    found = self._find(other, quantities, trials, {})
                    if found:
                        return found
        return None

    def _touches(self, form: Steps, quantity: Quantity) -> bool:
        """Whether steps done differently can change a quantity at all."""
        if self.task.model is not run:
            return True
        if quantity.name not in self._behind:
            self._behind[quantity.name] = behind({**self.task.steps, **self.base}, quantity.name)
        return bool(form.keys() & self._behind[quantity.name])

    def _best(
        self,
        quantity: Quantity,
        quantities: Sequence[Quantity],
        trials: list[int],
        candidates: Iterable[tuple[tuple[Mistake, ...], Steps]],
        *,
        blur: bool = False,
        rough: bool = False,
    ) -> tuple[tuple[Mistake, ...], Steps] | None:
        agreeing = [c for c in candidates if self._agrees(quantity, c[1], trials, blur=blur, rough=rough)]
        return max(agreeing, key=lambda c: self._merit(quantities, c[1]), default=None)

    def _merit(self, quantities: Sequence[Quantity], steps: Steps) -> int:
        """How many quantities come as these steps say, in all trials; the first of equals wins."""
        every = range(len(self.trials))
        return sum(self._agrees(q, steps, [i for i in every if ran(q, self.trials[i])]) for q in quantities)

    def _agrees(
        self, quantity: Quantity, steps: Steps, trials: Sequence[int], *, blur: bool = True, rough: bool = False
    ) -> bool:
        """Whether a quantity came as these steps say in every trial; two crashes agree where values elsewhere do."""
        alone = all(isinstance(self.trials[i].seen[quantity.name], Failed) for i in trials)
        for i in trials:
            seen, said = self.trials[i].seen[quantity.name], self.predicted(i, steps).get(quantity.name, "")
            if isinstance(seen, Failed) and said is seen:  # what only repeats a crash explains nothing
                return False
            if isinstance(seen, Failed) and isinstance(said, Failed) and not alone:
                continue
            if blur:
                seen, said = blurred(seen), blurred(said)
            if not alike(quantity, self.trials[i], seen, said, ROUGH if rough else 0.0):
                return False
        return bool(trials)

    def predicted(self, trial: int, steps: Steps) -> Mapping[str, Any]:
        """What somebody gets in a trial who does these steps differently."""
        known = (trial, *sorted((name, id(step)) for name, step in steps.items()))
        if known not in self._known:
            self._known[known] = self.task.model(self.task.steps, self.trials[trial].given(), {**self.base, **steps})
        return self._known[known]


def _pairs(singles: Sequence[tuple[Mistake, Steps]]) -> Iterable[tuple[tuple[Mistake, ...], Steps]]:
    """Two mistakes at once, where they touch different steps."""
    for (m, a), (n, b) in combinations(singles, 2):
        if m is not n and not a.keys() & b.keys():
            yield (m, n), {**a, **b}


def conventions(task: Task, course: str | None) -> dict[str, Any]:
    """The steps in which a course's own conventions differ from the library's."""
    steps: dict[str, Any] = {}
    for mistake in task.mistakes:
        if course in mistake.convention:
            steps |= mistake.steps
    return steps


def _others(task: Task, course: str | None) -> Iterable[Mistake]:
    """Where a course has a convention of its own, the library's is another's."""
    for mistake in task.mistakes:
        if course in mistake.convention:
            steps = {name: task.steps[name] for name in mistake.steps if name in task.steps}
            yield Mistake(f"not_{mistake.name}", mistake.otherwise, steps, mistake.hints, convention=mistake.others)


def right_in(course: str | None, cause: Cause) -> bool:
    """Whether every mistake of a cause is a convention that counts as right."""
    return all(bool(m.convention) if course is None else course in m.accepted for m in cause.mistakes)


def wrong_quantities(quantities: Sequence[Quantity], trials: Sequence[Trial]) -> list[Quantity]:
    """The quantities that came wrong in some trial in which they were tried."""
    return [q for q in quantities if any(ran(q, trial) and not is_right(q, trial) for trial in trials)]
