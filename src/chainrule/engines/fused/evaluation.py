"""Scores and sleeping units of a net on many rows, compiled."""

import numpy as np

from chainrule.core.threads import single_blas_thread
from chainrule.engines.fused.buffers import allocate, fill_params, flat_stats
from chainrule.engines.fused.compiled import compiled
from chainrule.engines.fused.padding import aligned
from chainrule.engines.fused.program import layout
from chainrule.engines.fused.rows import gathers, stored, transformed
from chainrule.engines.fused.slices import together
from chainrule.nets.net import PREDICT_ROWS, Net

BLOCK = 200  # rows of a product: a setting of the engine, since sums of other shapes round differently


def evaluate(net: Net, X: np.ndarray, *, slices: int, asleep: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Scores in evaluation mode, and which units of the activation stages have a slope somewhere.

    Args:
        net: one that is covered.
        X: (N, ...) rows as stored.
        slices: how many blocks of rows are worked on at once; results do not depend on it.
        asleep: the least slope that counts.

    Returns:
        scores: (N, C) in the net's dtype.
        awake: by stage name, (units,) bool; other stages have no unit that is awake.
    """
    table = layout(net, BLOCK, training=False)
    params, stats = aligned((table.size,), net.dtype), flat_stats(table, net)
    fill_params(params, table, net)
    own = [
        allocate(table, params, stats, rows=BLOCK, slices=1, states=0, whole=False, training=False)
        for _ in range(slices)
    ]
    units = int(table.program.stages["width"].sum())
    scores, awake = np.zeros((len(X), net.num_classes), net.dtype), np.zeros((slices, units), np.bool_)
    labels = np.zeros(0, np.int64)
    whole = gathers(net, X)
    size = len(X) if whole else PREDICT_ROWS  # what must be transformed first is walked in blocks
    for start in range(0, len(X), size):
        part = X[start : start + size]
        x = part if whole else net.prepared(part)[0]
        data = stored(net, x, labels) if whole else transformed(net, x, labels)
        rest = (table.program, data, np.arange(len(part)))
        into = scores[start : start + size]
        run = compiled("evaluate", (0, slices, *rest, own[0], into, awake, asleep))
        with single_blas_thread():
            together(slices, lambda me: run(me, slices, *rest, own[me], into, awake, asleep))  # noqa: B023
    stages = [stage.name for stage in net.stages if stage.layer.needs != "mask"]
    places = np.split(awake.any(axis=0), np.cumsum(table.program.stages["width"])[:-1])
    return scores, dict(zip(stages, places))
