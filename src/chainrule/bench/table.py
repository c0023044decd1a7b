"""The tables of a benchmark, for a terminal and as a page of Markdown."""

from statistics import median
from typing import Any

from chainrule.bench.measure import Measured
from chainrule.bench.peers import PEERS
from chainrule.bench.result import Row, load_sentence, rows, verdict

HEADS = ["", "spread", "× fused", "GFLOP/s", "of product", "memory", "start", "final loss", "beside a busy core"]


def cells(found: Measured) -> list[list[str]]:
    """Heads and rows; columns in which nothing stands are left out."""
    unit = found.work.unit
    table = [["", unit, *HEADS[1:]], *(_cells(row) for row in rows(found))]
    kept = [j for j in range(len(table[0])) if j == 0 or any(row[j] for row in table[1:])]
    return [[row[j] for j in kept] for row in table]


def _cells(row: Row) -> list[str]:
    mark = "" if row.agrees else " (!)"
    loss = "" if row.loss is None else f"{row.loss:.3f}{mark}"
    return [
        row.title + (mark if row.loss is None else ""),
        f"{row.time:.3g}" if row.time < 100 else f"{row.time:.0f}",
        f"±{row.spread:.0%}",
        "" if row.ratio is None else str(row.ratio),
        f"{row.gflops:.0f}",
        f"{row.share:.0%}",
        f"{row.peak / 1e6:.0f} MB",
        f"{row.start:.1f} s",
        loss,
        "" if row.beside is None else f"× {row.beside}",
    ]


def head(found: Measured) -> str:
    """A work in a line: what it is, and the arithmetic alone at the speed of a large product."""
    work, product = found.work, median(found.gflops)
    alone = work.scale * work.flops / product / 1e9
    data = "CIFAR-10" if found.cifar10 else "random bytes"
    return (
        f"{work.name}: {work.told()}; {data}; {work.rounds} rounds. Arithmetic alone, at the {product:.0f} GFLOP/s of "
        f"a large product: {alone:.3g} {work.unit}."
    )


def notes(measured: list[Measured]) -> list[str]:
    """Verdicts, who is missing, who did other work, and what else went on."""
    said = [sentence for found in measured if (sentence := verdict(found))]
    for found in measured:
        said += [f"{found.work.name}: {PEERS[name].title} is missing: {why}." for name, why in found.skipped.items()]
        said += [
            f"{found.work.name}: {row.title} differs by {row.differs:.1%}, so its time is no comparison."
            for row in rows(found)
            if not row.agrees
        ]
    return [*said, load_sentence(measured)]


def text(measured: list[Measured], width: int | None) -> str:
    """All tables for a terminal."""
    from chainrule.study.result import text_rows

    parts = [f"{head(found)}\n\n{text_rows(cells(found), width)}" for found in measured]
    return "\n\n".join([*parts, "\n".join(notes(measured))])


def markdown(measured: list[Measured], machine: dict[str, Any], command: str) -> str:
    """All tables as a page."""
    versions = {
        name: v for found in measured for t in found.turns.values() for name, v in t.ready[0]["versions"].items()
    }
    named = ", ".join(f"{name} {v}" for name, v in sorted({**machine["versions"], **versions}.items()))
    parts = [
        f"{machine['date']}, {machine['processor']}, {machine['cores']} cores, {machine['system']}; {named}.",
        f"Made by `{command}`: every peer in a process of its own, one turn of each in every round, medians; ratios to "
        "the fused engine are taken round by round and stand with a 95 % interval of their median; spread is half the "
        "distance of the quartiles.",
    ]
    for found in measured:
        heads, *body = cells(found)
        lines = [_line(heads), _line(["---"] * len(heads)), *map(_line, body)]
        parts += [f"**{head(found)}**", "\n".join(lines)]
    return "\n\n".join([*parts, "\n".join(f"- {note}" for note in notes(measured))]) + "\n"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
