"""C147's `utils.gradient_check`."""

from chainrule.courses.modular.gradient_check import *  # noqa: F403
