"""A stack machine for pickles that only ever holds data: what CIFAR-10's batches are written in.

A pickle is a program, and Python's own machine lets it call anything. This one knows the opcodes that an honest batch
uses, whatever Python wrote it. Names of functions stay names: NumPy's three (and two more that Python 3 writes) are
known by their spelling, and what they would have built becomes a plain record, to be checked afterwards. Long texts are
never copied, only their place in the file is kept; the number of steps is limited.
"""

import codecs
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chainrule.core.errors import DataError

TEXT_BLOCK = 1 << 14


def kind_of(value: Any) -> str:
    """What a value is, for errors."""
    size = f" of {len(value)}" if isinstance(value, (list, dict, tuple)) else ""
    return type(value).__name__.lower() + size


class Name(str):
    """What a file calls a function of NumPy or Python; never resolved."""


class Mark:
    """Stands on the stack where a tuple, list or dictionary begins."""


MARK = Mark()


class Text:
    """A long text, as the UTF-8 bytes that the file has it in."""

    def __init__(self, view: memoryview):
        self.view = view
        self.spent = False  # whether its bytes were made: once is enough for an honest file

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

    def __init__(self, data: Any, name: str, limit: int, pixels: int):
        self.data, self.view, self.name, self.limit = data, memoryview(data), name, limit
        self.at = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.marks = 0
        self.long_texts = pixels  # bytes that may still come out of long texts
        self.short_texts = len(data) // 16  # and out of short ones, such as file names

    def run(self, opcodes: Mapping[int, Callable[["Machine"], None]]) -> Any:
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
                step = opcodes.get(code)
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
