"""The instructor's mirror: known mistakes put in place of right functions, and which of them tests let pass."""

import json

import pytest

from chainrule.checker import check
from chainrule.checker.mirror import layers, mirror, rules, variants
from chainrule.checker.mirror.cells import module, read
from chainrule.checker.mirror.judging import failure, printed_errors
from chainrule.checker.mirror.variants import BY_NAME
from chainrule.checker.task import Mistake
from chainrule.core.errors import DataError, SettingError
from chainrule.core.json_files import plain

OWN = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def softmax_loss(x, y):
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    dx = p.copy()
    dx[np.arange(len(y)), y] -= 1
    return -np.log(p[np.arange(len(y)), y]).mean(), dx / len(y)
"""
WEAK = """
import unittest
import numpy as np
from own import *

def test_runs():
    assert softmax_loss(np.zeros((3, 4)), np.array([0, 1, 2]))[1].shape == (3, 4)

class TestRelu(unittest.TestCase):
    def setUp(self):
        self.x = np.array([[-1.0, 2.0], [3.0, -0.5]])

    def test_forward(self):
        self.assertTrue((relu_forward(self.x)[0] == [[0, 2], [3, 0]]).all())

class TestBackward:
    def test_positive(self):
        out, cache = relu_forward(np.ones((2, 3)))
        assert (relu_backward(np.full((2, 3), 2.0), cache) == 2).all()

def test_fixture(tmp_path):
    assert False

def test_that_fails():
    raise OSError("no data here")

if __name__ == "__main__":
    raise SystemExit
"""
PRINTING = [
    "%matplotlib inline\nimport numpy as np\nfrom own import softmax_loss",
    "x = 1e-3 * np.random.randn(5, 4)\ny = np.array([0, 1, 2, 3, 0])",
    "loss, dx = softmax_loss(x, y)\nprint('loss', loss, 'should be near 1.39')",
    "num = np.zeros_like(x)\nfor i in np.ndindex(x.shape):\n    z = x.copy(); z[i] += 1e-5; a = softmax_loss(z, y)[0]\n"
    "    z[i] -= 2e-5; num[i] = (a - softmax_loss(z, y)[0]) / 2e-5\nprint('dx error:', np.abs(num - dx).max())",
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "weak.py").write_text(WEAK)
    cells = [{"cell_type": "code", "source": source} for source in PRINTING]
    (tmp_path / "printing.ipynb").write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": "#"}, *cells]}))
    return tmp_path


def through(report, function):
    return {let.mistake for let in report.functions[function] if not let.caught_by}


def test_weak_tests_let_mistakes_through(folder):
    report = mirror(folder / "weak.py", workers=2)
    assert {"no_shift", "sum", "log2"} <= through(report, "softmax_loss")
    assert through(report, "relu_forward") == set()
    assert through(report, "relu_backward")
    caught = [let for let in report.tried if let.caught_by]
    assert caught
    assert {let.caught_by for let in caught} <= {"test_runs", "TestRelu.test_forward", "TestBackward.test_positive"}
    assert report.left_out == (("test_that_fails", "OSError: no data here"),)
    assert "affine_forward" in report.untested
    assert 0 < report.score < 1
    assert report.exit_code == 1
    assert plain(report.json())["score"] == report.score
    text = report.text(width=60)
    assert "let through: " in text
    assert max(map(len, text.splitlines())) <= 100
    page = report.html(folder / "page.html")
    assert "no_shift" in page
    assert (folder / "page.html").exists()


def test_printed_errors_count_where_right_functions_print_small_ones(folder):
    report = mirror(folder / "printing.ipynb", workers=1, only=["softmax_loss"])
    assert {"dx_not_divided", "log2"} <= {let.mistake for let in report.tried if let.caught_by}
    assert "no_shift" in through(report, "softmax_loss")  # tiny scores never overflow
    assert any("an error of" in let.why for let in report.tried)


def test_what_counts_as_a_failure():
    right = {"error": "", "printed": "loss 2.3\ndx error: 1e-9\nbig difference 0.5"}
    cases = {
        "loss 9.9\ndx error: 1e-9\nbig difference 0.5": False,
        "loss 2.3\ndx error: 2e-5\nbig difference 0.5": True,
        "loss 2.3\ndx error: nan\nbig difference 0.5": True,
        "loss 2.3\ndx error: 9e-6\nbig difference 7": False,  # it was large with right functions too
    }
    for printed, fails in cases.items():
        assert bool(failure({"error": "", "printed": printed}, right, 1e-5)) == fails, printed
    assert failure({"error": "AssertionError: x", "printed": ""}, right, 1e-5) == "AssertionError: x"
    assert printed_errors("dx error:  3.5e-10, x2 diff inf") == [3.5e-10, float("inf")]


def test_cells_of_a_file(folder):
    titles = [cell.title for cell in read(folder / "weak.py")]
    assert titles == ["the file's own statements", "test_runs", "TestRelu.test_forward", "TestBackward.test_positive",
                      "test_that_fails"]  # fmt: skip
    text = module(read(folder / "weak.py"))
    assert "__main__" not in text
    compile(text, "cells", "exec")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("none.py", None, "cannot read the tests"),
        ("broken.py", "def (", "cannot read the tests"),
        ("idle.py", "x = 1\n", "calls a function whose mistakes are known"),
        ("failing.py", "1/0\n", "division by zero"),
        ("ending.py", "import os\nos._exit(0)\n", "end their own process"),
    ],
)
def test_tests_that_cannot_be_used_say_why(tmp_path, name, text, said):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=said):
        mirror(tmp_path / name, workers=1)


def test_settings_are_looked_at(folder):
    for bad in ({"timeout": 0}, {"limit": -1.0}, {"workers": 0}):
        with pytest.raises(SettingError):
            mirror(folder / "weak.py", **bad)


RIGHT = Mistake("none", "nothing", {})


@pytest.mark.parametrize("task", [*layers.MAKERS, *rules.MAKERS])
def test_without_a_mistake_the_makers_functions_are_right(task):
    makers = {**layers.MAKERS, **rules.MAKERS}[task]
    report = check({name: make(BY_NAME[task].steps, RIGHT) for name, make in makers.items()}, seed=2, only=task)
    assert report.ok, report.text()


def is_wrong(variant):
    """Whether a variant is wrong indeed, and by its own mistake; what stops at once may be told as such."""
    functions = {name: make(None) for name, make in variant.makes.items()}
    report = check(functions, seed=2, only=list(functions))
    said = {cause for f in report.findings for fault in f.faults for cause in fault.cause}
    return not report.ok and (variant.mistake in said or any(f.verdict == "crash" for f in report.findings))


def test_with_one_they_are_wrong():
    every = variants.every_variant()
    assert len(every) >= 230
    functions = [variant for variant in every if "." not in variant.function]
    hard = {"stops_back_in_test", "updated_in_test", "config_shared", "other_default_rate", "t_starts_at_1"}
    chosen = [*functions[::17], *(variant for variant in functions if variant.mistake in hard)]
    assert [(v.function, v.mistake) for v in chosen if not is_wrong(v)] == []


@pytest.mark.long
def test_with_any_of_them_they_are_wrong():
    functions = [variant for variant in variants.every_variant() if "." not in variant.function]
    assert [(v.function, v.mistake) for v in functions if not is_wrong(v)] == []


def test_the_command(folder, capsys, monkeypatch):
    from chainrule.cli import app

    code = app(["check", "--tests", str(folder / "weak.py"), "--only", "relu_forward", "--quiet", "--json", "-"],
               result_action="return_value")  # fmt: skip
    assert json.loads(capsys.readouterr().out)["functions"][0]["name"] == "relu_forward"
    assert code == 0
    for arguments in (["check"], ["check", "a.py", "--tests", "b.py"]):
        with pytest.raises(SettingError, match="one thing to check"):
            app(arguments, result_action="return_value", exit_on_error=False)
