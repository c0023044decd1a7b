"""The library's own functions, nets and neighbours, and the courses' packages, are found right."""

from importlib import import_module

import pytest

import chainrule as cr
from chainrule.checker import check

COURSES = {
    "cs231n": "layers layer_utils optim gradient_check classifiers.fc_net classifiers.k_nearest_neighbor solver",
    "cs682": "layers layer_utils optim gradient_check classifiers.fc_net solver",
    "cs182": "layers layer_utils optim gradient_check classifiers.fc_net solver",
    "c147": "nndl.layers nndl.optim nndl.fc_net utils.gradient_check utils.solver",
    "cs145": "hw3code.neural_net hw3code.knn",
}


def test_the_librarys_nets_and_neighbours_are_right():
    report = check(cr, seed=2)
    assert {finding.task for finding in report.findings} >= {"knn", "fully_connected_net", "two_layer_net", "net_start"}
    assert report.ok, report.text()
    others = [finding for finding in report.findings if finding.verdict != "correct"]
    assert [finding.faults[0].cause for finding in others] == [("statistics_of_the_solver",)]


@pytest.mark.parametrize(("course", "module"), [(c, name) for c, names in COURSES.items() for name in names.split()])
def test_the_courses_own_modules_are_right_by_their_own_conventions(course, module):
    report = check(import_module(f"chainrule.courses.{course}.{module}"), course=course, seed=3)
    assert report.findings
    assert [(f.name, f.verdict, f.message) for f in report.findings if f.verdict != "correct"] == []
