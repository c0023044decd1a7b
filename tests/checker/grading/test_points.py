"""Points: what a line earns for what was found, with parts and without."""

import pytest
import variants
from classroom import every_wrong

from chainrule.checker.checking import check
from chainrule.checker.examine import examine
from chainrule.checker.grading.points import Found, score
from chainrule.checker.grading.priced import tasks
from chainrule.checker.grading.rubric import Line
from chainrule.checker.in_process import InProcess, keeping_random_state
from chainrule.checker.names import found
from chainrule.core.streams import generator, key

WRONG = every_wrong()
RIGHT = variants.STYLES["vectorized"]


def points(source, course=None, forgive=False, **line):
    """A line's score for a source text, found as grading finds it."""
    line = Line(**line)
    subject, all_found = InProcess(variants.module(source)), []
    for task, _ in tasks(line.function):
        rng = generator(key(3, "check", task.name))
        with keeping_random_state():
            pairs = examine(task, subject, found(task, subject), rng, course, 20)
        all_found += [Found(task.name, *pair) for pair in pairs]
    return score(line, all_found, forgive=forgive)


def wrong(function, cause):
    return next(w.source for w in WRONG if (w.function, w.cause) == (function, cause))


PARTS = {"function": "affine", "points": 5, "quantities": {"out": 1, "dx": 2, "dw": 1}}


def test_all_right_is_all_points():
    scored = points(RIGHT, **PARTS)
    assert (scored.points, scored.verdict) == (5, "correct")
    assert [(part.name, part.points, part.most) for part in scored.parts] == [
        ("out", 1, 1), ("dx", 2, 2), ("dw", 1, 1), ("", 1, 1),
    ]  # fmt: skip


def test_a_wrong_quantity_costs_its_own_share_and_the_rest():
    scored = points(wrong("affine_backward", "dw_mean"), **PARTS)
    assert (scored.points, scored.verdict) == (3, "wrong")
    assert [part.points for part in scored.parts] == [1, 2, 0, 0]


def test_a_quantity_without_a_share_costs_the_rest_alone():
    scored = points(wrong("affine_backward", "db_mean"), **PARTS)
    assert scored.points == 4
    priced = {**PARTS, "points": 4}
    assert points(wrong("affine_backward", "db_mean"), **priced).points == 4  # nothing is left for being all right


def test_without_shares_it_is_all_or_nothing():
    source = wrong("affine_backward", "dw_mean")
    assert points(source, function="affine_backward", points=2).points == 0
    assert points(source, function="affine_forward", points=2).points == 2
    assert points(source, function="affine", points=2).points == 0


def test_a_changed_input_has_a_name_of_its_own():
    source = wrong("affine_backward", "changes_input")
    scored = points(source, function="affine_backward", points=4, quantities={"dx": 1, "dw": 1, "db": 1, "inputs": 1})
    assert {part.name: part.points for part in scored.parts}["inputs"] == 0


def test_what_only_follows_may_be_forgiven():
    source = wrong("batchnorm_forward", "divided_by_variance")
    line = {"function": "batchnorm_backward", "points": 4, "quantities": {"dx": 2}}
    assert points(source, **line).points == 0
    assert points(source, forgive=True, **line).points == 4
    assert points(source, forgive=True, **line).verdict == "wrong"
    assert points(source, forgive=True, function="batchnorm_forward", points=4).points == 0
    crash = RIGHT.replace("def batchnorm_forward(", "def batchnorm_forward(*args):\n    return 1 / 0\n\n\ndef unused(")
    assert points(crash, forgive=True, **line).points == 0


def test_what_crashes_or_is_not_there_earns_nothing():
    crash = RIGHT.replace("def affine_backward(", "def affine_backward(*args):\n    return 1 / 0\n\n\ndef unused(")
    scored = points(crash, **PARTS)
    assert (scored.points, scored.verdict) == (1, "crash")
    gone = RIGHT.replace("def affine_backward(", "def renamed(")
    assert points(gone, **PARTS).verdict == "missing"
    assert points(gone, **PARTS).points == 1
    scored = points("def other(): ...\n", function="FullyConnectedNet", points=3, quantities={"dW1": 1})
    assert (scored.points, scored.verdict) == (0, "missing")


def test_a_title_stands_for_the_quantity():
    source = RIGHT.replace("def batchnorm_backward_alt(", "def _hidden(")
    line = {"function": "batchnorm_backward_alt", "points": 2, "quantities": {"dx": 2}}
    assert points(RIGHT, **line).points == 2
    assert points(source, **line).points == 0


def test_a_convention_is_right_unless_a_course_says_otherwise():
    source = next(w.source for w in WRONG if w.convention and w.function == "sgd_momentum")
    line = {"function": "sgd_momentum", "points": 3, "quantities": {"first": 1}}
    assert points(source, **line).points == 3
    assert points(source, **line).verdict == "convention"
    courses = {course: points(source, course=course, **line).points for course in ("cs231n", "cs182", "c147")}
    assert min(courses.values()) < 3


@pytest.mark.parametrize("place", range(0, len(WRONG), 110))
def test_a_wrong_function_never_has_all_points(place):
    one = WRONG[place]
    name = one.function.split(".")[0]
    report = check(variants.module(one.source), only=name, seed=3)
    scored = points(one.source, function=name, points=1)
    assert scored.points == float(report.ok)


def test_every_wrong_quantity_is_listed_even_where_one_error_is_told_once():
    crash = RIGHT.replace(
        "def batchnorm_backward(", "def batchnorm_backward(*args):\n    return 1 / 0\n\n\ndef unused("
    )
    report = check(variants.module(crash), only="batchnorm_backward", seed=3)
    (finding,) = report.findings
    assert len(finding.faults) == 1
    assert finding.wrong == ("dx", "dgamma", "dbeta", "inputs of backward")
