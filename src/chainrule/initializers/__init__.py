"""Initializers: the weights that a net starts with. One file each; `INITIALIZERS` lists them."""

from chainrule.core.registry import Initializer
from chainrule.initializers import he, normal, xavier, zeros

INITIALIZERS = {
    "zeros": Initializer("zeros", zeros),
    "normal": Initializer("normal", normal),
    "he": Initializer("he", he),
    "xavier": Initializer("xavier", xavier),
}
