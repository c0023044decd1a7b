"""Other libraries do the same work: the same losses, the same neighbours. CHAINRULE_BENCH_PYTHON names their Pythons."""

from dataclasses import replace

import pytest

from chainrule.bench import PEERS, Compared, Search, Training, side_by_side

pytestmark = pytest.mark.peers
SIZES = {"features": 24, "classes": 4, "rows": 600}
STEPS = Training("steps", (16, 16), batch=50, steps=8, rounds=2, **SIZES)
WORKS = [
    STEPS,
    replace(STEPS, name="momentum", rule="momentum"),
    replace(STEPS, name="norm", norm=True),
    replace(STEPS, name="nets", nets=4, rounds=1),
    Search("near", 40, 300, features=24, k=4, rounds=1),
    Compared(
        "rules", (16,), batch=50, rules=("sgd", "rmsprop", "adam"), seeds=2, epochs=2, checked=50, rounds=1, **SIZES
    ),
]
REST = {"norm": 1e-3, "rules": 0.02}  # epsilon inside or outside a root, and the last epochs' rounding


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
def test_everyone_does_the_same_work(work, tmp_path):
    found = side_by_side(
        [work], peers=["fused", *(n for n in PEERS if n != "plain")], threads=2, out=tmp_path / "o", verbose=False
    )
    [measured] = found.measured
    failed = {name: why for name, why in measured.skipped.items() if not why.startswith("no ")}
    assert not failed
    if len(measured.turns) == 1:
        pytest.skip(f"no peer is here: {measured.skipped}")
    if work.kind == "search":
        assert set(measured.answers.values()) == {1.0}
        return
    losses = {name: turns.losses[-1] for name, turns in measured.turns.items()}
    assert losses == pytest.approx(dict.fromkeys(losses, losses["fused"]), rel=REST.get(work.name, 1e-4))
