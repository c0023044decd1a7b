"""Learning-rate schedules: how long the steps are, early and late in a run.

A schedule is a plain dict: {"kind": "exponential", "decay": 0.9, "warmup_epochs": 1}. Each kind is a pure function of
the base learning rate and of how far the run has come, so that any step's rate can be computed again on its own.
"""

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from chainrule.core.errors import SettingError, choose
from chainrule.core.registry import options_of


class Progress(NamedTuple):
    """How far a run has come since its warm-up.

    Attributes:
        epoch: whole epochs, from 0.
        share: 0.0 at the first step, 1.0 at the last.
        val_history: validation accuracies so far, oldest first.
    """

    epoch: int
    share: float
    val_history: Sequence[float]


def constant(lr, progress):
    """The base learning rate throughout.

    Formula:
        rate = lr
    """
    return lr


def exponential(lr, progress, *, decay=0.95):
    """The same share of the rate is lost in every epoch: the courses' `lr_decay`.

    Formula:
        rate = lr * decay**epoch

    Args:
        lr: the first epoch's rate.
        progress: how far the run has come.
        decay: share kept from one epoch to the next, above 0, at most 1.
    """
    return lr * decay**progress.epoch


def step(lr, progress, *, every=10, factor=0.1):
    """A staircase: the rate stays for some epochs, then falls at once.

    Formula:
        rate = lr * factor ** (epoch // every)

    Args:
        lr: the rate of the first stair.
        progress: how far the run has come.
        every: epochs on one stair.
        factor: height of the next stair in units of the last, above 0, at most 1.
    """
    return lr * factor ** (progress.epoch // every)


def cosine(lr, progress, *, final=0.0):
    """Half a cosine wave, step by step: slow at first, fast in the middle, slow at the end.

    Formula:
        rate = lr * (final + (1 - final) * (1 + cos(pi * share)) / 2)

    Args:
        lr: the rate of the first step.
        progress: how far the run has come.
        final: the last step's rate in units of lr, from 0 to 1.

    Convention: the last step has the final rate; PyTorch's CosineAnnealingLR with T_max = the number of steps would
        reach it one step later.

    Source: Loshchilov, Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, 2017, eq. 5, without restarts.
    """
    return _glide(lr, lr * final, progress.share)


def one_cycle(lr, progress, *, warm=0.3, start_divisor=25.0, final_divisor=1e5):
    """Up to the base rate, then far down, both along half a cosine wave.

    Formula:
        glide(a, b, s) = b + (a - b) * (1 + cos(pi * s)) / 2
        rate = glide(lr / start_divisor, lr, share / warm)                      while share < warm
        rate = glide(lr, lr / final_divisor, (share - warm) / (1 - warm))       after that

    Args:
        lr: the highest rate.
        progress: how far the run has come.
        warm: share of the run that climbs, from 0 to below 1.
        start_divisor: lr over the first step's rate, at least 1.
        final_divisor: lr over the last step's rate, at least 1.

    Convention: final_divisor divides the highest rate, as in fastai; PyTorch's final_div_factor divides the first rate,
        so that final_divisor = div_factor * final_div_factor.

    Source: Smith, Topin, Super-Convergence: Very Fast Training Using Large Learning Rates, 2018, section 3.
    """
    if progress.share < warm:
        return _glide(lr / start_divisor, lr, progress.share / warm)
    return _glide(lr, lr / final_divisor, (progress.share - warm) / (1 - warm))


def plateau(lr, progress, *, factor=0.1, patience=5, threshold=1e-4, min_lr=0.0):
    """The rate falls whenever the validation accuracy has stopped rising.

    Formula:
        a check counts as better if its accuracy > best + threshold; best is then that accuracy
        falls = how often patience + 1 checks in a row were not better
        rate = max(lr * factor**falls, min_lr)

    Args:
        lr: the rate before the first fall.
        progress: how far the run has come; its validation accuracies are read from the first one on.
        factor: the rate after a fall in units of the rate before, above 0, at most 1.
        patience: checks without a better accuracy that are borne; the next one lets the rate fall.
        threshold: the least rise that counts, in units of accuracy.
        min_lr: the rate never falls below this (nor rises to it).

    Convention: as PyTorch's ReduceLROnPlateau with mode="max", threshold_mode="abs"; Keras falls one check earlier.
    """
    best, worse, falls = -math.inf, 0, 0
    for accuracy in progress.val_history:
        if accuracy > best + threshold:
            best, worse = accuracy, 0
        else:
            worse += 1
        if worse > patience:
            falls, worse = falls + 1, 0
    return max(lr * factor**falls, min(min_lr, lr))


def _glide(start: float, end: float, share: float) -> float:
    """From `start` to `end` along half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES = {
    "constant": constant,
    "exponential": exponential,
    "step": step,
    "cosine": cosine,
    "one_cycle": one_cycle,
    "plateau": plateau,
}
WARMUPS = ("warmup_epochs", "warmup_steps")


def learning_rate(
    schedule: dict[str, Any],
    lr: float,
    *,
    step: int,
    steps_per_epoch: int,
    total_steps: int,
    val_history: Sequence[float] = (),
) -> float:
    """The learning rate of one step.

    A warm-up of `warmup_epochs` or `warmup_steps` may stand in front of any kind: the rate climbs evenly to the one
    that the kind starts with, and the kind begins after it. Epochs count from the one in which the warm-up ends, so
    that a rate which changes by the epoch changes where an epoch begins.

    Formula (during a warm-up of W steps):
        rate = (step + 1) / (W + 1) * the kind's first rate

    Args:
        schedule: {"kind": ..., its options, and possibly a warm-up}, checked beforehand by `check_schedule`.
        lr: the base learning rate.
        step: the step that is about to be taken, from 0.
        steps_per_epoch: steps in an epoch; the epoch is step // steps_per_epoch.
        total_steps: steps of the whole run; later steps have the last one's rate where the kind goes by the share done.
        val_history: validation accuracies so far, oldest first; only "plateau" reads them.

    Returns:
        The rate, a Python float.

    Raises:
        SettingError: an unknown kind.

    Convention: a warm-up's first rate is above 0 and its last below the kind's first; PyTorch's LinearLR starts at
        a share of one's choice and ends at the full rate.

    Source: for the warm-up: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2.

    Example:
        >>> schedule = {"kind": "exponential", "decay": 0.5, "warmup_epochs": 1}
        >>> [learning_rate(schedule, 1.0, step=step, steps_per_epoch=3, total_steps=9) for step in range(9)]
        [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]
    """
    options = {name: value for name, value in schedule.items() if name != "kind" and name not in WARMUPS}
    rate = SCHEDULES[choose(schedule["kind"], SCHEDULES, what="schedule")]
    warmup = schedule.get("warmup_steps", round(schedule.get("warmup_epochs", 0) * steps_per_epoch))
    if step < warmup:
        return float((step + 1) / (warmup + 1) * rate(lr, Progress(0, 0.0, val_history), **options))
    epoch = step // steps_per_epoch - warmup // steps_per_epoch
    share = min(1.0, (step - warmup) / max(1, total_steps - 1 - warmup))
    return float(rate(lr, Progress(epoch, share, val_history), **options))


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, numbers.Integral) and int(value) >= least


SHARE_KEPT = (lambda value: 0 < value <= 1, "a number above 0 and at most 1")
DIVISOR = (lambda value: 1 <= value < math.inf, "a number of at least 1")
NOT_NEGATIVE = (lambda value: 0 <= value < math.inf, "a number of at least 0")
LIMITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "decay": SHARE_KEPT,
    "factor": SHARE_KEPT,
    "every": (_whole(1), "a whole number of epochs, at least 1"),
    "final": (lambda value: 0 <= value <= 1, "a number from 0 to 1"),
    "warm": (lambda value: 0 <= value < 1, "a number from 0 to below 1"),
    "start_divisor": DIVISOR,
    "final_divisor": DIVISOR,
    "patience": (_whole(0), "a whole number of validation checks, at least 0"),
    "threshold": NOT_NEGATIVE,
    "min_lr": NOT_NEGATIVE,
    "warmup_epochs": NOT_NEGATIVE,
    "warmup_steps": (_whole(0), "a whole number of steps, at least 0"),
}


def check_schedule(schedule: dict[str, Any]) -> None:
    """Fail where a schedule cannot be followed, before a run has begun.

    Args:
        schedule: {"kind": ..., its options, and possibly "warmup_epochs" or "warmup_steps"}.

    Raises:
        SettingError: no dict, no kind, an unknown kind or option (with the known ones), a value that makes no sense,
            or both kinds of warm-up at once.
    """
    if not isinstance(schedule, dict) or "kind" not in schedule:
        raise SettingError(
            f'schedule: must be a dict with a "kind", one of {", ".join(SCHEDULES)}; came {schedule!r}. '
            f'Example: {{"kind": "exponential", "decay": 0.95}}.'
        )
    kind = choose(schedule["kind"], SCHEDULES, what="schedule")
    known = (*options_of(SCHEDULES[kind]), *WARMUPS)
    for name, value in schedule.items():
        if name == "kind":
            continue
        test, wanted = LIMITS[choose(name, known, what=f"option of schedule {kind!r}")]
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or not test(value):
            raise SettingError(f"schedule {kind!r}: {name} must be {wanted}; came {value!r}.")
    if all(name in schedule for name in WARMUPS):
        raise SettingError(f"schedule {kind!r}: give warmup_epochs or warmup_steps, not both.")
