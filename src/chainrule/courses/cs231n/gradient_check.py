"""CS231n's `cs231n.gradient_check`."""

from chainrule.courses.modular.gradient_check import *  # noqa: F403
