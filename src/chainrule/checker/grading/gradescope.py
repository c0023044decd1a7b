"""Gradescope's results.json: one file for a submission, in its own words."""

from typing import Any

from chainrule.checker.grading.one import Record
from chainrule.checker.isolation import TIERS


def results(record: Record) -> dict[str, Any]:
    """What Gradescope's autograder reads.

    `score` is the total (it stands in for the sum of the tests'), every line of the rubric is a test with its visibility,
    and nothing that changes from run to run is in it.

    Args:
        record: of a submission.
    """
    notes = [*record["notes"], *(["This submission could not be graded."] if record["failed"] else [])]
    return {
        "score": record["score"],
        "output": "\n".join([*notes, f"Sandbox: {TIERS.get(record['sandbox'], 'nothing was run')}."]),
        "output_format": "text",
        "visibility": "visible",
        "tests": [_test(number, line) for number, line in enumerate(record["lines"], 1)],
    }


def _test(number: int, line: Record) -> dict[str, Any]:
    return {
        "name": line["name"],
        "number": str(number),
        "score": line["points"],
        "max_score": line["max_points"],
        "status": "passed"
        if line["points"] == line["max_points"] and line["verdict"] in ("correct", "convention")
        else "failed",
        "output": "\n".join(told(line)),
        "output_format": "text",
        "visibility": line["visibility"],
    }


def told(line: Record) -> list[str]:
    """What a line says, sentence by sentence: its parts, then what was found of each function."""
    said = [line["message"]] if line["message"] else []
    for part in line["parts"]:
        if part["name"]:
            said.append(f"{part['name']}: {part['points']:g} of {part['most']:g} points")
    for function in line["functions"]:
        said += _found(function)
    return said


def _found(function: Record) -> list[str]:
    """One function: its first mistake with evidence and hints, and what else is wrong."""
    said = [f"{function['name']}: {function['verdict']}. {function['message']}"]
    if function["follows"]:
        return [*said, f"  It follows from {function['follows']}."]
    for place, fault in enumerate(function["faults"]):
        if place == 0:
            said += [f"  {text}." for text in fault.get("evidence", [])]
            said += [f"  Hint: {hint}" for hint in fault.get("hints", [])]
        elif not fault.get("follows") and fault.get("message"):
            said.append(f"  {fault['message']}")
    return said
