"""A learner's file or folder behind a wall, as the battery's `Subject`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from chainrule.checker.isolation.answers import Definition, clean, definition
from chainrule.checker.isolation.child import Child
from chainrule.checker.isolation.zygote import Zygote
from chainrule.checker.subject import Answer, Failed, Handle

TIERS = {
    "locked": "locked (a process that reads no other file, writes nothing and starts nothing)",
    "filtered": "filtered (a process that writes nothing and starts nothing, but could read files)",
    "limited": "limited (a process of its own with limits and a time-out, not locked by the system)",
}


class Remote:
    """A file's or folder's functions, run in locked children of their own; see `Subject` for the calls.

    Every answer is rebuilt from bytes: exact arrays, numbers, texts and their containers. What else the code gives stays
    in the child and is spoken of by a `Handle`. A callable among the arguments is called in this process, on copies, and
    the learner's code sees what it gives: never pass one that knows an answer.

    Attributes:
        title: the file's name without folders and suffix.
        tier: "locked", "filtered" or "limited".
        sandbox: the same in words.
        timeout: seconds that a call may take.
    """

    def __init__(self, zygote: Zygote, title: str, *, timeout: float) -> None:
        self.title, self.timeout = title, timeout
        self._zygote, self._number = zygote, 0
        self._loaded = False
        self._definitions: dict[str, Definition] | None = None
        self._failures: dict[str, str] = {}
        self._broken: Failed | None = None  # why the file cannot be loaded
        self._child = Child(zygote, 0)
        self.tier = self._child.tier
        self.sandbox = TIERS.get(self.tier, self.tier)

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the child and the process that forks children."""
        try:
            self._child.end()
        finally:
            self._zygote.close()

    @property
    def definitions(self) -> Mapping[str, Definition]:
        """What the file defines, by name. The first look loads it.

        Raises:
            Failed: it cannot be loaded.
        """
        if self._definitions is None:
            self._load()
        return self._definitions or {}

    @property
    def names(self) -> Collection[str]:
        """What can be called."""
        return self.definitions.keys()

    @property
    def failures(self) -> Mapping[str, str]:
        """Modules of a folder that cannot be imported, and why."""
        return self._failures

    @property
    def printed(self) -> tuple[str, str]:
        """What the code has printed on standard output and standard error in its present process, 64 KiB each at most."""
        return self._child.printed

    @property
    def output(self) -> str:
        """See `Subject.output`."""
        return self.printed[0]

    def traits(self, name: str) -> frozenset[str]:
        """See `Subject.traits`."""
        found = self.definitions[name]
        return frozenset([*found.parameters, *found.methods])

    def renew(self) -> None:
        """Go on in a fresh process: nothing that the code has done lasts. Handles end with the old one."""
        if self._loaded:
            self._child.end()

    def call(
        self,
        target: str | tuple[Handle, str],
        args: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        *,
        kept: Collection[int] | bool = (),
        measured: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """See `Subject.call`; `timeout` is this call's own, in seconds."""
        on, name = (None, target) if isinstance(target, str) else target
        if on is None and name not in self.names:
            raise Failed("missing", f"{name} is not defined in {self.title}")
        places = [-1] if kept is True else sorted(kept or ())
        return self._do("call", on, name, args, options, kept=places, measured=measured, timeout=timeout)

    def keep(self, value: Any) -> Handle:
        """See `Subject.keep`."""
        return self._do("keep", args=[value], kept=[-1]).result

    def stand_in(self, params: Mapping[str, np.ndarray], answer: Callable[..., Any]) -> Handle:
        """See `Subject.stand_in`."""
        return self._do("stand_in", args=[dict(params), answer], kept=[-1]).result

    def value(self, handle: Handle) -> Any:
        """See `Subject.value`."""
        return self._do("value", handle).result

    def get(self, handle: Handle, name: str, *, kept: bool = False) -> Any:
        """See `Subject.get`."""
        return self._do("get", handle, name, kept=[-1] if kept else []).result

    def set(self, handle: Handle, name: str, value: Any) -> None:
        """See `Subject.set`."""
        self._do("set", handle, name, [value])

    def set_item(self, handle: Handle, key: Any, value: Any) -> None:
        """See `Subject.set_item`."""
        self._do("set_item", handle, args=[key, value])

    def seed(self, number: int) -> None:
        """See `Subject.seed`."""
        self._do("seed", args=[number])

    def draw(self) -> float:
        """See `Subject.draw`."""
        return self._do("draw").result

    def _do(
        self,
        what: str,
        on: Handle | None = None,
        name: str = "",
        args: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        *,
        kept: Sequence[int] = (),
        measured: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """One request, in a process that has loaded the file."""
        if on is not None and not (self._child.alive and self._child.owns(on)):
            raise Failed("crash", "the process that held this value has ended")
        if not (self._child.alive and self._loaded):
            self._load()
        target = -1 if on is None else on.number
        order = {"what": what, "target": target, "name": name, "kept": list(kept), "measured": measured}
        seconds = self.timeout if timeout is None else timeout
        return self._child.request(order, list(args), dict(options or {}), seconds)

    def _load(self) -> None:
        """Load the file, in a fresh process where the present one has ended."""
        if self._broken is not None:
            raise self._broken
        if not self._child.alive:
            self._number += 1
            self._child = Child(self._zygote, self._number)
        order = {"what": "load", "target": -1, "name": "", "kept": [], "measured": False}
        try:
            found = self._child.request(order, [], {}, self.timeout).result
            self._definitions = {clean(name, 200): definition(item) for name, item in found["definitions"].items()}
            self._failures = {clean(name, 200): clean(why) for name, why in found["failures"].items()}
            self._loaded = True
        except Failed as error:
            self._break(error.verdict, str(error), error)
        except (TypeError, KeyError, AttributeError) as error:
            self._break("crash", "it sent something other than its definitions", error)

    def _break(self, verdict: str, why: str, error: Exception) -> None:
        """Remember that the file cannot be loaded: every later call says so at once."""
        self._child.end()
        self._broken = Failed("timeout" if verdict == "timeout" else "crash", f"cannot be loaded: {why}")
        self._broken.line = getattr(error, "line", None)
        raise self._broken from error
