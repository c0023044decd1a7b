"""The public callables, found by looking, and a record of each: how it is called validly, and what its arguments are."""

import copy
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from hostile import (
    COUNT,
    COUNT_FROM_0,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    Floats,
    Labels,
    Name,
    Number,
    Source,
    Target,
    Thing,
)

import chainrule as cr
from chainrule import nets, plots, report
from chainrule.core.shapes import parse
from chainrule.layers import batch_norm, dropout
from chainrule.losses import softmax
from chainrule.nets.net import Net
from chainrule.optim import gradients, schedules
from chainrule.study.result import Study, StudyRun, Variant

N, D, H, C = 5, 4, 6, 3  # four different sizes, so that a transpose cannot hide


FREE = {
    "verbose": "any truth value",
    "overwrite": "any truth value",
    "transparent": "any truth value",
    "legend": "any truth value",
    "download": "any truth value",
    "progress": "any truth value",
    "command": "any text, shown as it is",
    "title": "anything, shown as text",
    "ax": "matplotlib's own",
}
GAPS: dict[tuple[str, str], str] = {}


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
        records[f"losses.{row.name}.backward"] = _loss_backward(row)
    for row in cr.OPTIMIZERS.values():
        records[f"optim.{row.name}.init"] = Record(
            lambda folder, row=row: (row.module.init, {"w": _numbers(2, 3)}, []),
            {"w": Floats(None, draws="a start has nothing of w but its shape")},
        )
        records[f"optim.{row.name}.step"] = _step(row)
    for row in cr.INITIALIZERS.values():
        records |= _initializer(row)
    return records


def _forward(row: Any, special: dict[str, Any]) -> Record:
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
        return row.module.forward, {**row.sample(np.random.default_rng(1)), **extra, **row.options}, []

    return Record(valid, roles)


def _backward(row: Any) -> Record:
    def valid(folder: Path) -> Any:
        y, cache = row.module.forward(**row.sample(np.random.default_rng(1)))
        return row.module.backward, {"dy": y + 1.0, "cache": cache}, []

    return Record(valid, {"dy": Floats("n d", "n d"), "cache": Thing(wrong=_caches(row.name))})


def _loss_backward(row: Any) -> Record:
    def valid(folder: Path) -> Any:
        return row.module.backward, {"cache": row.module.forward(*row.sample(np.random.default_rng(1)).values())[1]}, []

    return Record(valid, {"cache": Thing(wrong=_caches(row.name))})


def _caches(own: str) -> tuple[Any, ...]:
    """What is no cache of a layer: other things, and another layer's."""
    other = cr.LAYERS["affine" if own != "affine" else "dropout"]
    foreign = other.module.forward(**other.sample(np.random.default_rng(1)))[1]
    return (None, 3, "text", {}, [1, 2], np.ones(3), (), foreign)


def _step(row: Any) -> Record:
    shape = ("rows columns", "rows columns")
    roles = {"w": Floats(*shape), "dw": Floats(*shape), "lr": POSITIVE}
    roles |= {option: OPTIONS[option] for option in row.options}
    state = row.module.init(_numbers(2, 3))
    spoilt = [{}, *({**state, name: value} for name in list(state)[:1] for value in (np.ones(3), None))]
    roles["state"] = Thing(wrong=(None, 3, "text", [], *(spoilt if state else [])))

    def valid(folder: Path) -> Any:
        w = _numbers(2, 3)
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
            valid(row.module.std), {"shape": shape, **{n: r for n, r in options.items() if n != "distribution"}}
        ),
    }


def _numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape)


# -- records of everything else ------------------------------------------------------------------------------------------

INNER = "takes what the library has checked already"


def net(**changes: Any) -> cr.FullyConnectedNet:
    return cr.FullyConnectedNet(
        [H], **{"input_dim": D, "num_classes": C, "norm": "batch", "keep": 0.8, "dtype": "float64", **changes}
    )


def rows(n: int = N) -> dict[str, np.ndarray]:
    return {"X": _numbers(n, D), "y": np.arange(n) % C}


def parts() -> dict[str, np.ndarray]:
    train, val = rows(12), rows(6)
    return {"X_train": train["X"], "y_train": train["y"], "X_val": val["X"], "y_val": val["y"]}


def trained() -> cr.Solver:
    solver = cr.Solver(net(), parts(), epochs=2, batch_size=4, verbose=False)
    solver.train()
    return solver


def _method(name: str, roles: dict[str, Any], make: Callable[..., Any] = net, **arguments: Any) -> Record:
    """A record of a net's method; arguments are functions without arguments, or values."""

    def valid(folder: Path) -> Any:
        own = make()
        given = {k: v() if callable(v) else v for k, v in arguments.items()}
        return getattr(own, name), given, [own]

    return Record(valid, roles)


X_ROWS = Floats("n d", "n d", finite=True)
X_ALONE = Floats("n d", "d", finite=True)
Y_LABELS = Labels(C)
STATE = (N, D)


def net_records() -> dict[str, Record]:
    X, y = (lambda: rows()["X"]), (lambda: rows()["y"])
    named = {
        "Net.loss": ("loss", {"X": X_ROWS, "y": Labels(C, optional=True), "step": COUNT_FROM_0}, {"step": 0}),
        "Net.trace": ("trace", {"X": X_ROWS, "y": Labels(C, optional=True), "step": COUNT_FROM_0}, {"step": 0}),
        "Net.prepared": ("prepared", {"X": X_ROWS}, {}),
        "Net.score": ("score", {"X": X_ROWS, "y": Y_LABELS}, {}),
    }
    records = {name: _method(method, roles, X=X, y=y, **more) for name, (method, roles, more) in named.items()}
    for name in ("scores", "predict", "predict_proba"):
        records[f"Net.{name}"] = _method(name, {"X": X_ALONE}, X=X)
    for name in ("gradients", "regularized", "masks"):
        records[f"Net.{name}"] = Record(reason=INNER)
    records["Net.copy"] = _method("copy", {"dtype": Name(optional=True)}, dtype="float32")

    def save(folder: Path) -> Any:
        own = net()
        return own.save, {"path": folder / "new.safetensors"}, [own]

    records["Net.save"] = Record(save, {"path": Target()}, says={"path": ("new.safetensors", "there")})
    construct = {
        "hidden_dims": Thing(
            wrong=(None, 3, "text", [0], [-1], [2.5], ["3"], [True], [[3]], [None], np.ones(2), object())
        ),
        "input_dim": COUNT,
        "num_classes": COUNT,
        "activation": Thing(wrong=(None, 3, "nonsense", ["relu", "relu"], [None], [3], object(), "")),
        "norm": Name(optional=True),
        "keep": Number(wrong=(0, -0.5, 1.5, True, float("inf"))),
        "init": Thing(wrong=(3, "nonsense", ["he"], {}, {"kind": "he", "warmth": 1}, {"kind": 3}, object(), "")),
        "weight_scale": Number(wrong=(-1.0, float("inf"), True), optional=True),
        "reg": NOT_NEGATIVE,
        "loss": Name(),
        "output_activation": Name(optional=True),
        "dtype": Thing(wrong=(3, "float16", "int32", int, "nonsense", None, object(), complex)),
        "seed": COUNT_FROM_0,
    }
    usual = {
        "hidden_dims": [H], "input_dim": D, "num_classes": C, "activation": "relu", "norm": "batch", "keep": 0.5,
        "init": "normal", "weight_scale": 0.1, "reg": 0.1, "loss": "softmax", "output_activation": "tanh",
        "dtype": "float64", "seed": 1,
    }  # fmt: skip
    records["FullyConnectedNet"] = Record(
        lambda folder: (_built(cr.FullyConnectedNet), dict(usual), []),
        construct,
        says={"output_activation": ("output activation",)},
    )
    two = {"input_dim": D, "hidden_dim": H, "num_classes": C}
    records["TwoLayerNet"] = Record(
        lambda folder: (_built(cr.TwoLayerNet), dict(two), []),
        dict.fromkeys(two, COUNT),
        says={"hidden_dim": ("hidden_dims[0]",)},
    )

    def load(folder: Path) -> Any:
        net().save(folder / "net.safetensors", overwrite=True)
        return (lambda path: cr.load_net(path).params), {"path": folder / "net.safetensors"}, []

    records["load_net"] = Record(
        load, {"path": Source()}, says={"path": ("cannot read", "empty", "junk", "no-such-file")}
    )
    records["nets.build"] = Record(
        lambda folder: (nets.build, {"name": "FullyConnectedNet", "settings": net().settings()}, []),
        {"name": Name()},
        says={"name": ("kind of net",)},
    )
    records["nets.restore"] = Record(reason=INNER)
    return records


def _built(cls: type) -> Callable:
    """Builds a net and gives what can be compared: its parameters."""
    return lambda **given: cls(**given).params


def check_records() -> dict[str, Record]:
    f = lambda x: float(np.sum(x * x))  # noqa: E731
    vector = lambda x: x * x  # noqa: E731
    numeric = {
        "f": Thing(wrong=(None, 3, "text")),
        "x": Floats(None),
        "h": replace(POSITIVE, optional=True),
        "order": Number(whole=True, wrong=(0, 3, True)),
    }
    checked = {
        "net": Thing(),
        "X": X_ROWS,
        "y": Y_LABELS,
        "entries": replace(COUNT, optional=True),
        "tolerance": POSITIVE,
        "step": COUNT_FROM_0,
        "seed": COUNT_FROM_0,
    }

    def gradients_of(folder: Path) -> Any:
        own = net()
        given = {"net": own, **rows(), "entries": 2, "tolerance": 1e-6, "step": 0, "seed": 0}
        return cr.check_gradients, given, [own]

    return {
        "numeric_gradient": Record(
            lambda folder: (
                cr.numeric_gradient,
                {"f": vector, "x": _numbers(2, 3), "df": _numbers(2, 3), "h": 1e-4, "order": 4},
                [],
            ),
            {**numeric, "df": Floats("rows columns", "rows columns", optional=True)},
        ),
        "rel_error": Record(
            lambda folder: (cr.rel_error, {"a": _numbers(2, 3), "b": _numbers(2, 3)}, []),
            {"a": Floats("n d", "n d"), "b": Floats("n d", "n d")},
        ),
        "check_gradients": Record(gradients_of, checked),
    }


def optim_records() -> dict[str, Record]:
    grads = Thing(
        wrong=(
            None,
            3,
            "text",
            [np.ones(2)],
            {"W1": None},
            {"W1": [1.0]},
            {"W1": np.ones(2, complex)},
            {"W1": np.ones(2, int)},
        )
    )
    schedule = Thing(
        wrong=(
            None,
            3,
            "exponential",
            [],
            {},
            {"kind": "nonsense"},
            {"kind": 3},
            {"kind": ["a"]},
            {"kind": "step", "every": 0},
            {"kind": "step", "warmth": 1},
            {"kind": "exponential", "decay": "x"},
            {"kind": "exponential", "decay": float("nan")},
        )
    )
    given = lambda: {"W1": _numbers(2, 3), "b1": _numbers(3)}  # noqa: E731
    return {
        "optim.gradients.norm": Record(
            lambda folder: (gradients.norm, {"array": _numbers(2, 3)}, []), {"array": Floats(None)}
        ),
        "optim.gradients.clip_by_norm": Record(
            lambda folder: (gradients.clip_by_norm, {"grads": given(), "max_norm": 1.0}, []),
            {"grads": grads, "max_norm": Number(wrong=(0, -1.0, True))},
        ),
        "optim.gradients.clip_by_value": Record(
            lambda folder: (gradients.clip_by_value, {"grads": given(), "limit": 1.0}, []),
            {"grads": grads, "limit": Number(wrong=(0, -1.0, True))},
        ),
        "optim.gradients.decayed": Record(
            lambda folder: (gradients.decayed, {"dw": _numbers(2, 3), "w": _numbers(2, 3), "weight_decay": 0.1}, []),
            {"dw": Floats("a b", "a b"), "w": Floats("a b", "a b"), "weight_decay": NOT_NEGATIVE},
        ),
        "optim.schedules.check_schedule": Record(
            lambda folder: (schedules.check_schedule, {"schedule": {"kind": "step"}}, []), {"schedule": schedule}
        ),
        "optim.schedules.learning_rate": Record(reason=INNER),
        **{f"optim.schedules.{kind}": Record(reason=INNER) for kind in schedules.SCHEDULES},
    }


def layer_extras() -> dict[str, Record]:
    def update(folder: Path) -> Any:
        _, cache = batch_norm.forward(_numbers(N, D), np.ones(D), np.zeros(D))
        return batch_norm.update, {"stats": (np.zeros(D), np.ones(D)), "cache": cache, "momentum": 0.9}, []

    pair = Thing(
        wrong=(None, 3, "text", object(), (1, 2, 3), (np.ones(D), np.ones(D + 1)), (np.ones(D), np.ones((N, D))))
    )
    return {
        "layers.batch_norm.update": Record(
            update,
            {"stats": pair, "cache": Thing(wrong=_caches("batch_norm")), "momentum": Number(wrong=(-0.1, 1.5, True))},
        ),
        "layers.dropout.sample": Record(
            lambda folder: (dropout.sample, {"stream": 3, "shape": (N, D), "keep": 0.5, "dtype": "float32"}, []),
            {
                "stream": Number(whole=True, wrong=(True,)),
                "shape": Thing(wrong=(None, 3, "text", (2,), (2, -1), (0, 3), (2.5, 3), ("a", 3), object())),
                "keep": Number(wrong=(0, -0.5, 1.5, True, float("inf"))),
                "dtype": Thing(wrong=(3, "int32", int, "nonsense", None, object(), complex)),
            },
        ),
        "losses.softmax.probabilities": Record(
            lambda folder: (softmax.probabilities, {"scores": _numbers(N, C)}, []), {"scores": Floats("n c")}
        ),
    }


SOURCES = (3, 1.5, object(), {}, {"X_train": 1}, (1, 2, 3), "nonsense", b"digits")

SOLVER = {
    "rule": "momentum", "lr": 0.1, "epochs": 1, "batch_size": 4, "schedule": {"kind": "step"}, "weight_decay": 0.01,
    "clip_norm": 1.0, "clip_value": 1.0, "sampler": "shuffle", "restore": "all", "early_stopping": 3,
    "train_samples": 3, "callbacks": [], "engine": "plain", "threads": 1, "seed": 0, "checkpoint_every": 3, "momentum": 0.9,
    "rate_inside": True, "folder": None,
}  # fmt: skip
SCHEDULE = Thing(wrong=(3, "nonsense", [], {}, {"kind": "nonsense"}, {"kind": "step", "warmth": 1}))
SOLVER_ROLES = {
    "net": Thing(),
    "rule": Name(),
    "lr": replace(POSITIVE, optional=True),
    "epochs": COUNT_FROM_0,
    "batch_size": COUNT,
    "schedule": SCHEDULE,
    "weight_decay": replace(NOT_NEGATIVE, optional=True),
    "clip_norm": replace(POSITIVE, optional=True),
    "clip_value": replace(POSITIVE, optional=True),
    "sampler": Thing(wrong=(None, 3, "nonsense", [], object())),
    "restore": Thing(wrong=(3, "nonsense", ["all"], True, object())),
    "early_stopping": replace(COUNT, optional=True),
    "train_samples": replace(COUNT, optional=True),
    "callbacks": Thing(wrong=(None, 3, "text", [None], [3], object())),
    "engine": Name(),
    "threads": replace(COUNT, optional=True),
    "seed": COUNT_FROM_0,
    "folder": Thing(wrong=(3, [], object())),
    "checkpoint_every": replace(COUNT, optional=True),
    "momentum": SHARE,
    "rate_inside": Thing(wrong=("yes", 2.5, None)),
}


def training_records() -> dict[str, Record]:
    def solver(folder: Path) -> Any:
        def run(*, net, data=None, X_train, y_train, X_val, y_val, **rest):
            arrays = {"X_train": X_train, "y_train": y_train, "X_val": X_val, "y_val": y_val}
            made = cr.Solver(net, arrays if data is None else data, verbose=False, **rest)
            before = state(net)
            made.train()
            return before, state(net), made.history.loss

        own = net()
        return run, {"net": own, "data": None, **parts(), **SOLVER}, [own]

    data_roles = {
        "X_train": Floats("n d", "n d", finite=True),
        "y_train": Labels(C, texts=True, real=False),
        "X_val": Floats("m d", "m d", finite=True),
        "y_val": Labels(C, texts=True),
        "data": Thing(
            wrong=(
                3,
                1.5,
                object(),
                {},
                {"X_train": rows()["X"]},
                {"X_train": rows()["X"], "y_train": None},
                {**parts(), "X_extra": 1},
                (1, 2, 3),
                "nonsense",
                b"digits",
            )
        ),
    }

    def history(folder: Path) -> Any:
        own = trained().history
        return own.save, {"path": folder / "new.npz"}, []

    def load(folder: Path) -> Any:
        trained().history.save(folder / "history.npz")
        return (lambda path: cr.History.load(path).loss), {"path": folder / "history.npz"}, []

    def more(folder: Path) -> Any:
        own = trained()
        return (lambda epochs: own.train(epochs).loss), {"epochs": 1}, [own]

    return {
        "Solver": Record(
            solver,
            {**SOLVER_ROLES, **data_roles},
            says={n: ("data", "arrays", "load_data", "net: y must", n) for n in data_roles},
            moves=True,
        ),
        "Solver.train": Record(more, {"epochs": replace(COUNT_FROM_0, optional=True)}, moves=True),
        "History": Record(reason=INNER),
        "History.add_steps": Record(reason=INNER),
        "History.add_check": Record(reason=INNER),
        "History.restore": Record(reason=INNER),
        "History.save": Record(history, {"path": Target(replaced=True)}),
        "History.load": Record(load, {"path": Source()}, says={"path": ("cannot read",)}),
        "diagnose": Record(lambda folder: (cr.diagnose, {"solver": trained()}, []), {"solver": Thing()}),
    }


def state(own: Any) -> Any:
    """What a net, a solver or an array must keep, as values of their own."""
    if isinstance(own, cr.Solver):
        return [
            state(own.net),
            own.task.step,
            own.task.total_steps,
            {n: a.copy() for n, a in own.history.arrays().items()},
        ]
    if isinstance(own, Net):
        return [
            copy.deepcopy(own.params),
            copy.deepcopy(own.stats),
            own.input.arrays(),
            own.input.describe(),
            own.settings(),
        ]
    return own.copy() if isinstance(own, np.ndarray) and own.nbytes < 1 << 24 else None


def study_records() -> dict[str, Record]:
    pair = lambda: (_numbers(40, D), np.arange(40) % C)  # noqa: E731
    plan = {
        name: role
        for name, role in SOLVER_ROLES.items()
        if name not in ("net", "callbacks", "folder", "checkpoint_every", "sampler", "restore")
    }
    plan |= {
        "hidden": Thing(wrong=(3, "text", [0], [2.5], ["3"], [True], None, object())),
        "norm": Name(optional=True), "activation": Thing(wrong=(3, "nonsense", ["relu", "relu"], [None])),
        "keep": Number(wrong=(0, -0.5, 1.5, True)), "reg": NOT_NEGATIVE, "dtype": Thing(wrong=(3, "int32", "nonsense")),
        "loss": Name(optional=True), "init": Thing(wrong=(3, "nonsense", {}, {"kind": "he", "warmth": 1})),
        "out": Target(optional=True),
         "num_train": replace(COUNT, optional=True),
        "data": Thing(wrong=(None, 3, object(), "nonsense", {}, (1, 2), "no-such.csv", b"digits")), "task": Name(optional=True), "num_test": replace(COUNT, optional=True),
        "warmth": Thing(wrong=("warmth",)),
    }  # fmt: skip
    usual = {
        "data": pair(), "hidden": [3], "epochs": 1, "batch_size": 8, "threads": 1, "verbose": False, "rule": "momentum",
    }  # fmt: skip
    versus = {
        "variants": Thing(
            wrong=(
                3,
                "text",
                [3],
                [{"warmth": 1}],
                {"rule": "adam"},
                [{"rule": "nonsense"}],
                [{"label": "a"}, {"label": "a"}],
            )
        ),
        "rules": Thing(wrong=(3, "adam", ["nonsense"], [3], ["adam", "adam"], [None])),
        "inits": Thing(wrong=(3, "he", ["nonsense"], [3])),
        "depths": Thing(wrong=(3, "2", [-1], ["2"], [2.5], [None])),
        "seeds": Thing(wrong=(0, -1, None, "3", [], [1, 1], [-1], ["a"], [1.5], 2.5, True, [None])),
        "options": Thing(wrong=(3, "text", {"adam": 3}, {"nonsense": {}}, {"momentum": {"warmth": 1}})),
        "search_lr": Thing(wrong=("yes", [0.0], [-1.0], ["a"], [float("nan")], [None])),
        "target_acc": Number(wrong=()),
        "workers": replace(COUNT, optional=True),
    }
    judged = {
        "net": Thing(),
        "X": X_ROWS,
        "y": Y_LABELS,
        "image_shape": Thing(wrong=(3, "text", (3, 3), (2.5, 1), (-2, -2), object())),
    }

    says = {
        "data": ("load_data", "arrays", "no-such.csv"), "hidden": ("hidden_dims[0]",), "rules": ("update rule", "two variants"),
        "inits": ("initializer",), "seeds": ("every seed",), "variants": ("setting", "update rule"),
    }  # fmt: skip

    def judge(folder: Path) -> Any:
        own = net()
        return (lambda **given: cr.judge(**given).describe()), {"net": own, **rows(), "image_shape": (2, 2)}, [own]

    def path_of_run(folder: Path) -> Any:
        return cr.resume, {"folder": folder / "none", "verbose": False}, []

    return {
        "train": Record(
            lambda folder: (cr.train, {**usual, "out": folder / "new"}, []),
            plan,
            slow=True,
            says=says,
            parts=("target", "impute"),
        ),
        "compare": Record(
            lambda folder: (cr.compare, {**usual, "seeds": 1, "workers": 1, "out": folder / "new"}, []),
            {**{n: r for n, r in plan.items() if n != "seed"}, **versus},
            slow=True,
            says=says,
            parts=("target", "impute"),
        ),
        "resume": Record(
            path_of_run, {"folder": Source()}, slow=True, parts=("data",), says={"folder": ("holds no training",)}
        ),
        "judge": Record(judge, judged),
    }


def plot_records() -> dict[str, Record]:
    shape = Thing(wrong=(None, 3, "text", (3, 3), (2.5, 1), (-2, -2), (2,), object()))
    figure = lambda: plots.curves(trained().history, "loss")  # noqa: E731
    given = trained().history
    study_ = SimpleNamespace(variants=[SimpleNamespace(label="a", runs=[SimpleNamespace(history=given)])])

    def drawn(function: Callable) -> Callable:
        return lambda **arguments: _drawn(function(**arguments))

    def one(function: Callable, roles: dict[str, Any], **arguments: Any) -> Record:
        return Record(
            lambda folder: (drawn(function), {k: v() if callable(v) else v for k, v in arguments.items()}, []), roles
        )

    missing = Thing(wrong=(None, 3, "text", object(), np.ones(3)))
    return {
        "plots.confusion_matrix": one(
            plots.confusion_matrix,
            {"matrix": Floats("c c", "c", finite=True), "classes": Thing(wrong=(3, ["a"], object(), "text"))},
            matrix=lambda: np.abs(_numbers(C, C)).round(1) * 10,
            classes=["a", "b", "c"],
        ),
        "plots.image_grid": one(
            plots.image_grid,
            {
                "images": Floats("n h w", draws="stretched"),
                "titles": Thing(wrong=(3, ["a"], object())),
                "columns": COUNT,
            },
            images=lambda: _numbers(2, 3, 4),
            titles=["a", "b"],
            columns=2,
        ),
        "plots.samples_per_class": one(
            plots.samples_per_class,
            {
                "X": Floats("n d", "n d", draws="stretched"),
                "y": Labels(C),
                "classes": Thing(wrong=(None, 3, [], object())),
                "image_shape": shape,
                "each": COUNT,
            },
            **{k: (lambda v=v: v.copy()) for k, v in rows().items()},
            classes=["a", "b", "c"],
            image_shape=(2, 2),
            each=1,
        ),
        "plots.weight_grid": one(
            plots.weight_grid,
            {"W": Floats("d h", "d", draws="shown as zero"), "image_shape": shape},
            W=lambda: _numbers(4, 3),
            image_shape=(2, 2),
        ),
        "plots.curves": one(
            plots.curves,
            {
                "histories": missing,
                "quantity": Name(),
                "by": Name(),
                "smooth": Thing(wrong=(0, -1, 1.5, "text", object())),
                "band": Name(optional=True),
                "scale": Name(),
            },
            histories=given,
            quantity="loss",
            by="step",
            smooth=None,
            band="std",
            scale="auto",
        ),
        "plots.training_figure": one(plots.training_figure, {"history": missing}, history=given),
        "plots.training_panels": one(plots.training_panels, {"history": missing}, history=given),
        "plots.ranking": one(plots.ranking, {"study": missing}, study=study_),
        "plots.study_figures": one(plots.study_figures, {"study": missing}, study=study_),
        "plots.render": Record(
            lambda folder: (plots.render, {"figure": figure(), "format": "png", "dpi": 20}, []),
            {"figure": missing, "format": Name(), "dpi": POSITIVE},
        ),
        "plots.save": Record(
            lambda folder: (plots.save, {"figure": figure(), "path": folder / "new.png", "dpi": 20}, []),
            {"figure": missing, "path": Target(), "dpi": POSITIVE},
            says={"path": ("figure format",)},
        ),
    }


def _drawn(result: Any) -> Any:
    """What is to be seen in figures: pictures and lines."""
    if isinstance(result, dict):
        return {name: _drawn(figure) for name, figure in result.items()}
    return [
        [
            [np.asarray(i.get_array()) for i in ax.images],
            [line.get_xydata() for line in ax.lines],
            [t.get_text() for t in ax.texts],
        ]
        for ax in result.axes
    ]


def report_records() -> dict[str, Record]:
    missing = Thing(wrong=(None, 3, "text", object()))

    def run(folder: Path) -> Any:
        given = {
            "path": folder / "new.html",
            "title": "a",
            "settings": {},
            "summary": net().summary(),
            "history": trained().history,
        }
        return report.write_run, given, []

    one = StudyRun(0, trained().history, 0.5, 1.0, [], None)
    study_ = Study("a", {}, [Variant("b", {}, [one])], 0.9)

    def write(folder: Path) -> Any:
        return report.write_study, {"path": folder / "new.html", "study": study_}, []

    return {
        "report.write_run": Record(
            run,
            {
                "path": Target(),
                "settings": missing,
                "summary": missing,
                "history": missing,
                "findings": Thing(wrong=(3, "text", [3])),
            },
            parts=("evaluation", "weights", "image_shape", "data"),
        ),
        "report.write_study": Record(write, {"path": Target(), "study": missing}),
    }


def data_records() -> dict[str, Record]:
    def load(folder: Path) -> Any:
        def run(*, X, y, source=None, **rest):
            data = cr.load_data((X, y) if source is None else source, **rest)
            return {name: data[name].astype(float) for name in data}, data.classes

        given = {"X": _numbers(30, D), "y": np.arange(30) % C, "task": "classification", "split_seed": 0}
        return run, {**given, **dict.fromkeys(("target", "impute", "folder", "num_train", "num_val", "num_test"))}, []

    def dataset(folder: Path) -> Any:
        def run(**given):
            data = cr.Dataset("own", classes=("a", "b", "c"), **given)
            return [data.describe()["rows"], data.input_transform().arrays()]

        return run, parts(), []

    counts = dict.fromkeys(("num_train", "num_val", "num_test"), replace(COUNT, optional=True))
    pair = {"X": Floats("n d", "n", finite=True), "y": Labels(None, texts=True, codes=True)}
    wrong = {"source": Thing(wrong=SOURCES)}
    other = {"task": Name(optional=True), "split_seed": Number(whole=True, wrong=(True, float("inf")))}
    values = {
        f"{n}_{part}": role
        for part in ("train", "val")
        for n, role in (("X", Floats("n d", "n d", finite=True)), ("y", Labels(C)))
    }
    return {
        "load_data": Record(
            load,
            {**pair, **wrong, **other, **counts},
            parts=("folder", "target", "impute"),
            says={"source": ("load_data", "arrays", "data set"), "X": ("X_train",), "y": ("class labels",)},
        ),
        "Dataset": Record(
            dataset,
            values,
            parts=("name", "X_test", "y_test", "classes", "columns", "image_shape", "target", "measured"),
        ),
        "datasets.Source": Record(reason="a row of a table"),
        "datasets.read_rows": Record(reason="reads files, whose damage has tests of its own"),
    }


def records() -> dict[str, Record]:
    found: dict[str, Record] = {}
    for group in (
        table_records,
        net_records,
        check_records,
        optim_records,
        layer_extras,
        training_records,
        study_records,
        plot_records,
        report_records,
        data_records,
    ):
        found |= group()
    return found
