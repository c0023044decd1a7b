"""CS682's `cs682.gradient_check`."""

from chainrule.courses.modular.gradient_check import *  # noqa: F403
