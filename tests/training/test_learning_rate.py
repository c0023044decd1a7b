"""The learning-rate finder, and the checks before a training: they see what they should, and change nothing."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import SettingError
from chainrule.datasets import load_data
from chainrule.training.learning_rate import LearningRates


@pytest.fixture(scope="module")
def digits():
    return load_data("digits", num_train=600)


def net(**changes):
    return cr.FullyConnectedNet([24], **{"input_dim": 64, "norm": "batch", "keep": 0.9, **changes})


def curve(own, data):
    history = cr.Solver(own, data, epochs=1, batch_size=50, threads=1, engine="plain", verbose=False).train()
    return history.loss, own.params, own.stats


def test_a_fit_after_it_equals_a_fit_without_it_bit_for_bit(digits):
    looked_at, fresh = net(), net()
    cr.find_learning_rate(looked_at, digits, steps=30)
    cr.overfit_one_batch(looked_at, digits, steps=20)
    cr.dry_run(looked_at, digits, steps=3, engine="plain")
    assert looked_at.input.is_empty  # not even that was set
    (loss, params, stats), (other_loss, others, other_stats) = curve(looked_at, digits), curve(fresh, digits)
    np.testing.assert_array_equal(loss, other_loss)
    for name, value in params.items():
        np.testing.assert_array_equal(value, others[name])
    for name, pair in stats.items():
        np.testing.assert_array_equal(pair, other_stats[name])


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_the_rate_it_finds_is_better_than_far_ones(rule, digits):
    found = cr.find_learning_rate(net(norm=None, keep=1.0), digits, rule=rule, seed=3)

    def learnt(lr):
        own = net(norm=None, keep=1.0)
        cr.Solver(
            own, digits, rule=rule, lr=lr, epochs=2, batch_size=50, engine="plain", threads=1, verbose=False
        ).train()
        return own.score(digits.X_val, digits.y_val)

    assert learnt(found.suggested) > max(learnt(found.suggested / 300), learnt(found.suggested * 300)) + 0.05


def test_rates_climb_evenly_and_the_run_ends_where_the_loss_is_lost(digits):
    found = cr.find_learning_rate(net(norm=None), digits, rule="sgd", low=1e-3, high=1e6, steps=60)
    assert len(found.rates) == len(found.losses) == len(found.smooth) < 60
    np.testing.assert_allclose(np.diff(np.log(found.rates)), np.log(1e9) / 59, rtol=1e-9)
    assert "begin with lr=" in str(found)


def test_the_losses_are_those_of_a_training_with_these_rates(digits):
    found = cr.find_learning_rate(net(), digits, rule="sgd", low=1e-2, high=1e-2 * (1 + 1e-9), steps=10, batch_size=50)
    history = cr.Solver(
        net(), digits, rule="sgd", lr=1e-2, epochs=1, batch_size=50, engine="plain", threads=1, verbose=False
    ).train()
    np.testing.assert_allclose(found.losses, history.loss[:10], rtol=1e-5)


def test_where_nothing_is_learnt_nothing_is_suggested(digits):
    stuck = cr.find_learning_rate(net(init="zeros", norm=None), digits, rule="sgd", high=1e-5, steps=10)
    assert stuck.suggested is None
    assert "never fell" in str(stuck)


def test_a_range_upside_down_is_refused(digits):
    with pytest.raises(SettingError, match="high must be above low"):
        cr.find_learning_rate(net(), digits, low=1.0, high=0.1)


def test_a_sound_net_learns_a_batch_by_heart(digits):
    found = cr.overfit_one_batch(net(keep=0.5, reg=1.0), digits)
    assert found
    assert found.score == 1
    assert found.losses[-1] < found.losses[0]
    assert "by heart" in str(found)


def test_real_targets_are_learnt_by_heart_too(rng):
    X, t = rng.standard_normal((50, 4)), rng.standard_normal((50, 2))
    own = cr.FullyConnectedNet([60], input_dim=4, num_classes=2, loss="mse")
    found = cr.overfit_one_batch(own, {"X_train": X, "y_train": t}, rows=8, lr=1e-2, steps=2000)
    assert found.passed
    assert found.metric == "r2"


@pytest.mark.parametrize("broken", ["zeros", "labels", "rate"])
def test_what_cannot_learn_is_told_apart(broken, digits, rng):
    X, y = digits.X_train[:40], digits.y_train[:40]
    own = net(norm=None, init="zeros" if broken == "zeros" else None)
    if broken == "labels":
        X = np.repeat(X[:1], 40, axis=0)  # equal rows, different labels
    found = cr.overfit_one_batch(own, {"X_train": X, "y_train": y}, steps=60, lr=1e-9 if broken == "rate" else None)
    assert not found
    assert found.score < 1
    assert "does not learn" in str(found)


def test_a_dry_run_says_what_the_training_would_be(digits):
    planned = cr.dry_run(net(), digits, epochs=4, batch_size=50, engine="plain", threads=1)
    assert (planned.engine, planned.steps_per_epoch, planned.steps) == ("plain", 12, 48)
    assert planned.summary.parameters == net().summary().parameters
    assert planned.chance_loss == pytest.approx(np.log(10))
    assert 0 < planned.seconds < 600
    assert not planned.findings
    assert planned.describe()["parameters"] == planned.summary.parameters
    history = cr.Solver(net(), digits, batch_size=50, engine="plain", threads=1, verbose=False).train(1)
    assert planned.first_loss == history.loss[0]


def test_a_dry_run_sees_what_is_wrong_from_the_start(digits):
    zeros = cr.dry_run(net(init="zeros", norm=None), digits, engine="plain")
    assert [finding.kind for finding in zeros.findings] == ["symmetric-initialization"]
    wild = cr.dry_run(net(norm=None), digits, rule="sgd", lr=1e30, engine="plain")
    assert "not finite" in wild.fault
    assert "wrong:" in str(wild)


def test_the_figures_of_a_search_are_plain_numbers():
    found = LearningRates(np.array([0.1, 1.0]), np.array([2.0, 1.0]), np.array([2.0, 1.5]), 0.1, "sgd")
    assert found.describe() == {
        "rule": "sgd", "suggested": 0.1, "rates": [0.1, 1.0], "losses": [2.0, 1.0], "smooth": [2.0, 1.5],
    }  # fmt: skip
