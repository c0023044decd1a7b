"""Records of nets, trainings, and what they are made of."""

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
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
from public_api import C, D, H, N, Record, caches, numbers

import chainrule as cr
from chainrule import nets
from chainrule.layers import batch_norm, dropout
from chainrule.losses import softmax
from chainrule.nets.net import Net
from chainrule.optim import gradients, schedules

INNER = "takes what the library has checked already"


def net(**changes: Any) -> cr.FullyConnectedNet:
    return cr.FullyConnectedNet(
        [H], **{"input_dim": D, "num_classes": C, "norm": "batch", "keep": 0.8, "dtype": "float64", **changes}
    )


def rows(n: int = N) -> dict[str, np.ndarray]:
    return {"X": numbers(n, D), "y": np.arange(n) % C}


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
        "Net.score": ("score", {"X": X_ROWS, "y": Y_LABELS}, {}),
    }
    records = {name: _method(method, roles, X=X, y=y, **more) for name, (method, roles, more) in named.items()}
    for name in ("scores", "predict", "predict_proba"):
        records[f"Net.{name}"] = _method(name, {"X": X_ALONE}, X=X)
    for name in ("gradients", "regularized", "walked", "masks"):
        records[f"Net.{name}"] = Record(reason=INNER)
    records["Net.prepared"] = replace(_method("prepared", {"X": X_ROWS}, X=X, y=y), parts=("y",))
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
        parts=("settings",),
    )
    records["nets.restore"] = Record(reason=INNER)
    return records


def _built(cls: type) -> Callable:
    """Builds a net and gives what can be compared: its parameters."""
    return lambda **given: cls(**given).params


def check_records() -> dict[str, Record]:
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
                {"f": vector, "x": numbers(2, 3), "df": numbers(2, 3), "h": 1e-4, "order": 4},
                [],
            ),
            {**numeric, "df": Floats("rows columns", "rows columns", optional=True)},
        ),
        "rel_error": Record(
            lambda folder: (cr.rel_error, {"a": numbers(2, 3), "b": numbers(2, 3)}, []),
            {"a": Floats("n d", "n d"), "b": Floats("n d", "n d")},
        ),
        "check_gradients": Record(gradients_of, checked),
        "check": Record(
            lambda folder: (
                lambda **given: cr.check(**given).ok,
                {
                    "code": {"sgd": lambda w, dw, config: (w - config["learning_rate"] * dw, config)},
                    "course": "cs231n",
                    "only": "sgd",
                    "hints": 1,
                    "timeout": 1.0,
                    "seed": 1,
                    "reference": None,
                },
                [],
            ),
            {
                "reference": Thing(wrong=(3, "no-such-file.py", object(), [object()], {}, {"f": 3}, np.ones((2, 2)))),
                "code": Thing(wrong=(None, 3, "no-such-file.py", object(), [object()], {}, np.ones((2, 2)))),
                "course": Name(optional=True),
                "only": Name(also=(list,)),
                "hints": replace(COUNT_FROM_0, wrong=(-1, 4)),
                "timeout": POSITIVE,
                "seed": replace(COUNT_FROM_0, optional=True),
            },
            says={
                "code": ("a file's path", "cannot read"),
                "only": ("task or function",),
                "reference": ("the reference",),
            },
        ),
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
    given = lambda: {"W1": numbers(2, 3), "b1": numbers(3)}  # noqa: E731
    return {
        "optim.gradients.norm": Record(
            lambda folder: (gradients.norm, {"array": numbers(2, 3)}, []), {"array": Floats(None)}
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
            lambda folder: (gradients.decayed, {"dw": numbers(2, 3), "w": numbers(2, 3), "weight_decay": 0.1}, []),
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
        _, cache = batch_norm.forward(numbers(N, D), np.ones(D), np.zeros(D))
        return batch_norm.update, {"stats": (np.zeros(D), np.ones(D)), "cache": cache, "momentum": 0.9}, []

    pair = Thing(
        wrong=(None, 3, "text", object(), (1, 2, 3), (np.ones(D), np.ones(D + 1)), (np.ones(D), np.ones((N, D))))
    )
    return {
        "layers.batch_norm.update": Record(
            update,
            {"stats": pair, "cache": Thing(wrong=caches("batch_norm")), "momentum": Number(wrong=(-0.1, 1.5, True))},
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
            lambda folder: (softmax.probabilities, {"scores": numbers(N, C)}, []), {"scores": Floats("n c")}
        ),
    }


SOURCES = (3, 1.5, object(), {}, {"X_train": 1}, (1, 2, 3), "nonsense", b"digits")

SOLVER = {
    "rule": "momentum", "lr": 0.1, "epochs": 1, "batch_size": 4, "schedule": {"kind": "step"}, "weight_decay": 0.01,
    "clip_norm": 1.0, "clip_value": 1.0, "sampler": "shuffle", "restore": "all", "early_stopping": 3,
    "train_samples": 3, "callbacks": [], "engine": "plain", "threads": 1, "slices": 1, "seed": 0, "checkpoint_every": 3,
    "momentum": 0.9, "rate_inside": True, "folder": None, "array": "numpy", "device": "cpu",
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
    "sample_weight": Thing(wrong=(3, "text", [1.0], [-1.0] * 9, object(), {}, np.ones((2, 3)))),
    "engine": Name(),
    "threads": replace(COUNT, optional=True),
    "slices": replace(COUNT, optional=True),
    "array": Name(),
    "device": Thing(wrong=(3, "cuda", "nonsense", None, object())),
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
