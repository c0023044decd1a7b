"""The library's errors. Each says which rule was broken, what came, what was wanted, and the likely fix."""

from collections.abc import Hashable, Iterable
from difflib import get_close_matches


class ChainruleError(Exception):
    """Base of every error that the library raises on purpose; the command line prints it without a traceback."""


class SettingError(ChainruleError, ValueError):
    """A setting has a value (or a name) that the library does not know or cannot use."""


class ArrayError(ChainruleError, ValueError):
    """An array has the wrong shape, or values that the operation cannot take."""


class ArrayTypeError(ChainruleError, TypeError):
    """Something that should be an array of a certain dtype is not."""


class DataError(ChainruleError, ValueError):
    """A data file is missing, damaged, truncated, hostile or of an unknown format."""


class FileFormatError(ChainruleError, ValueError):
    """A file of our own (net, checkpoint, history) is damaged, foreign or newer than this library."""


class OutputError(ChainruleError, OSError):
    """A result cannot be written where it was asked for."""


class MissingExtraError(ChainruleError, ImportError):
    """An optional package is needed; the message names the extra that brings it."""


def choose(name: str, known: Iterable[str], *, what: str) -> str:
    """Return `name` if it is known; otherwise say what is known and which name is nearest.

    Args:
        name: the name that was given.
        known: the names that may be given.
        what: what is being named, as the error says it ("update rule", "keyword of Solver").

    Raises:
        SettingError: `name` is none of `known`.
    """
    options = list(known)
    if isinstance(name, Hashable) and name in options:
        return name
    near = get_close_matches(str(name), [str(option) for option in options], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise SettingError(f"unknown {what} {name!r}; known: {', '.join(str(o) for o in options)}.{hint}")
