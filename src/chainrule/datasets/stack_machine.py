"""A stack machine for pickles that only ever holds data: what CIFAR-10's batches are written in.

A pickle is a program, and Python's own machine lets it call anything. This one knows the opcodes that an honest batch
uses, whatever Python wrote it. Names of functions stay names: NumPy's three (and two more that Python 3 writes) are
known by their spelling, and what they would have built becomes a plain record, to be checked afterwards. Long texts are
never copied, only their place in the file is kept; the number of steps is limited.
"""

import codecs
from collections.abc import Callable, Iterator
from typing import Any

from chainrule.core.errors import DataError

SHORT = 255  # bytes; longer texts stay where they are in the file
NAME = 60  # bytes; no name that is known is longer
DEPTH = 8  # marks open at once
TEXT_BLOCK = 1 << 14
TEXT_SHARE = 3 / 4  # of a file's size may come out of its texts as bytes; of a batch that Python 3 wrote, two thirds do

KNOWN = {
    (module, name): name.lstrip("_")
    for module, name in [
        ("numpy.core.multiarray", "_reconstruct"),
        ("numpy._core.multiarray", "_reconstruct"),
        ("numpy.core.numeric", "_frombuffer"),
        ("numpy._core.numeric", "_frombuffer"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
        ("_codecs", "encode"),
    ]
}


def kind_of(value: Any) -> str:
    """What a value is, for errors."""
    size = f" of {len(value)}" if isinstance(value, (list, dict, tuple)) else ""
    return type(value).__name__.lower() + size


class Name(str):
    """What a file calls a function of NumPy or Python; never resolved."""


class Mark:
    """Stands on the stack where a tuple, list or dictionary begins."""


class Text:
    """A long text, as the UTF-8 bytes that the file has it in."""

    def __init__(self, view: memoryview):
        self.view = view

    def latin1(self, most: int) -> bytearray | None:
        """The bytes that Python 3 wrote as text, one per character; None where they are more than `most`.

        Counted first and then filled in, block by block, so that no second copy exists at any time.
        """
        size = sum(len(characters) for characters in self._characters())
        if size > most:
            return None
        out, at = bytearray(size), 0
        for characters in self._characters():
            out[at : at + len(characters)] = characters.encode("latin-1")
            at += len(characters)
        return out

    def _characters(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        for start in range(0, len(self.view), TEXT_BLOCK):
            yield decoder.decode(self.view[start : start + TEXT_BLOCK])
        decoder.decode(b"", final=True)


class Dtype:
    """uint8, the one element type of a batch."""


class Array:
    """An array as the file describes it."""

    shape: tuple[int, ...] | None = None
    dtype: Dtype | None = None
    data: Any = None


class Machine:
    """The stack machine. Every step either does one known thing or raises DataError."""

    def __init__(self, data: bytes, name: str, limit: int):
        self.data, self.view, self.name, self.limit = data, memoryview(data), name, limit
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.marks = 0
        self.encoded = 0

    def run(self) -> Any:
        """The one value that the file's program leaves; only its last byte may be the end."""
        data, size, limit = self.data, len(self.data), self.limit
        steps = 0
        try:
            while True:
                if self.at >= size:
                    raise self.short(1)
                code = data[self.at]
                self.at += 1
                if code == 0x2E:  # STOP
                    break
                step = OPCODES.get(code)
                if step is None:
                    raise self.wrong(f"opcode 0x{code:02x} is none that a batch uses")
                steps += 1
                if steps > limit:
                    raise self.wrong("more parts than a batch of this many images has")
                step(self)
        except (IndexError, UnicodeError) as error:
            raise self.wrong("its parts do not fit together") from error
        if self.at != size:
            raise DataError(f"{self.name}: {self.at:,} bytes expected, {size:,} found: something follows the end.")
        if len(self.stack) != 1:
            raise self.wrong(f"{len(self.stack)} values are left, one was expected")
        return self.stack[0]

    def wrong(self, why: str) -> DataError:
        """The error for a file that breaks a rule."""
        return DataError(f"{self.name}, byte {self.at - 1:,}: {why}. It is not a CIFAR-10 batch, or it is damaged.")

    def short(self, missing: int) -> DataError:
        """The error for a file that ends too early."""
        found = len(self.data)
        return DataError(
            f"{self.name}: at least {self.at + missing:,} bytes expected, {found:,} found: it is truncated or damaged; "
            f"fetch it again."
        )

    def take(self, count: int) -> memoryview:
        """The next bytes, as a view."""
        start, end = self.at, self.at + count
        if end > len(self.data):
            raise self.short(count)
        self.at = end
        return self.view[start:end]

    def number(self, width: int, *, signed: bool = False) -> int:
        """A little-endian number of `width` bytes."""
        return int.from_bytes(self.take(width), "little", signed=signed)

    def pop(self, kind: type) -> Any:
        """The top of the stack, which must be of a kind."""
        value = self.stack.pop()
        if type(value) is not kind:
            raise self.wrong(f"{kind.__name__.strip('_').lower()} expected, {kind_of(value)} found")
        return value

    def top(self, kind: type) -> Any:
        """The top of the stack, left there."""
        if not self.stack or type(self.stack[-1]) is not kind:
            raise self.wrong(f"no {kind.__name__} to add to")
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """What was pushed since the last mark."""
        stack = self.stack
        for at in range(len(stack) - 1, -1, -1):
            if type(stack[at]) is Mark:
                items = stack[at + 1 :]
                del stack[at:]
                self.marks -= 1
                return items
        raise self.wrong("a mark is missing")


def _mark(m: Machine) -> None:
    m.marks += 1
    if m.marks > DEPTH:
        raise m.wrong("parts within parts, deeper than a batch has")
    m.stack.append(MARK)


def _constant(value: Any) -> Callable:
    return lambda m: m.stack.append(value)


def _fresh(kind: Callable) -> Callable:
    return lambda m: m.stack.append(kind())


def _integer(width: int, *, signed: bool = False) -> Callable:
    return lambda m: m.stack.append(m.number(width, signed=signed))


def _long(m: Machine) -> None:
    width = m.number(1)
    if width > 8:
        raise m.wrong("a number of more than 64 bits")
    m.stack.append(m.number(width, signed=True))


def _bytes(width: int) -> Callable:
    def step(m: Machine) -> None:
        view = m.take(m.number(width))
        m.stack.append(view if len(view) > SHORT else bytes(view))

    return step


def _unicode(width: int) -> Callable:
    def step(m: Machine) -> None:
        view = m.take(m.number(width))
        m.stack.append(Text(view) if len(view) > SHORT else str(view, "utf-8"))

    return step


def _tuple(count: int) -> Callable:
    def step(m: Machine) -> None:
        if len(m.stack) < count or any(type(item) is Mark for item in m.stack[-count:]):
            raise m.wrong(f"{count} values for a tuple are missing")
        m.stack[-count:] = [tuple(m.stack[-count:])]

    return step


def _marked_tuple(m: Machine) -> None:
    items = m.since_mark()
    if len(items) > DEPTH + 1:
        raise m.wrong("a tuple longer than a batch has")
    m.stack.append(tuple(items))


def _append(m: Machine) -> None:
    item = m.stack.pop()
    if type(item) is Mark:
        raise m.wrong("a value to append is missing")
    m.top(list).append(item)


def _appends(m: Machine) -> None:
    items = m.since_mark()
    m.top(list).extend(items)


def _set(m: Machine, items: list[Any]) -> None:
    target = m.top(dict)
    if len(items) % 2:
        raise m.wrong("a key without a value")
    for key, value in zip(items[::2], items[1::2]):
        if type(key) not in (bytes, str) or key in target:
            raise m.wrong("a key that is no short text, or stands twice")
        target[key] = value


def _set_item(m: Machine) -> None:
    items = m.stack[-2:]
    del m.stack[-2:]
    if any(type(item) is Mark for item in items):
        raise m.wrong("a key or a value is missing")
    _set(m, items)


def _put(width: int) -> Callable:
    def step(m: Machine) -> None:
        m.memo[m.number(width)] = m.stack[-1]

    return step


def _memoize(m: Machine) -> None:
    m.memo[len(m.memo)] = m.stack[-1]


def _get(width: int) -> Callable:
    def step(m: Machine) -> None:
        at = m.number(width)
        if at not in m.memo or type(m.memo[at]) is Mark:
            raise m.wrong("a reference to nothing")
        m.stack.append(m.memo[at])

    return step


def _known(m: Machine, module: str, name: str) -> None:
    if (module, name) not in KNOWN:
        raise m.wrong(f"it names {module!r} {name!r}; a batch names NumPy's arrays alone, and nothing is ever called")
    m.stack.append(Name(KNOWN[module, name]))


def _global(m: Machine) -> None:
    parts = []
    for _ in range(2):
        end = m.data.find(b"\n", m.at, m.at + NAME)
        if end < 0:
            raise m.short(NAME) if m.at + NAME > len(m.data) else m.wrong("a name without an end")
        parts.append(str(m.take(end - m.at), "ascii"))
        m.at += 1
    _known(m, *parts)


def _stack_global(m: Machine) -> None:
    name, module = m.pop(str), m.pop(str)
    _known(m, module, name)


def _reduce(m: Machine) -> None:
    arguments, function = m.pop(tuple), m.pop(Name)
    if function == "reconstruct" and arguments in ((Name("ndarray"), (0,), b"b"), (Name("ndarray"), (0,), "b")):
        if type(arguments[0]) is not Name:
            raise m.wrong("an array of an unknown kind")
        m.stack.append(Array())
    elif function == "dtype" and len(arguments) == 3 and arguments[0] in ("u1", b"u1"):
        m.stack.append(Dtype())
    elif function == "encode" and len(arguments) == 2 and arguments[1] in ("latin1", "latin-1"):
        m.stack.append(_encoded(m, arguments[0]))
    elif function == "frombuffer" and len(arguments) == 4 and arguments[3] == "C":
        array = Array()
        m.stack.append(array)
        _fill(m, array, arguments[2], arguments[1], arguments[0])
    else:
        raise m.wrong(f"numpy's {function} with arguments that a batch does not use")


def _encoded(m: Machine, text: Any) -> bytes | bytearray:
    left = int(len(m.data) * TEXT_SHARE) - m.encoded
    if type(text) is str:
        data: bytes | bytearray | None = text.encode("latin-1")
    elif type(text) is Text:
        data = text.latin1(left)
    else:
        raise m.wrong("bytes that are no text")
    if data is None or len(data) > left:  # such as the same text again and again
        raise m.wrong("more bytes from texts than a batch has")
    m.encoded += len(data)
    return data


def _build(m: Machine) -> None:
    state = m.pop(tuple)
    target = m.stack[-1]
    if type(target) is Dtype:
        if (
            len(state) != 8
            or state[0] != 3
            or state[1] not in ("|", b"|")
            or state[2:] != (None, None, None, -1, -1, 0)
        ):
            raise m.wrong("an element type other than uint8")
    elif type(target) is Array and len(state) == 5 and state[0] == 1 and state[3] is False:
        _fill(m, target, state[1], state[2], state[4])
    else:
        raise m.wrong("a state that no array of a batch has")


def _fill(m: Machine, array: Array, shape: Any, dtype: Any, data: Any) -> None:
    if type(shape) is not tuple or not all(type(size) is int for size in shape) or type(dtype) is not Dtype:
        raise m.wrong("an array whose shape or element type is not that of images")
    if array.data is not None or type(data) not in (bytes, bytearray, memoryview):
        raise m.wrong("an array whose contents are no bytes, or come twice")
    array.shape, array.dtype, array.data = shape, dtype, data


def _protocol(m: Machine) -> None:
    if m.at != 1 or m.number(1) not in range(2, 6):
        raise m.wrong("a protocol other than 2 to 5")


def _frame(m: Machine) -> None:
    length = m.number(8)
    if length > len(m.data) - m.at:
        raise m.short(length)


MARK = Mark()
OPCODES: dict[int, Callable[[Machine], None]] = {
    0x80: _protocol, 0x95: _frame,
    ord("("): _mark, ord("N"): _constant(None), 0x88: _constant(True), 0x89: _constant(False),
    ord("}"): _fresh(dict), ord("]"): _fresh(list), ord(")"): _fresh(tuple),
    ord("K"): _integer(1), ord("M"): _integer(2), ord("J"): _integer(4, signed=True), 0x8A: _long,
    ord("U"): _bytes(1), ord("T"): _bytes(4), ord("C"): _bytes(1), ord("B"): _bytes(4), 0x8E: _bytes(8),
    0x96: _bytes(8),
    0x8C: _unicode(1), ord("X"): _unicode(4), 0x8D: _unicode(8),
    0x85: _tuple(1), 0x86: _tuple(2), 0x87: _tuple(3), ord("t"): _marked_tuple,
    ord("a"): _append, ord("e"): _appends, ord("s"): _set_item, ord("u"): lambda m: _set(m, m.since_mark()),
    ord("q"): _put(1), ord("r"): _put(4), 0x94: _memoize, ord("h"): _get(1), ord("j"): _get(4),
    ord("c"): _global, 0x93: _stack_global, ord("R"): _reduce, ord("b"): _build,
}  # fmt: skip
