"""Records of searches and of their page."""

import inspect
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from hostile import COUNT, Name, Target, Thing
from public_api import C, D, Record, numbers

import chainrule as cr
from chainrule import report
from chainrule.study.plan import Plan


def sweep_records(plan: dict[str, Any]) -> dict[str, Record]:
    """Records, given the roles of the settings that all commands share."""
    taken = {*Plan.__struct_fields__, *inspect.signature(cr.sweep).parameters, "momentum", "warmth"}
    roles = {name: role for name, role in plan.items() if name in taken - {"seed", "data", "train_samples"}}
    table = (3, [3], {"warmth": 1}, object())
    roles |= {
        "data": Thing(wrong=(3, object(), "nonsense", {}, (1, 2), "no-such.csv", b"digits")),
        "study": Thing(wrong=(3, object(), "no-such.toml", ".", "a\0b")),
        "space": Thing(
            wrong=({}, 3, "lr", [3], {"warmth": [1]}, {"reg": []}, {"reg": {"log": [0, 1]}}, {"reg": [-1.0]})
        ),
        "sampler": Thing(wrong=("nonsense", {"kind": "tpe", "startup": 0}, {"kind": 3}, *table)),
        "pruner": Thing(wrong=("nonsense", {"kind": "halving", "factor": 1}, {"kind": 3}, *table)),
        "budget": Thing(wrong=("text", {"trials": 0}, {"trials": 2.5}, {"epochs": "many"}, {"seconds": -1}, *table)),
        "finals": Thing(wrong=("text", {"finalists": 0}, {"seeds": "a"}, *table)),
        "seed": Thing(wrong=(-1, 2.5, "3", [1], object(), True)),
        "ahead": Thing(wrong=(0, -1, 2.5, "3", [1], object(), True)),
        "name": Thing(wrong=(3, ["a"], object())),
        "workers": replace(COUNT, optional=True),
        "executor": Name(),
        "cluster": Thing(wrong=(3, object(), "nonsense", "tcp://192.0.2.1:8786", ["local"])),
        "storage": Thing(wrong=(3, object(), "nonsense", ["sqlite://"])),
        "build": Thing(wrong=(3, "text", object(), [cr.FullyConnectedNet])),
    }
    usual = {
        "data": (numbers(40, D), np.arange(40) % C), "space": {"train_samples": [20, 30]}, "budget": {"trials": 1},
        "hidden": [3], "epochs": 1, "batch_size": 8, "rule": "momentum", "verbose": False,
    }  # fmt: skip
    says = {
        "data": ("load_data", "arrays", "no-such.csv"), "hidden": ("hidden_dims[0]",), "space": ("reg", "warmth"),
        "study": ("no-such.toml", "cannot read"), "storage": ("database",), "cluster": ("scheduler",),
    }  # fmt: skip
    sweep = SimpleNamespace(
        trials=[], ranked=[], verdict=["nothing"], finals=None, space=[], definition={"name": "a"}, metric="accuracy",
        best_trial=None, dimensions=[],
        importance=dict, pair=lambda shares: None, seconds=1.0, counts={}, history=lambda trial: None, test=None, best={},
    )  # fmt: skip

    def write(folder: Path) -> Any:
        return report.write_sweep, {"path": folder / "new.html", "study": sweep}, []

    return {
        "sweep": Record(
            lambda folder: (cr.sweep, {**usual, "out": folder / "new"}, []),
            roles,
            slow=True,
            says=says,
            parts=("target", "impute"),
        ),
        "report.write_sweep": Record(
            write, {"path": Target(), "study": Thing(wrong=(None, 3, "text", object()))}, parts=("settings",)
        ),
    }
