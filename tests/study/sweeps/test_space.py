"""Spaces: every form, conditions, grids, points of the unit cube; what is wrong is said with the nearest name."""

import numpy as np
import pytest

from chainrule.core.errors import SettingError
from chainrule.study.sweeps.points import Setup
from chainrule.study.sweeps.space import Space

FULL = {
    "momentum": {"float": [0.5, 0.95]},
    "beta1": [0.8, 0.9],
    "rule": ["momentum", "adam", "sgd"],
    "lr": {"log": [1e-4, 1.0]},
    "depth": {"int": [1, 4]},
    "width": {"int": [8, 64], "log": True},
    "keep": {"float": [0.5, 1.0], "step": 0.25},
    "schedule.kind": ["constant", "exponential"],
    "schedule.decay": {"float": [0.8, 1.0], "when": {"schedule.kind": "exponential"}},
}


def space_of(given, **shared):
    return Space.of(given, shared)


def test_every_form_stays_in_its_range_and_reaches_its_ends(rng):
    space = space_of(FULL)
    points = [space.at(rng.random(len(space.dimensions))) for _ in range(600)]
    lrs = np.array([point["lr"] for point in points])
    assert lrs.min() >= 1e-4
    assert lrs.max() <= 1.0
    assert abs(np.median(np.log10(lrs)) + 2) < 0.3  # by ratios: half of it below the geometric middle
    assert {point["depth"] for point in points} == {1, 2, 3, 4}
    widths = [point["width"] for point in points]
    assert {8, 64} <= set(widths) <= set(range(8, 65))
    assert abs(np.median(np.log2(widths)) - 4.5) < 0.3
    assert {point["keep"] for point in points} == {0.5, 0.75, 1.0}
    assert all(isinstance(point["depth"], int) and isinstance(point["width"], int) for point in points)


def test_conditions_decide_what_is_drawn(rng):
    space = space_of(FULL)
    for _ in range(200):
        point = space.at(rng.random(len(space.dimensions)))
        assert ("momentum" in point) == (point["rule"] == "momentum")  # an option of a rule needs no condition
        assert ("beta1" in point) == (point["rule"] == "adam")
        assert ("schedule.decay" in point) == (point["schedule.kind"] == "exponential")


def test_a_condition_may_name_a_shared_setting():
    given = {"momentum": [0.5, 0.9], "weight_decay": {"float": [0, 0.1], "when": {"norm": ["batch", "layer"]}}}
    assert set(space_of(given, rule="momentum", norm="layer").at([0, 0])) == {"momentum", "weight_decay"}
    assert set(space_of(given, rule="momentum", norm=None).at([0, 0])) == {"momentum"}
    assert set(space_of(given, rule="sgd", norm="batch").at([0, 0])) == {"weight_decay"}


def test_a_grid_has_every_combination_once():
    given = {
        "rule": ["sgd", "momentum"],
        "momentum": [0.5, 0.9],
        "lr": {"log": [1e-3, 1e-1], "points": 3},
        "depth": {"int": [1, 3]},
        "keep": {"float": [0.5, 1.0], "step": 0.25},
    }
    points = space_of(given).grid()
    assert len(points) == (1 + 2) * 3 * 3 * 3
    assert len({repr(point) for point in points}) == len(points)
    assert sorted({point["lr"] for point in points}) == pytest.approx([1e-3, 1e-2, 1e-1], rel=1e-12)


def test_samples_have_every_choice_and_every_end():
    points = space_of(FULL).samples()
    for name, values in (("rule", {"momentum", "adam", "sgd"}), ("beta1", {0.8, 0.9}), ("lr", {1e-4, 1.0})):
        assert {point[name] for point in points if name in point} == values
    assert {point.get("schedule.decay") for point in points} == {None, 0.8, 1.0}


def test_a_point_becomes_a_plan():
    setup = Setup.of(FULL, {"epochs": 3}, 7, None)
    training = setup.training(
        {"width": 20, "depth": 3, "lr": 0.01, "rule": "momentum", "momentum": 0.7, "schedule.kind": "exponential",
         "schedule.decay": 0.9, "keep": 0.5}
    )  # fmt: skip
    plan = training.plan
    assert plan.hidden == [20, 20, 20]
    assert plan.schedule == {"kind": "exponential", "decay": 0.9}
    assert plan.options == {"momentum": 0.7}
    assert (plan.seed, plan.epochs, plan.threads, plan.slices) == (7, 3, 1, 1)
    assert setup.training({"lr": 0.01}, 9).plan.seed == 9


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"learning_rate": [1]}, "unknown setting in the space 'learning_rate'"),
        ({"witdh": [1]}, "Did you mean 'width'"),
        ({"lr": []}, "nothing to choose from"),
        ({"lr": {"log": [0, 1]}}, "must begin above 0"),
        ({"lr": {"log": [1, 0.1]}}, "to a larger one"),
        ({"lr": {"float": ["a", 1]}}, "to a larger one"),
        ({"lr": {"float": [0, float("inf")]}}, "to a larger one"),
        ({"lr": {"floot": [0, 1]}}, "Did you mean 'float'"),
        ({"lr": {"step": 0.1}}, "needs one of"),
        ({"lr": {"float": [0, 1], "int": [0, 1]}}, "needs one of"),
        ({"lr": 0.1}, "must be a list"),
        ({"lr": [0.1, 0.1]}, "names a value twice"),
        ({"depth": {"int": [1.5, 3]}}, "must be whole"),
        ({"depth": {"int": [1, 4], "step": 9}}, "must fit into the range"),
        ({"depth": {"int": [1, 4], "points": 0}}, "points"),
        ({"seed": [1, 2]}, "finalists"),
        ({"lr": {"log": [1e-3, 1], "when": {"rlue": "adam"}}, "rule": ["adam"]}, "Did you mean 'rule'"),
        (
            {"lr": {"log": [1e-3, 1], "when": {"keep": 1}}, "keep": {"float": [0.5, 1], "when": {"lr": 1}}},
            "in a circle",
        ),
        (
            {"reg": {"log": [1e-3, 1], "when": {"rule": "amad"}}, "rule": ["adam"]},
            "rule is 'amad', which it never is.*'adam'",
        ),
        (
            {"reg": {"log": [1e-3, 1], "when": {"width": 90}}, "width": {"int": [8, 64]}},
            "never is; the space has 8 to 64",
        ),
    ],
)
def test_what_is_wrong_is_said(given, words):
    with pytest.raises(SettingError, match=words):
        space_of(given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"momentum": {"float": [0.5, 0.9]}},
            r"momentum would never be drawn.*a rule that has it \(momentum, nesterov",
        ),
        ({"beta1": [0.8, 0.9], "rule": ["sgd"]}, "beta1 would never be drawn"),
        ({"lr": {"log": [1e-3, 1], "when": {"epochs": 4}}}, "it needs epochs = 4, and no trial has that"),
    ],
)
def test_a_setting_that_would_never_be_drawn(given, words):
    with pytest.raises(SettingError, match=words):
        Setup.of(given, {"epochs": 3}, 0, None)


def test_conditions_of_conditions_are_met_by_some_sample():
    space = space_of(
        {
            "norm": [None, "batch"],
            "keep": {"float": [0.5, 1.0], "when": {"norm": "batch"}},
            "momentum": {"float": [0.1, 0.2], "when": {"keep": 0.75}},
            "rule": ["sgd", "momentum"],
        }
    )
    space.check()
    assert {"norm": "batch", "keep": 0.75, "rule": "momentum", "momentum": 0.2} in space.samples()


def test_a_grid_of_a_range_needs_points():
    with pytest.raises(SettingError, match="points = 5"):
        space_of({"lr": {"log": [1e-3, 1]}}).grid()


def test_a_setting_stands_in_one_place():
    with pytest.raises(SettingError, match="take one out"):
        space_of({"lr": [0.1]}, lr=0.1)
