"""What code remembers from one call to the next, noted and put back, where the code runs in this process.

Default arguments that are lists or dicts, attributes of functions and classes, and small data in a module: a learner's
function that keeps its state there must not have it from one task in the next.
"""

import copy
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

LARGEST = 10_000  # entries of what is noted: a data set is not copied for this
Note = tuple[Any, Any]  # a value, and a copy of it


class Memory:
    """What some functions and classes remember now.

    Args:
        code: the functions and classes.
    """

    def __init__(self, code: Iterable[Callable[..., Any]]) -> None:
        self._bare: list[tuple[dict[str, Any], str, Any]] = []  # names that stand for a number, a text or nothing
        self._notes: list[Note] = []
        self._of_classes: list[tuple[type, str, Any]] = []
        seen: set[int] = set()
        for item in code:
            for names in _places(item):
                if id(names) not in seen:
                    seen.add(id(names))
                    self._note(names)
            for value in _defaults(item):
                self._keep(value)
            if inspect.isclass(item):
                own = [(item, name, value) for name, value in vars(item).items() if not name.startswith("__")]
                self._of_classes += [place for place in own if _is_bare(place[2])]

    def put_back(self) -> None:
        """Make all of it as it was."""
        for names, name, value in self._bare:
            names[name] = value
        for owner, name, value in self._of_classes:
            setattr(owner, name, value)
        for value, before in self._notes:
            _fill(value, copy.deepcopy(before))

    def _note(self, names: dict[str, Any]) -> None:
        for name, value in names.items():
            if name.startswith("__"):
                continue
            if _is_bare(value):
                self._bare.append((names, name, value))
            else:
                self._keep(value)

    def _keep(self, value: Any) -> None:
        if type(value) in (dict, list, set, np.ndarray) and _size(value) <= LARGEST:
            try:
                self._notes.append((value, copy.deepcopy(value)))
            except Exception:  # what cannot be copied is not noted
                return


def _places(item: Any) -> Iterable[dict[str, Any]]:
    """The dicts in which a function's own module, its attributes and its variables from outside stand."""
    function = inspect.unwrap(item)
    for owner in (function, *(vars(item).values() if inspect.isclass(item) else ())):
        if inspect.isfunction(owner):
            yield owner.__globals__
            yield owner.__dict__


def _defaults(item: Any) -> Iterable[Any]:
    functions = [item, *vars(item).values()] if inspect.isclass(item) else [item]
    for function in functions:
        if inspect.isfunction(function):
            yield from function.__defaults__ or ()
            yield from (function.__kwdefaults__ or {}).values()
            yield from (cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell))
    if inspect.isclass(item):
        yield from (value for value in vars(item).values() if not callable(value))


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _is_bare(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _size(value: Any) -> int:
    """How many entries a value has, those of what it holds included."""
    if isinstance(value, np.ndarray):
        return value.size
    items = value.values() if isinstance(value, dict) else value
    return len(value) + sum(_size(item) for item in items if type(item) in (dict, list, set, np.ndarray))


def _fill(value: Any, before: Any) -> None:
    """Give a container its former content, in place: others may hold it."""
    if isinstance(value, np.ndarray):
        if value.flags.writeable and value.shape == before.shape:
            value[...] = before
    elif isinstance(value, list):
        value[:] = before
    else:
        value.clear()
        value.update(before)
