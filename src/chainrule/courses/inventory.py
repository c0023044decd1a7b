"""What a course's packages hold: their modules, and the names and signatures in each."""

import inspect
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from chainrule.core.errors import choose
from chainrule.courses.table import COURSES


def contents(course: str) -> list[dict[str, Any]]:
    """The modules that a course's notebooks may import.

    Args:
        course: cs231n, cs682, cs182, c147 or cs145.

    Returns:
        For each module its "module" (as notebooks import it), what it is "about", and "names": the signature of every
        function and class that a star import brings.

    Raises:
        SettingError: an unknown course.

    Example:
        >>> [row["module"] for row in contents("cs145")][:2]
        ['hw3code', 'hw3code.knn']
    """
    choose(course, COURSES, what="course")
    found = []
    for package, home in COURSES[course].imports.items():
        root = import_module(home)
        names = [home, *(module.name for module in walk_packages(root.__path__, f"{home}."))]
        for name in names:
            module = import_module(name)
            about = (module.__doc__ or "").strip().split("\n")[0]
            found.append({"module": package + name.removeprefix(home), "about": about, "names": _names(module)})
    return found


def _names(module: ModuleType) -> dict[str, str]:
    public = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    things = {name: getattr(module, name) for name in public}
    own = {name: thing for name, thing in things.items() if inspect.isroutine(thing) or inspect.isclass(thing)}
    return {name: _signature(thing) for name, thing in own.items()}


def _signature(thing: Any) -> str:
    """The arguments and their defaults, without types."""
    try:
        signature = inspect.signature(thing)
    except ValueError:  # some of NumPy's have none
        return "(...)"
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))
