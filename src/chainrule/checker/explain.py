"""What is to be said of one task's trials: verdicts, causes and evidence, function by function."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from chainrule.checker import derivative
from chainrule.checker.battery import Trial, compared, inputs_of, is_right, observed, ran
from chainrule.checker.compare import same
from chainrule.checker.diagnosis import Catalogue, Cause, right_in, wrong_quantities
from chainrule.checker.examples import Example, example, small
from chainrule.checker.recipe import Steps
from chainrule.checker.report import Fault, Finding
from chainrule.checker.structure import measured
from chainrule.checker.subject import Failed, Subject
from chainrule.checker.task import Mistake, Quantity, Task
from chainrule.checker.wording import begun, being

Roles = Mapping[str, tuple[str, str]]


class Examination:
    """The trials of one task and what is to be said of them."""

    def __init__(self, task: Task, subject: Subject, roles: Roles, course: str | None, trials: list[Trial]) -> None:
        self.task, self.subject, self.roles, self.course, self.trials = task, subject, roles, course, trials
        self.catalogue = Catalogue(task, trials, course)
        self.quantities = compared(task, roles)
        self.wrong = wrong_quantities(self.quantities, trials)
        self.causes = self.catalogue.explain(self.quantities, self.wrong)
        self.tiny = small(task, subject, roles, self.catalogue.base) if self.wrong else None

    def finding(self, role: str) -> Finding:
        """What is found of one function."""
        name = self.label(role)
        of_role = [q for q in self.quantities if q.role == role]
        faults = [self.fault(q) for q in self.telling(of_role)]
        verdict = self.verdict(role, of_role)
        if not any(ran(q, trial) for q in of_role for trial in self.trials):
            faults = [self.not_run(role)]
        lesson = self.task.page if verdict != "correct" else ""
        alone = sum(q in self.wrong for q in of_role) == 1
        told = tuple(_rest_is_right(faults, of_role, alone))
        wrong = tuple(q.name for q in of_role if self.counts(q))
        return Finding(name, self.task.name, verdict, told, lesson=lesson, wrong=wrong)

    def counts(self, quantity: Quantity) -> bool:
        """Whether a quantity is wrong by every convention that is right here, or was not tried at all."""
        cause = self.causes.get(quantity.name)
        accepted = cause is not None and right_in(self.course, cause)
        return (quantity in self.wrong and not accepted) or not any(ran(quantity, trial) for trial in self.trials)

    def telling(self, of_role: Sequence[Quantity]) -> list[Quantity]:
        """The wrong quantities that are to be told: of one error that stopped many, the first."""
        told: list[Quantity] = []
        for quantity in of_role:
            if quantity in self.wrong and not self.is_accepted(quantity):
                stops = [[t.seen[q.name] for t in self.trials] for q in (*told, quantity)]
                again = any(
                    all(a is b for a, b in zip(stop, stops[-1]) if isinstance(b, Failed)) for stop in stops[:-1]
                )
                if not (again and any(isinstance(value, Failed) for value in stops[-1])):
                    told.append(quantity)
        return told

    def not_run(self, role: str) -> Fault:
        """What is said of a function that needs one which has stopped, or is not there."""
        row = next(row for row in self.task.roles if row.name == role)
        there = [self.label(name) for name in row.needs if name in self.roles]
        if there:
            return Fault(
                "", (), f"It was not run: it needs what {there[0]} returns, which has stopped.", (), follows=there[0]
            )
        names = [next(iter(other.names)) for other in self.task.roles if other.name in row.needs]
        return Fault("", (), f"It was not run: it needs what {names[0]} returns, and there is none.", ())

    def is_accepted(self, quantity: Quantity) -> bool:
        """Whether a difference is a convention of the very course that was asked for."""
        cause = self.causes.get(quantity.name)
        return self.course is not None and cause is not None and right_in(self.course, cause)

    def verdict(self, role: str, of_role: Sequence[Quantity]) -> str:
        """A function's verdict, by its worst quantity."""
        wrong = [q for q in of_role if q in self.wrong and not self.is_accepted(q)]
        untried = [q for q in of_role if not any(ran(q, trial) for trial in self.trials)]
        if untried:
            stops = [trial.seen[q.name] for q in wrong for trial in self.trials]
            late = any(isinstance(stop, Failed) and stop.verdict == "timeout" for stop in stops)
            return "timeout" if late else "crash"
        if not wrong:
            return "correct"
        if self.course is None and all(q.name in self.causes and right_in(None, self.causes[q.name]) for q in wrong):
            return "convention"
        failures = [trial.seen[wrong[0].name] for trial in self.trials if ran(wrong[0], trial)]
        verdicts = {failure.verdict for failure in failures if isinstance(failure, Failed)}
        for verdict in ("timeout", "missing"):
            if verdict in verdicts:
                return verdict
        return "crash" if verdicts and all(isinstance(failure, Failed) for failure in failures) else "wrong"

    def fault(self, quantity: Quantity) -> Fault:
        """One wrong quantity, explained as far as the evidence goes."""
        cause = self.causes.get(quantity.name)
        shown = example(self.task, quantity, self.tiny, self.trials)
        if self.is_made_of_parts(quantity):
            message = (
                f"{begun(being(quantity.words))} what your own functions make of it: it will be right when they are."
            )
            return Fault(quantity.words, (), message, (), shown, follows="its parts")
        if cause:
            return self.explained(quantity, cause, shown)
        changed = _changed(quantity, self.trials)
        if changed:
            return changed
        taken = self.retried(quantity)
        if taken:
            evidence = (
                f"With such inputs {being(quantity.words)} right in {len(self.trials)} of {len(self.trials)} trials",
            )
            return Fault(quantity.words, (taken.name,), f"{self.sentence(taken.says)}.", evidence, shown, taken.hints)
        own = derivative.of_own(self.task, self.subject, self.roles, self.trials, quantity, self.wrong)
        if own:
            message = (
                f"{begun(being(quantity.words))} the derivative of your own {own}: it will be right when {own} is."
            )
            return Fault(quantity.words, (), message, (), shown, follows=self.owner(own))
        said = measured(quantity, self.trials)
        if all(isinstance(t.seen[quantity.name], Failed) for t in self.trials if ran(quantity, t)):
            return Fault(quantity.words, (), f"{said[1]}.", tuple(said[:1]), shown)
        found = f": {_inside(said[1])}" if len(said) > 1 else ""
        message = f"{begun(being(quantity.words))} wrong, and the cause is not recognised{found}."
        return Fault(quantity.words, (), message, tuple(said), shown, ("", "", quantity.formula))

    def is_made_of_parts(self, quantity: Quantity) -> bool:
        """Whether a wrong whole is exactly what the learner's own parts make of its inputs."""
        ways = self.task.built_of(self.subject) if self.task.built_of else []
        return any(all(map(partial(self._is_made, quantity, way), self.trials)) for way in ways)

    def _is_made(self, quantity: Quantity, way: Steps, trial: Trial) -> bool:
        made = self.task.model(self.task.steps, trial.given(), {**self.catalogue.base, **way})
        seen = trial.seen[quantity.name]
        return not ran(quantity, trial) or same(seen, made.get(quantity.name, ""), quantity.tolerance, quantity.floor)

    def retried(self, quantity: Quantity) -> Mistake | None:
        """The mistake of taking one input for something else: with that something the quantity is right everywhere."""
        for mistake in self.task.mistakes:
            if mistake.retry and all(
                self._is_right_with(mistake.retry(t.case.inputs), t, quantity) for t in self.trials
            ):
                return mistake
        return None

    def _is_right_with(self, inputs: Mapping[str, Any], trial: Trial, quantity: Quantity) -> bool:
        seen = observed(self.task, self.subject, self.roles, inputs)
        return is_right(quantity, replace(trial, seen=seen))

    def explained(self, quantity: Quantity, cause: Cause, shown: Example | None) -> Fault:
        """A quantity whose cause is in the catalogue."""
        says = ", and ".join(mistake.says for mistake in cause.mistakes)
        whose = sorted({name for mistake in cause.mistakes for name in mistake.convention})
        kind = f" (another convention: {', '.join(whose)})" if whose else ""
        digits = ", to five digits," if cause.rough else ""
        came = f"With this mistake {being(quantity.words)} what came{digits} in {cause.trials} of {cause.trials} trials"
        message = f"{self.sentence(says)}{kind}."
        first = next(
            q for q in self.wrong if self.causes.get(q.name) and self.causes[q.name].mistakes == cause.mistakes
        )
        follows = self.owner(first.name) if cause.follows else ""
        if cause.follows and first.name != quantity.name:
            whose_mistake = "the same mistake" if first.role == quantity.role else f"the mistake of {follows}"
            message = f"{begun(being(quantity.words))} wrong by {whose_mistake}: {says}."
        hints = (*_hints(cause), quantity.formula)
        names = tuple(mistake.name for mistake in cause.mistakes)
        return Fault(quantity.words, names, message, (came,), shown, hints, follows)

    def label(self, role: str) -> str:
        """How the report calls a function, or a part of a class."""
        return next(row for row in self.task.roles if row.name == role).label(*self.roles[role])

    def sentence(self, says: str) -> str:
        """Words as the beginning of a sentence; the names of arrays stay as they are written."""
        names = {q.name for q in self.quantities} | set(self.task.example)
        first = says.split()[0]
        return says if first in names or (len(first) == 1 and first != "a") else f"{says[0].upper()}{says[1:]}"

    def owner(self, quantity: str) -> str:
        """The function that a quantity belongs to."""
        role = next(q.role for q in self.quantities if q.name == quantity)
        return self.label(role)


def _inside(sentence: str) -> str:
    """Words as they stand inside a sentence."""
    return sentence if sentence.startswith("NaN") else f"{sentence[0].lower()}{sentence[1:]}"


def _hints(cause: Cause) -> tuple[str, str]:
    """Where to look, and what should happen; of two mistakes, both."""
    levels = [
        " ".join(dict.fromkeys(m.hints[level] for m in cause.mistakes if len(m.hints) > level)) for level in (0, 1)
    ]
    return levels[0], levels[1]


def _changed(quantity: Quantity, trials: Sequence[Trial]) -> Fault | None:
    """A function that changes its inputs in place."""
    if quantity.name != inputs_of(quantity.role):
        return None
    wrong = [trial for trial in trials if ran(quantity, trial) and not is_right(quantity, trial)]
    which = wrong[0].seen[quantity.name]
    if isinstance(which, Failed):
        return None
    message = f"It changes its input {which} in place; whoever passed {which} still needs it as it was."
    evidence = (
        f"{which} was compared before and after the call, and differed in {len(wrong)} of {len(trials)} trials",
    )
    hints = (
        "Which line assigns to a slice, or uses an operator such as +=, on something that was passed in?",
        "Assigning to entries of an argument changes the caller's array: work on a copy, or make a new array.",
    )
    return Fault("inputs", ("changes_input",), message, evidence, None, hints)


def _rest_is_right(faults: list[Fault], of_role: Sequence[Quantity], alone: bool) -> list[Fault]:
    """The first message says so where all other results of the function are right."""
    results = [q for q in of_role if q.name != inputs_of(q.role)]
    if alone and len(faults) == 1 and len(results) > 1 and faults[0].quantity != "inputs":
        return [replace(faults[0], message=f"{faults[0].message[:-1]}; the rest is right.")]
    return faults
