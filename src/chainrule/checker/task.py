"""What a task is: the functions that a learner writes, the cases that try them, the right results, the known mistakes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps, run


@dataclass(frozen=True, eq=False)
class Case:
    """One trial.

    Attributes:
        inputs: what the functions are given, by the recipe's names.
        kind: what is special about it, in words that complete "only for ..."; empty for a plain one.
        sizes: numbers that a wrong constant may equal: N, D, keep.
    """

    inputs: dict[str, Any]
    kind: str = ""
    sizes: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Role:
    """One function of a task.

    Attributes:
        name: what it does ("forward").
        names: what it may be called, each with the style of its arguments ("course" or "library").
        observe: `observe(play, **inputs)` -> quantities by name; takes only the inputs that it names.
        needs: roles that must have worked before.
        optional: whether a file may well do without it.
        part: of a class, what is tried, as the report says it after the class's name: by style.
        marks: parameters or methods that show another style than the name says; "" for what is no such function.
    """

    name: str
    names: Mapping[str, str]
    observe: Callable[..., dict[str, Any]]
    needs: tuple[str, ...] = ()
    optional: bool = False
    part: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)

    def label(self, name: str, style: str) -> str:
        """How the report calls it."""
        return f"{name}{self.part.get(style, '')}"


@dataclass(frozen=True, eq=False)
class Quantity:
    """One thing that is compared.

    Attributes:
        name: its step in the recipe.
        role: the function it belongs to.
        formula: the true value in words, for those who asked for the most hints.
        tolerance: the difference that is let pass, in units of the largest wanted entry; None for rounding.
        terms: the recipe's steps that add up to it.
        floor: the least unit of a tolerance, for what is 0 but for rounding.
        title: as the report says it; the name where empty.
    """

    name: str
    role: str
    formula: str = ""
    tolerance: float | None = None
    terms: tuple[str, ...] = ()
    floor: float = 0.0
    title: str = ""

    @property
    def words(self) -> str:
        """How the report speaks of it."""
        return self.title or self.name


@dataclass(frozen=True, eq=False)
class Mistake:
    """A known way to be wrong.

    Attributes:
        name: short and unique in its task.
        says: the cause as a sentence without its full stop.
        steps: the recipe's steps as this mistake does them.
        hints: where to look; what should happen. Neither is the code.
        convention: whose convention it is, where it is one: courses' and libraries' names.
        accepted: courses whose own code does it, so that it counts as right there.
        also: the same mistake done in other ways.
        otherwise: where it is a course's convention: what the others do, in words.
        others: who those are.
        retry: `retry(inputs)` -> the inputs with which the function is right, where that is what gives it away.
    """

    name: str
    says: str
    steps: Steps
    hints: tuple[str, ...] = ()
    convention: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    also: tuple[Steps, ...] = ()
    otherwise: str = ""
    others: tuple[str, ...] = ()
    retry: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    @property
    def forms(self) -> tuple[Steps, ...]:
        """Every way in which it is done."""
        return (self.steps, *self.also)


@dataclass(frozen=True, eq=False)
class Task:
    """A row of the battery.

    Attributes:
        name: as `--only` takes it.
        lesson: the page that explains it, docs/lessons/<lesson>.md; empty where there is none.
        roles: its functions, in the order of the data flow.
        quantities: what is compared, in the order of the data flow.
        steps: the right computation; it has a step for every quantity.
        cases: `cases(rng, number)` -> trials.
        example: inputs so small that a person can redo them by hand.
        told: the example in words, where its inputs would be too many.
        mistakes: the catalogue, likelier ones first.
        gradients: gradient -> (the output, the input, the upstream gradient or None) whose derivative it is.
        single: whether it is tried with float32 inputs as well.
        built_of: `built_of(subject)` -> the steps as the learner's own parts do them, in each way that they may be put
            together: a task made of others may only follow from them.
        dtype_counts: whether float32 inputs must give float32 results (elsewhere more precision is only remarked).
        model: `model(steps, inputs, replaced)` -> quantities; `recipe.run` where one pass through the steps is a trial.
    """

    name: str
    lesson: str
    roles: tuple[Role, ...]
    quantities: tuple[Quantity, ...]
    steps: Steps
    cases: Callable[[np.random.Generator, int], list[Case]]
    example: Mapping[str, Any]
    mistakes: tuple[Mistake, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    gradients: Mapping[str, tuple[str, str, str | None]] = field(default_factory=dict)
    single: bool = True
    built_of: Callable[[Any], list[Steps]] | None = None
    dtype_counts: bool = False
    model: Callable[..., Mapping[str, Any]] = run

    @property
    def page(self) -> str:
        """Where the lesson is; empty where there is none."""
        return f"docs/lessons/{self.lesson}.md" if self.lesson else ""

    def quantities_of(self, role: str) -> list[Quantity]:
        """What is compared of one function."""
        return [quantity for quantity in self.quantities if quantity.role == role]
