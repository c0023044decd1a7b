"""CS182's files that are handed in beside the code: looked at, never trusted, and never run again."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from chainrule.checker.grading.points import Part
from chainrule.checker.grading.rubric import Line
from chainrule.checker.grading.submission import Submission
from chainrule.core.errors import ChainruleError, FileFormatError
from chainrule.core.json_files import parse_json
from chainrule.core.npz import load_npz

CHECKED = {  # what is checked, in the words of the page
    "histories": "every submission_logs/*.npz holds train_losses, finite numbers, and train_accs and val_accs, shares from "
    "0 to 1, as many of one as of the other: one for each epoch and one for its start",
    "w_stds": "submission_logs/w_stds_he.json, w_stds_random.json and w_stds_zero.json hold eleven standard deviations "
    "each: sqrt(2 / fan_in), 0.01 and exactly 0",
    "results": "results.json holds val_acc (at least 0.45) and test_acc, shares of 1,000 images, and lr, num_epochs, "
    "batch_size, lr_decay and update_rule",
}
HONEST = "The trainings themselves are not repeated."
FANS = [3072] + [50] * 10
OUTPUTS = [50] * 10 + [10]
RULES = ("sgd", "sgd_momentum", "rmsprop", "adam")
LEAST = 0.45  # validation accuracy
Said = dict[str, str]  # what is wrong of each quantity, in a sentence; "" as a key for what concerns all


def check(line: Line, folder: Path, came: Submission) -> tuple[list[Part], list[str]]:
    """The parts of a line that asks for an artefact, and what is wrong in sentences.

    Args:
        line: of the rubric.
        folder: where the submission is laid out.
        came: the submission.
    """
    wrong = LOOKS[line.artefact](folder, came)
    parts = [Part(name, 0.0 if name in wrong or "" in wrong else most, most) for name, most in line.quantities.items()]
    return parts, list(wrong.values())


def histories(folder: Path, came: Submission) -> Said:
    """`submission_logs/*.npz`, as the Solver's record_histories_as_npz writes them."""
    names = [name for name in sorted(came.files) if PurePosixPath(name).match("submission_logs/*.npz")]
    if not names:
        return {"": "There is no .npz file in submission_logs."}
    wrong: Said = {}
    for name in names:
        short = PurePosixPath(name).name
        try:
            arrays = load_npz(folder / name)
        except ChainruleError as error:
            return {"": f"{short} cannot be read: {_inside(error, folder)}"}
        for quantity, why in _history(arrays).items():
            wrong.setdefault(quantity, f"{short}: {why}.")
    return wrong


def _history(arrays: dict[str, np.ndarray]) -> Said:
    wrong: Said = {}
    for name in ("train_losses", "train_accs", "val_accs"):
        array = arrays.get(name)
        if array is None:
            wrong[name] = f"there is no {name}"
        elif array.ndim != 1 or array.dtype.kind not in "fiu" or not array.size or not np.isfinite(array).all():
            wrong[name] = f"{name} must be finite numbers in one row; came {array.dtype}, shape {array.shape}"
        elif name != "train_losses" and not ((array >= 0) & (array <= 1)).all():
            wrong[name] = f"{name} must be shares from 0 to 1; came {array.min():.4g} to {array.max():.4g}"
    if not wrong:
        losses, train, val = (arrays[name].size for name in ("train_losses", "train_accs", "val_accs"))
        if train != val:
            wrong["val_accs"] = (
                f"train_accs has {train} entries and val_accs {val}; each has one for every epoch and one more"
            )
        elif train > 1 and losses % (train - 1):
            wrong["train_losses"] = f"{losses} losses are no whole number of iterations for each of {train - 1} epochs"
    return wrong


def w_stds(folder: Path, came: Submission) -> Said:
    """`submission_logs/w_stds_*.json`: the spread of every weight matrix of a net of ten hidden layers."""
    wanted = {"he": [math.sqrt(2 / fan) for fan in FANS], "random": [0.01] * 11, "zero": [0.0] * 11}
    wrong = {name: _stds(came, name, stds) for name, stds in wanted.items()}
    return {name: why for name, why in wrong.items() if why}


def _stds(came: Submission, name: str, wanted: list[float]) -> str:
    file = f"w_stds_{name}.json"
    found, why = _json(came, f"submission_logs/{file}")
    if why:
        return why
    stds = list(found.values()) if isinstance(found, dict) else found
    if not isinstance(stds, list) or len(stds) != len(wanted) or not all(_number(std) is not None for std in stds):
        return f"{file} must hold eleven numbers, one for each weight matrix."
    for place, (std, right) in enumerate(zip(stds, wanted)):
        entries = FANS[place] * OUTPUTS[place]
        allowed = max(
            0.03, 5 / math.sqrt(2 * entries)
        )  # five times the spread of a standard deviation of so many draws
        if abs(std - right) > allowed * right:
            return f"{file}: the standard deviation of W{place + 1} is {std:.6g}; wanted {right:.6g}, within {allowed:.0%}."
    return ""


def results(folder: Path, came: Submission) -> Said:
    """`results.json`: what the best net reached, and with which settings."""
    found, why = _json(came, "results.json")
    if why:
        return {"": why}
    if not isinstance(found, dict):
        return {"": "results.json must hold names and values."}
    wrong: Said = {}
    for name, least in (("val_acc", LEAST), ("test_acc", 0.0)):
        value = _number(found.get(name))
        if value is None or not 0 <= value <= 1:
            wrong[name] = f"results.json: {name} must be a share from 0 to 1; came {_shown(found.get(name))}."
        elif abs(value * 1000 - round(value * 1000)) > 1e-6:
            wrong[name] = f"results.json: {name} is {value:.6g}, which is no share of 1,000 images."
        elif value < least:
            wrong[name] = f"results.json: {name} is {value:.3f}; at least {least} was wanted."
    unfit = [name for name, fits in SETTINGS.items() if not fits(found.get(name))]
    if unfit:
        wrong["settings"] = f"results.json: {' and '.join(unfit)} must be there, with a value that the Solver takes."
    return wrong


def _above(value: Any) -> bool:
    number = _number(value)
    return number is not None and number > 0


SETTINGS: dict[str, Callable[[Any], bool]] = {
    "lr": _above,
    "num_epochs": _above,
    "batch_size": _above,
    "lr_decay": _above,
    "update_rule": lambda value: value in RULES,
}
LOOKS: dict[str, Callable[[Path, Submission], Said]] = {"histories": histories, "w_stds": w_stds, "results": results}


def _json(came: Submission, end: str) -> tuple[Any, str]:
    """The value of the file whose path ends so, or why there is none."""
    names = sorted((n for n in came.files if n == end or n.endswith(f"/{end}")), key=lambda n: (n.count("/"), n))
    if not names:
        return None, f"There is no {end}."
    try:
        return parse_json(came.files[names[0]], PurePosixPath(end).name), ""
    except FileFormatError as error:
        return None, f"{error}"


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if fits else None


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)[:60]


def _inside(error: Exception, folder: Path) -> str:
    """An error's words without where the submission was laid out."""
    return re.sub(re.escape(str(folder)) + "/?", "", str(error))
