"""Assignments: starters without solutions, whole folders, and references that are right."""

import ast
import json
import subprocess
import sys

import pytest

from chainrule.checker import assignment as making
from chainrule.checker import check
from chainrule.checker.assignment import texts
from chainrule.checker.assignment.choices import chosen
from chainrule.checker.assignment.cutting import definitions, starter
from chainrule.checker.assignment.variants import CHANGES
from chainrule.checker.names import COURSES
from chainrule.core.errors import OutputError, SettingError

EVERYTHING = {course: [name for names in making.modules(course).values() for name in names] for course in COURSES}
LIBRARY = list(making.modules(None))
LONG = pytest.mark.long
USUAL = (
    "cs182",
    "cs145",
    "affine",
    "batch_norm",
    "dropout",
    "softmax",
    "adam",
)  # by default; the others in the long run
SETS = [(course, preset) for course in (None, *COURSES) for preset in making.presets(course)]


def written_out(made, folder=None):
    """Put the solution of an assignment in its place, or in that of a copy."""
    folder = folder or made.handout
    for file in made.files:
        module = file.removesuffix(".py")
        if file.endswith(".py"):
            text = texts.module(module, made.course)
            kept = list(definitions((folder / file).read_text()))
            (folder / file).write_text(starter(text, kept, ()))


def bodies(text):
    """Every function's own lines but its signature and docstring, by name; methods as Class.method."""
    found, lines = {}, text.splitlines()
    for node in ast.parse(text).body:
        methods = node.body if isinstance(node, ast.ClassDef) else [node]
        for method in methods:
            if isinstance(method, ast.FunctionDef):
                title = f"{node.name}.{method.name}" if method is not node else node.name
                found[title] = [line.strip() for line in lines[method.body[1].lineno - 1 : method.end_lineno]]
    return found


@pytest.mark.parametrize(("course", "preset"), SETS)
def test_a_starter_has_all_but_the_solution(tmp_path, course, preset):
    made = making.assignment(preset=preset, course=course, out=tmp_path / "practice")
    assert {*made.files, "README.md"} == {path.name for path in made.handout.iterdir()}
    assert {path.name for path in made.rubric.parent.iterdir()} == {"handout", "rubric.toml"}
    everything = "".join((made.handout / file).read_text() for file in made.files)
    choice = chosen(made.functions, None, course)
    for module in choice.modules:
        empty = bodies((made.handout / f"{module}.py").read_text())
        solved = bodies(texts.module(module, course))
        for title in choice.cut(module):
            assert empty[title] == [f'raise NotImplementedError("{title} is not written yet")']
            assert not [line for line in solved[title] if len(line) > 45 and line in everything], title


def test_starters_have_signatures_docstrings_and_an_error(tmp_path):
    made = making.assignment("batchnorm_backward", course="cs231n", out=tmp_path / "practice")
    text = (made.handout / "layers.py").read_text()
    (forward, backward) = definitions(text).values()
    assert (forward.name, backward.name) == ("batchnorm_forward", "batchnorm_backward")
    assert len(forward.body) > 2  # given, since its cache is needed
    assert [type(node) for node in backward.body] == [ast.Expr, ast.Raise]
    assert "dgamma: (D,)" in ast.get_docstring(backward)
    assert made.check == f"chainrule check {made.handout / 'layers.py'} --course cs231n"
    assert [f.verdict for f in check(made.handout / "layers.py", seed=1).findings] == ["correct", "crash"]


def test_a_net_comes_with_its_layers_and_loses_its_private_methods(tmp_path):
    made = making.assignment("FullyConnectedNet", course="cs182", out=tmp_path / "practice")
    assert "dropout_forward" in definitions((made.handout / "layers.py").read_text())
    text = (made.handout / "fc_net.py").read_text()
    assert "_hidden_forward" not in text
    assert "initialization" in text
    assert "layernorm" not in text
    assert "TwoLayerNet" not in text
    assert made.check == f"chainrule check {made.handout} --course cs182"


@pytest.mark.parametrize("course", CHANGES)
def test_every_change_for_a_course_finds_its_place(course):
    for module, changes in CHANGES[course].items():
        text = (texts.SOLUTIONS / f"{module}.txt").read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)


@pytest.mark.parametrize("course", [name if name in USUAL else pytest.param(name, marks=LONG) for name in COURSES])
def test_the_solutions_of_a_course_are_right(tmp_path, course):
    made = making.assignment(EVERYTHING[course], course=course, out=tmp_path / "practice")
    written_out(made)
    report = check(made.handout, course=course, seed=1)
    assert report.ok, report.text()
    assert {f.name.split(".")[0] for f in report.findings} >= set(made.functions)


@pytest.mark.parametrize("module", [name if name in USUAL else pytest.param(name, marks=LONG) for name in LIBRARY])
def test_the_solutions_under_the_librarys_names_are_right(tmp_path, module):
    made = making.assignment(preset=module, out=tmp_path / "practice")
    empty = check(made.handout / f"{module}.py", seed=1)
    assert {f.verdict for f in empty.findings} == {"crash"}
    written_out(made)
    report = check(made.handout / f"{module}.py", seed=1)
    assert report.ok, report.text()
    assert report.findings


CLOSE = 1e-5  # relative, of a central difference


@pytest.mark.parametrize(
    "course", ["cs682", *(pytest.param(name, marks=LONG) for name in ("cs231n", "cs182", "c147", "cs145"))]
)
def test_the_notebooks_checks_run_and_agree_with_the_solutions(tmp_path, course):
    made = making.assignment(EVERYTHING[course], course=course, out=tmp_path / "practice")
    written_out(made)
    cells = json.loads((made.handout / "practice.ipynb").read_text())["cells"]
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    assert all(f"%check {name} --course {course}" in code for name in made.functions)
    plain = "\n".join(line for line in code.splitlines() if not line.startswith("%"))
    run = subprocess.run([sys.executable, "-c", plain], cwd=made.handout, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    errors = [float(line.rsplit(" ", 1)[1]) for line in run.stdout.splitlines() if "relative error" in line]
    assert all(error < CLOSE for error in errors), run.stdout
    assert len(errors) > 20 or course == "cs145"


def test_the_page_names_every_function_and_file(tmp_path):
    made = making.assignment(["adam", "KNearestNeighbor"], course="cs231n", out=tmp_path / "practice")
    page = (made.handout / "README.md").read_text()
    assert all(f"`{name}`" in page for name in (*made.functions, *made.files))
    assert "docs/lessons/adam.md" in page
    assert "docs/lessons/nearest_neighbours.md" in page


def test_nothing_is_overwritten_and_nothing_left_behind(tmp_path):
    made = making.assignment(preset="relu", out=tmp_path / "practice")
    before = (made.handout / "relu.py").read_text()
    with pytest.raises(OutputError, match="exists"):
        making.assignment(preset="affine", out=tmp_path / "practice")
    assert (made.handout / "relu.py").read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["practice"]


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({}, "nothing is chosen"),
        ({"functions": "softmax_los", "course": "cs231n"}, "Did you mean 'softmax_loss'"),
        ({"functions": ["adam"], "course": "cs145"}, "unknown function 'adam'"),
        ({"preset": "knn", "course": "c147"}, "unknown preset 'knn'"),
        ({"preset": "relu", "course": "cs999"}, "unknown course 'cs999'"),
        ({"functions": ["affine.forward", "relu.forward"]}, "one of the library's modules"),
        ({"functions": 3}, "functions must be"),
    ],
)
def test_what_cannot_be_made_is_refused(tmp_path, wanted, message):
    with pytest.raises(SettingError, match=message):
        making.assignment(**wanted, out=tmp_path / "practice")
    assert list(tmp_path.iterdir()) == []
