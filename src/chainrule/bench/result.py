"""What came of a benchmark: rows of a table, and the sentences that go with it."""

from dataclasses import dataclass
from statistics import median
from typing import Any

from chainrule.bench.measure import Measured, Turns
from chainrule.bench.ratios import Ratio, ratio, spread
from chainrule.bench.work import described

TOLERANCE = 0.02  # by which final losses may differ
SHARE = 3  # the last third of the rounds makes a final loss
OWN = "fused"


@dataclass(frozen=True)
class Row:
    """A peer at a work.

    Attributes:
        title: the peer's name.
        time: median, in the work's unit; `spread`, half the distance of the quartiles as a share of it.
        ratio: to the fused engine, round by round; None where that is not there.
        gflops: arithmetic of the products alone, a second.
        share: of what a large matrix product reaches.
        peak: bytes of memory.
        start: seconds from the process's start until it was ready: imports, data, compiling.
        loss: mean of the last third of the steps.
        differs: from the fused engine's loss, as a share; of a search, the share of queries answered otherwise.
        beside: how many times longer beside a busy core.
    """

    title: str
    time: float
    spread: float
    ratio: Ratio | None
    gflops: float
    share: float
    peak: int
    start: float
    loss: float | None
    differs: float | None
    beside: Ratio | None

    @property
    def agrees(self) -> bool:
        """Whether it did the same work."""
        return self.differs is None or self.differs <= TOLERANCE


def rows(found: Measured) -> list[Row]:
    """The table of a work, the quickest first."""
    made = [_row(found, name, turns) for name, turns in found.turns.items()]
    return sorted(made, key=lambda row: row.time)


def _row(found: Measured, name: str, turns: Turns) -> Row:
    work, own = found.work, found.turns.get(OWN)
    seconds = median(turns.seconds)
    gflops = 1e-9 * work.flops * work.parts / seconds
    loss, reference = final_loss(turns), None if own is None else final_loss(own)
    differs = 1 - found.answers[name] if name in found.answers else None
    if loss is not None and reference:
        differs = abs(loss / reference - 1)
    return Row(
        title=turns.peer.title,
        time=work.scale * seconds / work.parts,
        spread=spread(turns.seconds),
        ratio=None if own is None else ratio(turns.seconds, own.seconds),
        gflops=gflops,
        share=gflops / median(found.gflops),
        peak=turns.peak,
        start=turns.start_seconds,
        loss=loss,
        differs=differs,
        beside=ratio(turns.beside, turns.seconds) if turns.beside else None,
    )


def final_loss(turns: Turns) -> float | None:
    """The mean of the last rounds' losses; None of a search."""
    losses = [loss for loss in turns.losses if loss is not None]
    last = losses[-max(1, len(losses) // SHARE) :]
    return sum(last) / len(last) if last else None


def verdict(found: Measured) -> str | None:
    """How the fused engine stands to the fastest peer, in a sentence; None where either is not there."""
    others = {name: turns for name, turns in found.turns.items() if not turns.peer.is_own}
    if OWN not in found.turns or not others:
        return None
    name = min(others, key=lambda name: median(others[name].seconds))
    stands = ratio(others[name].seconds, found.turns[OWN].seconds)
    return f"{found.work.name}: {stands} times as fast as {others[name].peer.title}"


def load_sentence(measured: list[Measured]) -> str:
    """What else the machine did meanwhile."""
    every = [x for found in measured for turns in found.turns.values() for x in turns.others if x is not None]
    if not every:
        return "How busy the machine was otherwise is not known here."
    idle = [x for found in measured for turns in found.turns.values() for x in turns.idle_cpu]
    return (
        f"Other programs kept {sum(every) / len(every):.2f} cores busy while turns were taken, on average (at most "
        f"{max(every):.2f}); peers whose turn it was not took {sum(idle) / len(idle):.3f} s of processor time between "
        f"two turns."
    )


def description(found: Measured) -> dict[str, Any]:
    """Everything that was measured at a work, as JSON can hold it."""
    turns = {
        name: {
            "title": t.peer.title, "seconds": t.seconds, "seconds_beside_busy_core": t.beside, "losses": t.losses,
            "cpu_seconds": t.cpu, "idle_cpu_seconds": t.idle_cpu, "busy_cores_of_others": t.others, "peak_bytes": t.peak,
            "start_seconds": t.start_seconds, "processes": t.ready,
        }
        for name, t in found.turns.items()
    }  # fmt: skip
    table = [
        {**vars(row), "ratio": _plain(row.ratio), "beside": _plain(row.beside), "agrees": row.agrees}
        for row in rows(found)
    ]
    return {
        "work": described(found.work), "told": found.work.told(), "unit": found.work.unit, "cifar10": found.cifar10,
        "flops": found.work.flops, "gflops_of_product": found.gflops, "skipped": found.skipped,
        "verdict": verdict(found), "table": table, "turns": turns,
    }  # fmt: skip


def _plain(value: Ratio | None) -> dict[str, float] | None:
    return None if value is None else vars(value)
