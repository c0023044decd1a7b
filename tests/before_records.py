"""Records of what is done before a training, and of the figure of what is seen after it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hostile import COUNT, COUNT_FROM_0, POSITIVE, Name, Number, Thing
from library_records import net, parts
from public_api import Record

import chainrule as cr
from chainrule import plots
from chainrule.study.classification import calibration

CALIBRATED = calibration(np.array([0.4, 0.9, 1.0]), np.array([False, True, True]))
NETS = Thing(wrong=(None, 3, "net", [], {}, cr.FullyConnectedNet))
DATA = Thing(wrong=(None, 3, object(), "nonsense", {}, (1, 2), "no-such.csv"))


def before_records() -> dict[str, Record]:
    def calls(function: Callable, **given: Any) -> Callable:
        def valid(folder: Path) -> tuple[Callable, dict[str, Any], list[Any]]:
            own = net()
            return function, {"net": own, "data": parts(), **given}, [own]

        return valid

    data = ("data", "arrays", "load_data", "cannot read", "y must")
    shared = {"net": NETS, "data": DATA}
    rates = {
        "low": Number(wrong=(0, -1.0, 100.0, True)), "high": Number(wrong=(0, -1.0, 1e-9, True)),
        "steps": Number(whole=True, wrong=(0, 9, -1, True)),
    }  # fmt: skip
    solver = {"rule": Name(), "seed": COUNT_FROM_0}
    return {
        "find_learning_rate": Record(
            calls(cr.find_learning_rate, rule="momentum", low=1e-4, high=1.0, steps=12, batch_size=4, seed=1),
            {**shared, **solver, **rates, "batch_size": COUNT},
            says={"data": data, "low": ("lr must be", "low"), "high": ("lr must be", "high")},
        ),
        "overfit_one_batch": Record(
            calls(cr.overfit_one_batch, rule="momentum", lr=0.1, rows=4, steps=12, seed=1),
            {**shared, **solver, "lr": replace(POSITIVE, optional=True), "rows": COUNT, "steps": COUNT},
            says={"data": data},
        ),
        "dry_run": Record(calls(cr.dry_run, steps=2), {**shared, "steps": COUNT}, says={"data": data}),
        "plots.calibration_curve": Record(
            lambda folder: (plots.calibration_curve, {"found": CALIBRATED}, []), {"found": Thing()}
        ),
        "plots.learning_rates": Record(
            lambda folder: (plots.learning_rates, {"found": cr.find_learning_rate(net(), parts(), steps=12)}, []),
            {"found": Thing()},
        ),
    }
