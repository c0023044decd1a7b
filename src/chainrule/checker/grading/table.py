"""The class as a table: a row for each learner, a column for each line of the rubric."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from chainrule.checker.grading.one import Record
from chainrule.checker.isolation.answers import clean

FORMULA = ("=", "+", "-", "@")  # what makes a spreadsheet compute


def rows(records: Sequence[Record]) -> list[dict[str, Any]]:
    """A dict for each learner: name, points by line, total, and what the instructor should know."""
    return [
        {
            "learner": record["learner"],
            **{line["name"]: line["points"] for line in record["lines"]},
            "total": record["score"],
            "remarks": " ".join([*([f"Not graded: {record['failed']}"] if record["failed"] else []), *record["notes"]]),
        }
        for record in records
    ]


def as_csv(records: Sequence[Record], titles: Sequence[str]) -> bytes:
    """The table as CSV in UTF-8; texts that a spreadsheet would take for formulas begin with an apostrophe."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(title) for title in ("learner", *titles, "total", "remarks")])
    for record in records:
        (row,) = rows([record])
        writer.writerow([_cell(value) for value in row.values()])
    return stream.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if not isinstance(value, str):
        return f"{value:g}" if value == round(value, 4) else repr(value)
    text = " ".join(clean(value, 2_000).split())
    return f"'{text}" if text.startswith(FORMULA) else text
