"""Lines of a rubric that ask for an instructor's own functions, of any name."""

import pytest
from classroom import Here
from swish import SWISH_BACKWARD

import chainrule as cr
from chainrule.checker.grading import Line, Rubric, rubric
from chainrule.core.errors import DataError, OutputError, SettingError

MINE = (
    """
import numpy as np
from chainrule.checker.reference import made_by

def swish_forward(x):
    out = x / (1 + np.exp(-x))
    cache = x
    return out, cache

"""
    + SWISH_BACKWARD
    + '''
def affine(x: "(N, D)", slope: float = 2.0):
    """Called as one of the battery's tasks is, and something else."""
    return slope * x
'''
)
RUBRIC = """
title = "Swish"
seed = 5
reference = "answers/mine.py"

[[line]]
function = "swish_forward"
points = 3
quantities = { out = 2 }

[[line]]
function = "swish_backward"
points = 4
quantities = { dx = 4 }
visibility = "hidden"

[[line]]
function = "affine"
points = 1

[[line]]
function = "affine_backward"
points = 3
quantities = { dx = 1, dw = 1, db = 1 }
"""
RIGHT = """
import numpy as np
def swish_forward(x):
    s = 1 / (1 + np.exp(-x))
    return x * s, {"x": x, "s": s}
def swish_backward(dout, cache):
    x, s = cache["x"], cache["s"]
    return dout * s * (1 + x * (1 - s))
def affine(x, slope=2.0):
    return x * slope
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)
def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""
WRONG = RIGHT.replace("return x * s,", "return 2 * x * s,").replace("dout.sum(axis=0)", "dout.mean(axis=0)")


@pytest.fixture
def room(tmp_path):
    """A rubric, the instructor's functions, and two learners."""
    for place, text in (("answers/mine.py", MINE), ("subs/ada.py", RIGHT), ("subs/bob.py", WRONG)):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(text)
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    return tmp_path


def grade(room, **more):
    more.setdefault("runner", Here())
    return cr.grade(sorted((room / "subs").iterdir()), room / "rubric.toml", verbose=False, **more)


def test_own_functions_earn_points_beside_those_of_the_courses(room):
    grades = grade(room)
    assert grades.scores == {"ada": 11, "bob": 7}
    bob = grades.records[1]["lines"]
    assert [line["points"] for line in bob] == [0, 4, 1, 2]
    assert "every entry is twice what it should be" in bob[0]["functions"][0]["message"]
    assert "db" in bob[3]["functions"][0]["message"]


def test_the_workers_find_the_reference_too(room):
    assert grade(room, runner=None, workers=1).scores == {"ada": 11, "bob": 7}


def test_a_changed_reference_is_another_rubric(room):
    assert grade(room, out=room / "out").graded == 2
    assert grade(room, out=room / "out").kept == 2
    (room / "answers" / "mine.py").write_text(MINE.replace("slope * x", "slope * x + 1"))
    with pytest.raises(OutputError, match="have changed"):
        grade(room, out=room / "out")


def test_a_reference_that_learners_could_read_is_refused(room):
    (room / "rubric.toml").write_text(RUBRIC.replace("answers/mine.py", "subs/mine.py"))
    (room / "answers" / "mine.py").rename(room / "subs" / "mine.py")
    with pytest.raises(SettingError, match="cannot be a submission"):
        grade(room)
    with pytest.raises(SettingError, match="keep them apart"):
        cr.grade(room / "subs", room / "rubric.toml", verbose=False)
    (room / "rubric.toml").write_text(f'given = "subs"\n{RUBRIC.replace("answers/mine.py", "subs/mine.py")}')
    (room / "cy.py").write_text(RIGHT)
    with pytest.raises(SettingError, match="keep them apart"):
        cr.grade(room / "cy.py", room / "rubric.toml", verbose=False)


def test_slips_are_named(room):
    for old, new, error, said in (
        ("answers/mine.py", "answers/none.py", DataError, "cannot read the reference .*none.py"),
        ('"swish_forward"', '"swish_foward"', SettingError, "unknown function.*Did you mean 'swish_forward'"),
        ("dx = 4", "dxx = 4", SettingError, "unknown quantity of swish_backward 'dxx'; known: dx, inputs"),
        ('"answers/mine.py"', "3", SettingError, "reference: Expected a text, got a whole number"),
    ):
        (room / "rubric.toml").write_text(RUBRIC.replace(old, new))
        with pytest.raises(error, match=said):
            rubric.read(room / "rubric.toml")


def test_a_rubric_in_python_names_it_from_here_on(room, monkeypatch):
    monkeypatch.chdir(room)
    wanted = Rubric(reference="answers/mine.py", seed=1, lines=[Line(function="swish_backward", points=2)])
    assert cr.grade("subs/ada.py", wanted, runner=Here(), verbose=False).scores == {"ada": 2}
    assert rubric.read(rubric.write(wanted, room / "copy.toml")) == wanted
