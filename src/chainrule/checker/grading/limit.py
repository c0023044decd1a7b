"""A submission's time is limited as a whole, not only call by call."""

import time
from typing import Any

from chainrule.checker.isolation import Remote
from chainrule.checker.subject import Failed


class Clock:
    """Seconds that are left."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the end, at least 0."""
        return max(0.0, self._end - time.monotonic())


class Limited:
    """A `Remote` whose calls end with the submission's time.

    Attributes:
        remote: without that limit.
        seconds: that the next calls may take, each.
    """

    def __init__(self, remote: Remote, clock: Clock) -> None:
        self.remote, self._clock = remote, clock
        self.seconds = remote.timeout

    def __getattr__(self, name: str) -> Any:
        left = self._clock.left
        if not left:
            raise Failed("timeout", "the time for the whole submission was used up")
        self.remote.timeout = min(self.seconds, left)
        return getattr(self.remote, name)
