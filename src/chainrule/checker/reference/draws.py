"""What is drawn for a function of a reference: what its samples say, else what its annotations say."""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.checker.reference.made_by import MadeBy
from chainrule.core.errors import SettingError

SHAPE = re.compile(r"\(([A-Za-z0-9_,\s]*)\)(?:\s+of\s+(\w+))?")
USUAL = {"x": "(N, D)", "X": "(N, D)", "w": "(D, M)", "W": "(D, M)", "b": "(M,)", "y": "(N,) of C",
         "scores": "(N, C)", "gamma": "(D,)", "beta": "(D,)"}  # fmt: skip
LETTERS = range(3, 10)  # what a letter of a shape may stand for, each letter something else
Arguments = dict[str, Any]


def drawn(
    name: str, function: Callable[..., Any], samples: Callable[..., Any] | None, rng: np.random.Generator
) -> tuple[Arguments, dict[str, float]]:
    """One trial's arguments by name, and the sizes that its letters stand for.

    Raises:
        SettingError: the samples are of another form, or nothing says what to draw.
    """
    parameters = inspect.signature(function).parameters
    if samples is None:
        return _annotated(name, parameters, rng)
    found = samples(rng)
    if isinstance(found, tuple):
        found = dict(zip(parameters, found)) if len(found) <= len(parameters) else None
    if not isinstance(found, dict) or not set(found) <= set(parameters):
        raise SettingError(
            f"check: samples_for_{name} must return a dict by argument's name ({', '.join(parameters)}), or a tuple in "
            f"that order; came {samples(rng)!r:.60}."
        )
    return found, _sizes(found)


def _annotated(
    name: str, parameters: Mapping[str, inspect.Parameter], rng: np.random.Generator
) -> tuple[Arguments, dict[str, float]]:
    letters: dict[str, int] = {}
    free = [int(size) for size in rng.permutation(LETTERS)]

    def size(word: str) -> int:
        if word.isdigit():
            return int(word)
        if word not in letters:
            letters[word] = free.pop() if free else int(rng.integers(10, 20))
        return letters[word]

    made = {}
    for argument, parameter in parameters.items():
        note = parameter.annotation
        if not isinstance(note, str | type) or note is inspect.Parameter.empty:
            note = USUAL.get(argument, "") if parameter.default is inspect.Parameter.empty else ""
        if parameter.default is inspect.Parameter.empty:
            value = _value(note, size, rng)
        else:
            value = _around(parameter.default, note, size, rng)
        if value is not None:
            made[argument] = value
        elif parameter.default is inspect.Parameter.empty and parameter.kind not in (2, 4):
            raise SettingError(
                f"check: nothing says what {name} is to be given for {argument}; add `def samples_for_{name}(rng)` to the "
                f'reference, or an annotation such as {argument}: "(N, D)", "(N,) of C", int or float.'
            )
    return made, {letter: float(value) for letter, value in letters.items()}


def _around(default: Any, note: Any, size: Callable[[str], int], rng: np.random.Generator) -> Any:
    """What is given where there is a default; None to leave it."""
    if note in (int, "int"):
        return None
    if note in (float, "float") and isinstance(default, int | float):
        return default * float(rng.uniform(0.6, 1.4))
    return _value(note, size, rng)


def _value(note: Any, size: Callable[[str], int], rng: np.random.Generator) -> Any:
    """What an annotation asks for; None where it is none of those that are understood."""
    if note in (bool, "bool"):
        return bool(rng.integers(2))
    if note in (int, "int"):
        return int(rng.integers(1, 6))
    if note in (float, "float"):
        return float(rng.uniform(0.1, 0.9))
    match = SHAPE.fullmatch(note.strip()) if isinstance(note, str) else None
    if match is None:
        return None
    shape = tuple(size(word.strip()) for word in match[1].split(",") if word.strip())
    return rng.integers(0, size(match[2]), shape) if match[2] else rng.standard_normal(shape)


def _sizes(arguments: Arguments) -> dict[str, float]:
    """Numbers that a wrong factor may equal: the lengths of the arrays' axes, and the arguments that are numbers."""
    found: dict[str, float] = {}
    for name, value in arguments.items():
        if isinstance(value, np.ndarray):
            found |= {f"{name}.shape[{i}]": float(length) for i, length in enumerate(value.shape)}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = float(value)
    return found


def as_given(arguments: Arguments, functions: Mapping[str, Callable[..., Any]]) -> Arguments:
    """Copies of the arguments, with what another function makes made by these functions."""
    return {
        name: _copied(value.by(functions) if isinstance(value, MadeBy) else value) for name, value in arguments.items()
    }


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.array(value)
    if type(value) is dict:
        return {key: _copied(item) for key, item in value.items()}
    return type(value)(_copied(item) for item in value) if type(value) in (list, tuple) else value
