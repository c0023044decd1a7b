"""Arguments that are no numbers: things that the library made, and lists of names."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from chainrule.core.errors import ArrayError, ArrayTypeError


def having(owner: str, name: str, value: Any, attributes: str, *, wanted: str) -> None:
    """Fail unless a value has every one of the attributes (names with spaces between) that its use asks for.

    Raises:
        ArrayTypeError: it lacks one.
    """
    lacking = [attribute for attribute in attributes.split() if not hasattr(value, attribute)]
    if lacking:
        raise ArrayTypeError(
            f"{owner}: {name} must be {wanted}; came {value!r:.40} ({type(value).__name__}), "
            f"which has no {', '.join(lacking)}."
        )


def listed(owner: str, name: str, value: Any, *, count: int | None = None, of: str = "") -> list[Any]:
    """A list of what a sequence holds: `count` entries, one for each `of`.

    Raises:
        ArrayTypeError: a text, a dict, a set, or nothing to walk over.
        ArrayError: more or fewer than `count`.
    """
    unordered = isinstance(value, str | bytes | Mapping | Set)
    if unordered or not isinstance(value, Iterable) or getattr(value, "shape", None) == ():
        raise ArrayTypeError(f"{owner}: {name} must be a list; came {value!r:.40} ({type(value).__name__}).")
    entries = list(value)
    if count is not None and len(entries) != count:
        raise ArrayError(f"{owner}: {name} has {len(entries)} entries; there must be {count}, one for each {of}.")
    return entries
