"""What a class's grades come to: figures, and the mistakes that most of it made."""

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chainrule.checker.grading.one import Record


def figures(records: Sequence[Record]) -> dict[str, Any]:
    """Mean, median, standard deviation, least and most of the scores of those who could be graded."""
    scores = [record["score"] for record in records if not record["failed"]]
    if not scores:
        return {"graded": 0, "mean": None, "median": None, "std": None, "least": None, "most": None}
    return {
        "graded": len(scores),
        "mean": statistics.fmean(scores),
        "median": statistics.median(scores),
        "std": statistics.stdev(scores) if len(scores) > 1 else None,
        "least": min(scores),
        "most": max(scores),
    }


def by_line(records: Sequence[Record]) -> list[dict[str, Any]]:
    """For each line of the rubric: its mean, and how many have all of its points."""
    graded = [record["lines"] for record in records if not record["failed"]]
    return [
        {
            "name": lines[0]["name"],
            "max_points": lines[0]["max_points"],
            "mean": statistics.fmean(line["points"] for line in lines),
            "full": sum(line["points"] == line["max_points"] for line in lines),
        }
        for lines in zip(*graded)
    ]


def mistakes(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Every mistake with the number of learners who made it, the most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for record in records:
        counted.update({(name, words(*rest)) for line in record["lines"] for name, *rest in line["mistakes"]})
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"function": name, "mistake": mistake, "learners": count} for (name, mistake), count in ordered]


def words(cause: str, quantity: str, verdict: str) -> str:
    """A mistake in a few words."""
    if verdict in ("missing", "crash", "timeout"):
        return verdict
    return cause.replace("_", " ") or f"{quantity}, cause not recognised"
