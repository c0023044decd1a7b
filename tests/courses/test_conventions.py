"""The table of conventions: it is the page's, and it is true."""

import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from chainrule.core.errors import SettingError
from chainrule.courses.conventions import CONVENTIONS, NONE, markdown, told
from chainrule.courses.table import COURSES

ROOT = Path(__file__).parents[2]
ROWS = {row.what: row.by_course for row in CONVENTIONS}
MODULAR = ("cs231n", "cs682", "cs182", "c147")
each_modular = pytest.mark.parametrize("course", MODULAR)


def module(course, name):
    """A module of a course by its last name."""
    for home in COURSES[course].imports.values():
        for path in (f"{home}.{name}", f"{home}.classifiers.{name}"):
            try:
                return import_module(path)
            except ModuleNotFoundError:
                continue
    raise AssertionError(f"{course} has no {name}")


def test_the_page_has_this_table():
    page = (ROOT / "docs" / "how-to" / "course-conventions.md").read_text(encoding="utf-8")
    assert markdown() in page


def test_every_row_says_something_of_every_course():
    for row in CONVENTIONS:
        assert list(row.by_course) == list(COURSES)
        assert all(row.by_course.values())
    assert len(ROWS) == len(CONVENTIONS)


@pytest.mark.parametrize("course", COURSES)
def test_told_sets_a_course_beside_those_that_differ(course):
    rows = told(course)
    assert [row["what"] for row in rows] == [row.what.replace("`", "") for row in CONVENTIONS]
    for row, source in zip(rows, CONVENTIONS):
        differing = {name for name, value in source.by_course.items() if value not in (source.by_course[course], NONE)}
        named = [name for names in row["elsewhere"] for name in names.split(", ")]
        assert set(named) == differing
        assert len(named) == len(differing)


def test_told_refuses_unknown_courses():
    with pytest.raises(SettingError, match="unknown course"):
        told("cs9")


@pytest.mark.parametrize("course", COURSES)
def test_packages(course):
    assert ROWS["packages"][course] == ", ".join(f"`{package}`" for package in COURSES[course].imports)


@each_modular
def test_keywords_of_the_net(course):
    keywords = inspect.signature(module(course, "fc_net").FullyConnectedNet).parameters
    said = ROWS["dropout of the net"][course].split("`")[1]
    name, default = said.split("=")
    assert keywords[name].default == int(default)
    norm = ROWS["normalization"][course].split("`")[1].split("=")[0]
    assert norm in keywords
    assert ("initialization" in keywords) == ("initialization" in ROWS["starting weights"][course])
    assert np.dtype(keywords["dtype"].default).name in ROWS["computed in"][course]


@each_modular
def test_p_of_dropout(course):
    state = np.random.get_state()
    layers = module(course, "layers")
    out, _ = layers.dropout_forward(np.ones((200, 50)), {"mode": "train", "p": 0.9, "seed": 1})
    np.random.set_state(state)
    kept = {"share kept": 0.9, "share dropped": 0.1}[ROWS["`p` of `dropout_forward`"][course]]
    assert np.mean(out != 0) == pytest.approx(kept, abs=0.02)


@each_modular
def test_momentum(course):
    w, dw, v, lr, mu = 2.0, 3.0, 5.0, 0.1, 0.9
    config = {"learning_rate": lr, "momentum": mu, "velocity": np.array([v])}
    got, _ = module(course, "optim").sgd_momentum(np.array([w]), np.array([dw]), config)
    rules = {
        "v = μv − lr·dw; w + v": (w + mu * v - lr * dw, mu * v - lr * dw),
        "v = μv + dw; w − lr·v": (w - lr * (mu * v + dw), mu * v + dw),
    }
    assert (got[0], config["velocity"][0]) == pytest.approx(rules[ROWS["momentum"][course]], rel=1e-12)


@each_modular
def test_states(course):
    optim = module(course, "optim")
    for rule, row in (("rmsprop", "state of `rmsprop`"), ("adam", "state of `adam`: moments, step")):
        config = {}
        getattr(optim, rule)(np.ones(2), np.array([3.0, 4.0]), config)
        names = [name.strip("` ") for name in ROWS[row][course].split(",")]
        assert set(names) <= set(config)
        if rule == "adam":
            first, second, step = (config[name] for name in names)
            np.testing.assert_allclose(first, [0.3, 0.4], rtol=1e-12)
            np.testing.assert_allclose(second, [0.009, 0.016], rtol=1e-12)
            assert step == 1
    assert hasattr(optim, "sgd_nesterov_momentum") == (ROWS["Nesterov momentum"][course] != NONE)


@each_modular
def test_keywords_of_the_solver(course):
    solver = module(course, "solver").Solver
    said = ROWS["the Solver also"][course]
    names = [name.strip("` ") for name in said.split(",")] if said != NONE else []
    extra = [name for name in names if name in solver.keywords]
    base = {"update_rule", "optim_config", "lr_decay", "batch_size", "num_epochs", "print_every", "verbose", "engine"}
    assert set(solver.keywords) == base | set(extra)
    assert all(name in solver.keywords or name in inspect.getsource(solver) for name in names)


def test_weights_of_cs145_lie_the_other_way_round():
    state = np.random.get_state()
    net = module("cs145", "neural_net").TwoLayerNet(4, 10, 3)
    other = module("cs231n", "fc_net").FullyConnectedNet([10], input_dim=4, num_classes=3)
    np.random.set_state(state)
    assert net.params["W1"].shape == (10, 4)
    assert other.params["W1"].shape == (4, 10)
    assert ROWS["weight matrices"]["cs145"] == "(outputs, inputs)"
