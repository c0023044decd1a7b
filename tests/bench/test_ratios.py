"""Medians, their intervals and the sentences about them."""

import numpy as np
import pytest

from chainrule.bench.machine import Load, Product, machine
from chainrule.bench.measure import Measured, Turns
from chainrule.bench.peers import PEERS
from chainrule.bench.ratios import interval, ratio, spread
from chainrule.bench.result import final_loss, rows, verdict
from chainrule.bench.table import notes
from chainrule.bench.work import WORKS


def test_the_interval_holds_the_median_as_often_as_it_says():
    rng = np.random.default_rng(4)
    held = [low <= 0 <= high for low, high in (interval(list(rng.standard_cauchy(15))) for _ in range(2000))]
    assert 0.95 <= np.mean(held) <= 0.98  # 15 values: 0.965 exactly


@pytest.mark.parametrize(("count", "left_out"), [(1, 0), (5, 0), (6, 0), (9, 1), (15, 3)])
def test_the_interval_leaves_out_as_many_as_the_sign_test_does(count, left_out):
    low, high = interval([float(i) for i in range(count)])
    assert (low, high) == (left_out, count - 1 - left_out)


def test_ratios_are_taken_round_by_round():
    found = ratio([2.0, 20.0, 6.0], [1.0, 10.0, 2.0])
    assert (found.median, found.low, found.high) == (2, 2, 3)
    assert str(found) == "2.00 (2.00–3.00)"
    assert spread([1.0, 1.0, 1.0, 1.0]) == 0


def turns(name, seconds, losses):
    """Turns as a peer might take them."""
    return Turns(
        PEERS[name], seconds=seconds, losses=losses, others=[0.5] * len(seconds), idle_cpu=[0.0] * len(seconds)
    )


def test_who_does_other_work_is_named():
    found = Measured(
        WORKS["A"],
        {
            "fused": turns("fused", [1.0, 1.0, 1.0], [2.0, 1.5, 1.0]),
            "jax_scan": turns("jax_scan", [2.0, 2.2, 2.1], [2.0, 1.5, 1.01]),
            "torch_eager": turns("torch_eager", [1.5, 1.5, 1.5], [2.0, 1.5, 1.03]),
        },
        {"faiss_flat": "no faiss"},
        [100.0],
        cifar10=False,
    )
    assert [row.title for row in rows(found)] == ["Chainrule fused", "PyTorch eager", "JAX jit + scan"]
    assert [row.agrees for row in rows(found)] == [True, False, True]
    assert verdict(found) == "A: 1.50 (1.50–1.50) times as fast as PyTorch eager"
    said = "\n".join(notes([found]))
    assert "PyTorch eager differs by 3.0%" in said
    assert "FAISS flat is missing: no faiss" in said
    assert "kept 0.50 cores busy" in said


def test_a_final_loss_is_of_the_last_third():
    assert final_loss(turns("fused", [1.0] * 6, [9.0, 9.0, 9.0, 9.0, 1.0, 2.0])) == 1.5
    assert final_loss(turns("fused", [1.0], [None])) is None


def test_the_machine_is_described():
    found = machine()
    assert found["cores"] >= 1
    assert found["processor"]
    assert Product(1).gflops() > 0
    load = Load()
    sum(range(200_000))
    others = load.others(0.0)
    assert others is None or others >= 0
