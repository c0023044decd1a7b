"""Engines carry out training steps.

`plain` walks the layers as they stand: any net, every value at hand. `fused` takes the same steps compiled, for every net
made of this library's own parts.
"""

from types import ModuleType

from chainrule.core.errors import SettingError, choose
from chainrule.core.registry import Rule
from chainrule.engines import fused, plain
from chainrule.nets.net import Net

ENGINES: dict[str, ModuleType] = {"plain": plain, "fused": fused}


def engine(name: str, net: Net, rule: Rule) -> str:
    """The engine that a training gets; "auto" stands for the fastest that covers its net and update rule.

    Raises:
        SettingError: an unknown name, or an engine that does not cover them.
    """
    covered = fused.covers(net, rule)
    if choose(name, ["auto", *ENGINES], what="engine") == "auto":
        return "fused" if covered else "plain"
    if name == "fused" and not covered:
        raise SettingError(
            "engine: 'fused' has no kernel for a layer, the loss or the update rule of this training, or its parameters "
            "are no NumPy arrays of the net's dtype. Use engine='auto', which takes 'plain' for it."
        )
    return name
