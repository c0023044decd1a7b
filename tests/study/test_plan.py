"""A plan is every setting of a run in one record: built, checked, written down and read back."""

import numpy as np
import pytest

from chainrule.core.errors import FileFormatError, SettingError
from chainrule.datasets import load_data
from chainrule.optim import OPTIMIZERS
from chainrule.study.plan import Plan


@pytest.fixture(scope="module")
def digits():
    return load_data("digits", num_train=100)


def test_hyperparameters_of_the_rule_may_stand_among_the_settings():
    flat = Plan.of(rule="adam", beta1=0.8, lr=0.1)
    assert flat == Plan.of(rule="adam", options={"beta1": 0.8}, lr=0.1)
    assert flat.options == {"beta1": 0.8}


def test_numpy_numbers_and_tuples_become_plain_ones():
    plan = Plan.of(hidden=(np.int64(3), 4), lr=np.float32(0.5))
    assert plan.hidden == [3, 4]
    assert type(plan.lr) is float


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr": "fast"}, "lr must be a number or None; came 'fast'"),
        ({"hidden": 3}, "hidden must be a list; came 3"),
        ({"hidden": [3, "x"]}, "each part of hidden must be a whole number"),
        ({"epochs": 1.5}, "epochs must be a whole number; came 1.5"),
        ({"rule": "adm"}, "unknown update rule 'adm'.*Did you mean 'adam'"),
        ({"rule": ["adam"]}, "unknown update rule"),
        ({"lrr": 1}, "unknown setting .*Did you mean 'lr'"),
        ({"rule": "sgd", "beta1": 0.9}, "unknown setting .rule 'sgd'. 'beta1'"),
        ({"options": {"lr": 0.1}}, "unknown option of rule 'adam' 'lr'; known: beta1, beta2"),
        ({"options": [1]}, "options must be a dict"),
        ({"rule": "adamw", "options": {"weight_decay": 1.0}}, "unknown option of rule 'adamw' 'weight_decay'"),
    ],
)
@pytest.mark.promise("P5.1")
def test_bad_settings_are_named(settings, message):
    with pytest.raises(SettingError, match=message):
        Plan.of(**settings)


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_what_was_resolved_is_written_down_and_read_back(digits, rule):
    plan = Plan.of(rule=rule, hidden=[7], norm="batch", schedule="cosine", clip_norm=1).resolved(digits)
    assert plan.lr == OPTIMIZERS[rule].default_lr
    assert (plan.loss, plan.init, plan.schedule) == ("softmax", {"kind": "he"}, {"kind": "cosine"})
    assert Plan.restore_from(plan.describe(), "settings.json") == plan
    assert plan.resolved(digits) == plan


def test_the_loss_follows_the_data(digits, rng):
    real = load_data((rng.normal(size=(50, 3)), rng.normal(size=50)))
    assert Plan().resolved(digits).loss == "softmax"
    assert Plan().resolved(real).loss == "mse"


@pytest.mark.parametrize("saved", [None, [], {"hidden": "a"}, {"newer": 1}, {"rule": "none such"}])
def test_settings_of_another_version_are_refused(saved):
    with pytest.raises(FileFormatError, match=r"settings\.json: its settings are not those of this version"):
        Plan.restore_from(saved, "settings.json")


def test_impossible_plans_fail_before_anything_runs(digits):
    with pytest.raises(SettingError, match="activation"):
        Plan.of(hidden=[5], activation=["relu", "tanh"]).resolved(digits)
    with pytest.raises(SettingError, match="beta1 must be"):
        Plan.of(beta1=2.0).resolved(digits)
