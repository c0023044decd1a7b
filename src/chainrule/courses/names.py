"""A course's import names, made to lead to this library's modules, and taken away again."""

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec, spec_from_loader
from pkgutil import iter_modules
from types import ModuleType

from chainrule.core.errors import choose
from chainrule.courses import later
from chainrule.courses.table import COURSES


class _Alias(Loader):
    """Puts a module that exists under a second name; it stays the same object, with its own spec."""

    def __init__(self, module: ModuleType) -> None:
        self.module, self.spec = module, module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system has set that of the second name; reload needs the first


class _Finder(MetaPathFinder):
    """Finds a course's modules under the course's names, and says what there is where a name is not.

    Args:
        imports: package names, each with the module that stands for it.
    """

    def __init__(self, imports: dict[str, str]) -> None:
        self.imports = imports

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        for package, home in self.imports.items():
            if name == package or name.startswith(f"{package}."):
                module = import_module(home + name.removeprefix(package))
                return spec_from_loader(name, _Alias(module), is_package=hasattr(module, "__path__"))
            # `from package import module` asks for the module by its own name
            if name.startswith(f"{home}.") and PathFinder.find_spec(name, path) is None:
                raise _missing(package + name.removeprefix(home), path or ())
        return None


def _missing(name: str, path: Sequence[str]) -> ModuleNotFoundError:
    parent, _, last = name.rpartition(".")
    there = ", ".join(sorted(module.name for module in iter_modules(path)))
    why = later.MODULES.get(last, f"{parent} has no module of that name here")
    return ModuleNotFoundError(f"{name}: {why}. In {parent} there are: {there}.", name=name)


class _Names:
    """The import names of one course, in place from the moment this is made until `remove`."""

    def __init__(self, course: str) -> None:
        self.course = course
        self.finder = _Finder(COURSES[course].imports)
        self.hidden = self._take_out()
        self.shadowed = [line for package in self.finder.imports if (line := self._shadowed(package))]
        sys.meta_path.insert(0, self.finder)

    def _take_out(self) -> dict[str, ModuleType]:
        """Every imported module under the course's names, taken out of sys.modules."""
        names = [name for name in sys.modules if name.split(".")[0] in self.finder.imports]
        return {name: sys.modules.pop(name) for name in names}

    def _shadowed(self, package: str) -> str | None:
        """What stands behind a name and is hidden now, in a sentence; a mere folder is nothing."""
        module = self.hidden.get(package)
        spec = find_spec(package) if module is None else module.__spec__
        where = getattr(module, "__file__", None) or (spec.origin if spec else None)
        if where is None and (module is None or hasattr(module, "__path__")):
            return None
        return (
            f"another {package!r} ({where or 'imported before'}) is hidden while the names of {self.course} are in place; "
            f"chainrule.courses.deactivate() brings it back."
        )

    def remove(self) -> None:
        """Leave everything as it was before."""
        if self.finder in sys.meta_path:
            sys.meta_path.remove(self.finder)
        self._take_out()
        sys.modules.update(self.hidden)


class Activation:
    """What `activate` returns: as a context manager, it puts back at its end what was in place before.

    Attributes:
        course: whose names are in place.
    """

    def __init__(self, course: str, before: str | None) -> None:
        self.course, self._before = course, before

    def __enter__(self) -> "Activation":
        return self

    def __exit__(self, *exception: object) -> None:
        deactivate()
        if self._before is not None:
            activate(self._before)

    def __repr__(self) -> str:
        return f"<names of {self.course}: {', '.join(COURSES[self.course].imports)}>"


_names: _Names | None = None


def activate(course: str) -> Activation:
    """Make a course's import names lead to this library, in this process; another course's go.

    The modules are those of `chainrule.courses`, under a second name. A real package of such a name is hidden meanwhile,
    with a warning that says where it is.

    Args:
        course: cs231n, cs682, cs182, c147 or cs145.

    Returns:
        A context manager, which need not be used as one.

    Raises:
        SettingError: an unknown course.

    Example:
        >>> with activate("cs182"):
        ...     from deeplearning.optim import adam
    """
    global _names
    choose(course, COURSES, what="course")
    before = active()
    if before != course:
        deactivate()
        _names = _Names(course)
        for line in _names.shadowed:
            warnings.warn(line, stacklevel=2)
    return Activation(course, before)


def deactivate() -> None:
    """Take the import names of the active course away; modules that were hidden come back."""
    global _names
    if _names is not None:
        _names.remove()
        _names = None


def active() -> str | None:
    """The course whose names are in place, or None."""
    return None if _names is None else _names.course
