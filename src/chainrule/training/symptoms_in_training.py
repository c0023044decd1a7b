"""What goes wrong while a net learns: steps too long or too short, units that die, too little learnt or too much."""

import math

import numpy as np

from chainrule.optim.gradients import norm
from chainrule.training.evidence import Evidence, Finding, listed, percent, plain

RESTLESS = 0.1  # an update of a tenth of the weights, step after step, replaces what was learnt (1e-3 is usual)
SLOW = 1e-5  # an update that takes 100,000 steps to go as far as the weights are long
SHORT = 2e-4, 0.05  # or one below a fifth of the usual, where all steps together moved the weights by less than 5 %
USUAL = 1e-3
FIRST = 0.03  # a first update that rules with a sound learning rate seldom exceed
FEW = 10  # steps below which nothing can be said of a learning rate
DEAD = 0.4  # sound nets have up to a tenth
GAP = 0.1  # of the score, beyond what the validation rows' number explains
TURNED = 1.05  # validation loss at the end against its minimum: less is noise
DECAYED = 3.0  # times by which decay alone would divide the weights by e
SHRUNK = 0.5  # of the weights' norm: weights of a net that learns grow


def divergence(e: Evidence) -> Finding | None:
    """A value that was not finite."""
    fault = e.history.fault
    if fault is None:
        return None
    before = e.history.loss[np.isfinite(e.history.loss)]
    sizes = f"The loss was {before[0]:.3g} at first and {before[-1]:.3g} last; " if len(before) else ""
    if e.steps == 1:
        advice = (
            "No step was taken yet, so the learning rate is not to blame: look for inputs that are huge or not finite, "
            "and start with smaller weights, such as init='he'."
        )
    elif e.wild_start:
        advice = "Mend the first weights, see above, and try the same learning rate again."
    else:
        clip = "" if e.settings.clip_norm else ", or clip_norm=1"
        advice = f"{_smaller(e)}{clip}.{_targets(e)}"
    return Finding(
        "divergence",
        "The training diverged.",
        f"{sizes}{fault}; {e.settings.rule}, lr={plain(e.settings.lr)}.",
        advice,
    )


def regularized_away(e: Evidence) -> Finding | None:
    """A penalty that holds the weights near zero, so that the net cannot fit."""
    reg, decay = e.net.reg, e.settings.weight_decay or 0.0
    if e.epochs < 2 or not e.progress < 0.5 or not (reg or decay):
        return None
    name, strength = ("reg", reg) if reg else ("weight_decay", decay)
    taken, now = decay * float(np.sum(e.history.lr)), _last_norm(e)
    before = math.sqrt(e.first_squares[0])
    if now < SHRUNK * before:
        seen = f"With {name}={strength:g} the weights' norm fell from {before:.3g} to {now:.2g} or less"
    elif taken > DECAYED:
        seen = f"weight_decay={decay:g} takes {taken / e.steps:.2%} of the weights at every one of {e.steps} steps"
    else:
        return None
    return Finding(
        "underfitting",
        "The net underfits: regularization holds its weights near zero.",
        f"{seen}; {e.learnt}.",
        f"Less regularization: {name}={strength / 10:.2g}, or none.",
    )


def _last_norm(e: Evidence) -> float:
    """The norm of all weights at the end, at most.

    The net may be the best one, of an earlier epoch; a penalty that counts in the loss tells of the last weights.
    """
    now, loss = math.hypot(*(norm(e.net.params[name]) for name in e.net.weight_names)), float(e.history.train_loss[-1])
    if not e.first_penalty > loss / 4:
        return now
    penalty = max(0.0, float(np.mean(e.history.loss[-e.steps_per_epoch :])) - loss)
    return min(now, math.sqrt(2 * (penalty + 0.05 * loss) / e.net.reg))  # 5 %: a sample's loss is not the batches'


def rate_too_high(e: Evidence) -> Finding | None:
    """A net that learnt badly, with a loss that rose above its start, or updates that never get small."""
    if e.epochs < 1 or e.steps < FEW or not e.progress < 0.5:
        return None
    start = max(float(e.history.loss[0]), e.chance)
    peak, end = float(np.nanmax(e.smooth_losses)), float(e.history.train_loss[-1])
    if peak > 2 * start or (e.epochs >= 2 and end > 1.1 * max(e.first_loss, e.chance)):
        seen = f"The loss began at {start:.3g}, rose to {peak:.3g} and ended at {end:.3g}"
    elif e.first_update > 1 and e.progress < 0.05 and not e.lost_at_start:
        seen = (
            f"The first step changed weights by {plain(e.first_update)} times their size, and nothing was learnt since"
        )
    elif e.epochs >= 2 and e.usual_ratio > RESTLESS:
        seen = f"An update still changes weights by {e.usual_ratio:.0%} of their size, where 0.1% is usual"
    else:
        return None
    return Finding(
        "learning-rate-too-high",
        "The learning rate is too high: the steps overshoot.",
        f"{seen}; {e.settings.rule}, lr={plain(e.settings.lr)}; {e.learnt}.",
        f"{_smaller(e)}; from there, 3 times more and 3 times less.{_targets(e)}",
    )


def rate_too_low(e: Evidence) -> Finding | None:
    """A net that learnt badly because its weights hardly moved."""
    if e.epochs < 1 or e.steps < FEW or not e.progress < 0.5 or e.first_update > RESTLESS:
        return None
    ratio = e.usual_ratio
    moved = ratio * e.steps
    if not (ratio < SLOW or (ratio < SHORT[0] and moved < SHORT[1])) or not e.history.grad_norms[-1].any():
        return None
    lr = e.settings.row.default_lr  # where updates were lost in rounding, there is no ratio to learn from
    if ratio > 0:
        lr = e.settings.lr * 10 ** math.ceil(math.log10(USUAL / ratio))
    return Finding(
        "learning-rate-too-low",
        "The learning rate is too low: the weights hardly move.",
        f"An update changes weights by {ratio:.1g} of their size, where {USUAL:g} is usual: by {100 * moved:.2g}% in "
        f"all {e.steps} steps; {e.settings.rule}, lr={plain(e.settings.lr)}; {e.learnt}.",
        f"A larger learning rate: lr={plain(lr)}.",
    )


def dead_units(e: Evidence) -> Finding | None:
    """Layers with many units that no row wakes at the end."""
    share = e.history.dead_share
    if not e.epochs or not share.shape[1]:
        return None
    layers = {n: float(part) for n, part in zip(e.history.layer_names, share[-1]) if part >= DEAD}
    if not layers:
        return None
    before = {name: float(share[0, e.history.layer_names.index(name)]) for name in layers}
    born = max(before.values()) >= DEAD and e.first_update < RESTLESS  # else the first step itself killed them
    start = "; weights as init='he' draws them, and biases of zero" if born else ""
    return Finding(
        "dead-units",
        "Many hidden units are dead: whatever the row, they pass no gradient back.",
        f"Share of units with a slope below 0.001 on all sampled rows: {listed(layers, percent)} at the end, "
        f"{listed(before, percent)} after the first step.",
        f"{_smaller(e)}{start}; activation='leaky_relu' has no dead side, and norm='batch' makes it rarer.",
        severity="problem" if e.progress < 0.5 else "hint",
    )


def overfitting(e: Evidence) -> Finding | None:
    """Training rows score well above validation rows, and more training made it worse or has nothing left to gain."""
    if e.epochs < 2 or not e.gap > GAP:
        return None
    history = e.history
    train, val = float(history.train_acc[-1]), float(history.val_acc[-1])
    lowest, last = float(np.nanmin(history.val_loss)), float(history.val_loss[-1])
    if not (e.progress > 0.8 or (e.progress > 0.5 and last > TURNED * lowest)):
        return None
    kept = ", the net that is kept" if e.settings.restore else ""
    best = f"best {history.best_val_acc:.3f} in epoch {history.best_epoch:g}{kept}"
    net, stop = e.net, e.settings.early_stopping
    keep = f"keep={0.8 if net.keep == 1 else max(0.3, net.keep - 0.2):.1f}"
    reg = f"reg={net.reg * 10 if net.reg else 1e-3:.2g}"
    return Finding(
        "overfitting",
        "The net overfits: it knows the training rows far better than others.",
        f"Training {e.metric} {train:.3f}, validation {val:.3f} ({best}); validation loss {last:.3g}, at its lowest "
        f"{lowest:.3g}; {len(e.data.X_train)} training rows.",
        f"More rows, dropout ({keep}), regularization ({reg}), a smaller net"
        + ("." if stop else ", or early_stopping=5."),
        severity="problem" if e.progress > 0.8 else "hint",
    )


def underfitting(e: Evidence) -> Finding | None:
    """A net that fits even its training rows badly, and not validation rows far worse.

    A hint unless it learnt nothing at all: the features may not tell more.
    """
    if e.epochs < 4 or not e.progress < 0.5 or e.gap > GAP:
        return None
    losses = e.history.train_loss[1:]
    third = max(2, len(losses) // 3)
    late, before = float(np.mean(losses[-third:])), float(np.mean(losses[-2 * third : -third]))
    falls = before - late > max(0.01 * before, 0.1 * (losses[0] - late))
    if falls:
        title = "The net underfits so far: the loss was still falling when training ended."
        faster = (
            f", or a learning rate 3 times larger, lr={plain(3 * e.settings.lr)}" if e.usual_ratio < 10 * USUAL else ""
        )
        less = f", or less regularization, reg={plain(e.net.reg / 10)}" if e.first_penalty > losses[-1] else ""
        advice = f"Train longer, epochs={2 * e.epochs}{faster}{less}."
    else:
        title = "The net underfits: it fits even its training rows badly, and no longer gets better."
        advice = _more_room(e)
    return Finding(
        "underfitting",
        title,
        f"{e.learnt[0].upper()}{e.learnt[1:]}; their loss {losses[0]:.3g} after the first epoch, "
        f"{losses[-1]:.3g} at the end.",
        f"{advice}{_targets(e)}",
        severity="problem" if e.progress < 0.05 and not falls else "hint",
    )


def _more_room(e: Evidence) -> str:
    """What lets a net fit more, dearest obstacle first."""
    net, parts = e.net, []
    if net.keep < 1:
        parts.append(f"less dropout (keep={min(1.0, net.keep + 0.2):.1f})")
    if e.first_penalty > 0.05 * e.history.train_loss[-1]:
        parts.append(f"less regularization (reg={net.reg / 10:.2g})")
    widths = net.widths
    parts.append(f"wider hidden layers ({2 * max(64, *widths)} units)" if widths else "a hidden layer (100 units)")
    return f"A net that can fit more: {', '.join(parts)}; else features that tell more of the target."


def _targets(e: Evidence) -> str:
    """What to do about real targets that are far from the size of a net's first scores, about 1."""
    y = np.asarray(e.data.y_train)
    if y.ndim == 1 or np.sqrt(np.mean(y**2)) < 5:
        return ""
    return (
        f" Centre and scale the targets: their mean is {plain(y.mean())} and their standard deviation {plain(y.std())}."
    )


def _smaller(e: Evidence) -> str:
    """A learning rate 10 times smaller, or as many as make the first update a usual one."""
    factor = 10 ** max(1, round(math.log10(e.first_update / FIRST))) if 0 < e.first_update < math.inf else 10
    return f"A learning rate {factor:,} times smaller, lr={plain(e.settings.lr / factor)}"
