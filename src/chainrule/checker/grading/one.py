"""One submission's grade: a plain record, the same wherever and whenever it is made."""

import hashlib
import json
import platform
import traceback
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.checker import isolation
from chainrule.checker.checking import TRIALS
from chainrule.checker.examine import examine
from chainrule.checker.grading import artefacts, points, rubric, submission
from chainrule.checker.grading.limit import Clock
from chainrule.checker.grading.points import Found, Scored
from chainrule.checker.grading.priced import Own, own_tasks, tasks
from chainrule.checker.grading.rubric import Line, Rubric
from chainrule.checker.grading.sources import Sources
from chainrule.checker.names import found as roles_of
from chainrule.checker.report import WRONG, Report
from chainrule.checker.subject import Failed
from chainrule.checker.task import Task
from chainrule.core.errors import ChainruleError
from chainrule.core.streams import generator, key

Record = dict[str, Any]


def versions() -> dict[str, str]:
    """What a grade depends on beside submission and rubric."""
    return {"chainrule": version("chainrule"), "numpy": np.__version__, "python": platform.python_version()}


def key_of(digest: str, wanted: Rubric, seed: int, given: str) -> str:
    """Equal where a grade need not be made again.

    Args:
        digest: of the submission.
        wanted: the rubric.
        seed: of the trials.
        given: the digest of the files that the rubric names; empty where it names none.
    """
    text = json.dumps([digest, rubric.dumps(wanted), seed, given, versions()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def grade_one(job: dict[str, Any]) -> Record:
    """Grade a submission; whatever happens, a record comes of it.

    Args:
        job: learner, path, rubric (plain), seed, given and reference (paths or None), given_digest, require_sandbox;
            and packed, where the submission is not to be read from its path.
    """
    own = own_tasks(Path(job["reference"])) if job["reference"] else ()
    wanted = rubric.checked(job["rubric"], own=own)
    record = {"learner": job["learner"], "key": "", "sandbox": "", "failed": "", "notes": []}
    try:
        came = submission.unpacked(job["packed"]) if "packed" in job else submission.read(Path(job["path"]))
        record["key"] = key_of(came.digest, wanted, job["seed"], job["given_digest"])
        return record | _graded(came, wanted, job, own)
    except ChainruleError as error:
        return record | failed(wanted, f"{error}")
    except Exception:
        return record | failed(wanted, f"a fault of the grading itself:\n{traceback.format_exc(limit=-8)}")


def failed(wanted: Rubric, why: str) -> Record:
    """What is recorded of a submission that could not be graded: no points, and the instructor must look."""
    said = "This could not be graded; the instructor has to look at it."
    scored = [points.total(line, False, [], "ungraded") for line in wanted.lines]
    lines = [_line(line, one, said, wanted) for line, one in zip(wanted.lines, scored)]
    return {"failed": why, "lines": lines, "score": 0.0, "max_score": wanted.points}


def _graded(came: submission.Submission, wanted: Rubric, job: dict[str, Any], own: Own) -> Record:
    given = Path(job["given"]) if job["given"] else None
    opened = partial(isolation.open, timeout=wanted.timeout, require_sandbox=job["require_sandbox"])
    with came.laid_out() as folder, Sources(came, folder, given, opened, Clock(wanted.total_timeout)) as sources:
        found = {file: _findings(sources, file, lines, wanted, job["seed"], own) for file, lines in _by_file(wanted)}
        lines = []
        for line in wanted.lines:
            if line.artefact:
                parts, said = artefacts.check(line, folder, came)
                right = not said
                scored = points.total(line, right, parts, "correct" if right else "wrong")
                words = " ".join(said) or "All that is checked is as it should be."
                lines.append(_line(line, scored, words, wanted))
            else:
                scored = points.score(line, found[line.file], forgive=wanted.forgive, own=own)
                lines.append(_line(line, scored, "", wanted))
        notes = [*came.notes, *sources.failures()]
        tier = sources.tier
    score = round(sum(line["points"] for line in lines), 9)
    return {"sandbox": tier, "notes": notes, "lines": lines, "score": score, "max_score": wanted.points}


def _by_file(wanted: Rubric) -> Iterable[tuple[str, list[Line]]]:
    lines: dict[str, list[Line]] = {}
    for line in wanted.lines:
        if line.function:
            lines.setdefault(line.file, []).append(line)
    return lines.items()


def _findings(sources: Sources, file: str, lines: list[Line], wanted: Rubric, seed: int, own: Own) -> list[Found]:
    """What is found of all tasks that some lines ask for, each tried once."""
    asked: dict[str, tuple[Task, frozenset[str], float]] = {}
    for line in lines:
        for task, roles in tasks(line.function, own):
            _, known, seconds = asked.get(task.name, (task, frozenset(), 0.0))
            asked[task.name] = task, known | roles, max(seconds, line.timeout or wanted.timeout)
    found = []
    for task, roles, seconds in asked.values():
        try:
            subject = sources.of(task, file)
            subject.seconds = seconds
            there = roles_of(task, subject)
            subject.renew()
            rng = generator(key(seed, "check", task.name))
            here = there if there.keys() & roles else {}
            pairs = examine(task, subject, here, rng, wanted.course, TRIALS)  # type: ignore[arg-type]
        except Failed as failure:
            said = f"{failure.message[:1].upper()}{failure.message[1:]}."
            first = [(role.name, next(iter(role.names))) for role in task.roles if role.name in roles]
            pairs = [(role, points.nothing(name, failure.verdict, said)) for role, name in first]
        found += [Found(task.name, *pair) for pair in pairs]
    return found


def _line(line: Line, scored: Scored, said: str, wanted: Rubric) -> Record:
    """A line of the record."""
    report = Report("", scored.findings, "", 0, wanted.course, wanted.hints).json()["functions"]
    mistakes = [
        [finding.name, " + ".join(fault.cause), fault.quantity, finding.verdict]
        if finding.task or finding.verdict == "missing"
        else ["the file", "cannot be loaded", "", "wrong"]
        for finding in scored.findings
        if finding.verdict in WRONG
        for fault in finding.faults[:1]
        if not fault.follows
    ]
    return {
        "name": line.title,
        "points": scored.points,
        "max_points": line.points,
        "verdict": scored.verdict,
        "visibility": line.visibility,
        "parts": [vars(part) for part in scored.parts],
        "message": said,
        "functions": report,
        "mistakes": mistakes,
    }
