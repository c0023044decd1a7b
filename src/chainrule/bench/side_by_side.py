"""The benchmark: works and peers chosen, measured, and written down."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainrule.bench import table
from chainrule.bench.machine import machine
from chainrule.bench.measure import Measured, measure
from chainrule.bench.peers import PEERS
from chainrule.bench.picture import picture
from chainrule.bench.result import description, load_sentence, verdict
from chainrule.bench.work import WORKS, Work
from chainrule.bench.work import quick as less
from chainrule.core.errors import SettingError, choose
from chainrule.core.files import free_name, new_folder
from chainrule.core.json_files import write_json
from chainrule.core.numbers import whole
from chainrule.core.paths import path_of
from chainrule.core.threads import cores
from chainrule.training.progress import bar

PYTHONS = "CHAINRULE_BENCH_PYTHON"  # names interpreters, separated as in PATH
OWN = tuple(name for name, peer in PEERS.items() if peer.is_own)


@dataclass(frozen=True)
class Benchmark:
    """What came of a benchmark.

    Attributes:
        measured: each work's turns.
        machine: processor, versions, date.
        folder: where result.json, README.md and times.svg are.
    """

    measured: list[Measured]
    machine: dict[str, Any]
    folder: Path

    def describe(self) -> dict[str, Any]:
        """Everything, as JSON can hold it."""
        return {
            "machine": self.machine,
            "load": load_sentence(self.measured),
            "verdicts": [sentence for found in self.measured if (sentence := verdict(found))],
            "works": [description(found) for found in self.measured],
        }

    def text(self, width: int | None = None) -> str:
        """Tables for a terminal of this width."""
        return table.text(self.measured, width)


def side_by_side(
    works: Sequence[str | Work] | None = None,
    *,
    peers: list[str] | bool = False,
    rounds: int | None = None,
    quick: bool = False,
    busy: bool = False,
    threads: int | None = None,
    pythons: list[str] | None = None,
    out: str | Path | None = None,
    verbose: bool = True,
    command: str = "chainrule.bench.side_by_side(...)",
) -> Benchmark:
    """Time this library, and other libraries beside it, at the same works.

    Everyone gets the same bytes in memory, the same batches, starting weights and threads, and a process of its own
    that sleeps while others have their turn. Every round is one turn of each. Compiling and imports are not in the
    times; they are told apart.

    Args:
        works: names of `WORKS`, or works of your own; where None, A, A-momentum, B, C, study and knn-small.
        peers: whether other libraries take part (those that are there), or which of `PEERS` take part.
        rounds: turns of each; where None, what the work says.
        quick: less of each work: for a first look.
        busy: take every turn twice, alone and beside a process that keeps one core busy.
        threads: of everyone; where None, one per core.
        pythons: interpreters whose packages peers may use, beside this one and those that $CHAINRULE_BENCH_PYTHON names.
        out: the folder, which may not exist yet; where None, a new one under `runs/`.
        verbose: whether progress is told on standard error.
        command: what the page says it was made by.

    Returns:
        The benchmark; its folder holds result.json, README.md and times.svg.

    Raises:
        SettingError: an unknown work or peer, or a number out of its range.
        OutputError: the folder exists, or cannot be written.
    """
    chosen = _works(works, rounds=rounds, quick=quick)
    names = list(PEERS) if peers is True else list(OWN) if peers is False else peers
    asked = [PEERS[choose(name, PEERS, what="peer")] for name in names]
    usable = _pythons(pythons)
    limit = cores() if threads is None else whole(threads, "threads", owner="bench")
    folder = path_of(out, owner="bench", name="out") if out is not None else free_name("runs", "bench")
    total = sum(work.rounds + work.warm for work in chosen)
    with new_folder(folder) as partial, bar(total, what="bench", unit="round", verbose=verbose) as shown:

        def tick(what: str, rounds: int) -> None:
            shown.set_description(what)
            shown.update(rounds)

        measured = [measure(work, asked, pythons=usable, threads=limit, busy=busy, tick=tick) for work in chosen]
        made = Benchmark(measured, machine(), folder)
        write_json(partial / "result.json", made.describe())
        (partial / "README.md").write_text(table.markdown(measured, made.machine, command), encoding="utf-8")
        _draw(measured, partial)
    return made


def _works(given: Sequence[str | Work] | None, *, rounds: int | None, quick: bool) -> list[Work]:
    usual = ["A", "A-momentum", "B", "C", "study", "knn-small"]
    found = [WORKS[choose(work, WORKS, what="work")] if isinstance(work, str) else work for work in given or usual]
    found = [less(work) for work in found] if quick else found
    if rounds is not None:
        found = [replace(work, rounds=whole(rounds, "rounds", owner="bench")) for work in found]
    return found


def _pythons(given: list[str] | None) -> list[str]:
    named = [*(given or []), *filter(None, os.environ.get(PYTHONS, "").split(os.pathsep))]
    for python in named:
        if not os.access(python, os.X_OK):
            raise SettingError(f"bench: {python} is no program; the path of another Python is wanted.")
    return [sys.executable, *named]


def _draw(measured: list[Measured], folder: Path) -> None:
    from chainrule import plots

    drawn = [found for found in measured if found.turns]
    if drawn:
        plots.save(picture(drawn), folder / "times.svg")
        plots.save(picture(drawn), folder / "times.png")
