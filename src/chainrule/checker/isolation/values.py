"""Values between two processes: exact arrays, numbers, texts and their containers; anything else is `other`.

A value becomes a *node* of JSON, and arrays' bytes go to the payload in the order of the nodes. Used on both sides.

| node | value |
| --- | --- |
| `null`, `true`, `"text"` | None, bool, str |
| `["i", "-ff"]`, `["f", "0x1.8p+1"]` | int, float (exact) |
| `["a", dtype, [shape]]`, `["g", dtype]` | ndarray, NumPy scalar |
| `["t", [...]]`, `["l", [...]]`, `["d", [[key, value], ...]]` | tuple, list, dict |
| `["h", number, kind]`, `["c", number]` | a handle to a value in the child, a callable of the parent |

Types are exact: what inherits from `dict`, `tuple` or `ndarray` is `other`.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.checker.isolation.frames import PAYLOAD_LIMIT, FrameError

NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64"
DTYPES = {name: np.dtype(name) for name in NAMES.split()}
OF_DTYPE = {dtype: name for name, dtype in DTYPES.items()}
DEPTH = 24  # of containers in containers
NODES = 100_000  # in one value
TEXT = 100_000  # characters of a str, digits of an int
AXES = 16
KIND = 200  # characters


class _TooMuch(Exception):
    """A value with too many parts to be sent."""


class Writer:
    """Turns values into nodes and collects their array bytes.

    Args:
        other: gives the node of a value that is none of the sendable ones (a handle, a callable), or raises.
        known: nodes of objects by their `id`; such an object is sent as that node, whatever it is.
    """

    def __init__(self, other: Callable[[Any], Any], known: dict[int, Any] | None = None) -> None:
        self._other, self._known = other, known or {}
        self._chunks: list[bytes] = []
        self._size, self._count = 0, 0

    def payload(self) -> bytes:
        """The bytes of all arrays so far, in order."""
        return b"".join(self._chunks)

    def node(self, value: Any) -> Any:
        """The node of a value; one with too many parts is sent as `other`."""
        mark, self._count = (len(self._chunks), self._size), 0
        try:
            return self._node(value, 0)
        except _TooMuch:
            del self._chunks[mark[0] :]
            self._size = mark[1]
            return self._other(value)

    def _node(self, value: Any, depth: int) -> Any:
        self._count += 1
        if self._count > NODES:
            raise _TooMuch
        if id(value) in self._known:
            return self._known[id(value)]
        if value is None or type(value) is bool:
            return value
        kind = type(value)
        if kind is np.ndarray or isinstance(value, np.number | np.bool_):
            return self._array(value)
        if kind in (str, int, float):
            return self._scalar(value)
        if depth < DEPTH and kind in (tuple, list):
            return ["t" if kind is tuple else "l", [self._node(item, depth + 1) for item in value]]
        if depth < DEPTH and kind is dict and all(_is_key(key) for key in value):
            return ["d", [[self._node(key, depth + 1), self._node(item, depth + 1)] for key, item in value.items()]]
        return self._other(value)

    def _scalar(self, value: str | int | float) -> Any:
        if isinstance(value, float):
            return ["f", float.hex(value)]
        if isinstance(value, int):
            return ["i", format(value, "x")] if value.bit_length() < 4 * TEXT else self._other(value)
        return value if len(value) <= TEXT else self._other(value)

    def _array(self, value: np.ndarray | np.generic) -> Any:
        name = OF_DTYPE.get(value.dtype) if value.dtype.isnative else None
        if name is None or value.ndim > AXES or self._size + value.nbytes > PAYLOAD_LIMIT:
            return self._other(value)
        self._chunks.append(value.tobytes())
        self._size += value.nbytes
        return ["g", name] if isinstance(value, np.generic) else ["a", name, list(value.shape)]


class Reader:
    """Turns nodes back into values, arrays as fresh writable copies.

    Args:
        payload: the frame's array bytes.
        resolve: gives the value of a `["h", ...]` or `["c", ...]` node, its form already checked, or raises FrameError.
    """

    def __init__(self, payload: bytes, resolve: Callable[[list], Any]) -> None:
        self._payload, self._resolve, self._at = payload, resolve, 0

    def end(self) -> None:
        """Every byte of the payload must belong to an array by now.

        Raises:
            FrameError: some do not.
        """
        if self._at != len(self._payload):
            raise FrameError("array bytes that belong to no array")

    def value(self, node: Any, depth: int = 0) -> Any:
        """The value of a node.

        Raises:
            FrameError: a node of no known form, or an array that its bytes do not fill.
        """
        if node is None or isinstance(node, bool):
            return node
        if isinstance(node, str):
            return _text(node, TEXT)
        if not isinstance(node, list) or not node or not isinstance(node[0], str) or depth > DEPTH + 1:
            raise FrameError("a value of no known form")
        match node:
            case ["i", str(digits)]:
                return int(_text(digits, TEXT + 1), 16) if _is_hex(digits) else _no_value()
            case ["f", str(digits)]:
                return _float(_text(digits, 64))
            case ["a", str(name), list(shape)]:
                return self._array(name, shape)
            case ["g", str(name)]:
                return self._array(name, [])[()]
            case ["t", list(items)]:
                return tuple(self.value(item, depth + 1) for item in items)
            case ["l", list(items)]:
                return [self.value(item, depth + 1) for item in items]
            case ["d", list(pairs)]:
                return self._dict(pairs, depth)
            case ["h", int(_), str(kind)] if len(kind) <= KIND:
                return self._resolve(node)
            case ["c", int(_)]:
                return self._resolve(node)
        return _no_value()

    def _dict(self, pairs: list, depth: int) -> dict:
        found = {}
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:
                raise FrameError("a dict whose items are no pairs")
            key = self.value(pair[0], depth + 1)
            if not _is_key(key):
                raise FrameError("a dict with a key of no known form")
            found[key] = self.value(pair[1], depth + 1)
        return found

    def _array(self, name: str, shape: list) -> np.ndarray:
        sizes = [size for size in shape if type(size) is int and 0 <= size < 1 << 40]
        if name not in DTYPES or len(sizes) != len(shape) or len(shape) > AXES:
            raise FrameError("an array of unknown dtype or impossible shape")
        dtype, count = DTYPES[name], math.prod(sizes)
        start, self._at = self._at, self._at + count * dtype.itemsize
        if self._at > len(self._payload) or (count == 0 and math.prod(size or 1 for size in sizes) >= 1 << 40):
            raise FrameError("an array that its bytes do not fill")
        if name == "bool":  # a byte other than 0 and 1 would be a bool that is neither
            flat = np.frombuffer(self._payload, np.uint8, count, start) != 0
        else:
            flat = np.frombuffer(self._payload, dtype, count, start).copy()
        return flat.reshape(sizes)


def _no_value() -> Any:
    raise FrameError("a value of no known form")


def _text(text: str, limit: int) -> str:
    if len(text) > limit:
        raise FrameError("a text that is too long")
    return text


def _is_hex(digits: str) -> bool:
    bare = digits.removeprefix("-")
    return bool(bare) and all(digit in "0123456789abcdef" for digit in bare)


def _float(digits: str) -> float:
    try:
        return float.fromhex(digits)
    except (ValueError, OverflowError) as error:
        raise FrameError("a number that cannot be read") from error


def _is_key(key: Any) -> bool:
    if isinstance(key, tuple):
        return all(_is_key(item) for item in key)
    return key is None or isinstance(key, str | int | float | np.number | np.bool_)
