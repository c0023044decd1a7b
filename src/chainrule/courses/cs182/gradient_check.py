"""CS182's `deeplearning.gradient_check`."""

from chainrule.courses.modular.gradient_check import *  # noqa: F403
