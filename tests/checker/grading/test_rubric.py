"""Rubrics: what is read is what was written, and every slip is named."""

import pytest

from chainrule.checker.grading import rubric
from chainrule.checker.grading.priced import ARTEFACTS, functions, quantities
from chainrule.checker.grading.rubric import Line, Rubric
from chainrule.core.errors import FileFormatError, OutputError, SettingError

GOOD = """
title = "Assignment \\"2\\""
course = "cs231n"
seed = 7
hints = 1

[[line]]
function = "affine"
points = 5
quantities = { out = 1, dx = 2, dw = 1 }

[[line]]
name = "the other backward"
function = "batchnorm_backward_alt"
points = 2.5
quantities = { dx = 1.5 }
visibility = "after_published"
file = "cs231n/layers.py"
timeout = 20

[[line]]
artefact = "w_stds"
points = 3
quantities = { he = 1 }
"""


def test_a_rubric_is_what_it_says(tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_text(GOOD)
    found = rubric.read(path)
    assert (found.title, found.course, found.seed, found.hints) == ('Assignment "2"', "cs231n", 7, 1)
    assert found.points == 10.5
    first, second, third = found.lines
    assert first == Line(function="affine", points=5, quantities={"out": 1, "dx": 2, "dw": 1})
    assert (second.title, second.visibility, second.timeout) == ("the other backward", "after_published", 20)
    assert third.title == "w_stds"


def test_written_and_read_again_it_is_the_same(tmp_path):
    found = rubric.loads(GOOD)
    path = rubric.write(found, tmp_path / "copy.toml")
    assert rubric.read(path) == found
    odd = Rubric(
        title='tab\t"quotes" \\ é 😀 \x7f', lines=[Line(function="sgd", points=1e-7), Line(function="adam", points=3e9)]
    )
    assert rubric.loads(rubric.dumps(odd)) == odd
    with pytest.raises(OutputError, match="exists"):
        rubric.write(found, path)
    with pytest.raises(SettingError, match="points"):
        rubric.write(Rubric(lines=[Line(function="sgd", points=-1)]), tmp_path / "bad.toml")
    assert not (tmp_path / "bad.toml").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title =", "titel =", "unknown key 'titel'.*Did you mean 'title'"),
        ("timeout =", "timeot =", r"\[\[line\]\] 2: unknown key 'timeot'.*Did you mean 'timeout'"),
        ('"affine"', '"afine"', r"\[\[line\]\] 1 \(afine\): unknown function 'afine'.*Did you mean 'affine'"),
        ("dx = 2", "dxx = 2", "unknown quantity of affine 'dxx'; known: out, dx, dw, db, inputs. Did you mean 'dx'"),
        ('"w_stds"', '"w_std"', "unknown artefact 'w_std'.*Did you mean 'w_stds'"),
        ('"cs231n"', '"cs231"', "unknown course 'cs231'.*Did you mean 'cs231n'"),
        ("after_published", "after_publishing", "unknown visibility.*Did you mean 'after_published'"),
        ("points = 5", "points = -5", "points must be a number of points of at least 0; came -5"),
        ("points = 5", "points = nan", "points must be"),
        ("points = 5", "points = inf", "points must be"),
        ("points = 5", 'points = "5"', r"\[\[line\]\] 1, points: Expected a number, got a text"),
        ("points = 5", "points = true", "Expected a number, got true or false"),
        ("points = 5\n", "", r"\[\[line\]\] 1: Object missing required field `points`"),
        ("dx = 2", "dx = -2", "dx must be a number of points of at least 0"),
        ("points = 5", "points = 3", "quantities are worth 4 points, the line only 3"),
        ('name = "the other backward"', 'name = "affine"', r"\[\[line\]\] 1 has this name too"),
        ('artefact = "w_stds"', 'artefact = "w_stds"\nfunction = "adam"', "either a function or an artefact"),
        ('artefact = "w_stds"', 'name = "nothing"', "either a function or an artefact"),
        ('"w_stds"', '"w_stds"\ntimeout = 3', "file and timeout are for functions"),
        ("hints = 1", "hints = 4", "hints must be 0, 1, 2 or 3"),
        ("hints = 1", "hints = 1.5", "hints: Expected a whole number, got a number"),
        ("seed = 7", "seed = -7", "seed must be a whole number of at least 0"),
        ("timeout = 20", "timeout = 0", "timeout must be a number of seconds above 0"),
        ('"cs231n/layers.py"', '"../layers.py"', "file must be a path inside"),
        ('"cs231n/layers.py"', '"/etc/passwd"', "file must be a path inside"),
    ],
)  # fmt: skip
def test_slips_are_named(old, new, said):
    assert old in GOOD
    with pytest.raises(SettingError, match=said):
        rubric.loads(GOOD.replace(old, new), "r.toml")


@pytest.mark.parametrize("text", ["", "line = 3", "line = []", 'title = "x"', "line = [3]"])
def test_without_lines_there_is_no_rubric(text):
    with pytest.raises(SettingError, match=r"\[\[line\]\]"):
        rubric.loads(text)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"a = [" * 500, b"line = {", b"a = 1\na = 2"])
def test_what_is_no_toml_is_refused(data, tmp_path):
    path = tmp_path / "rubric.toml"
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match="TOML"):
        rubric.read(path)


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        rubric.read(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(FileFormatError, match="has 2097152 bytes"):
        rubric.read(tmp_path / "huge.toml")


def test_every_function_has_quantities_that_can_be_priced():
    for name in functions():
        known = quantities(Line(function=name, points=1))
        assert "inputs" in known
        assert len(known) > 1
    for name, parts in ARTEFACTS.items():
        assert quantities(Line(artefact=name, points=1)) == list(parts)
