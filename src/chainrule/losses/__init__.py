"""The losses, each a module with `forward` and `backward` (and its derivation). To add one: a file, and a row here."""

import math

import numpy as np

from chainrule.core.registry import Loss
from chainrule.losses import mse, softmax, svm

N, C = 5, 3


def _labelled(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {"scores": 3 * rng.standard_normal((N, C)), "y": rng.integers(0, C, N)}


def _off_margin(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Scores near 0, 0.8 and 1.6, whose differences stay away from a margin of 1."""
    ranks = rng.permuted(np.tile(np.arange(C), (N, 1)), axis=1)
    return {"scores": 0.8 * ranks + 0.05 * rng.standard_normal((N, C)), "y": rng.integers(0, C, N)}


LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("softmax", softmax, sample=_labelled, real_targets=False, chance=math.log),
        Loss("svm", svm, sample=_off_margin, real_targets=False, chance=lambda classes: classes - 1.0),
        Loss(
            "mse",
            mse,
            sample=lambda rng: {"scores": rng.standard_normal((N, C)), "t": rng.standard_normal((N, C))},
            real_targets=True,
            chance=lambda classes: 0.5,
        ),
    )
}
