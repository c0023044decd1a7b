"""Engines carry out training steps. `plain` walks the layers as they stand: any net, every value at hand."""

from types import ModuleType

from chainrule.core.errors import choose
from chainrule.engines import plain

ENGINES: dict[str, ModuleType] = {"plain": plain}


def engine(name: str) -> tuple[str, ModuleType]:
    """The engine of a name, and its own name; "auto" takes the fastest one that covers every net.

    Raises:
        SettingError: an unknown name.
    """
    choose(name, ["auto", *ENGINES], what="engine")
    own = "plain" if name == "auto" else name
    return own, ENGINES[own]
