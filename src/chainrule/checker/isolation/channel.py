"""The parent's end of a child's pipes: a frame out, a frame in, what is printed kept apart, all before a deadline."""

import os
import selectors
import time
from contextlib import suppress
from typing import Any

from chainrule.checker.isolation import frames

OUTPUT = 64 << 10  # bytes kept of what a child prints; the rest is read and dropped
PART = 1 << 20
REPLIES: dict[str, dict[str, type | tuple[type, ...]]] = {
    "ready": {"tier": str},
    "done": {"value": (list, str, bool, type(None)), "after": list, "peak": int},
    "raised": {"type": str, "message": str, "line": int, "trace": str},
    "callback": {"callable": int, "args": list},
}


class TimeIsUp(Exception):
    """The child has not answered before the deadline."""


class HasEnded(Exception):
    """The child is gone."""


class Channel:
    """Pipes to one child.

    Attributes:
        descriptors: the child's ends, in the order of its descriptors 0 to 4, until `hand_over`.
        printed: what the child has printed, by descriptor (1 and 2), as bytes, not more than `OUTPUT` of each.
    """

    def __init__(self) -> None:
        (request, self._request), (self._reply, reply) = os.pipe(), os.pipe()
        (self._out, out), (self._errors, errors) = os.pipe(), os.pipe()
        self.descriptors = [os.open(os.devnull, os.O_RDONLY), out, errors, request, reply]
        self._ends = [self._request, self._reply, self._out, self._errors]  # this side's, while they are open
        self.printed = {1: bytearray(), 2: bytearray()}
        self._selector = selectors.DefaultSelector()
        for descriptor in self._ends:
            os.set_blocking(descriptor, False)
        for descriptor, place in ((self._reply, 4), (self._out, 1), (self._errors, 2)):
            self._selector.register(descriptor, selectors.EVENT_READ, place)
        self._data = bytearray()

    def hand_over(self) -> None:
        """Close this side's copies of the child's ends."""
        while self.descriptors:
            os.close(self.descriptors.pop())

    def close(self) -> None:
        """Close everything, once: the numbers may be another file's by the second time."""
        self.hand_over()
        self._selector.close()
        while self._ends:
            os.close(self._ends.pop())

    def exchange(self, frame: bytes, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Send a frame and wait for one.

        Args:
            frame: what is sent; nothing where empty.
            deadline: when to give up, on `time.monotonic`'s clock.

        Returns:
            the reply's header, its form checked, and its payload.

        Raises:
            TimeIsUp: no whole frame has come in time.
            HasEnded: the child has closed the pipe.
            FrameError: what came is no frame, or more than one.
        """
        left = memoryview(frame)
        if left:
            self._selector.register(self._request, selectors.EVENT_WRITE, 3)
        try:
            while (reply := self._reply_so_far()) is None:
                ready = self._selector.select(max(0.0, deadline - time.monotonic()))
                if time.monotonic() >= deadline:
                    raise TimeIsUp
                for key, _ in ready:
                    if key.data == 3:
                        left = self._write(left)
                    else:
                        self._read(key.fd, key.data)
        finally:
            with suppress(KeyError):
                self._selector.unregister(self._request)
        for descriptor, place in ((self._out, 1), (self._errors, 2)):
            self._read(descriptor, place)
        return reply

    def _write(self, left: memoryview) -> memoryview:
        try:
            left = left[os.write(self._request, left[:PART]) :]
        except BlockingIOError:
            return left
        except BrokenPipeError:
            left = memoryview(b"")  # the reply pipe says the same in a moment
        if not left:
            self._selector.unregister(self._request)
        return left

    def _read(self, descriptor: int, place: int) -> None:
        try:
            data = os.read(descriptor, PART)
        except BlockingIOError:
            return
        if place == 4:
            if not data:
                raise HasEnded
            self._data += data
            return
        if not data:
            with suppress(KeyError):
                self._selector.unregister(descriptor)
        self.printed[place] += data[: OUTPUT - len(self.printed[place])]

    def _reply_so_far(self) -> tuple[dict[str, Any], bytes] | None:
        """The reply once all its bytes are there."""
        if len(self._data) < frames.PREFIX.size:
            return None
        header, payload = frames.lengths(bytes(self._data[: frames.PREFIX.size]))
        start, end = frames.PREFIX.size + header, frames.PREFIX.size + header + payload
        if len(self._data) < end:
            return None
        if len(self._data) > end:
            raise frames.FrameError("more than the one answer that was asked for")
        data, self._data = memoryview(self._data), bytearray()
        return frames.parse(bytes(data[frames.PREFIX.size : start]), REPLIES), bytes(data[start:])
