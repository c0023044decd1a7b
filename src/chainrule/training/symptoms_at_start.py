"""What goes wrong before a net has learnt anything: its first weights, and the gradients that they let through."""

import numpy as np

from chainrule.optim.gradients import norm
from chainrule.training.evidence import WILD, Evidence, Finding, listed

ALIKE = 1e-3  # spread of a layer's units against their size: drawn weights have about 1, rounding makes about 1e-6
EXPLODED = 30.0  # growth of the gradient on its way down: sound nets of 20 layers stay below about 12
VANISHED = 1e-3  # five sigmoid layers take this much, and can still learn; six or more hardly
ONE_STEP = 0.1  # a first update of more than this share of the weights may have killed the units itself
BLOCKED = 0.9  # share of dead units in a layer through which next to nothing passes


def symmetric_initialization(e: Evidence) -> Finding | None:
    """Layers whose hidden units are all alike at the end, and hence were from the start: no gradient tells them apart."""
    layers = [stage for stage in e.net.stages if stage.layer.kind == "affine"][:-1]
    alike, zero = {}, True
    for stage in layers:
        W, b = (np.asarray(e.net.params[name], dtype=np.float64) for name in stage.params)
        size = norm(W) + norm(b)
        spread = norm(W - W.mean(axis=1, keepdims=True)) + norm(b - b.mean())
        first = e.history.grad_norms[0, e.history.param_names.index(stage.params[0])]
        if W.shape[1] < 2 or (size == 0 and first > 0):  # a layer that regularization brought to zero had a gradient
            continue
        if spread <= ALIKE * size:
            alike[stage.name], zero = W.shape[1], zero and norm(W) == 0
    if not alike:
        return None
    what = "all weights are zero" if zero else "the columns of their weights are equal"
    return Finding(
        "symmetric-initialization",
        "The hidden units of a layer are all the same, so that a layer of many units can do no more than one.",
        f"In {_and(alike)} {what}: {_and({str(units): 0 for units in alike.values()})} units that compute the same "
        f"and get the same gradient.",
        "Draw the weights at random: init='he' for relu, init='xavier' for tanh and sigmoid. Biases may start at zero.",
    )


def initial_loss(e: Evidence) -> Finding | None:
    """A first loss that only far too large scores explain."""
    if not np.isfinite(e.first_loss) or e.first_loss <= e.wild_loss:
        return None
    part = " (without its regularization)" if e.net.reg else ""
    size = float(np.sqrt(np.mean(np.square(e.net.prepared(e.data.X_train[:1000])[0], dtype=np.float64))))
    scale = (
        f" The inputs have a root mean square of {size:.2g}: centre and scale them to about 1 first."
        if size > 5
        else ""
    )
    return Finding(
        "initial-loss",
        "The first loss is far above that of chance: the net starts out sure of wrong answers.",
        f"The first step's loss{part} is {e.first_loss:.4g}; scores of zero would give {e.chance:.4g}, and random scores "
        f"with a standard deviation of {WILD:g} about {e.wild_loss:.3g}.",
        f"Start with smaller weights: init='he' for relu, init='xavier' for tanh and sigmoid, or norm='batch'.{scale}",
    )


def exploding_gradients(e: Evidence) -> Finding | None:
    """A gradient that grows from layer to layer on its way down, in the first step, before training changed anything."""
    grown = {layer: float(ratio[0]) for layer, ratio in e.signal.items() if ratio[0] > EXPLODED}
    if not grown:
        return None
    clip = "" if e.settings.clip_norm else " Until then, clip_norm=1 keeps the steps bounded."
    return Finding(
        "exploding-gradients",
        "The gradients explode: each layer hands down more than it gets.",
        f"In the first step the gradient at a layer's output, against the one at the scores, is {listed(grown)}.",
        f"Start with smaller weights: init='he' for relu, init='xavier' for tanh and sigmoid; norm='batch' or "
        f"norm='layer' keeps every layer's output in range.{clip}",
    )


def blocked_layer(e: Evidence) -> Finding | None:
    """A layer that was dead after the first step already, though that step was small, and still is."""
    share = e.history.dead_share
    if not len(share) or not share.shape[1] or np.nanmax(e.update_ratios[0], initial=0.0) > ONE_STEP:
        return None
    born = np.minimum(share[0], share[-1])
    layers = {name: float(part) for name, part in zip(e.history.layer_names, born) if part >= BLOCKED}
    if not layers:
        return None
    return Finding(
        "dead-units",
        "Units are dead from the start, and nothing passes back through their layer.",
        f"Share of units with a slope below 0.001 on all sampled rows, at the first check and at the last: "
        f"{listed(layers, '.0%')}.",
        "Look at the biases that the net starts with (zero is usual) and at the size of its inputs; "
        "activation='leaky_relu' has no dead side.",
    )


def vanishing_gradients(e: Evidence) -> Finding | None:
    """A gradient that is lost on its way down, in the first step and to the end, in a net that learns badly.

    A net that has learnt to let gradients through, as rules with a step size of their own can teach it, is sound.
    """
    if not e.epochs or not e.progress < 0.5:
        return None
    lost = {}
    for layer, ratio in e.signal.items():
        end = float(np.median(ratio[-e.steps_per_epoch :]))
        if ratio[0] < VANISHED and end < VANISHED:
            lost[layer] = end
    if not lost:
        return None
    names = ", ".join(sorted({stage.layer.name for stage in e.net.stages if stage.layer.kind == "activation"}))
    saturating = "sigmoid" in names or "tanh" in names
    change = "activation='relu' with init='he'" if saturating else "init='he' without weight_scale"
    fewer = "" if e.net.settings().get("norm") else ", norm='batch' or norm='layer'"
    return Finding(
        "vanishing-gradients",
        "The gradients vanish on their way down, so that the lower layers hardly learn.",
        f"In the last epoch the gradient at a layer's output ({names}), against the one at the scores, is {listed(lost)}; "
        f"training {e.metric} {e.history.train_acc[-1]:.3f}.",
        f"Use {change}{fewer}, or fewer layers.",
    )


def _and(names: dict[str, int]) -> str:
    parts = list(names)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
