"""CS231n's `cs231n.layers`; in dropout p is the share of units that stay."""

from chainrule.courses import later
from chainrule.courses.modular import layers
from chainrule.courses.modular.dropout import dropout_backward, dropout_forward
from chainrule.courses.modular.layers import *  # noqa: F403

__all__ = ["dropout_backward", "dropout_forward"]
__all__ += layers.__all__

__getattr__ = later.attribute(__name__)
