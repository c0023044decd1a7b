"""The Solver's own ways to be right, to be wrong, and to be wrong only because something else is."""

from importlib import import_module

import numpy as np
import pytest
import variants

import chainrule as cr
from chainrule.checker import check, isolation
from chainrule.checker.subject import Failed

VECTORIZED, LOOPS = variants.STYLES["vectorized"], variants.STYLES["loops"]


def finding(source, **settings):
    (found,) = check(variants.module(source), only="Solver", seed=3, **settings).findings
    return found


@pytest.mark.parametrize("course", ["cs231n", "cs682", "cs182", "c147"])
def test_the_courses_solvers_are_right_by_the_last_draw(course):
    solver = import_module(f"chainrule.courses.{course}.{'utils.' if course == 'c147' else ''}solver").Solver
    report = check([solver], seed=5, course=course)
    assert report.findings[0].verdict == "correct", report.text()


def test_a_course_asks_for_its_own_draws_and_lines():
    assert finding(LOOPS).verdict == "correct"
    strict = finding(LOOPS, course="cs231n")
    assert strict.verdict == "wrong"
    causes = {cause for fault in strict.faults for cause in fault.cause}
    assert {"not_course_draws", "not_course_lines"} <= causes
    assert "not by np.random.choice" in next(f.message for f in strict.faults if "not_course_draws" in f.cause)


def test_a_solver_whose_rule_is_wrong_only_follows_from_it():
    source = variants.replaced(VECTORIZED, "sgd", "w - config", "w - 1.5 * config", "")
    found = finding(source)
    assert found.verdict == "wrong"
    assert all(fault.follows for fault in found.faults), found.faults


def test_a_solver_that_stops_is_shown_its_own_error():
    source = variants.replaced(VECTORIZED, "Solver", "self.loss_history.append(loss)", "self.losses.append(loss)", "")
    found = finding(source)
    assert found.verdict == "crash"
    assert "no attribute 'losses'" in found.message


def test_a_history_that_is_no_list_of_numbers_is_named():
    source = variants.replaced(VECTORIZED, "Solver", "self.loss_history.append(loss)",
                               "self.loss_history.append({'loss': loss})", "")  # fmt: skip
    assert "loss_history must be a list of numbers" in finding(source.replace("self.loss_history[-1]:f", "0:f")).message


def test_the_librarys_solver_is_not_taken_for_a_courses():
    report = check([cr.Solver, cr.FullyConnectedNet], seed=1)
    assert not [f for f in report.findings if f.task == "solver"]


def test_a_file_is_checked_in_its_own_process(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(VECTORIZED.replace("*= self.lr_decay", "*= 1.0"))
    (found,) = check(path, only="solver", seed=2, course="cs231n").findings
    assert found.faults[0].cause == ("decay_never",)


def test_a_stand_in_outlasts_the_call_that_it_was_passed_in(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def ask(model, X):\n    model.params['W'] = X\n    return model.loss(X)\n"
                    "def keep(f):\n    global kept\n    kept = f\ndef again():\n    return kept(1)\n")  # fmt: skip
    with isolation.open(path) as remote:
        model = remote.stand_in({"W": np.zeros(2)}, lambda X, y, params: X + params["W"])
        for _ in range(2):
            assert np.array_equal(remote.call("ask", [model, np.ones(2)]).result, [2, 2])
        remote.call("keep", [lambda x: x])
        with pytest.raises(Failed, match="not passed"):  # other callables do not
            remote.call("again")
