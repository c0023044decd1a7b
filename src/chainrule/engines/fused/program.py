"""A net as a program: one record per stage, which one compiled function interprets for every net.

Compiling a function for each net would take seconds per net; an interpreted record costs nanoseconds per stage, and the
work lies in the kernels that it calls. So there is one compilation per float type, kept on disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.registry import options_of
from chainrule.engines.fused.padding import MORE_ROWS, MORE_WEIGHTS, columns, row_length
from chainrule.layers import batch_norm
from chainrule.losses import svm
from chainrule.nets.chain import Stage

# What a stage does. A layer without a number here has no kernel, and its nets train with the plain engine.
AFFINE, RELU, LEAKY_RELU, SIGMOID, TANH, BATCH_NORM, LAYER_NORM, DROPOUT = range(8)
LAYER_CODES = {
    "affine": AFFINE, "relu": RELU, "leaky_relu": LEAKY_RELU, "sigmoid": SIGMOID, "tanh": TANH, "batch_norm": BATCH_NORM,
    "layer_norm": LAYER_NORM, "dropout": DROPOUT,
}  # fmt: skip
# A stage: what it does; its numbers per row, in and out; where its input x and its output y stand in the buffers, how long
# a row is there, and how many columns of it products fill; its two parameters; where its statistics, exchanged sums, 1 / std
# and its xhat or mask stand; which dropout stage it is; how long a row of its weights is in memory, how many of them are
# worked on at a time, and where their transpose stands.
STAGE = (
    "code", "features", "width", "x_at", "x_row", "x_columns", "y_at", "y_row", "y_columns", "first", "second", "stats",
    "sums", "spread", "cache", "mask", "weight_row", "stretch", "transposed",
)  # fmt: skip

SOFTMAX, SVM, MSE_LABELS, MSE_TARGETS = range(4)
LOSS_CODES = {("softmax", 1): SOFTMAX, ("svm", 1): SVM, ("mse", 1): MSE_LABELS, ("mse", 2): MSE_TARGETS}

SGD, MOMENTUM, NESTEROV, SCALED, ADAM = range(5)

# A core's cache holds a stretch of weights with its gradient and the rule's state, and the rows that it is multiplied by.
LEAST_ROWS, MOST_ROWS, MOST_WEIGHTS = 32, 192, 48_000


class Program(NamedTuple):
    """A net's stages as the kernels read them.

    Attributes:
        stages: (stages,) as described above.
        options: (stages,) float64: a slope, or eps.
        params: (parameters, 3) int64: start, length, and the stage of a weight matrix: the weights first, in the order of
            their stages; what follows them has -1.
        weights: how many numbers all weights have.
        features: numbers per row that go in.
        margin: of the hinge loss.
        momentum: share of the running statistics that is kept.
        keep: share of the units that dropout keeps.
        training: whether this is for steps; else it is for scores, and batch norm takes its running statistics.
    """

    stages: np.ndarray
    options: np.ndarray
    params: np.ndarray
    weights: int
    features: int
    margin: float
    momentum: float
    keep: float
    training: bool


@dataclass(frozen=True)
class Layout:
    """A program, and how large its buffers are.

    Attributes:
        program: the net's stages.
        names: of the parameters, in the order of the flat buffer.
        stats: by batch-norm stage, where its running statistics stand.
        size: of the flat buffer.
        outputs, caches, sums, spreads, transposed: numbers of all stages' outputs, xhats and masks, exchanged sums,
            standard deviations and transposed weights.
    """

    program: Program
    names: list[str]
    stats: dict[str, slice]
    size: int
    outputs: int
    caches: int
    sums: int
    spreads: int
    transposed: int


def layout(net: Any, rows: int, *, training: bool) -> Layout:
    """Translate a net for passes of at most `rows` rows; without dropout where it is not for training."""
    stages: list[Stage] = [stage for stage in net.stages if training or stage.layer.needs != "mask"]
    heads = {stage.params[0]: i for i, stage in enumerate(stages) if stage.layer.name == "affine"}
    names = [*heads, *(name for name in net.params if name not in heads)]
    apart = {name: row_length(net.params[name].shape[1], net.dtype, MORE_WEIGHTS) for name in heads}
    sizes = [len(net.params[name]) * apart.get(name, 1) for name in names]
    starts = dict(zip(names, np.cumsum([0, *sizes]).tolist()))
    features = len(net.params[names[0]])
    table = np.zeros(len(stages), [(name, np.int64) for name in STAGE])
    options, stats = np.zeros(len(stages)), {}
    at = cached = sums = spreads = masks = running = transposed = 0
    units = came = features
    for i, stage in enumerate(stages):
        code = LAYER_CODES[stage.layer.name]
        out = net.params[stage.params[0]].shape[1] if code == AFFINE else units
        goes = row_length(out, net.dtype, MORE_ROWS)
        own = {
            "code": code, "features": units, "width": out,
            "x_at": at - rows * came, "x_row": came, "x_columns": columns(units, net.dtype, MORE_WEIGHTS),
            "y_at": at, "y_row": goes, "y_columns": columns(out, net.dtype, MORE_WEIGHTS),
            "stats": running, "sums": sums, "spread": spreads, "cache": cached, "mask": masks, "transposed": transposed,
        } | dict(zip(("first", "second"), [starts[name] for name in stage.params]))  # fmt: skip
        if code == AFFINE:
            own |= {"weight_row": apart[stage.params[0]], "stretch": _stretch(out)}
            transposed += out * came if at > 0 else 0
        if code == BATCH_NORM:
            stats[stage.name] = slice(running, running + 2 * out)
            running, sums = running + 2 * out, sums + 2 * out
        if code in (BATCH_NORM, LAYER_NORM):
            spreads += max(out, rows)
        if code in (BATCH_NORM, LAYER_NORM, DROPOUT):
            cached += rows * goes
        masks += code == DROPOUT
        at, units, came = at + rows * goes, out, goes
        table[i] = tuple(own.get(name, 0) for name in STAGE)
        chosen = {**stage.layer.options, **stage.options}
        options[i] = chosen.get("slope", chosen.get("eps", 0.0))
    params = [[starts[name], size, heads.get(name, -1)] for name, size in zip(names, sizes)]
    program = Program(
        stages=table,
        options=options,
        params=np.array(params, np.int64),
        weights=sum(sizes[: len(heads)]),
        features=features,
        margin=float(options_of(svm.forward.raw)["margin"]),
        momentum=float(options_of(batch_norm.update.raw)["momentum"]),
        keep=float(net.keep),
        training=training,
    )
    return Layout(program, names, stats, sum(sizes), at, cached, sums, spreads, transposed)


def _stretch(width: int) -> int:
    return max(LEAST_ROWS, min(MOST_ROWS, MOST_WEIGHTS // width // LEAST_ROWS * LEAST_ROWS))


def _roots(o: dict[str, Any]) -> list[float]:
    """eps inside the root, and outside: one of them is 0."""
    return [o["eps"], 0.0] if o["eps_inside"] else [0.0, o["eps"]]


# By rule: what the kernel does, and its numbers from the rule's options.
RULE_CODES: dict[str, tuple[int, Callable[[dict[str, Any]], list[float]]]] = {
    "sgd": (SGD, lambda o: []),
    "momentum": (MOMENTUM, lambda o: [o["momentum"], float(o["rate_inside"])]),
    "nesterov": (NESTEROV, lambda o: [o["momentum"], float(o["rate_inside"])]),
    "adagrad": (SCALED, lambda o: [1.0, 1.0, *_roots(o)]),
    "rmsprop": (SCALED, lambda o: [o["decay"], 1 - o["decay"], *_roots(o)]),
    "adam": (ADAM, lambda o: [o["beta1"], o["beta2"], *_roots(o)]),
    "adamw": (ADAM, lambda o: [o["beta1"], o["beta2"], *_roots(o)]),
}
