"""Five courses' packages under their own import names, each a thin mapping onto the library.

>>> from chainrule import courses
>>> with courses.activate("cs231n"):
...     from cs231n.classifiers.fc_net import FullyConnectedNet
>>> FullyConnectedNet.__module__.startswith("chainrule.courses")
True
"""

from typing import Any

from chainrule.courses.names import activate, active, deactivate
from chainrule.courses.table import COURSES

__all__ = ["COURSES", "activate", "active", "contents", "deactivate", "run"]


def __getattr__(name: str) -> Any:
    if name == "run":
        from chainrule.courses.running import run

        return run
    if name == "contents":
        from chainrule.courses.inventory import contents

        return contents
    raise AttributeError(f"module 'chainrule.courses' has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext chainrule.courses` does: it brings the magic `%course`."""
    from chainrule.courses.magics import register

    register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """What `%unload_ext chainrule.courses` does: the import names go, and the magic with them."""
    deactivate()
    shell.magics_manager.magics["line"].pop("course", None)
