"""The chain rule, walked: forward through the stages keeping every cache, then back through them in reverse."""

from dataclasses import dataclass, field
from typing import Any

from chainrule.core.arrays import Array
from chainrule.core.registry import Layer


@dataclass(frozen=True)
class Stage:
    """One place in a chain.

    Attributes:
        name: unique in the chain, such as "affine1".
        layer: the row of `LAYERS` that works there.
        params: the names of its parameters in the net's dict, in the order of the layer's arguments.
        options: the layer's hyper-parameters.
    """

    name: str
    layer: Layer
    params: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def forward(
    stages: list[Stage], params: dict[str, Array], x: Array, extras: dict[str, Array]
) -> tuple[list[Array], list[tuple]]:
    """Walk forward.

    Args:
        stages: in the order of the data flow.
        params: every parameter that a stage names.
        x: (N, D).
        extras: by stage name, what else its layer takes: a dropout mask, or running statistics.

    Returns:
        outputs: of every stage, in order.
        caches: of every stage, in order.
    """
    outputs, caches = [], []
    for stage in stages:
        learnt = [params[name] for name in stage.params]
        extra = [extras[stage.name]] if stage.name in extras else []
        x, cache = stage.layer.forward(x, *learnt, *extra, **stage.options)
        outputs.append(x)
        caches.append(cache)
    return outputs, caches


def backward(stages: list[Stage], caches: list[tuple], dy: Array) -> tuple[list[Array], dict[str, Array]]:
    """Walk back: each stage turns the gradient by its output into gradients by its input and its parameters.

    Args:
        stages: as in `forward`.
        caches: from `forward`.
        dy: (N, M) gradient of the loss by the last output.

    Returns:
        dinputs: the gradient by every stage's input, in the order of `stages`.
        grads: the gradient by every parameter, by name.
    """
    dinputs: list[Array] = []
    grads: dict[str, Array] = {}
    for stage, cache in zip(reversed(stages), reversed(caches)):
        result = stage.layer.backward(dy, cache)
        dy, dparams = (result[0], result[1:]) if stage.params else (result, ())
        grads.update(zip(stage.params, dparams))
        dinputs.append(dy)
    return dinputs[::-1], grads
