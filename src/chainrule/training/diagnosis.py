"""What went wrong in a training, in words: what was measured, and what to try."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from chainrule.core.kinds import having
from chainrule.training import symptoms_at_start as start
from chainrule.training import symptoms_in_training as course
from chainrule.training.evidence import Evidence, Finding

if TYPE_CHECKING:
    from chainrule.training.solver import Solver

__all__ = ["Finding", "diagnose"]

RATES = {"learning-rate-too-high", "learning-rate-too-low"}
LEARNING = RATES | {"vanishing-gradients", "dead-units", "underfitting"}

# Causes before what follows from them: each symptom with the kinds that it explains, which are then not reported.
SYMPTOMS: tuple[tuple[Callable[[Evidence], Finding | None], set[str]], ...] = (
    (start.symmetric_initialization, LEARNING | {"initial-loss", "exploding-gradients"}),
    (start.initial_loss, LEARNING),
    (start.exploding_gradients, LEARNING),
    (course.divergence, LEARNING | {"overfitting"}),
    (start.blocked_layer, LEARNING),
    (start.vanishing_gradients, LEARNING),
    (course.regularized_away, LEARNING),
    (course.rate_too_high, {"learning-rate-too-low", "underfitting"}),
    (course.rate_too_low, {"underfitting"}),
    (course.dead_units, {"underfitting"}),
    (course.overfitting, {"underfitting"}),
    (course.underfitting, set()),
)


def diagnose(solver: "Solver") -> list[Finding]:
    """What went wrong in a training, most important first; what follows from a cause that is named is left out.

    Nothing is said where there is too little to say it from: the start is judged by the first step, learning rates by
    10 steps and more, fits by whole epochs.

    Args:
        solver: after `train`, whole, interrupted, diverged or resumed.

    Returns:
        Findings; empty for a healthy training.

    Raises:
        ArrayTypeError: something that is no Solver.

    Example:
        >>> from chainrule.nets import FullyConnectedNet
        >>> from chainrule.training.solver import Solver
        >>> net = FullyConnectedNet([16], input_dim=64, init="zeros")
        >>> solver = Solver(net, "digits", epochs=1, verbose=False)
        >>> history = solver.train()
        >>> [finding.kind for finding in diagnose(solver)]
        ['symmetric-initialization']
    """
    having("diagnose", "solver", solver, "net data task history", wanted="the Solver of a training")
    evidence = Evidence(solver)
    if not evidence.steps:
        return []
    findings: list[Finding] = []
    explained: set[str] = set()
    with np.errstate(all="ignore"):  # what a net that diverged left behind
        for symptom, explains in SYMPTOMS:
            finding = symptom(evidence)
            if finding is not None and finding.kind not in explained:
                findings.append(finding)
                explained |= explains
    return findings
