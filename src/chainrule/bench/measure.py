"""Side by side: every peer takes a turn in every round, one at a time, so that a slow minute slows all of them."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.bench import inputs
from chainrule.bench.busy import BusyCore
from chainrule.bench.machine import Load, Product
from chainrule.bench.peers import Peer
from chainrule.bench.process import PeerError, Team, python_for
from chainrule.bench.work import Search, Work

REST = 0.15  # seconds between two turns: threads that spin for a while have gone to sleep


@dataclass
class Turns:
    """All turns of a peer at a work.

    Attributes:
        peer: who.
        seconds: of every round that counts, and `beside`, of those beside a busy core.
        losses, cpu, idle_cpu, others: of every round: mean loss, own processor seconds, those while others had their
            turn, and the cores that the rest of the machine kept busy.
        peak: bytes of memory.
        start_seconds: until the peer was ready, data and imports included.
        ready: forms that were tried, versions.
    """

    peer: Peer
    seconds: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    losses: list[float | None] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    idle_cpu: list[float] = field(default_factory=list)
    others: list[float | None] = field(default_factory=list)
    peak: int = 0
    start_seconds: float = 0.0
    ready: list[dict[str, Any]] = field(default_factory=list)

    def add(self, answer: dict[str, Any], others: float | None) -> None:
        """Note a turn that counts."""
        self.seconds.append(answer["seconds"])
        self.losses.append(answer["loss"])
        self.cpu.append(answer["cpu"])
        self.idle_cpu.append(answer["idle_cpu"])
        self.others.append(others)
        self.peak = answer["peak"]


@dataclass
class Measured:
    """What came of a work.

    Attributes:
        work: which.
        turns: by peer, in the table's order.
        skipped: by peer's name, why it is not there.
        gflops: of the matrix product, of every round.
        cifar10: whether the data were CIFAR-10's; else random bytes.
        answers: of a search, by peer, the share of queries with the same distances as ours.
    """

    work: Work
    turns: dict[str, Turns]
    skipped: dict[str, str]
    gflops: list[float]
    cifar10: bool
    answers: dict[str, float] = field(default_factory=dict)


def measure(
    work: Work, peers: list[Peer], *, pythons: list[str], threads: int, busy: bool = False,
    tick: Callable[[str, int], Any] = lambda what, rounds: None,
) -> Measured:  # fmt: skip
    """Time all peers at one work.

    Args:
        work: what is done.
        peers: by whom.
        pythons: interpreters in which peers' packages are looked for.
        threads: that each may use.
        busy: whether every turn is taken again beside a process that keeps one core busy.
        tick: is told what happens, and how many rounds are done since.

    Returns:
        All turns; peers that cannot be had are skipped and named.
    """
    product, load, rounds = Product(threads), Load(), work.rounds
    with tempfile.TemporaryDirectory(prefix="chainrule-bench-") as name:
        folder = Path(name)
        inputs.write(work, folder, steps=(1 + busy) * (rounds + work.warm) * work.steps)
        teams, skipped = _teams(work, peers, pythons, folder, threads, tick)
        found = Measured(
            work,
            {n: Turns(t.peer, start_seconds=t.start_seconds, ready=t.ready) for n, t in teams.items()},
            skipped,
            [],
            inputs.is_cifar10(work),
        )
        try:
            first = 0
            tick(work.name, 0)
            for number in range(rounds + work.warm):
                time.sleep(REST)
                found.gflops.append(product.gflops())
                _round(found, teams, first, load, counts=number >= work.warm)
                first += work.steps
                if busy:
                    with BusyCore():
                        _round(found, teams, first, load, counts=number >= work.warm, beside=True)
                    first += work.steps
                tick(work.name, 1)
            found.answers = _agreement(work, folder, teams)
        finally:
            for team in teams.values():
                team.close()
    return found


def _teams(work, peers, pythons, folder, threads, tick):
    """The processes of all peers that can be had, and why the others cannot."""
    teams: dict[str, Team] = {}
    skipped: dict[str, str] = {}
    for peer in peers:
        if not peer.takes(work):
            continue
        python = python_for(peer, pythons)
        if python is None:
            skipped[peer.name] = f"no {', '.join(peer.packages)} in any of the Pythons that were given"
            continue
        tick(f"{work.name}: preparing {peer.title}", 0)
        try:
            teams[peer.name] = Team(peer, work, python=python, folder=folder, threads=threads)
        except PeerError as error:
            skipped[peer.name] = str(error)
    return teams, skipped


def _round(found, teams, first, load, *, counts, beside=False):
    """One turn of every peer."""
    for name, team in list(teams.items()):
        time.sleep(REST)
        load.others(0.0)
        try:
            answer = team.turn(first, found.work.steps)
        except PeerError as error:
            found.skipped[name] = str(error)
            teams.pop(name).close()
            del found.turns[name]
            continue
        others = load.others(answer["cpu"])
        if counts and beside:
            found.turns[name].beside.append(answer["seconds"])
        elif counts:
            found.turns[name].add(answer, others)


def _agreement(work: Work, folder: Path, teams: dict[str, Team]) -> dict[str, float]:
    """The share of queries for which a peer's neighbours are exactly as near as ours."""
    if not isinstance(work, Search) or not teams:
        return {}
    X, Q = (np.load(folder / f"{name}.npy") for name in "XQ")
    distances = {}
    for name, team in teams.items():
        nearest = np.load(team.answers)
        own = [np.sort(_squares(X[rows], q)) for rows, q in zip(nearest, Q)]
        distances[name] = np.array(own)
    ours = distances.get("fused", next(iter(distances.values())))
    return {name: float((d == ours).all(axis=1).mean()) for name, d in distances.items()}


def _squares(rows: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Squared distances of bytes, exact."""
    difference = rows.astype(np.int64) - query.astype(np.int64)
    return (difference * difference).sum(axis=1)
