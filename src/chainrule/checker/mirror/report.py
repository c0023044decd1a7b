"""What the mirror shows: for every function, the known mistakes that the tests catch and those that they let pass."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Let:
    """One known mistake, tried.

    Attributes:
        function: where it was made.
        mistake: its name in the catalogue.
        says: what is wrong, in words.
        caught_by: the cell that failed; empty where the tests let it pass.
        why: how it failed.
    """

    function: str
    mistake: str
    says: str
    caught_by: str
    why: str


@dataclass(frozen=True)
class MirrorReport:
    """What an instructor's tests catch; print it, show it in a notebook, or save it.

    Attributes:
        title: the tests' file name.
        tried: every mistake that was tried.
        left_out: cells that do not pass with right functions, and why.
        untested: functions that the tests never call.
        limit: what a printed error may be.
    """

    title: str
    tried: tuple[Let, ...]
    left_out: tuple[tuple[str, str], ...]
    untested: tuple[str, ...]
    limit: float

    @property
    def score(self) -> float:
        """The share of the mistakes that are caught, from 0 to 1."""
        return sum(bool(let.caught_by) for let in self.tried) / max(len(self.tried), 1)

    @property
    def exit_code(self) -> int:
        """0 where every mistake is caught, 1 where one is let through, 2 where none was tried."""
        return 2 if not self.tried else int(self.score < 1)

    @property
    def functions(self) -> dict[str, list[Let]]:
        """The mistakes by function."""
        found: dict[str, list[Let]] = {}
        for let in self.tried:
            found.setdefault(let.function, []).append(let)
        return found

    def json(self) -> dict[str, Any]:
        """The report as plain dicts and lists."""
        return {
            "title": self.title,
            "score": self.score,
            "functions": [
                {
                    "name": name,
                    "known": len(lets),
                    "caught": sum(bool(let.caught_by) for let in lets),
                    "let_through": [{"mistake": t.mistake, "says": t.says} for t in lets if not t.caught_by],
                    "caught_by": {let.mistake: [let.caught_by, let.why] for let in lets if let.caught_by},
                }
                for name, lets in self.functions.items()
            ],
            "not_tested": list(self.untested),
            "not_run": [list(pair) for pair in self.left_out],
            "limit": self.limit,
        }

    def text(self, *, colour: bool = False, width: int = 100) -> str:
        """The report for a terminal."""
        lines = [self._headline()]
        for name, lets in self.functions.items():
            passed = [let for let in lets if not let.caught_by]
            mark, code = ("✗", "31") if passed else ("✓", "32")
            head = f"{mark} {name}  {len(lets) - len(passed)} of {len(lets)} caught"
            lines.append(f"\x1b[{code}m{head}\x1b[0m" if colour else head)
            lines += [_wrapped(f"let through: {let.says} ({let.mistake})", width, "    ") for let in passed]
        if self.untested:
            lines.append(_wrapped(f"Never called: {', '.join(self.untested)}.", width, ""))
        for title, why in self.left_out:
            lines.append(_wrapped(f"Left out, it does not pass with right functions: {title} ({why}).", width, ""))
        lines.append(_wrapped(f"A printed error counts as a failure above {self.limit:g}.", width, ""))
        return "\n".join(lines)

    def html(self, path: str | Path | None = None, *, overwrite: bool = False) -> str:
        """The report as a page of its own; written to `path` where one is given.

        Raises:
            OutputError: the file is there already, or cannot be written.
        """
        from chainrule.report.page import page, ready, write

        text = page("Tests", self.title, self._body())
        if path is not None:
            write(ready(Path(path), overwrite), text, overwrite)
        return text

    def _headline(self) -> str:
        caught = sum(bool(let.caught_by) for let in self.tried)
        return f"{self.title}: {caught} of {len(self.tried)} known mistakes caught ({100 * self.score:.0f} %)"

    def _body(self) -> str:
        from chainrule.report.parts import esc, numbers, section, table

        rows = [
            (name, str(sum(bool(let.caught_by) for let in lets)), str(len(lets)))
            for name, lets in self.functions.items()
        ]
        through = [(let.function, let.mistake, let.says) for let in self.tried if not let.caught_by]
        caught = [(let.function, let.mistake, let.caught_by, let.why) for let in self.tried if let.caught_by]
        notes = [f"Never called: {', '.join(self.untested)}."] if self.untested else []
        notes += [f"Left out, it does not pass with right functions: {title} ({why})." for title, why in self.left_out]
        notes.append(f"A printed error counts as a failure above {self.limit:g}.")
        return (
            numbers([("caught", f"{100 * self.score:.0f} %"), ("let through", str(len(through)))])
            + section("Functions", table("functions", ["function", "caught", "known"], rows, text=(0,)))
            + section(
                "Let through", table("through", ["function", "mistake", "what is wrong"], through, text=(0, 1, 2))
            )
            + section("Caught", table("caught", ["function", "mistake", "by", "how"], caught, text=(0, 1, 2, 3)))
            + section("About this check", *(f"<p>{esc(note)}</p>" for note in notes))
        )

    def _repr_html_(self) -> str:
        from chainrule.report.parts import esc

        return f"<pre>{esc(self.text())}</pre>"

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def _wrapped(text: str, width: int, indent: str) -> str:
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=f"{indent}  ")
