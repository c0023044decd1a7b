"""What grading came to: print it, save it, or go on with its rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.checker.grading import gradescope, pages, summary, table
from chainrule.checker.grading.folder import LEARNERS, slug
from chainrule.checker.grading.one import Record, versions
from chainrule.checker.grading.rubric import Rubric
from chainrule.core import files
from chainrule.core.json_files import write_json

MOST_TOLD = 8  # mistakes on one screen


@dataclass(frozen=True)
class Grades:
    """The grades of a class.

    Attributes:
        rubric: what was graded.
        records: one for each submission, by learner, in the order of their names.
        sandbox: how the submissions were kept apart, in words.
        seed: of the trials.
        folder: where the grades are kept, or None.
        graded: how many submissions were graded now.
        kept: how many had been graded before.
    """

    rubric: Rubric
    records: tuple[Record, ...]
    sandbox: str
    seed: int
    folder: Path | None = None
    graded: int = 0
    kept: int = 0

    @property
    def failed(self) -> tuple[str, ...]:
        """Learners whose submission could not be graded."""
        return tuple(record["learner"] for record in self.records if record["failed"])

    @property
    def exit_code(self) -> int:
        """0 where all were graded, whatever their points; 2 where one could not be."""
        return 2 if self.failed or not self.records else 0

    @property
    def scores(self) -> dict[str, float]:
        """Points by learner."""
        return {record["learner"]: record["score"] for record in self.records}

    def rows(self) -> list[dict[str, Any]]:
        """A dict for each learner: points by line, total, remarks; a data frame takes the list as it is."""
        return table.rows(self.records)

    def json(self) -> dict[str, Any]:
        """Everything as plain dicts and lists."""
        return {
            "title": self.rubric.title,
            "course": self.rubric.course,
            "points": self.rubric.points,
            "seed": self.seed,
            "sandbox": self.sandbox,
            "versions": versions(),
            "scores": summary.figures(self.records),
            "lines": summary.by_line(self.records),
            "mistakes": summary.mistakes(self.records),
            "learners": list(self.records),
        }

    def text(self) -> str:
        """The grades for a terminal."""
        found, made = summary.figures(self.records), summary.mistakes(self.records)
        before = f", {self.kept} of them before" if self.kept else ""
        lines = [f"{self.rubric.title}: {found['graded']} of {len(self.records)} submissions graded{before}."]
        if found["graded"]:
            lines.append(
                f"Scores from {found['least']:g} to {found['most']:g} of {self.rubric.points:g}; mean {found['mean']:.4g}, "
                f"median {found['median']:.4g}."
            )
        if made:
            lines.append("Most frequent mistakes:")
            lines += [f"  {m['learners']:4}  {m['function']}: {m['mistake']}" for m in made[:MOST_TOLD]]
        for record in self.records:
            if record["failed"]:
                lines.append(f"Not graded: {record['learner']!a}: {record['failed'].strip().splitlines()[-1]}")
        lines.append(f"Sandbox: {self.sandbox}.")
        if self.folder:
            lines.append(f"Written: {self.folder} (grades.csv, index.html, a folder for each learner).")
        return "\n".join(lines)

    def save(self, folder: Path) -> None:
        """Write table, pages and Gradescope's files into a folder of grades; older ones of ours are replaced.

        Raises:
            OutputError: one of them cannot be written.
        """
        for record in self.records:
            own = folder / LEARNERS / slug(record["learner"])
            with files.output_errors(own):
                own.mkdir(parents=True, exist_ok=True)
            write_json(own / "results.json", gradescope.results(record))
            files.write_atomically(own / "index.html", pages.learner(record, self.rubric).encode())
        titles = [line.title for line in self.rubric.lines]
        files.write_atomically(folder / "grades.csv", table.as_csv(self.records, titles))
        write_json(folder / "grades.json", self.json())
        page = pages.of_class(self.records, self.rubric, self.sandbox, self.seed)
        files.write_atomically(folder / "index.html", page.encode())

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__
