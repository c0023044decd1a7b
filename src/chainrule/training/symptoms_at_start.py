"""What goes wrong before a net has learnt anything: its first weights, and the gradients that they let through."""

import numpy as np

from chainrule.optim.gradients import norm
from chainrule.training.evidence import VANISHED, WILD, Evidence, Finding, listed, percent, plain

ALIKE = 1e-3  # spread of a layer's units against their size: drawn weights have about 1, rounding makes about 1e-6
EXPLODED = 50.0  # growth of the gradient on its way down: nets of 20 layers stay below about 3, with batch norm 25
ONE_STEP = 0.1  # a first update of more than this share of the weights may have killed the units itself
BLOCKED = 0.9  # share of dead units in a layer through which next to nothing passes


def symmetric_initialization(e: Evidence) -> Finding | None:
    """Layers whose hidden units are all alike at the end, and hence were from the start: no gradient tells them apart."""
    layers = [stage for stage in e.net.stages if stage.layer.kind == "affine"][:-1]
    alike, zero = [], True
    for stage in layers:
        W, b = (np.asarray(e.net.params[name], dtype=np.float64) for name in stage.params)
        size = norm(W) + norm(b)
        spread = norm(W - W.mean(axis=1, keepdims=True)) + norm(b - b.mean())
        first = e.history.grad_norms[0, e.history.param_names.index(stage.params[0])]
        if W.shape[1] < 2 or (size == 0 and first > 0):  # a layer that regularization brought to zero had a gradient
            continue
        if spread <= ALIKE * size:
            alike.append(f"{stage.name} ({W.shape[1]} units)")
            zero = zero and norm(W) == 0
    if not alike:
        return None
    return Finding(
        "symmetric-initialization",
        "The hidden units of a layer are all the same, so that they can do no more than a single one.",
        f"{'All weights are zero' if zero else 'The columns of the weights are equal'} in {', '.join(alike)}: units that "
        f"compute the same get the same gradient, and stay the same.",
        "Draw the weights at random: init='he' for relu, init='xavier' for tanh and sigmoid. Biases may start at zero.",
    )


def initial_loss(e: Evidence) -> Finding | None:
    """A first loss that only far too large scores explain."""
    if not e.wild_start:
        return None
    part = ", without its regularization," if e.net.reg else ""
    size = float(np.sqrt(np.mean(np.square(e.net.prepared(e.data.X_train[:1000])[0], dtype=np.float64))))
    advice = "Start with smaller weights: init='he' for relu, init='xavier' for tanh and sigmoid."
    if size > 5:
        advice = f"Centre and scale the inputs to about 1: their root mean square is {plain(size)}. {advice}"
    return Finding(
        "initial-loss",
        "The first loss is far above that of chance: the net starts out sure of wrong answers.",
        f"The first step's loss{part} is {e.first_loss:.4g}; scores of zero would give {e.chance:.4g}, and random scores "
        f"of a standard deviation of {WILD:g} at most {e.wild_loss:.3g}.",
        advice,
    )


def exploding_gradients(e: Evidence) -> Finding | None:
    """A gradient that grows from layer to layer on its way down, in the first step, before training changed anything."""
    grown = {layer: float(ratio[0]) for layer, ratio in e.signal.items() if ratio[0] > EXPLODED}
    if not grown:
        return None
    clip = "" if e.settings.clip_norm else " clip_norm=1 keeps the steps bounded."
    rest = "or fewer layers" if e.norm else "norm='batch' or norm='layer' keeps every layer's output in range"
    return Finding(
        "exploding-gradients",
        "The gradients explode: each layer hands down more than it gets.",
        f"In the first step the gradient at a layer's output was so many times the one at the top: {listed(grown)}.",
        f"Start with smaller weights: init='he' for relu, init='xavier' for tanh and sigmoid; {rest}.{clip}",
    )


def blocked_layer(e: Evidence) -> Finding | None:
    """A layer that was dead after the first step already, though that step was small, and still is."""
    share = e.history.dead_share
    if not len(share) or not share.shape[1] or e.first_update > ONE_STEP:
        return None
    born = np.minimum(share[0], share[-1])
    layers = {name: float(part) for name, part in zip(e.history.layer_names, born) if part >= BLOCKED}
    if not layers:
        return None
    return Finding(
        "dead-units",
        "Units are dead from the start, and nothing passes back through their layer.",
        f"Share of units with a slope below 0.001 on all sampled rows, at the first check and at the last: "
        f"{listed(layers, percent)}.",
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
    saturating = {"sigmoid", "tanh"} & {stage.layer.name for stage in e.net.stages}
    change = "activation='relu' with init='he'" if saturating else "init='he' without weight_scale"
    norms = "" if e.norm else ", norm='batch' or norm='layer'"
    return Finding(
        "vanishing-gradients",
        "The gradients vanish on their way down, so that the lower layers hardly learn.",
        f"In the last epoch the gradient at a layer's output was this share of the one at the top: {listed(lost)}; "
        f"{e.learnt}.",
        f"Use {change}{norms}, or fewer layers.",
    )
