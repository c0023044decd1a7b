"""What a net costs: shapes, parameters, multiply-adds and memory, stage by stage."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from chainrule.core.html import table

if TYPE_CHECKING:
    from chainrule.nets.net import Net

COLUMNS = ("stage", "output", "parameters", "multiply-adds", "memory")


@dataclass(frozen=True)
class Summary:
    """Rows with keys name, shape, parameters, multiply_adds (one row forward), memory (bytes of parameters).

    Printed, it is a table; in a notebook, a table too.
    """

    rows: list[dict[str, Any]]

    @property
    def parameters(self) -> int:
        """How many numbers the net learns."""
        return sum(row["parameters"] for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one row's forward pass; a training step costs about three times as many."""
        return sum(row["multiply_adds"] for row in self.rows)

    @property
    def memory(self) -> int:
        """Bytes of the parameters; gradients take as much again, Adam's state twice as much."""
        return sum(row["memory"] for row in self.rows)

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, header and totals included."""
        body = [
            (
                row["name"],
                "(N, " + ", ".join(map(str, row["shape"])) + ")",
                f"{row['parameters']:,}",
                f"{row['multiply_adds']:,}",
                _bytes(row["memory"]),
            )
            for row in self.rows
        ]
        return [COLUMNS, *body, ("total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", _bytes(self.memory))]

    def __str__(self) -> str:
        cells = self.cells()
        widths = [max(len(row[i]) for row in cells) for i in range(len(COLUMNS))]
        aligned = [
            "  ".join(c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))) for row in cells
        ]
        rule = "─" * max(map(len, aligned))
        return "\n".join([aligned[0], rule, *aligned[1:-1], rule, aligned[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return table(self.cells())


def summarize(net: "Net") -> Summary:
    """Measure a net from the shapes of its parameters."""
    rows, width = [], net.input_dim
    for stage in net.stages:
        shapes = [tuple(net.params[name].shape) for name in stage.params]
        counts = [prod(shape) for shape in shapes]
        if stage.layer.kind == "affine":
            width = shapes[0][1]
        rows.append(
            {
                "name": stage.name,
                "shape": (width,),
                "parameters": sum(counts),
                "multiply_adds": counts[0] if stage.layer.kind == "affine" else width,
                "memory": sum(counts) * net.dtype.itemsize,
            }
        )
    return Summary(rows)


def _bytes(n: int) -> str:
    return f"{n / 2**20:.1f} MiB" if n >= 2**20 else f"{n / 2**10:.1f} KiB"
