"""One child process, as the parent sees it: requests go in, answers or `Failed` come out, and then it is ended."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chainrule.checker.isolation import frames
from chainrule.checker.isolation.answers import clean, ending, failed
from chainrule.checker.isolation.channel import Channel, HasEnded, TimeIsUp
from chainrule.checker.isolation.values import Reader, Writer
from chainrule.checker.isolation.zygote import PATIENCE, Zygote
from chainrule.checker.subject import Answer, Failed, Handle
from chainrule.core.errors import ArrayTypeError


class Child:
    """A locked process that has not yet loaded the learner's code.

    Attributes:
        alive: false once it was ended; it then answers nothing.
        tier: which lock was closed, as it said before anything of the learner's ran.
    """

    def __init__(self, zygote: Zygote, number: int) -> None:
        self._zygote, self._number = zygote, number
        self._channel = Channel()
        try:
            self._process = zygote.fork(self._channel, number)
        except BaseException:
            self._channel.close()
            raise
        self._callables: dict[int, Callable] = {}
        self._lasting: dict[int, Callable] = {}  # a stand-in is called long after it was passed
        self.alive = True
        with self._distrust():
            reply, _ = self._channel.exchange(b"", time.monotonic() + PATIENCE)
        self.tier = reply.get("tier", "")

    @property
    def printed(self) -> tuple[str, str]:
        """What it has printed on standard output and standard error."""
        out, errors = (clean(bytes(self._channel.printed[place]).decode(errors="replace")) for place in (1, 2))
        return out, errors

    def end(self) -> int:
        """Kill it and its group; its exit status."""
        if not self.alive:
            return 0
        self.alive = False
        self._channel.close()
        return self._zygote.end(self._process)

    def owns(self, handle: Handle) -> bool:
        """Whether a handle was given by this child."""
        return handle.number >> 32 == self._number

    def request(self, order: Mapping[str, Any], args: list, options: dict, timeout: float) -> Answer:
        """Have something done.

        Args:
            order: what, on which object, by which name.
            args: positional arguments.
            options: keyword arguments.
            timeout: seconds until the child is killed.

        Raises:
            Failed: it raised an exception, took too long, ended, or sent something other than an answer.
        """
        self._callables = dict(self._lasting)
        writer = Writer(self._node)
        header = {"kind": "do", **order, "args": writer.node(tuple(args)), "options": writer.node(options)}
        if order["what"] == "stand_in":
            self._lasting = dict(self._callables)
        try:
            frame = frames.pack(header, writer.payload())
        except frames.FrameError as error:
            raise ArrayTypeError(f"check: these arguments cannot be sent to the learner's code: {error}.") from error
        with self._distrust(timeout):
            reply, payload = self._exchange(frame, time.monotonic() + timeout)
            if reply["kind"] == "raised":
                raise failed(reply)
            if reply["kind"] != "done":
                raise frames.FrameError("no answer")
            reader = Reader(payload, self._handle)
            result, after = reader.value(reply["value"]), reader.value(reply["after"])
            reader.end()
            if type(after) is not dict or not after.keys() <= set(range(len(args))):
                raise frames.FrameError("arguments that were not given")
        peak = reply["peak"] if reply["peak"] >= 0 else None
        return Answer(result, tuple(after.get(i, given) for i, given in enumerate(args)), peak)

    def _exchange(self, frame: bytes, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Send a request, and answer callbacks until the reply comes."""
        reply, payload = self._channel.exchange(frame, deadline)
        while reply["kind"] == "callback":
            reply, payload = self._channel.exchange(self._called_back(reply, payload), deadline)
        return reply, payload

    def _called_back(self, reply: dict, payload: bytes) -> bytes:
        """Call one of the callables that were passed; the frame that answers."""
        reader = Reader(payload, self._handle)
        args = reader.value(reply["args"])
        reader.end()
        if reply["callable"] not in self._callables or type(args) is not tuple:
            raise frames.FrameError("a call of something that was not passed")
        writer = Writer(self._node)
        try:
            node = writer.node(self._callables[reply["callable"]](*args))
        except Exception as error:  # given what the learner's code passes, a callable may fail in any way
            return frames.pack({"kind": "refusal", "message": f"{type(error).__name__}: {error}"[:500]})
        return frames.pack({"kind": "answer", "value": node}, writer.payload())

    def _node(self, value: Any) -> list:
        if isinstance(value, Handle):
            return ["h", value.number, value.kind[:200]]
        if callable(value):
            number = len(self._callables)
            self._callables[number] = value
            return ["c", number]
        raise ArrayTypeError(
            "check: a learner's code takes arrays, numbers, texts, their containers, handles and callables; came "
            f"{type(value).__name__}. Make it an array first."
        )

    def _handle(self, node: list) -> Handle:
        handle = Handle(node[1], clean(str(node[-1]), 200))
        if node[0] != "h" or not self.owns(handle):
            raise frames.FrameError("a handle that this child cannot have given")
        return handle

    @contextmanager
    def _distrust(self, timeout: float = PATIENCE) -> Iterator[None]:
        """A child that does not answer, or not as it should, is ended; the battery hears why."""
        try:
            yield
        except TimeIsUp:
            self.end()
            raise Failed("timeout", f"no answer within {timeout:g} second{'s' * (timeout != 1)}") from None
        except HasEnded:
            raise Failed("crash", ending(self.end())) from None
        except frames.FrameError as error:
            self.end()
            raise Failed("crash", f"the process sent something other than an answer: {error}") from error
        except BaseException as error:
            if not isinstance(error, Failed):  # Ctrl-C, say: what it sends next would answer another question
                self.end()
            raise
