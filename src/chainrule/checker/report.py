"""What a check found: function by function, in the order of the data flow."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.checker.examples import Example
from chainrule.checker.wording import begun, being

WRONG = ("wrong", "crash", "timeout", "missing")


@dataclass(frozen=True)
class Fault:
    """One wrong quantity of a function.

    Attributes:
        quantity: which.
        cause: the known mistakes behind it, by name; empty where none is recognised.
        message: what is wrong, in a sentence.
        evidence: what was measured.
        example: a case to redo by hand, where there is one.
        hints: where to look, what should happen, and the true value in words.
        follows: the function whose mistake it only follows from; empty where it is a mistake of its own.
    """

    quantity: str
    cause: tuple[str, ...]
    message: str
    evidence: tuple[str, ...]
    example: Example | None = None
    hints: tuple[str, ...] = ()
    follows: str = ""


@dataclass(frozen=True)
class Finding:
    """What was found of one function.

    Attributes:
        name: as the learner wrote it.
        task: what it is.
        verdict: "correct", "convention", "wrong", "crash", "timeout" or "missing".
        faults: what is wrong (or another convention), the first wrong quantity first.
        remarks: what is right and could be better.
        lesson: the page that explains it.
        wrong: every quantity that is wrong or was not tried, by its name in the task; faults tell the telling ones.
    """

    name: str
    task: str
    verdict: str
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()
    lesson: str = ""
    wrong: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The first fault in a sentence."""
        return self.faults[0].message if self.faults else "Right in every trial."

    @property
    def repeated(self) -> tuple[Fault, ...]:
        """Faults that are wrong by the first one's mistake, and need no words of their own."""
        own = [fault for fault in self.faults if fault.cause and fault.follows in ("", self.name)]
        return tuple(fault for fault in own[1:] if fault.cause == own[0].cause and own[0] is self.faults[0])

    @property
    def follows(self) -> str:
        """The function whose mistake all of this follows from, if so."""
        return self.faults[0].follows if self.faults and all(fault.follows for fault in self.faults) else ""


@dataclass(frozen=True)
class Report:
    """Everything that a check found; print it, show it in a notebook, or save it.

    Attributes:
        title: what was checked.
        findings: one for every function, in the order of the data flow.
        sandbox: how the code was kept apart while it ran.
        seed: repeats the same trials.
        course: whose conventions counted, or None.
        hints: how much is told, 0 to 3.
        unknown: names in the code that no task knows.
    """

    title: str
    findings: tuple[Finding, ...]
    sandbox: str
    seed: int
    course: str | None = None
    hints: int = 2
    unknown: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.verdict in WRONG for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 where all is right, 1 where something is wrong, 2 where there was nothing to check."""
        if not self.findings:
            return 2
        return 0 if self.ok else 1

    @property
    def headline(self) -> str:
        """What was checked, and how it stands."""
        wrong = sum(finding.verdict in WRONG for finding in self.findings)
        course = f", conventions of {self.course}" if self.course else ""
        state = f"{wrong} of {len(self.findings)} wrong" if wrong else f"all {len(self.findings)} right"
        return f"{self.title}: {state if self.findings else 'nothing to check'}{course}"

    def __getitem__(self, name: str) -> Finding:
        """The finding of a function, by its name."""
        return next(finding for finding in self.findings if finding.name == name)

    def json(self) -> dict[str, Any]:
        """The report as plain dicts and lists."""
        return {
            "functions": [_function(finding, self.hints) for finding in self.findings],
            "sandbox": self.sandbox,
            "title": self.title,
            "course": self.course,
            "seed": self.seed,
        }

    def text(self, *, colour: bool = False, width: int = 100) -> str:
        """The report for a terminal."""
        from chainrule.checker.text import as_text

        return as_text(self, colour=colour, width=width)

    def html(self, path: str | Path | None = None, *, overwrite: bool = False) -> str:
        """The report as a page of its own; written to `path` where one is given.

        Raises:
            OutputError: the file is there already, or cannot be written.
        """
        from chainrule.checker.page import as_page, write_page

        if path is not None:
            write_page(self, Path(path), overwrite)
        return as_page(self)

    def _repr_html_(self) -> str:
        from chainrule.checker.page import as_fragment

        return as_fragment(self)

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def _function(finding: Finding, hints: int) -> dict[str, Any]:
    first = finding.faults[0] if finding.faults else None
    return {
        "name": finding.name,
        "verdict": finding.verdict,
        "quantity": first.quantity if first else None,
        "cause": " + ".join(first.cause) or None if first and hints else None,
        "message": told(finding, hints),
        "follows": finding.follows or None,
        "faults": [_fault(fault, hints) for fault in finding.faults],
        "remarks": list(finding.remarks),
        "lesson": finding.lesson,
    }


def _fault(fault: Fault, hints: int) -> dict[str, Any]:
    if not hints:
        return {"quantity": fault.quantity}
    example = fault.example
    return {
        "quantity": fault.quantity,
        "cause": list(fault.cause),
        "message": fault.message,
        "evidence": list(fault.evidence),
        "example": vars(example) if example else None,
        "hints": [hint for hint in fault.hints[:hints] if hint],
        "follows": fault.follows or None,
    }


def told(finding: Finding, hints: int) -> str:
    """The message as far as it may be told: without hints, only which quantity is wrong."""
    if hints or not finding.faults or finding.verdict not in WRONG:
        return finding.message
    return f"{begun(being(finding.faults[0].quantity))} wrong."
