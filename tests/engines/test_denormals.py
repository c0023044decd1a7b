"""Weights that shrink for ever do not slow the compiled steps down, and the processor is left as it was."""

import numpy as np

from chainrule.nets import FullyConnectedNet
from chainrule.training.solver import Solver


def trained(engine, **settings):
    rng = np.random.default_rng(0)
    data = {"X_train": rng.standard_normal((64, 8), np.float32), "y_train": rng.integers(0, 3, 64)}
    net = FullyConnectedNet([16, 16], input_dim=8, num_classes=3, seed=0)
    net.params["W2"][:8] = 1e-39
    net.params["b1"][:8] = -100  # whose units are dead: nothing but the penalty moves what leaves them
    net.reg = 1e-3
    solver = Solver(net, data, rule="sgd", lr=1e-3, epochs=2, batch_size=16, engine=engine, verbose=False,
                    restore=None, **settings)  # fmt: skip
    return solver.train(), net


def test_numbers_below_the_smallest_normal_one_become_zero_and_the_rest_agrees():
    plain, with_them = trained("plain")
    fused, without = trained("fused", slices=2)
    assert (np.abs(with_them.params["W2"][:8]) < 1e-38).all()
    assert with_them.params["W2"][:8].all()
    assert not without.params["W2"][:8].any()
    np.testing.assert_allclose(fused.loss, plain.loss, rtol=1e-5)
    for name, value in with_them.params.items():
        np.testing.assert_allclose(without.params[name], value, rtol=1e-4, atol=1e-6)


def test_the_callers_arithmetic_keeps_them():
    tiny = np.float32(1e-38)
    before = tiny * np.float32(0.1)
    trained("fused", slices=1)
    assert before > 0
    assert tiny * np.float32(0.1) == before
