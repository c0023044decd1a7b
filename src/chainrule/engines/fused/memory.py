"""What the kernels work on: named groups of flat arrays. A compiled function takes a NamedTuple as it stands."""

from typing import NamedTuple

import numpy as np


class Data(NamedTuple):
    """Rows and targets, and how rows become features.

    Attributes:
        bytes, singles, doubles: all rows, one after the other; two of them are empty. width: numbers in a row.
        center, factor: (features,), what is taken off each row and what it is then multiplied by, in the net's dtype.
        wide_center: center in float64.
        labels: (rows,) int64; targets: (rows, C); the one that is not used is empty.
    """

    bytes: np.ndarray
    singles: np.ndarray
    doubles: np.ndarray
    width: int
    center: np.ndarray
    wide_center: np.ndarray
    factor: np.ndarray
    labels: np.ndarray
    targets: np.ndarray


class Batches(NamedTuple):
    """The batches of a run.

    Attributes:
        rows: (steps, N) int64 row numbers; places: the same, as targets are counted.
        counts: (steps,) int64, how many of them count.
        lr: (steps,) float64 learning rates.
        first_step: its number, from 0; dropout masks go by it.
        stream: uint64, the key of the training's dropout masks.
    """

    rows: np.ndarray
    places: np.ndarray
    counts: np.ndarray
    lr: np.ndarray
    first_step: int
    stream: np.uint64


class Update(NamedTuple):
    """What happens to gradients: see `optim.gradients`, and the rules.

    Attributes:
        rule: its code; numbers: (4,) its numbers; taken: how often it has been applied.
        decay: L2 strength in weights' gradients; pull: decoupled decay of weights.
        clip_value, clip_norm: limits; inf where there is none.
        reg: strength of the net's own penalty.
        loss: its code.
    """

    rule: int
    numbers: np.ndarray
    taken: int
    decay: float
    pull: float
    clip_value: float
    clip_norm: float
    reg: float
    loss: int


class Memory(NamedTuple):
    """Everything that moves. P parameters, of which T are no weights; S slices; N rows; rows as `padding` has them.

    Attributes:
        params, first, second: (P,) parameters and the rule's state.
        stats: running means and variances.
        outputs, slopes, caches: every stage's output, the gradient by it, and its xhat or mask where it has one.
        spreads: (S, ...) 1 / std of rows or columns; sums: (S, ...) what slices exchange for batch norm; moments: (S, ...)
            what each makes of it.
        x: every slice's features; parts: (S, N, H) its product with the first weights.
        grads: (S, T) every slice's share of the gradients by what is no weight; whole: (P,) all gradients, where their
            norm is limited.
        scratch: (S, ...) the gradient by a stretch of weights.
        transposed: the transposes of all weights but the first.
        units: 0 and 1 in the net's dtype.
        flags: see `kernels.barrier`.
    """

    params: np.ndarray
    first: np.ndarray
    second: np.ndarray
    stats: np.ndarray
    outputs: np.ndarray
    slopes: np.ndarray
    caches: np.ndarray
    spreads: np.ndarray
    sums: np.ndarray
    moments: np.ndarray
    x: np.ndarray
    parts: np.ndarray
    grads: np.ndarray
    whole: np.ndarray
    scratch: np.ndarray
    transposed: np.ndarray
    units: np.ndarray
    flags: np.ndarray


class Measures(NamedTuple):
    """What the steps of a run measured, by step and slice, to be added up over slices.

    Attributes:
        losses: (steps, S) shares of the loss without penalty.
        squares: (steps, S, parameters) sums of squares of gradients.
        weights: (steps, S) sums of squares of weights.
        clipped: (S,) sums of squares of the last step's gradients after their values were clipped.
    """

    losses: np.ndarray
    squares: np.ndarray
    weights: np.ndarray
    clipped: np.ndarray
