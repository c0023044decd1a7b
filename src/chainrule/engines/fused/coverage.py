"""Which trainings the fused engine covers: those for whose every part there is a kernel."""

import numpy as np

from chainrule.core.registry import Rule
from chainrule.engines.fused.program import LAYER_CODES, LOSS_CODES, RULE_CODES
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.nets.net import Net
from chainrule.optim import OPTIMIZERS

OWN = (
    "gradients", "regularized", "prepared", "_targets", "masks", "running", "widths", "weight_names", "scores",
)  # fmt: skip  # what a net of one's own may do in another way


def covers(net: Net, rule: Rule | None = None) -> bool:
    """Whether there is a kernel for every stage of a net, its loss and (if given) an update rule.

    A net whose class computes in its own way, a layer or rule that is not the library's own, parameters of another
    dtype or another array library: the plain engine takes all of these.
    """
    return (
        all(getattr(type(net), name) is getattr(Net, name) and name not in vars(net) for name in OWN)
        and _stages(net)
        and LOSSES.get(net.loss_name) is not None
        and (net.loss_name, 1) in LOSS_CODES
        and (rule is None or (OPTIMIZERS.get(rule.name) is rule and rule.name in RULE_CODES))
        and fits(net)
    )


def fits(net: Net) -> bool:
    """Whether the parameters and statistics are such that flat buffers can hold them; users may have put in others."""
    arrays = [*net.params.values(), *(part for pair in net.stats.values() for part in pair)]
    return all(type(array) is np.ndarray and array.dtype == net.dtype for array in arrays)


def _stages(net: Net) -> bool:
    """Whether the chain begins with an affine layer, and each stage has parameters of its own and a kernel."""
    used = [name for stage in net.stages for name in stage.params]
    known = all(LAYERS.get(s.layer.name) is s.layer and s.layer.name in LAYER_CODES for s in net.stages)
    begins = bool(net.stages) and net.stages[0].layer.kind == "affine"
    return known and begins and sorted(used) == sorted(net.params) and len(set(used)) == len(used) and _widths(net)


def _widths(net: Net) -> bool:
    """Whether each stage takes what the one before gives, and masks are as wide as what they act on."""
    masks, width = iter(net.widths), net.input_dim
    for stage in net.stages:
        shapes = [net.params[name].shape for name in stage.params]
        if stage.layer.kind == "affine":
            if len(shapes[0]) != 2 or shapes[0][0] != width or shapes[1] != shapes[0][1:]:
                return False
            width = shapes[0][1]
        elif any(shape != (width,) for shape in shapes) or (stage.layer.needs == "mask" and next(masks, None) != width):
            return False
    return width == net.num_classes
