"""How good a net is on given rows, and how alive its units are."""

from dataclasses import dataclass

import numpy as np

from chainrule.core.arrays import Array, namespace
from chainrule.core.rows import all_finite
from chainrule.engines import fused
from chainrule.losses import LOSSES
from chainrule.nets import chain
from chainrule.nets.net import PREDICT_ROWS, Net
from chainrule.nets.score import score_of

ASLEEP = 1e-3  # a unit whose slope stays below this passes next to nothing back


@dataclass(frozen=True)
class Evaluation:
    """Figures of a net in evaluation mode.

    Attributes:
        score: accuracy, or R² for real targets.
        loss: mean over the rows, without regularization.
        dead_share: by hidden layer, the share of units whose slope is below 0.001 on every row.
        scores: (N, C).
    """

    score: float
    loss: float
    dead_share: list[float]
    scores: Array


def hidden_activations(net: Net) -> list[str]:
    """The names of the activation stages of the hidden layers."""
    last = net.stages[-1].name if net.stages else None
    return [s.name for s in net.stages if s.layer.kind == "activation" and s.name != last]


def evaluate(net: Net, X: Array, y: Array, *, slices: int | None = None) -> Evaluation:
    """Evaluate a net on rows as stored, in blocks, so that memory stays bounded.

    Args:
        net: as it is.
        X, y: (N, ...) rows as stored, and targets.
        slices: how many blocks of rows are worked on at once by the fused engine, which must cover the net; None for
            the plain engine's way.
    """
    names = hidden_activations(net)
    with np.errstate(all="ignore"):  # a net that diverged is evaluated too
        if slices is not None and fused.covers(net) and _all_finite(X):
            scores, awake = fused.evaluate(net, X, slices=slices, asleep=ASLEEP)
            target = y if y.ndim == 1 else y.astype(net.dtype)
        else:
            scores, target, awake = _walked(net, X, y, names)
        loss, _ = LOSSES[net.loss_name].forward(scores, target)
        score = score_of(scores, target)
    return Evaluation(score, float(loss), [float(1 - awake[name].mean()) for name in names], scores)


def _all_finite(X: Array) -> bool:
    """Whether the kernels may read these rows: those that hold NaN or inf are refused on the plain engine's way."""
    return isinstance(X, np.ndarray) and X.dtype.kind in "buif" and all_finite(X)


def _walked(net: Net, X: Array, y: Array, names: list[str]) -> tuple[Array, Array, dict[str, np.ndarray]]:
    """Scores, targets, and by hidden activation stage which units have a slope somewhere."""
    stages = [stage for stage in net.stages if stage.layer.needs != "mask"]
    awake: dict[str, np.ndarray] = {}
    parts, targets = [], []
    for start in range(0, len(X), PREDICT_ROWS):
        x, t = net.prepared(X[start : start + PREDICT_ROWS], y[start : start + PREDICT_ROWS])
        targets.append(t)
        if not stages:
            parts.append(net.scores(x))
            continue
        outputs, caches = chain.forward(stages, net.params, x, net.running)
        parts.append(outputs[-1])
        for stage, output, cache in zip(stages, outputs, caches):
            if stage.name in names:
                xp = namespace(output)
                slope = xp.abs(stage.layer.backward(xp.ones_like(output), cache))
                found = np.asarray(xp.any(slope >= ASLEEP, axis=0))
                awake[stage.name] = awake.get(stage.name, False) | found
    xp = namespace(parts[0])
    return xp.concat(parts, axis=0), xp.concat(targets, axis=0), awake
