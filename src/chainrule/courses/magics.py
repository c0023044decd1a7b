"""`%course` in IPython and Jupyter."""

from typing import Any

from chainrule.core.errors import ChainruleError
from chainrule.courses.names import activate, active, deactivate
from chainrule.courses.table import COURSES


def register(shell: Any) -> None:
    """Give an IPython shell the magic `%course`."""
    shell.register_magic_function(course, "line", "course")


def course(line: str) -> None:
    """`%course cs182` puts that course's import names in place, `%course off` takes them away, `%course` says which are."""
    wanted = line.strip()
    try:
        if wanted == "off":
            deactivate()
        elif wanted:
            activate(wanted)
    except ChainruleError as error:  # a line, not a traceback through the library
        print(error)
        return
    print(_state())


def _state() -> str:
    name = active()
    if name is None:
        return f"no course's names are in place; %course NAME puts them there: {', '.join(COURSES)}."
    packages = " and ".join(f"{package}.*" for package in COURSES[name].imports)
    return f"{name}: {packages} lead to chainrule."
