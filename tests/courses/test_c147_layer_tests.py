"""C147's six layer tests: their lines, and what their star import brings and leaves alone."""

import re

import numpy as np
import pytest

from chainrule.core.numeric import rel_error
from chainrule.courses.c147.nndl import layer_tests

NUMBER = r"\d[\d.e-]*"


def lines(capsys, test):
    getattr(layer_tests, test)()
    return capsys.readouterr().out.splitlines()


def test_deterministic_lines(capsys):
    (line,) = lines(capsys, "affine_forward_test")
    name, value = line.split(": ")
    assert name == "difference"
    assert float(value) == pytest.approx(9.769848469192957e-10, rel=1e-6)
    assert lines(capsys, "relu_forward_test") == ["difference: 4.999999798022158e-08"]


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("affine_backward_test", ("dx", "dw", "db")),
        ("relu_backward_test", ("dx",)),
        ("affine_relu_test", ("dx", "dw", "db")),
    ],
)
def test_gradient_lines(capsys, test, names):
    shown = lines(capsys, test)
    assert [line.split(": ")[0] for line in shown] == [f"{name} error" for name in names]
    assert all(float(line.split(": ")[1]) < 1e-8 for line in shown)


def test_lines_of_the_net(capsys):
    shown = lines(capsys, "fc_net_test")
    assert len(shown) == 14
    for start in (0, 7):
        assert re.fullmatch(f"Initial loss: {NUMBER}", shown[start])
        for line, name in zip(shown[start + 1 : start + 7], ("W1", "W2", "W3", "b1", "b2", "b3")):
            assert re.fullmatch(f"{name} relative error: {NUMBER}", line)
            assert float(line.split(": ")[1]) < 1e-4
    assert 2.2 < float(shown[0].split(": ")[1]) < 2.4
    assert float(shown[7].split(": ")[1]) > 5


def test_they_draw_from_the_global_generator_without_seeding_it(capsys):
    np.random.seed(231)
    assert lines(capsys, "affine_backward_test")[0] == "dx error: 5.399100368651805e-11"
    assert lines(capsys, "affine_backward_test")[0] != "dx error: 5.399100368651805e-11"


def test_a_wrong_layer_shows(capsys, monkeypatch):
    right = layer_tests.layers.relu_backward
    monkeypatch.setattr(layer_tests.layers, "relu_backward", lambda dout, cache: 1.001 * right(dout, cache))
    (line,) = lines(capsys, "relu_backward_test")
    assert float(line.split(": ")[1]) > 1e-4


def test_the_star_import_leaves_data_and_solver_alone():
    six = {f"{what}_test" for what in ("affine_forward", "affine_backward", "relu_forward", "relu_backward")}
    assert set(layer_tests.__all__) == {*six, "affine_relu_test", "fc_net_test", "rel_error"}
    assert layer_tests.rel_error is rel_error
