"""One setting of a space: a choice or a range, and what it takes for it to be drawn."""

import math
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import SettingError
from chainrule.core.numbers import real


@dataclass(frozen=True)
class Dimension:
    """One setting of a space.

    Attributes:
        name: of the setting, with a dot for a part of it: lr, depth, schedule.decay.
        choices: the values, of a choice; else None.
        low, high: the ends of a range, both within it.
        whole, log: whether its values are whole numbers, and whether it is divided by ratios.
        step: between the values of a range; None for all.
        points: values of a range in a grid.
        when: the values that other settings must have for this one to be drawn.
    """

    name: str
    choices: tuple[Any, ...] | None = None
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    log: bool = False
    step: float | None = None
    points: int | None = None
    when: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def at(self, share: float) -> Any:
        """The value at a share of the dimension, from 0 to below 1."""
        if self.choices is not None:
            return self.choices[min(int(share * len(self.choices)), len(self.choices) - 1)]
        if self.step is not None:
            count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
            return self._value(self.low + min(int(share * count), count - 1) * self.step)
        if self.whole:  # every whole number has its own part
            low, high = self.low - 0.5, self.high + 0.5
            value = low * (high / low) ** share if self.log else low + share * (high - low)
            return int(min(max(round(value), self.low), self.high))
        value = self.low * (self.high / self.low) ** share if self.log else self.low + share * (self.high - self.low)
        return min(max(value, self.low), self.high)

    def _value(self, number: float) -> Any:
        return round(number) if self.whole else float(f"{min(number, self.high):.12g}")

    def grid(self) -> list[Any]:
        """All values for a grid.

        Raises:
            SettingError: a range that does not say how many.
        """
        if self.choices is not None:
            return list(self.choices)
        count = self.points
        if self.step is not None:
            count = math.floor((self.high - self.low) / self.step + 1e-9) + 1
            return [self._value(self.low + i * self.step) for i in range(count)]
        if count is None and self.whole and not self.log:
            return list(range(int(self.low), int(self.high) + 1))
        if count is None:
            raise SettingError(
                f"sweep: {self.name} is a range, and a grid needs to know how many of its values; add points = 5."
            )
        shares = [i / (count - 1) for i in range(count)] if count > 1 else [0.5]
        if self.log:
            values = [self.low * (self.high / self.low) ** share for share in shares]
        else:
            values = [self.low + share * (self.high - self.low) for share in shares]
        return list(dict.fromkeys(self._value(value) for value in values))

    def ends(self) -> list[Any]:
        """Every choice, or both ends of the range."""
        return list(self.choices) if self.choices is not None else [self._value(self.low), self._value(self.high)]

    def has(self, value: Any) -> bool:
        """Whether a value is one of its own."""
        if self.choices is not None:
            return value in self.choices
        number = real(value)
        return number is not None and self.low <= number <= self.high and (number.is_integer() or not self.whole)

    def __str__(self) -> str:
        if self.choices is not None:
            return ", ".join(map(repr, self.choices))
        return f"{self.low:g} to {self.high:g}"
