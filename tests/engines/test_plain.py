"""The plain engine's steps: batches that can be drawn again, faults that are named, masks of the step."""

import numpy as np
import pytest

from chainrule.core.errors import SettingError
from chainrule.engines import engine, plain
from chainrule.engines.batches import SAMPLERS, replacement, shuffle
from chainrule.nets import FullyConnectedNet
from chainrule.optim import OPTIMIZERS
from chainrule.training.solver import Solver


def solver(rng, **settings):
    X, y = rng.standard_normal((40, 6)), rng.integers(0, 3, 40)
    net_settings = {k: settings.pop(k) for k in ("norm", "keep", "weight_scale", "loss") if k in settings}
    net = FullyConnectedNet([5, 4], input_dim=6, num_classes=3, dtype="float64", **net_settings)
    return Solver(
        net, {"X_train": X, "y_train": y}, batch_size=8, verbose=False, **{"rule": "sgd", "lr": 0.1, **settings}
    )


def run(trained, steps, **options):
    return plain.run(trained.task, steps, **{"val_history": [], "stop": lambda: False, "measure": False, **options})


def test_an_epoch_of_shuffled_batches_holds_every_row_once():
    for rows, size in ((40, 8), (43, 8), (5, 5)):
        epochs = [
            np.concatenate([shuffle(seed=1, step=s, rows=rows, batch_size=size) for s in range(e, e + rows // size)])
            for e in (0, rows // size)
        ]
        for order in epochs:
            assert len(set(order.tolist())) == rows // size * size
        assert rows <= 5 or not np.array_equal(*epochs)


@pytest.mark.parametrize("name", SAMPLERS)
def test_any_batch_can_be_drawn_again_and_seeds_differ(name):
    draw = SAMPLERS[name]
    again = [draw(seed=2, step=7, rows=50, batch_size=6) for _ in range(2)]
    assert np.array_equal(*again)
    assert not np.array_equal(again[0], draw(seed=3, step=7, rows=50, batch_size=6))
    assert again[0].min() >= 0
    assert again[0].max() < 50


def test_replacement_draws_rows_twice():
    batch = replacement(seed=0, step=0, rows=10, batch_size=200)
    assert set(batch.tolist()) == set(range(10))


def test_steps_can_be_taken_one_by_one_or_together(rng):
    settings = {"norm": "batch", "keep": 0.7, "rule": "adam", "lr": 0.01}
    state = rng.bit_generator.state
    together = solver(rng, **settings)
    rng.bit_generator.state = state
    single = solver(rng, **settings)
    losses = run(together, 6).loss
    assert [run(single, 1).loss[0] for _ in range(6)] == losses
    for name, value in together.net.params.items():
        assert np.array_equal(value, single.net.params[name])
    assert np.array_equal(together.net.stats["batch_norm1"][1], single.net.stats["batch_norm1"][1])


def test_measures(rng):
    trained = solver(rng)
    before = {name: value.copy() for name, value in trained.net.params.items()}
    _, grads = trained.net.loss(trained.task.X[trained.task.rows(0)], trained.task.y[trained.task.rows(0)])
    records = run(trained, 1, measure=True)
    np.testing.assert_allclose(records.grad_norms[0], [np.linalg.norm(g) for g in grads.values()], rtol=1e-12)
    moved = np.linalg.norm(trained.net.params["W1"] - before["W1"]) / np.linalg.norm(before["W1"])
    assert records.update_ratios[0] == pytest.approx(moved, rel=1e-12)
    assert records.lr == [0.1]
    assert np.isnan(records.update_ratios[1])  # a bias that starts at 0 has no ratio


def test_stop_is_asked_before_every_step(rng):
    trained, answers = solver(rng), iter([False, False, True])
    assert len(run(trained, 10, stop=lambda: next(answers)).loss) == 2
    assert trained.task.step == 2


@pytest.mark.promise("P4.6")
def test_the_first_value_that_is_not_finite_is_named(rng):
    trained = solver(rng)
    run(trained, 7)
    trained.net.params["W2"][0, 0] = np.inf
    kept = {name: value.copy() for name, value in trained.net.params.items()}
    fault = run(trained, 5).fault
    assert (fault.step, fault.epoch, fault.layer, fault.quantity) == (8, 2, "affine2", "output")
    assert trained.task.step == 7
    assert all(np.array_equal(value, kept[name]) for name, value in trained.net.params.items())
    large = solver(rng, loss="mse")
    large.net.params["b3"][:] = 1e200
    assert str(run(large, 1).fault) == "the loss is not finite at step 1 (epoch 1)"
    steep = solver(rng, loss="mse")
    steep.net.params["W3"][:] = 1e160
    steep.net.params["W2"][:] = 1e-160
    steep.net.params["b2"][:] = 1e-170
    steep.net.params["W1"][:] = 1e150
    fault = run(steep, 1).fault
    assert fault.quantity in ("gradient", "output")


def test_engines_have_names(rng):
    net, rule = solver(rng).net, OPTIMIZERS["sgd"]
    assert engine("auto", net, rule) == "fused"
    assert engine("plain", net, rule) == "plain"
    with pytest.raises(SettingError, match="known: auto, plain, fused"):
        engine("plane", net, rule)
