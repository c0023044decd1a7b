"""Everything that one forward and backward pass computed, by name: nothing hidden."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chainrule.core.arrays import Array


@dataclass(frozen=True)
class Moment:
    """What one stage of a net saw and did.

    Attributes:
        name: of the stage, such as "affine1".
        layer: of its layer, such as "affine".
        input, output: (N, ...).
        cache: what its forward kept for its backward.
        params: its parameters by name.
        doutput, dinput: gradients of the loss by output and input; None where no targets were given.
        dparams: gradients of the data loss by its parameters (the regularization's part is not in them).
    """

    name: str
    layer: str
    input: Array
    output: Array
    cache: tuple
    params: dict[str, Array]
    doutput: Array | None
    dinput: Array | None
    dparams: dict[str, Array]


@dataclass(frozen=True)
class Trace:
    """The stages of one pass in the order of the data flow; `trace["relu1"].output`, or walk through it.

    Attributes:
        moments: one a stage.
        scores: (N, C), the last output.
        loss: with regularization; None where no targets were given.
        data_loss: without it.
        grads: by every parameter, with regularization: what a training step uses.
    """

    moments: tuple[Moment, ...]
    scores: Array
    loss: float | None
    data_loss: float | None
    grads: dict[str, Array]

    def __iter__(self) -> Iterator[Moment]:
        return iter(self.moments)

    def __len__(self) -> int:
        return len(self.moments)

    def __getitem__(self, name: str | int) -> Moment:
        if isinstance(name, int):
            return self.moments[name]
        by_name = {moment.name: moment for moment in self.moments}
        if name not in by_name:
            raise KeyError(f"no stage {name!r}; the stages are {', '.join(by_name)}")
        return by_name[name]

    def __repr__(self) -> str:
        rows = [("stage", "output", "mean", "std", "gradient")]
        for moment in self.moments:
            y = moment.output
            flow = "-" if moment.doutput is None else f"{_size(moment.doutput):.3g}"
            rows.append((moment.name, str(tuple(y.shape)), f"{float(y.mean()):.3g}", f"{float(y.std()):.3g}", flow))
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        return "\n".join(lines if self.loss is None else [*lines, f"loss {self.loss:.6g}"])


def _size(array: Any) -> float:
    """The root of the sum of squares."""
    return float((array * array).sum()) ** 0.5
