"""The opcodes that a CIFAR-10 batch uses, whatever Python wrote it, and what each does to the stack machine."""

from collections.abc import Callable
from typing import Any

from chainrule.datasets.stack_machine import MARK, Array, Dtype, Machine, Mark, Name, Text

SHORT = 255  # bytes; longer texts stay where they are in the file
NAME = 60  # bytes; no name that is known is longer
DEPTH = 8  # marks open at once

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
    """The bytes that Python 3 wrote as text: a long text once, short ones as far as names and keys go."""
    if type(text) is Text:
        data = None if text.spent else text.latin1(m.long_texts)
        if data is None:
            raise m.wrong("more bytes from texts than a batch has pixels")
        text.spent = True
        m.long_texts -= len(data)
        return data
    if type(text) is not str:
        raise m.wrong("bytes that are no text")
    m.short_texts -= len(text)
    if m.short_texts < 0:
        raise m.wrong("more bytes from short texts than a batch has names")
    return text.encode("latin-1")


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


def run(data: Any, *, name: str, limit: int, pixels: int) -> Any:
    """The value that a file's program leaves, in at most `limit` steps, for a batch of `pixels` bytes of pixels.

    Raises:
        DataError: it does anything that the program of a batch does not do.
    """
    return Machine(data, name, limit, pixels).run(OPCODES)
