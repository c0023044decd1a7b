"""What a child says, made fit for a report: texts without tricks, errors as `Failed`, definitions of the expected form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.checker.subject import Failed

ENDINGS = {
    -9: "the system ended the process, most likely because it used too much memory or processor time",
    -11: "the process crashed (segmentation fault), as a recursion without end does",
    -6: "the process aborted itself",
    -24: "the process used too much processor time",
    -31: "the process was ended for a forbidden system call",
}


@dataclass(frozen=True)
class Definition:
    """A function or class that a learner's file defines, as the file says; nothing of it is trusted.

    Attributes:
        kind: "function" or "class".
        module: the module that holds it.
        parameters: names of its parameters; for a class, of its `__init__`, without `self`.
        methods: for a class, the parameters of its public methods, by name.
    """

    kind: str
    module: str
    parameters: tuple[str, ...]
    methods: Mapping[str, tuple[str, ...]]


def clean(text: str, limit: int = 100_000) -> str:
    """A text that moves no cursor and turns no direction: what is not printable becomes a question mark in a box."""
    return "".join(letter if letter.isprintable() or letter in "\n\t" else "\ufffd" for letter in text[:limit])


def failed(reply: Mapping[str, Any]) -> Failed:
    """An exception of the learner's code as the battery's `Failed`."""
    message = " ".join(clean(reply["message"]).split()) or "no message"
    line = reply["line"] if reply["line"] > 0 else None
    if reply["type"] == "Missing":
        return Failed("missing", message[:300], line)
    error = Failed("crash", f"{clean(reply['type'])}: {message:.300}", line)
    error.add_note(clean(reply["trace"]))
    return error


def ending(status: int) -> str:
    """How a process ended, in words."""
    return ENDINGS.get(status, f"the process ended itself (status {status}) instead of giving an answer")


def definition(found: Any) -> Definition:
    """A definition from a child's description of it.

    Raises:
        TypeError, KeyError, AttributeError: it has another form.
    """
    methods = {clean(name, 200): _words(words) for name, words in found["methods"].items()}
    kind = "class" if found["kind"] == "class" else "function"
    return Definition(kind, clean(found["module"], 200), _words(found["parameters"]), methods)


def _words(words: Any) -> tuple[str, ...]:
    if type(words) is not tuple or not all(type(word) is str for word in words):
        raise TypeError("no names")
    return tuple(clean(word, 200) for word in words)
