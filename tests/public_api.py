"""The public callables, found by looking, and a record of each: how it is called validly, and what its arguments are."""

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from hostile import (
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Floats,
    Labels,
    Name,
    Thing,
)

import chainrule as cr
from chainrule.core.shapes import parse

N, D, H, C = 5, 4, 6, 3  # four different sizes, so that a transpose cannot hide


FREE = {
    "verbose": "any truth value",
    "overwrite": "any truth value",
    "transparent": "any truth value",
    "legend": "any truth value",
    "download": "any truth value",
    "progress": "any truth value",
    "require_sandbox": "any truth value",
    "command": "any text, shown as it is",
    "title": "anything, shown as text",
    "row_name": "anything, shown as text",
    "column_name": "anything, shown as text",
    "ax": "matplotlib's own",
}
SHOWN = "draws and writes what the library made; what else comes is not looked at yet"
GAPS = {}


@dataclass(frozen=True)
class Record:
    """How one public callable is called.

    Attributes:
        valid: `valid(folder)` -> the function, valid arguments by name, and what a call may not change.
        roles: what each argument is that can be wrong.
        says: other words by which a message may speak of an argument.
        slow: whether a call that is not refused takes long; it is then not made.
        moves: whether a call that is not refused changes what is kept.
        parts: arguments that are tried piece by piece, under other names.
        reason: why nothing is checked, where there are no roles.
    """

    valid: Callable[[Path], tuple[Callable, dict[str, Any], list[Any]]] | None = None
    roles: dict[str, Any] = field(default_factory=dict)
    says: dict[str, tuple[str, ...]] = field(default_factory=dict)
    slow: bool = False
    moves: bool = False
    parts: tuple[str, ...] = ()
    reason: str = ""


def public() -> dict[str, Callable]:
    """Every public callable that takes arguments, by the name of its record."""
    found: dict[str, Callable] = {}
    for name in cr.PUBLIC:
        found |= _of(name, getattr(cr, name))
    for folder in cr.FOLDERS:
        module = getattr(cr, folder)
        for name in getattr(module, "__all__", [n for n, f in vars(module).items() if _own(f, module)]):
            found |= _of(name if name in cr.PUBLIC else f"{folder}.{name}", getattr(module, name))
    for table in (cr.LAYERS, cr.LOSSES, cr.OPTIMIZERS, cr.INITIALIZERS):
        for row in table.values():
            found |= _functions(row.module)
    for module in ("optim.gradients", "optim.schedules"):
        found |= _functions(importlib.import_module(f"chainrule.{module}"))
    return found


def _of(name: str, thing: Any) -> dict[str, Callable]:
    """A function, or a class with its public methods; not exceptions, tables and records of figures."""
    if inspect.isclass(thing):
        if issubclass(thing, BaseException):
            return {}
        methods = {
            f.__func__.__qualname__ if inspect.ismethod(f) else f.__qualname__: f
            for n, f in inspect.getmembers(thing, lambda f: inspect.isfunction(f) or inspect.ismethod(f))
            if not n.startswith("_") and f.__module__.startswith("chainrule") and _arguments(f)
        }
        return {name: thing, **methods}
    return {name: thing} if callable(thing) and _arguments(thing) else {}


def _functions(module: Any) -> dict[str, Callable]:
    owner = module.__name__.removeprefix("chainrule.")
    return {f"{owner}.{name}": f for name, f in vars(module).items() if _own(f, module) and _arguments(f)}


def _own(thing: Any, module: Any) -> bool:
    return inspect.isfunction(thing) and thing.__module__ == module.__name__ and not thing.__name__.startswith("_")


def _arguments(function: Callable) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name != "self"]


# -- records of the tables' rows: a new row has its own from its first line -----------------------------------------------

OPTIONS = {
    "eps": NOT_NEGATIVE,
    "slope": NOT_NEGATIVE,
    "margin": NOT_NEGATIVE,
    "lr": POSITIVE,
    "momentum": SHARE,
    "decay": SHARE,
    "beta1": SHARE,
    "beta2": SHARE,
    "weight_decay": NOT_NEGATIVE,
    "eps_inside": Thing(wrong=("yes", 2.5, object())),
    "rate_inside": Thing(wrong=("yes", 2.5, object())),
    "mode": Name(),
    "distribution": Name(),
    "scale": NOT_NEGATIVE,
}


def table_records() -> dict[str, Record]:
    records = {}
    for row in cr.LAYERS.values():
        records[f"layers.{row.name}.forward"] = _forward(row, {})
        records[f"layers.{row.name}.backward"] = _backward(row)
    for row in cr.LOSSES.values():
        target = list(row.sample(np.random.default_rng(1)))[1]
        classes = row.sample(np.random.default_rng(1))["scores"].shape[1]
        labels = Floats("n c", "n c") if row.real_targets else Labels(classes)
        records[f"losses.{row.name}.forward"] = _forward(row, {target: labels})
        records[f"losses.{row.name}.each"] = _forward(row, {target: labels}, "each")
        records[f"losses.{row.name}.backward"] = _loss_backward(row)
    for row in cr.OPTIMIZERS.values():
        records[f"optim.{row.name}.init"] = Record(
            lambda folder, row=row: (row.module.init, {"w": numbers(2, 3)}, []),
            {"w": Floats(None, draws="a start has nothing of w but its shape")},
        )
        records[f"optim.{row.name}.step"] = _step(row)
    for row in cr.INITIALIZERS.values():
        records |= _initializer(row)
    return records


def _forward(row: Any, special: dict[str, Any], function: str = "forward") -> Record:
    specs = [tuple(axis.rstrip("?") for axis in spec) for spec in parse(row.signature)[0]]
    inputs = row.sample(np.random.default_rng(1))
    roles = dict(special)
    for name, spec in zip(inputs, specs):
        others = {axis for other, axes in zip(inputs, specs) if other != name for axis in axes}
        roles.setdefault(name, Floats(" ".join(spec), " ".join(others & set(spec))))
    roles |= {option: OPTIONS[option] for option in row.options}
    if getattr(row, "needs", None) == "stats":
        roles["stats"] = Thing(wrong=(3, "text", object(), (1, 2, 3), ([0.0], [1.0]), (np.ones(D), np.ones(D + 1))))

    def valid(folder: Path) -> Any:
        extra = {"stats": (np.zeros(D), np.ones(D))} if "stats" in roles else {}
        return getattr(row.module, function), {**row.sample(np.random.default_rng(1)), **extra, **row.options}, []

    return Record(valid, roles)


def _backward(row: Any) -> Record:
    def valid(folder: Path) -> Any:
        y, cache = row.module.forward(**row.sample(np.random.default_rng(1)))
        return row.module.backward, {"dy": y + 1.0, "cache": cache}, []

    return Record(valid, {"dy": Floats("n d", "n d"), "cache": Thing(wrong=caches(row.name))})


def _loss_backward(row: Any) -> Record:
    def valid(folder: Path) -> Any:
        return row.module.backward, {"cache": row.module.forward(*row.sample(np.random.default_rng(1)).values())[1]}, []

    return Record(valid, {"cache": Thing(wrong=caches(row.name))})


def caches(own: str) -> tuple[Any, ...]:
    """What is no cache of a layer: other things, and another layer's."""
    other = cr.LAYERS["affine" if own != "affine" else "dropout"]
    foreign = other.module.forward(**other.sample(np.random.default_rng(1)))[1]
    return (None, 3, "text", {}, [1, 2], np.ones(3), (), foreign)


def _step(row: Any) -> Record:
    shape = ("rows columns", "rows columns")
    roles = {"w": Floats(*shape), "dw": Floats(*shape), "lr": POSITIVE}
    roles |= {option: OPTIONS[option] for option in row.options}
    state = row.module.init(numbers(2, 3))
    spoilt = [{}, *({**state, name: value} for name in list(state)[:1] for value in (np.ones(3), None))]
    roles["state"] = Thing(wrong=(None, 3, "text", [], *(spoilt if state else [])))

    def valid(folder: Path) -> Any:
        w = numbers(2, 3)
        return row.module.step, {"w": w, "dw": w + 1, "state": row.module.init(w), "lr": 0.1, **row.options}, []

    return Record(valid, roles)


def _initializer(row: Any) -> dict[str, Record]:
    shape = Thing(
        wrong=(None, 3, "text", (), (2,), (2, 3, 4), (0, 3), (-1, 3), (2.5, 3), ("a", 3), (True, 3), object())
    )
    options = {option: OPTIONS[option] for option in row.options}
    draw = {"shape": shape, **options}
    if row.name != "zeros":
        draw["generator"] = Thing(wrong=(None, 3, "text", object()))

    def valid(function: Callable, **more: Any) -> Callable:
        return lambda folder: (function, {"shape": (2, 3), **row.options, **{k: v() for k, v in more.items()}}, [])

    return {
        f"initializers.{row.name}.draw": Record(
            valid(row.module.draw, generator=lambda: np.random.default_rng(1)), draw, parts=("generator",)
        ),
        f"initializers.{row.name}.std": Record(
            valid(row.module.std),
            {"shape": shape, **{n: r for n, r in options.items() if n != "distribution"}},
            parts=("distribution",),
        ),
    }


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape)
