"""What goes wrong while a net learns: steps too long or too short, units that die, too little learnt or too much."""

import math

import numpy as np

from chainrule.training.evidence import Evidence, Finding, listed

RESTLESS = 0.1  # an update of a tenth of the weights, step after step, replaces what was learnt (1e-3 is usual)
SLOW = 1e-5  # an update that takes 100,000 steps to go as far as the weights are long
SHORT = 2e-4, 0.05  # or one below a fifth of the usual, where all steps together moved the weights by less than 5 %
USUAL = 1e-3
FEW = 10  # steps below which nothing can be said of a learning rate
DEAD = 0.4  # sound nets have up to a tenth
GAP = 0.1  # of the score, beyond what the validation rows' number explains
TURNED = 1.05  # validation loss at the end against its minimum: less is noise
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
    else:
        clip = "" if e.settings.clip_norm else ", or clip_norm=1"
        advice = f"A learning rate 10 times smaller: lr={_rate(e.settings.lr / 10)}{clip}."
    return Finding(
        "divergence",
        "The training diverged.",
        f"{sizes}{fault}; {e.settings.rule}, lr={_rate(e.settings.lr)}.",
        advice,
    )


def regularized_away(e: Evidence) -> Finding | None:
    """A penalty that holds the weights near zero, so that the net cannot fit."""
    strength = e.net.reg or e.settings.weight_decay or 0.0
    if e.epochs < 2 or not e.progress < 0.5 or not strength:
        return None
    before = math.hypot(*e.first_norms.values())
    now = math.hypot(*(float(np.linalg.norm(e.net.params[name])) for name in e.net.weight_names))
    if e.net.reg:  # the net may be the best one of an early epoch; the last penalty tells of the last weights
        penalty = float(np.mean(e.history.loss[-e.steps_per_epoch :]) - e.history.train_loss[-1])
        noise = 0.05 * float(e.history.train_loss[-1])
        now = min(now, math.sqrt(max(penalty + noise, 0.0) * 2 / e.net.reg))
    if not now < SHRUNK * before:
        return None
    name = "reg" if e.net.reg else "weight_decay"
    return Finding(
        "underfitting",
        "The net underfits: regularization holds its weights near zero.",
        f"With {name}={strength:g} the weights' norm fell from {before:.3g} to {now:.2g} or less; "
        f"training {e.metric} {e.history.train_acc[-1]:.3f}, where ignoring the input gives {e.baseline:.3f}.",
        f"Less regularization: {name}={strength / 10:.2g}, or none.",
    )


def rate_too_high(e: Evidence) -> Finding | None:
    """A net that learnt badly, with a loss that rose above its start, or updates that never get small."""
    if e.epochs < 1 or e.steps < FEW or not e.progress < 0.5:
        return None
    start, losses = float(e.history.loss[0]), e.history.loss
    peak, end = float(np.nanmax(losses)), float(e.history.train_loss[-1])
    ratio = float(np.median(e.update_ratios[1:], axis=0).max())
    if peak > 2 * start or (e.epochs >= 2 and end > 1.1 * e.first_loss):
        seen = f"The loss began at {start:.3g}, rose to {peak:.3g} and ended at {end:.3g}"
    elif e.epochs >= 2 and ratio > RESTLESS:
        seen = f"An update still changes weights by {ratio:.0%} of their size, where 0.1% is usual"
    else:
        return None
    return Finding(
        "learning-rate-too-high",
        "The learning rate is too high: the steps overshoot.",
        f"{seen}; {e.settings.rule}, lr={_rate(e.settings.lr)}, training {e.metric} {e.history.train_acc[-1]:.3f}.",
        f"A learning rate 10 times smaller: lr={_rate(e.settings.lr / 10)}; "
        f"then one 3 times larger or smaller, whichever is better.",
    )


def rate_too_low(e: Evidence) -> Finding | None:
    """A net that learnt badly because its weights hardly moved."""
    if e.epochs < 1 or e.steps < FEW or not e.progress < 0.5:
        return None
    ratio = e.usual_ratio
    moved = ratio * e.steps
    if not 0 < ratio or not (ratio < SLOW or (ratio < SHORT[0] and moved < SHORT[1])):
        return None
    factor = 10 ** min(6, max(1, round(math.log10(USUAL / ratio))))
    return Finding(
        "learning-rate-too-low",
        "The learning rate is too low: the weights hardly move.",
        f"An update changes weights by {ratio:.1g} of their size, where {USUAL:g} is usual: {100 * moved:.2g}% in all "
        f"{e.steps} steps; {e.settings.rule}, lr={_rate(e.settings.lr)}, "
        f"training {e.metric} {e.history.train_acc[-1]:.3f}.",
        f"A learning rate {factor:,} times larger: lr={_rate(e.settings.lr * factor)}.",
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
    leaky = "" if "leaky_relu" in e.net.settings().get("activation", ()) else ", or activation='leaky_relu'"
    return Finding(
        "dead-units",
        "Many hidden units are dead: whatever the row, they pass no gradient back.",
        f"Share of units with a slope below 0.001 on all sampled rows: {listed(layers, '.0%')} at the end, "
        f"{listed(before, '.0%')} after the first step.",
        f"A learning rate 10 times smaller, lr={_rate(e.settings.lr / 10)}{leaky}; norm='batch' makes it rarer.",
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
    best = f"best {history.best_val_acc:.3f} in epoch {history.best_epoch:g}"
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
    )


def underfitting(e: Evidence) -> Finding | None:
    """A net that fits even its training rows badly, and not validation rows far worse.

    A hint unless it learnt nothing at all: the features may not tell more.
    """
    if e.epochs < 4 or not e.progress < 0.5 or e.gap > GAP:
        return None
    losses = e.history.train_loss[1:]
    third = max(2, len(losses) // 3)
    falls = float(np.mean(losses[-third:])) < 0.97 * float(np.mean(losses[-2 * third : -third]))
    if falls:
        title = "The net underfits so far: the loss was still falling when training ended."
        advice = f"Train longer, epochs={2 * e.epochs}, or with a learning rate 3 times larger, lr={_rate(3 * e.settings.lr)}."
    else:
        title = "The net underfits: it fits even its training rows badly, and no longer gets better."
        advice = _more_room(e)
    return Finding(
        "underfitting",
        title,
        f"Training {e.metric} {e.history.train_acc[-1]:.3f}, where ignoring the input gives {e.baseline:.3f}; "
        f"training loss {losses[0]:.3g} after the first epoch, {losses[-1]:.3g} at the end.",
        advice,
        severity="problem" if e.progress < 0.05 and not falls else "hint",
    )


def _more_room(e: Evidence) -> str:
    """What lets a net fit more, dearest obstacle first."""
    net, parts = e.net, []
    if net.keep < 1:
        parts.append(f"less dropout (keep={min(1.0, net.keep + 0.2):.1f})")
    if net.reg:
        parts.append(f"less regularization (reg={net.reg / 10:.2g})")
    widths = net.widths
    parts.append(f"wider hidden layers ({2 * max(64, *widths)} units)" if widths else "a hidden layer (100 units)")
    return f"A net that can fit more: {', '.join(parts)}; else features that tell more of the target."


def _rate(lr: float) -> str:
    return f"{lr:.2g}"
