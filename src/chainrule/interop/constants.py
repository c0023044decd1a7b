"""Numbers that other libraries let one choose, and that our nets take as the layers have them."""

from chainrule.core.registry import options_of
from chainrule.layers import LAYERS

SLOPE = options_of(LAYERS["leaky_relu"].forward)["slope"]
EPS = options_of(LAYERS["batch_norm"].forward)["eps"]  # and of layer_norm
