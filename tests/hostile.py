"""Hostile values: everything that people pass by mistake, what it should be taken for, and how a refusal must read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError
from chainrule.core.shapes import Cache

REFUSED = object()  # instead of a plain copy: the value must be refused
Kind = tuple[str, Any, Any]  # what it is, the hostile value, its plain copy or REFUSED

WANTED = re.compile(
    r"must|was built with|wanted|needed|known:|at least|should|go(es)? from|are real|are whole|is one|one label a row"
    r"|does not exist|exists|no file|holds no|cannot (read|write)|have shape|rows of X_train|more than rows"
    r"|no (safetensors|.npz)|leave it out|give them a different|which no variant uses"
)


# -- roles: what an argument is ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Floats:
    """An array of real numbers.

    Attributes:
        axes: names of its axes, such as "n d"; None where any shape is right.
        fixed: axes whose size something else decides (another argument, the net, the cache).
        optional: whether None is a value.
        finite: whether NaN and infinities must be refused; else a NaN must show in the result, or be refused.
        draws: why a NaN need not show in the result.
        pixels: whether uint8 means pixels, which are taken otherwise than the same numbers as floats.
    """

    axes: str | None
    fixed: str = ""
    optional: bool = False
    finite: bool = False
    draws: str = ""
    pixels: bool = False

    def kinds(self, good: np.ndarray, folder: Path) -> Iterator[Kind]:
        yield from layouts(good, folder)
        yield from (kind for kind in dtypes(good) if kind[0] != "uint8" or not self.pixels)
        yield from specials(good, refused=self.finite)
        yield from no_arrays(optional=self.optional)
        if self.axes is not None:
            yield from shapes(good, self.axes.split(), self.fixed.split())
        yield from huge_views(good)


@dataclass(frozen=True)
class Labels:
    """(N,) whole numbers from 0.

    Attributes:
        classes: how many there are; None where the labels themselves say it.
        rows_fixed: whether something else decides how many there are.
        texts: whether names of classes are labels too.
        real: whether real numbers are targets here.
        codes: whether any whole numbers are, and are turned into labels.
    """

    classes: int | None
    rows_fixed: bool = True
    optional: bool = False
    texts: bool = False
    real: bool = False
    codes: bool = False

    def kinds(self, good: np.ndarray, folder: Path) -> Iterator[Kind]:
        yield from layouts(good, folder)
        for name in ("int8", "uint8", "uint64", ">i4"):
            yield f"{name} labels", good.astype(name), good
        yield "whole numbers as floats", good.astype(float), good
        wrong = {
            "NaN": np.where(np.arange(len(good)) == 1, np.nan, good),
            "complex": good.astype(complex),
            "object": np.array([object()] * len(good)),
            "column": good[:, None],
            "0-d": np.array(1),
            "empty": good[:0],
        }
        if not self.codes:
            wrong["a negative label"] = np.where(np.arange(len(good)) == 1, -1, good)
        if not self.real:
            wrong["fractions"] = good + 0.25
            wrong["one-hot rows"] = np.eye(int(good.max()) + 1)[good]
            wrong["one-hot whole numbers"] = np.eye(int(good.max()) + 1, dtype=int)[good]
        if not self.texts:
            wrong["str"] = good.astype(str)
        if self.classes is not None:
            wrong["label = C"] = np.where(np.arange(len(good)) == 1, self.classes, good)
            wrong["label of 2**62"] = np.where(np.arange(len(good)) == 1, 1 << 62, good)
        if self.rows_fixed:
            wrong["one label too few"] = good[:-1]
            wrong["one label too many"] = np.append(good, good[:1])
        yield from ((name, value, REFUSED) for name, value in wrong.items())
        yield from no_arrays(optional=self.optional)
        yield from huge_views(good)


@dataclass(frozen=True)
class Number:
    """A number; `wrong` are values beside those that are never one.

    Attributes:
        whole: whether fractions are wrong.
        wrong: numbers out of its range.
        optional: whether None is a value.
    """

    whole: bool = False
    wrong: tuple[Any, ...] = ()
    optional: bool = False

    def kinds(self, good: Any, folder: Path) -> Iterator[Kind]:
        never = ["3", float("nan"), 1j, [1], {}, np.ones(3), object()]
        for value in [*never, *self.wrong, *([] if self.optional else [None]), *([1.5] if self.whole else [])]:
            yield repr(value), value, REFUSED
        if good is not None:
            yield "of NumPy", (np.int64 if self.whole else np.float64)(good), good


COUNT = Number(whole=True, wrong=(0, -1, True, float("inf"), -(1 << 70)))
COUNT_FROM_0 = Number(whole=True, wrong=(-1, True, float("inf")))
POSITIVE = Number(wrong=(0, -1.0, float("inf"), True))
NOT_NEGATIVE = Number(wrong=(-1.0, float("inf"), True))
SHARE = Number(wrong=(-0.1, 1.0, 2, float("inf"), True))  # from 0 to below 1


@dataclass(frozen=True)
class Name:
    """One of a few known names."""

    optional: bool = False
    also: tuple[type, ...] = ()  # types that mean something else than a name

    def kinds(self, good: Any, folder: Path) -> Iterator[Kind]:
        for value in ("nonsense", "", 3, 1.5, [good], {"a": 1}, b"adam", *(() if self.optional else (None,))):
            if not isinstance(value, self.also):
                yield repr(value), value, REFUSED


@dataclass(frozen=True)
class Thing:
    """Something that only the library makes, or a dict, a list: what else comes is wrong."""

    wrong: tuple[Any, ...] = (None, 3, "text", object(), [object()], np.ones((2, 2)))

    def kinds(self, good: Any, folder: Path) -> Iterator[Kind]:
        for value in self.wrong:
            yield f"{type(value).__name__} {value!r:.20}", value, REFUSED


@dataclass(frozen=True)
class Source:
    """The path of a file that is read."""

    def kinds(self, good: Any, folder: Path) -> Iterator[Kind]:
        (folder / "empty").write_bytes(b"")
        (folder / "junk").write_bytes(bytes(range(256)) * 4)
        for name in ("no-such-file", "empty", "junk", "."):
            yield name, folder / name, REFUSED
        for value in (None, 3.5, object(), "a\0b", np.ones(2)):
            yield repr(value), value, REFUSED


@dataclass(frozen=True)
class Target:
    """The path of something that is written and that may not be there yet."""

    optional: bool = False
    file: bool = True
    replaced: bool = False  # whether a file that is there is written anew

    def kinds(self, good: Any, folder: Path) -> Iterator[Kind]:
        (folder / "there").write_bytes(b"kept")
        if not self.replaced:
            yield "exists", folder / "there", REFUSED
        yield "below a file", folder / "there" / "net", REFUSED
        for value in (3.5, object(), f"{folder}/a\0b", np.ones(2), *(() if self.optional else (None,))):
            yield repr(value), value, REFUSED
        if self.file:
            yield "a folder", folder, REFUSED


# -- kinds of arrays ---------------------------------------------------------------------------------------------------


def layouts(good: np.ndarray, folder: Path) -> Iterator[Kind]:
    """The same numbers, laid out in memory in every way."""
    mapped = np.memmap(folder / "mapped", dtype=good.dtype, mode="w+", shape=good.shape)
    mapped[...] = good
    frozen = good.copy()
    frozen.flags.writeable = False
    view = np.broadcast_to(good[:1], good.shape)
    yield "Fortran order", np.asfortranarray(good), good
    yield "negative strides", np.ascontiguousarray(good[::-1])[::-1], good
    yield "every second row", np.repeat(good, 2, axis=0)[::2], good
    yield "big-endian", good.astype(good.dtype.newbyteorder(">")), good
    yield "memmap", mapped, good
    yield "read-only", frozen, good
    yield "broadcast view", view, view.copy()
    yield "list", good.tolist(), good
    yield "tuple", tuple(good.tolist()), good
    yield "masked array", np.ma.masked_array(good, mask=np.zeros(good.shape, bool)), REFUSED


def dtypes(good: np.ndarray) -> Iterator[Kind]:
    """Other numbers than float64."""
    for name in ("float16", "int64", "int8", "uint8", "bool"):
        value = (np.abs(good) if name == "uint8" else good).astype(name)
        yield name, value, value.astype(good.dtype)
    yield "object", good.astype(object), good
    yield "complex", good.astype(complex), REFUSED
    yield "str", good.astype(str), REFUSED
    yield "bytes", good.astype("S"), REFUSED
    yield "dates", good.astype("int64").astype("M8[s]"), REFUSED
    yield "records", np.zeros(good.shape, [("a", "f8")]), REFUSED


def specials(good: np.ndarray, *, refused: bool) -> Iterator[Kind]:
    """Values that are no ordinary numbers."""
    for value in (np.nan, np.inf, -np.inf):
        hostile = good.copy()
        hostile.flat[min(1, good.size - 1)] = value
        yield str(value), hostile, REFUSED if refused else hostile.copy()


def no_arrays(*, optional: bool = False) -> Iterator[Kind]:
    for value in ("text", {}, object(), 1j, {1.0, 2.0}, [[1.0], [1.0, 2.0]], *(() if optional else (None,))):
        yield f"{type(value).__name__} {value!r:.20}", value, REFUSED


def shapes(good: np.ndarray, axes: list[str], fixed: list[str]) -> Iterator[Kind]:
    """Wrong numbers of axes, axes in the wrong order, and sizes that do not fit."""
    yield "one axis more", good[None], REFUSED
    yield "0-d", np.array(good.flat[0]), REFUSED
    if good.ndim > 1:
        yield "one axis fewer", good[0], REFUSED
        if set(axes) & set(fixed):
            yield "axes swapped", np.ascontiguousarray(good.T), REFUSED
    for position, axis in enumerate(axes):
        yield f"no {axis}", np.take(good, [], axis=position), REFUSED
        if axis in fixed:
            yield f"one {axis} more", np.concatenate([good, np.take(good, [0], position)], position), REFUSED
            yield f"one {axis} fewer", np.take(good, range(1, good.shape[position]), position), REFUSED
            yield f"a single {axis}", np.take(good, [0], position), REFUSED


def huge_views(good: np.ndarray) -> Iterator[Kind]:
    """2**40 numbers that take up a few bytes: of the right inner size, and of no fitting one."""
    if good.ndim == 0:
        return
    inner = good.shape[1:]
    rows = (1 << 40) // max(1, int(np.prod(inner)))
    yield "a view of 2**40 numbers", np.broadcast_to(good[:1], (rows, *inner)), REFUSED
    if good.ndim == 2:
        yield "a square view of 2**40 numbers", np.broadcast_to(good[:1, :1], (1 << 20, 1 << 20)), REFUSED


# -- what came out -----------------------------------------------------------------------------------------------------


def same(a: Any, b: Any) -> bool:
    """Whether two results agree to the last bit, whatever they are made of."""
    if isinstance(a, np.ndarray | np.generic) or isinstance(b, np.ndarray | np.generic):
        a, b = np.asarray(a), np.asarray(b)
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and a != a:
        return b != b
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a) if "seconds" not in f.name)
    if isinstance(a, type(None) | bool | int | float | str | bytes | Path | GeneratorType):
        return a == b
    return repr(a) == repr(b)


def has_nan(result: Any) -> bool:
    """Whether a NaN is in sight."""
    if isinstance(result, np.ndarray | np.generic | float):
        numbers = np.asarray(result)
        return numbers.dtype.kind == "f" and bool(np.isnan(numbers).any())
    if isinstance(result, dict):
        return any(map(has_nan, result.values()))
    if isinstance(result, list | tuple):
        return any(map(has_nan, result))
    if is_dataclass(result):
        return any(has_nan(getattr(result, f.name)) for f in fields(result))
    return False


def complaint(error: BaseException, names: tuple[str, ...], value: Any) -> str | None:
    """What is wrong with the way in which something was refused; None where all is well."""
    if not isinstance(error, ChainruleError):
        return f"{type(error).__name__} is no error of the library: {error}"
    if not isinstance(error, ValueError | TypeError | OSError):
        return f"{type(error).__name__} is neither a ValueError nor a TypeError: {error}"
    said = str(error)
    names = (*names, str(value)) if isinstance(value, Path) else names
    if not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) for name in names):
        return f"the message does not name {' or '.join(names)}: {said}"
    if not any(word in said for word in words_for(value)):
        return f"the message does not say what came: {said}"
    if not WANTED.search(said):
        return f"the message does not say what is wanted: {said}"
    return None


def words_for(value: Any) -> list[str]:
    """Ways of saying what a value is, or what in it is wrong; one of them must be in the message."""
    words = [repr(value)[:40], str(value)[:40] or ". ", type(value).__name__]
    if value is None:
        words.append("one alone")
    if isinstance(value, int | float):
        words.append("()")
    if hasattr(value, "shape"):
        words += [
            str(tuple(value.shape)),
            str(value.dtype),
            *map(str, value.shape),
            "NaN",
            "infinite",
            "masked",
            "read-only",
        ]
        if value.dtype.kind in "iuf" and 0 < value.size < 1 << 20:
            words += [str(value.min()), str(value.max())]
    elif isinstance(value, Cache):
        words.append(value.owner)
    elif isinstance(value, dict):
        words += [word for item in value.items() for part in item for word in words_for(part)] or [
            "without",
            "nothing",
            "''",
        ]
    elif isinstance(value, list | tuple):
        words += [str(len(value)), "inhomogeneous", *(word for item in value for word in words_for(item))]
    return [word for word in words if word]
