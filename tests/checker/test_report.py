"""The report: text, JSON, page, notebook, exit codes; and the ways to ask for one."""

import json
import types

import numpy as np
import pytest
import variants

import chainrule as cr
from chainrule.checker import check, magics
from chainrule.checker.in_process import InProcess
from chainrule.checker.subject import Failed
from chainrule.core.errors import DataError, OutputError, SettingError

RIGHT = variants.STYLES["vectorized"]
BAD = variants.replaced(RIGHT, "adam", "m / (1 - beta1**t)", "m", "")
BAD = variants.replaced(BAD, "adam", "v / (1 - beta2**t)", "v", "")


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, x):
    return dout * (x > 0)


@pytest.fixture(scope="module")
def report():
    return check(variants.module(BAD), only=["adam", "relu"], seed=3)


def test_the_json_has_the_documented_form(report):
    figures = json.loads(json.dumps(report.json()))
    adam = figures["functions"][-1]
    assert [f["name"] for f in figures["functions"]] == ["relu_forward", "relu_backward", "adam"]
    assert adam["verdict"] == "wrong"
    assert adam["quantity"] == "the first step"
    assert adam["cause"] == "no_bias_correction"
    assert adam["message"].startswith("The bias correction is missing")
    assert set(adam) >= {"name", "verdict", "quantity", "cause", "message"}
    assert figures["functions"][0] == {**figures["functions"][0], "verdict": "correct", "quantity": None, "cause": None}
    assert "in this process" in figures["sandbox"]


def test_the_text_fits_a_terminal_and_has_an_example_to_redo(report):
    text = report.text(width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert "✓ relu_forward, relu_backward" in text
    assert "is what came in 20 of 20 trials" in " ".join(text.split())
    assert "came [-0.3162, 0.3162]" in text
    assert "wanted [-0.1, 0.1]" in text
    assert "Lesson: docs/lessons/adam.md" in text
    assert "\x1b[" not in text
    assert "\x1b[31m" in report.text(colour=True)


def test_exit_codes():
    assert check([relu_forward, relu_backward]).exit_code == 0
    assert check(variants.module(BAD), only="adam").exit_code == 1
    assert check({"something": print}).exit_code == 2


def test_a_page_of_its_own(report, tmp_path):
    path = tmp_path / "page.html"
    text = report.html(path)
    assert path.read_text() == text
    assert "<!DOCTYPE html>" in text
    assert "bias correction is missing" in text
    with pytest.raises(OutputError):
        report.html(path)
    assert "adam: wrong" in report._repr_html_()


def test_names_of_the_learner_cannot_break_the_page():
    hostile = {"relu_forward": relu_forward, "<script>alert(1)</script>": print}
    report = check(hostile)
    assert report.unknown == ("<script>alert(1)</script>",)
    assert "<script>" not in report.html()
    assert "<script>" not in report._repr_html_()


def test_a_missing_partner_is_said():
    forward, backward = check(relu_forward, seed=1).findings
    assert (forward.verdict, backward.verdict) == ("correct", "missing")
    assert backward.message == "There is no relu_backward."


def test_a_crash_names_the_line_and_what_needs_it_is_not_run():
    def relu_forward(x):
        raise ValueError("not yet written")

    forward, backward = check([relu_forward, relu_backward], seed=1).findings
    assert forward.verdict == backward.verdict == "crash"
    assert "not yet written" in forward.message
    assert backward.follows == "relu_forward"
    assert "not run" in backward.message


@pytest.mark.parametrize(
    "given",
    [{"course": "mit"}, {"only": "convolution"}, {"hints": 4}, {"timeout": 0}, {"timeout": "soon"}],
)
def test_settings_that_make_no_sense_are_refused(given):
    with pytest.raises(SettingError):
        check(relu_forward, **given)


def test_code_that_is_none_is_refused():
    for code in (3, {}, [], types.ModuleType("empty")):
        with pytest.raises(SettingError, match="can be called"):
            check(code)


def test_a_file_that_cannot_be_loaded_is_said_to_be_so(tmp_path):
    path = tmp_path / "layers.py"
    path.write_text("def relu_forward(x:\n")
    with pytest.raises(DataError, match="SyntaxError"):
        check(path)


def test_a_file_runs_apart_and_gives_the_same_findings(tmp_path):
    path = tmp_path / "layers.py"
    path.write_text(BAD)
    apart, here = (
        check(path, only=["adam", "affine"], seed=4),
        check(variants.module(BAD), only=["adam", "affine"], seed=4),
    )
    assert [(f.name, f.verdict, f.message) for f in apart.findings] == [
        (f.name, f.verdict, f.message) for f in here.findings
    ]
    assert "this process" not in apart.sandbox


def test_the_same_seed_gives_the_same_report():
    one, two = (check(variants.module(BAD), only="adam", seed=5).text() for _ in range(2))
    assert one == two


def test_the_global_generator_goes_on_as_before():
    before = np.random.get_state()[1].copy()
    check(variants.module(RIGHT), only="dropout", seed=1)
    assert np.array_equal(before, np.random.get_state()[1])


def test_the_learner_gets_copies():
    kept = np.zeros(3)
    subject = InProcess({"spoil": lambda x: x.fill(7)})
    answer = subject.call("spoil", [kept])
    assert np.array_equal(kept, np.zeros(3))
    assert np.array_equal(answer.args[0], np.full(3, 7))
    with pytest.raises(Failed):
        subject.call("spoil", [3])


def test_the_magic_checks_what_the_notebook_defines():
    names = {"relu_forward": relu_forward, "relu_backward": relu_backward, "x": 3, "_": 1}
    report = magics.checked("relu --course cs231n --hints 1 --seed 3", names)
    assert report.ok
    assert (report.course, report.hints, report.seed) == ("cs231n", 1, 3)
    for line in ("--hints many", "--nonsense", "--seed"):
        with pytest.raises(SettingError):
            magics.checked(line, names)


def test_the_magic_is_registered():
    registered = {}

    class Shell:
        user_ns = {"relu_forward": relu_forward, "relu_backward": relu_backward}  # noqa: RUF012

        def register_magic_function(self, function, kind, name):
            registered[name] = function

    from chainrule.checker import load_ipython_extension

    load_ipython_extension(Shell())
    assert registered["check"]("").ok


def test_the_command(tmp_path, monkeypatch, capsys):
    from chainrule.cli import app

    path, page = tmp_path / "layers.py", tmp_path / "page.html"
    path.write_text(BAD)
    code = app(["check", str(path), "--only", "adam,relu", "--seed", "2", "--html", str(page), "--json", "-"],
               result_action="return_value")  # fmt: skip
    figures = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [f["verdict"] for f in figures["functions"]] == ["correct", "correct", "wrong"]
    assert page.exists()


def test_it_is_public():
    assert cr.check is check


@pytest.mark.parametrize("layer", ["affine", "relu", "batch_norm", "layer_norm", "dropout"])
def test_the_librarys_own_layers_are_right(layer):
    report = check(cr.LAYERS[layer].module, seed=1)
    assert len(report.findings) >= 2
    assert report.ok, report.text()


@pytest.mark.parametrize("name", ["softmax", "svm"])
def test_the_librarys_own_losses_are_right(name):
    assert check(cr.LOSSES[name].module, seed=1)["forward"].verdict == "correct"


@pytest.mark.parametrize("name", list(cr.OPTIMIZERS))
def test_the_librarys_own_rules_are_right(name):
    report = check(cr.OPTIMIZERS[name].module, seed=1)
    assert report["step"].verdict == "correct", report.text()
