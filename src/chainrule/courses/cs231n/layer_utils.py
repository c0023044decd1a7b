"""CS231n's `cs231n.layer_utils`: the sandwiches, and all of `layers`."""

from chainrule.courses import later
from chainrule.courses.cs231n import layers
from chainrule.courses.cs231n.layers import *  # noqa: F403
from chainrule.courses.modular import layer_utils
from chainrule.courses.modular.layer_utils import *  # noqa: F403

__all__: list[str] = []
__all__ += layers.__all__
__all__ += layer_utils.__all__

__getattr__ = later.attribute(__name__)
