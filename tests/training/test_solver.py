"""The Solver: what it records, what it keeps, and how it ends."""

import os
import signal
import threading

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.datasets import load_data
from chainrule.nets import FullyConnectedNet
from chainrule.optim import OPTIMIZERS
from chainrule.training.best import Snapshot
from chainrule.training.evaluation import evaluate
from chainrule.training.history import History
from chainrule.training.solver import Solver


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def solver(data, *, hidden=(12,), seed=0, **settings):
    net_settings = {
        k: settings.pop(k) for k in ("norm", "keep", "dtype", "loss", "weight_scale", "reg") if k in settings
    }
    net = FullyConnectedNet(
        list(hidden), input_dim=data.input_dim, num_classes=data.num_classes, seed=seed, **net_settings
    )
    return Solver(net, data, seed=seed, verbose=False, threads=1, **{"epochs": 3, "rule": "adam", **settings})


def params(net):
    return np.concatenate([value.ravel() for value in net.params.values()])


def test_a_step_by_hand_is_a_step_of_the_solver(digits):
    """One step of plain SGD, written out here from the net's own gradients."""
    trained = solver(digits, rule="sgd", lr=0.1, epochs=1, restore=None, dtype="float64")
    trained.task.total_steps = 1
    by_hand = trained.net.copy()
    rows = trained.task.rows(0)
    _, grads = by_hand.loss(digits.X_train[rows], digits.y_train[rows])
    trained.train()
    for name, value in by_hand.params.items():
        np.testing.assert_allclose(trained.net.params[name], value - 0.1 * grads[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_every_rule_learns_digits(digits, rule):
    lr = 0.1 if rule == "sgd" else None
    history = solver(digits, rule=rule, lr=lr, epochs=8, hidden=(32,)).train()
    assert history.val_acc[-1] > 0.8
    assert history.loss[-10:].mean() < history.loss[:10].mean() / 2


def test_histories_have_the_lengths_that_are_promised(digits):
    trained = solver(digits, epochs=3, hidden=(12, 8))
    history = trained.train()
    steps = 3 * (len(digits.X_train) // 100)
    assert history.loss.shape == history.lr.shape == history.grad_norm.shape == (steps,)
    assert history.grad_norms.shape == (steps, 6)
    assert list(history.check_epoch) == [0, 1, 2, 3]
    assert list(history.check_step) == [1, 14, 28, 42]
    assert history.update_ratios.shape == (4, 6)
    assert history.dead_share.shape == (4, 2)
    assert history.layer_names == ["relu1", "relu2"]
    for name in ("train_acc", "val_acc", "train_loss", "val_loss", "seconds"):
        assert getattr(history, name).shape == (4,)
    assert np.isfinite(history.update_ratios[:, [0, 2, 4]]).all()
    assert trained.epoch == 3


@pytest.mark.promise("P3.1")
def test_equal_settings_give_equal_bits_and_other_seeds_do_not(digits):
    runs = [solver(digits, norm="batch", keep=0.8, seed=seed) for seed in (3, 3, 4)]
    losses = [run.train().loss for run in runs]
    assert np.array_equal(losses[0], losses[1])
    assert np.array_equal(params(runs[0].net), params(runs[1].net))
    assert not np.array_equal(losses[0], losses[2])


def test_the_best_net_comes_back_with_its_running_statistics(digits):

    def spoil(s):
        if s.epoch == 2:
            s.task.lr = 100.0

    for restore in ("all", "params", None):
        seen = []
        trained = solver(
            digits, norm="batch", epochs=4, lr=0.3, rule="sgd", restore=restore,
            callbacks=[lambda s, seen=seen: seen.append(Snapshot.of(s.net)), spoil],
        )  # fmt: skip
        history = trained.train()
        best, last = seen[history.best_check], seen[-1]
        assert history.best_check == 2
        want_params = last if restore is None else best
        want_stats = best if restore == "all" else last
        assert all(np.array_equal(trained.net.params[n], want_params.params[n]) for n in trained.net.params)
        assert all(np.array_equal(trained.net.stats[n][1], want_stats.stats[n][1]) for n in trained.net.stats)
        if restore == "all":
            assert trained.net.score(digits.X_val, digits.y_val) == history.best_val_acc


def test_a_second_train_goes_on(digits):
    whole = solver(digits, epochs=4, restore=None)
    whole.train()
    halves = solver(digits, epochs=2, restore=None)
    halves.train()
    assert halves.epoch == 2
    halves.train()
    assert halves.epoch == 4
    assert np.array_equal(halves.history.loss, whole.history.loss)
    assert np.array_equal(params(halves.net), params(whole.net))


def test_divergence_is_named_and_the_last_good_state_kept(digits):
    trained = solver(digits, rule="sgd", lr=1e30, epochs=2, hidden=(12, 8))
    history = trained.train()
    assert "not finite at step" in history.fault
    assert "affine" in history.fault
    assert np.isfinite(params(trained.net)).all()
    assert len(history.loss) < 28


def test_early_stopping_waits_as_long_as_it_is_told(digits):
    trained = solver(digits, rule="sgd", lr=1e-9, epochs=50, early_stopping=3)
    history = trained.train()
    assert len(history.val_acc) == history.best_check + 1 + 3
    assert trained.finished


def test_callbacks_end_the_training(digits):
    trained = solver(digits, epochs=50, callbacks=[lambda s: s.epoch == 2])
    trained.train()
    assert trained.epoch == 2


def test_schedules_clipping_and_decay_reach_the_steps(digits):
    history = solver(digits, rule="sgd", lr=0.5, schedule={"kind": "exponential", "decay": 0.5}, epochs=3).train()
    assert list(history.lr[[0, 13, 14, 28]]) == [0.5, 0.5, 0.25, 0.125]
    one = solver(digits, rule="sgd", lr=1.0, clip_norm=1e-3, restore=None, epochs=1)
    before = params(one.net)
    one.task.total_steps = 1
    one.train()
    assert np.linalg.norm(params(one.net) - before) == pytest.approx(1e-3, rel=1e-3)
    decayed = solver(digits, rule="sgd", lr=0.1, weight_decay=0.5, restore=None, epochs=1, dtype="float64")
    plain = solver(digits, rule="sgd", lr=0.1, restore=None, epochs=1, dtype="float64")
    start = {name: value.copy() for name, value in plain.net.params.items()}
    for run in (decayed, plain):
        run.task.total_steps = 1
        run.train()
    for name, value in start.items():
        gap = plain.net.params[name] - decayed.net.params[name]
        want = 0.1 * 0.5 * value if name.startswith("W") else 0 * value
        np.testing.assert_allclose(gap, want, atol=1e-15)


def test_ctrl_c_ends_between_steps_and_training_goes_on_from_there(digits):
    def press(s):
        if s.epoch == 2 and not pressed:
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    pressed = []
    handler = signal.getsignal(signal.SIGINT)
    stopped = solver(digits, epochs=5, callbacks=[press], norm="batch")
    stopped.train()
    assert stopped.interrupted
    assert signal.getsignal(signal.SIGINT) is handler
    assert len(stopped.history.loss) == 28
    stopped.train()
    assert not stopped.interrupted
    whole = solver(digits, epochs=5, norm="batch")
    whole.train()
    assert np.array_equal(stopped.history.loss, whole.history.loss)
    assert np.array_equal(params(stopped.net), params(whole.net))


def test_real_targets_are_learnt(rng):
    X = rng.standard_normal((400, 3))
    y = np.stack([X[:, 0] * X[:, 1], X[:, 2]], axis=1)
    net = FullyConnectedNet([32], input_dim=3, num_classes=2, loss="mse")
    history = Solver(
        net, {"X_train": X[:300], "y_train": y[:300], "X_val": X[300:], "y_val": y[300:]}, rule="adam", lr=1e-2,
        epochs=30, verbose=False,
    ).train()  # fmt: skip
    assert history.metric == "r2"
    assert history.best_val_acc > 0.9


def test_training_without_validation_rows_keeps_the_last_net(digits):
    trained = Solver(
        FullyConnectedNet([8], input_dim=64),
        {"X_train": digits.X_train, "y_train": digits.y_train},
        epochs=1,
        verbose=False,
    )
    history = trained.train()
    assert np.isnan(history.val_acc).all()
    assert history.best_epoch is None


def test_the_input_transform_belongs_to_the_net(digits, tmp_path):
    trained = solver(digits)
    assert np.allclose(trained.net.input.center, digits.X_train.mean(axis=0))
    plain = Solver(FullyConnectedNet([8], input_dim=64), dict(digits), verbose=False)
    assert plain.net.input.is_empty


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rule": "adm"}, "Did you mean 'adam'"),
        ({"beta3": 0.9}, "known:.*beta1"),
        ({"rule": "sgd", "momentum": 0.9}, "known: "),
        ({"lr": -1}, "lr must be"),
        ({"lr": "fast"}, "lr must be"),
        ({"lr": float("nan")}, "lr must be"),
        ({"epochs": -1}, "epochs must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"rule": "momentum", "momentum": 1.0}, "momentum must be"),
        ({"rule": "momentum", "rate_inside": 1}, "True or False"),
        ({"schedule": {"kind": "exponentil"}}, "Did you mean"),
        ({"restore": "best"}, "restore must be"),
        ({"sampler": "random"}, "sampler"),
        ({"engine": "warp"}, "engine"),
        ({"early_stopping": 0}, "early_stopping"),
        ({"clip_norm": 0}, "clip_norm"),
    ],
)
def test_wrong_settings_get_a_sentence_before_anything_runs(digits, settings, message):
    with pytest.raises(SettingError, match=message):
        solver(digits, **settings)


def test_fractions_of_an_epoch_are_refused(digits):
    with pytest.raises(ArrayTypeError, match=r"epochs must be a whole number; came 1\.5"):
        solver(digits, epochs=1.5)


def test_data_that_do_not_fit_the_net_get_a_sentence(digits):
    with pytest.raises(ArrayError, match=r"64 features.*input_dim=30"):
        Solver(FullyConnectedNet([8], input_dim=30), digits, verbose=False)
    with pytest.raises(ArrayError, match="label 9"):
        Solver(FullyConnectedNet([8], input_dim=64, num_classes=9), digits, verbose=False)


def test_evaluation_finds_dead_units(digits):
    trained = solver(digits, hidden=(10, 10), epochs=1)
    trained.train()
    trained.net.params["b1"][:4] = -1e6
    found = evaluate(trained.net, digits.X_val, digits.y_val)
    assert found.dead_share[0] >= 0.4
    assert found.score == trained.net.score(digits.X_val, digits.y_val)
    assert found.loss == pytest.approx(trained.net.loss(digits.X_val, digits.y_val)[0], rel=1e-6)


def test_history_survives_its_file(digits, tmp_path):
    history = solver(digits, epochs=2).train()
    history.save(tmp_path / "history.npz")
    again = History.load(tmp_path / "history.npz")
    assert again.param_names == history.param_names
    for name, value in history.arrays().items():
        assert np.array_equal(again.arrays()[name], value, equal_nan=value.dtype.kind == "f")
    assert repr(again) == repr(history)


def test_a_training_in_another_thread_leaves_signals_alone(digits):
    trained = solver(digits, epochs=1)
    worker = threading.Thread(target=trained.train)
    worker.start()
    worker.join()
    assert trained.finished
