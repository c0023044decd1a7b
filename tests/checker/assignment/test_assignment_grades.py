"""An assignment's own rubric: nothing for the starters as they are, everything for the solution."""

import shutil

import pytest
from test_assignment import EVERYTHING, written_out

from chainrule.checker import assignment as making
from chainrule.checker.grading.run import grade

SOME = ["affine_backward", "batchnorm_backward_alt", "sgd_momentum", "TwoLayerNet"]
CASES = [
    ("cs682", SOME),
    (None, ["softmax.forward"]),
    *(pytest.param(course, names, marks=pytest.mark.long) for course, names in EVERYTHING.items()),
    *(pytest.param(None, names, marks=pytest.mark.long) for names in making.modules(None).values()),
]


@pytest.mark.parametrize(("course", "functions"), CASES)
def test_the_starter_gets_nothing_and_the_solution_everything(tmp_path, course, functions):
    made = making.assignment(functions, course=course, out=tmp_path / "assignment")
    untouched = shutil.copytree(made.handout, tmp_path / "untouched")
    solved = shutil.copytree(made.handout, tmp_path / "solved")
    written_out(made, solved)
    grades = grade([untouched, solved], made.rubric, verbose=False)
    by_name = {record["learner"]: record for record in grades.records}
    assert by_name["untouched"]["score"] == 0, by_name["untouched"]["lines"]
    assert by_name["solved"]["score"] == by_name["solved"]["max_score"] > 0, by_name["solved"]["lines"]


def test_a_single_file_is_graded_with_what_was_handed_out(tmp_path):
    made = making.assignment("affine_relu_backward", course="cs231n", out=tmp_path / "assignment")
    solved = shutil.copytree(made.handout, tmp_path / "solved")
    written_out(made, solved)
    (record,) = grade(solved / "layer_utils.py", made.rubric, verbose=False).records
    assert record["score"] == record["max_score"] == 4, record


def test_partial_credit_goes_by_quantity(tmp_path):
    made = making.assignment(preset="affine", course="cs231n", out=tmp_path / "assignment")
    wrong = shutil.copytree(made.handout, tmp_path / "wrong")
    written_out(made, wrong)
    text = (wrong / "layers.py").read_text()
    (wrong / "layers.py").write_text(text.replace("dout.sum(axis=0)", "dout.mean(axis=0)"))
    (record,) = grade(wrong, made.rubric, verbose=False).records
    assert [(line["points"], line["max_points"]) for line in record["lines"]] == [(3, 3), (4, 6)]
