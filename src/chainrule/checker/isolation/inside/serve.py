"""Serving the parent from the locked child: run what it names, send back what came of it.

Nothing here is trusted by the parent: the learner's code shares this process and may change any of it.
"""

import inspect
import operator
import os
import random
import sys
import traceback
import tracemalloc
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.random  # loaded on first use, which is better made once than in every child

from chainrule.checker.isolation import frames
from chainrule.checker.isolation.inside import loader, stand_in
from chainrule.checker.isolation.values import Reader, Writer

REQUEST, REPLY = 3, 4  # descriptors
MESSAGE, TRACE = 2_000, 8_000  # characters
FRAMES = 50  # of a traceback, the innermost
REQUESTS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "do": {"what": str, "target": int, "name": str, "args": list, "options": list, "kept": list, "measured": bool},
    "answer": {"value": (list, str, bool, type(None))},
    "refusal": {"message": str},
}


class Refused(Exception):
    """The parent's callable failed."""


class Missing(Exception):
    """An object has no such attribute."""


class Learner:
    """The learner's names, and the objects that the parent speaks of by number."""

    def __init__(self, path: str, roots: list[str], first: int) -> None:
        self.path, self.roots, self._first = path, roots, first
        self.own = path + os.sep if os.path.isdir(path) else path  # how the names of the learner's own files begin
        self.names: dict[str, Any] = {}
        self._objects: list[Any] = []

    def hold(self, value: Any) -> list:
        """Keep an object; the node that names it."""
        self._objects.append(value)
        kind = type(value).__name__
        if isinstance(value, np.ndarray):
            kind += f" of {value.dtype}, shape {value.shape}"
        return ["h", self._first + len(self._objects) - 1, kind[:200]]

    def held(self, number: int) -> Any:
        """The object of a number."""
        return self._objects[number - self._first]

    def load(self) -> dict[str, Any]:
        """Run the file or the folder; what it defines, and what of it could not be imported."""
        modules, failures = loader.load(self.path, self.roots)
        found = {}
        for module in modules:
            for name, item in list(vars(module).items()):
                if name not in found and not name.startswith("_") and self._defined_here(item, module):
                    found[name], self.names[name] = _described(item, module), item
        return {"definitions": found, "failures": {name: _one_line(error) for name, error in failures.items()}}

    def _defined_here(self, item: Any, module: Any) -> bool:
        home = getattr(item, "__module__", None)
        if not callable(item):
            return False
        if home == module.__name__ or not isinstance(home, str):
            return True
        file = getattr(sys.modules.get(home), "__file__", None)
        return file is not None and file.startswith(self.own)


def start(tier: str, seed: int) -> None:
    """Tell the parent which lock is closed; the global generators of random numbers begin anew in every child."""
    np.random.seed(seed)
    random.seed(seed)
    _send({"kind": "ready", "tier": tier})


def run(learner: Learner) -> None:
    """Serve until the parent closes the pipe. The process then ends without any of the learner's exit handlers."""
    while True:
        header, payload = _receive()
        try:
            reply = _do(learner, header, payload)
        except BaseException as error:
            reply = _raised(learner, error), b""
        for stream in (sys.stdout, sys.stderr):
            with suppress(BaseException):
                stream.flush()
        _send(*reply)


def _do(learner: Learner, header: dict, payload: bytes) -> tuple[dict, bytes]:
    known: dict[int, Any] = {}  # what came as a handle or a callable goes back as it came

    def resolve(node: list) -> Any:
        value = learner.held(node[1]) if node[0] == "h" else _callable(node[1], learner)
        known[id(value)] = node
        return value

    reader = Reader(payload, resolve)
    args, options = reader.value(header["args"]), reader.value(header["options"])
    before = [_written(item, known) for item in args]
    result, peak = _act(learner, header, args, options)
    writer = Writer(learner.hold, known)
    value = _kept(learner, result, header["kept"], writer)
    changed = [i for i, item in enumerate(args) if _written(item, known) != before[i]]
    after = writer.node({i: args[i] for i in changed})
    return {"kind": "done", "value": value, "after": after, "peak": peak}, writer.payload()


def _written(value: Any, known: dict[int, Any]) -> tuple[Any, bytes]:
    """A value's node and bytes: equal before and after a call where the call has not changed it."""
    writer = Writer(lambda other: ["h", 0, type(other).__name__], known)
    return writer.node(value), writer.payload()


def _kept(learner: Learner, result: Any, kept: list, writer: Writer) -> Any:
    """A result's node, with handles in the places that stay here (-1: the whole of it)."""
    if kept == [-1]:
        return learner.hold(result)
    if kept and type(result) is tuple:
        return ["t", [learner.hold(item) if i in kept else writer.node(item) for i, item in enumerate(result)]]
    return writer.node(result)


def _act(learner: Learner, header: dict, args: tuple, options: dict) -> tuple[Any, int]:
    """Do what is asked; the result, and the most memory held (-1: not measured)."""
    what, name, number = header["what"], header["name"], header["target"]
    target = learner.held(number) if number >= 0 else None  # -1: the learner's own names
    if what == "call":
        function = learner.names[name] if number < 0 else _attribute(target, name)
        return _called(function, args, options, header["measured"])
    acts: dict[str, Callable[[], Any]] = {
        "load": learner.load,
        "keep": lambda: args[0],
        "stand_in": lambda: stand_in.Model(*args),
        "value": lambda: target,
        "get": lambda: _attribute(target, name),
        "set": lambda: setattr(target, name, args[0]),
        "set_item": lambda: operator.setitem(target, *args),  # type: ignore[arg-type]
        "seed": lambda: (np.random.seed(args[0]), random.seed(args[0]), None)[-1],
        "draw": lambda: float(np.random.random()),
    }
    return acts[what](), -1


def _attribute(target: Any, name: str) -> Any:
    try:
        return getattr(target, name)
    except AttributeError as error:
        raise Missing(str(error)) from error


def _called(function: Callable, args: tuple, options: dict, measured: bool) -> tuple[Any, int]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        if not measured:
            return function(*args, **options), -1
        tracemalloc.start()
        try:
            return function(*args, **options), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def _callable(number: int, learner: Learner) -> Callable:
    """A function of the parent's, as the learner's code gets it: called there, on copies."""

    def call(*args: Any) -> Any:
        writer = Writer(learner.hold)
        node = writer.node(args)
        _send({"kind": "callback", "callable": number, "args": node}, writer.payload())
        header, payload = _receive()
        if header["kind"] == "refusal":
            raise Refused(header["message"])
        return Reader(payload, lambda node: learner.held(node[1])).value(header["value"])

    return call


def _raised(learner: Learner, error: BaseException) -> dict:
    """A learner's exception as text, with the line of the learner's own file."""
    frames_ = traceback.extract_tb(error.__traceback__, limit=-FRAMES)
    line = next((frame.lineno for frame in reversed(frames_) if frame.filename.startswith(learner.own)), None)
    if isinstance(error, SyntaxError) and str(error.filename).startswith(learner.own):
        line = error.lineno
    start = next((i for i, frame in enumerate(frames_) if frame.filename.startswith(learner.own)), len(frames_))
    trace = "".join(traceback.format_list(frames_[start:])) + _one_line(error)
    return {
        "kind": "raised",
        "type": type(error).__name__[:200],
        "message": _message(error),
        "line": line if type(line) is int else -1,
        "trace": trace[-TRACE:],
    }


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MESSAGE]
    except BaseException:
        return "an error that cannot be shown"


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {_message(error)}"[:MESSAGE]


def _described(item: Any, module: Any) -> dict[str, Any]:
    """What the parent is told of a definition."""
    methods = {}
    if inspect.isclass(item):
        methods = {
            name: _parameters(method)
            for name, method in list(vars(item).items())
            if inspect.isfunction(method) and not name.startswith("_")
        }
    kind = "class" if inspect.isclass(item) else "function"
    home = getattr(item, "__module__", None)
    home = home if isinstance(home, str) else module.__name__
    return {"kind": kind, "module": home, "parameters": _parameters(item), "methods": methods}


def _parameters(function: Any) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return ()


def _receive() -> tuple[dict, bytes]:
    return frames.read(_exactly, REQUESTS)


def _exactly(count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        part = os.read(REQUEST, min(count - len(data), 1 << 20))
        if not part:
            os._exit(0)
        data += part
    return bytes(data)


def _send(header: dict, payload: bytes = b"") -> None:
    left = memoryview(frames.pack(header, payload))
    while left:
        left = left[os.write(REPLY, left) :]
