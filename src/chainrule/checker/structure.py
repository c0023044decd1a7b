"""What can be measured of a wrong value where no known mistake explains it: shape, ratio, axis, sign, missing terms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.checker.battery import Trial, is_right, ran
from chainrule.checker.compare import is_numeric, off_by, same, scale
from chainrule.checker.play import described
from chainrule.checker.subject import Failed
from chainrule.checker.task import Quantity
from chainrule.checker.wording import begun, being

NEARLY = 1e-4  # in units of the largest wanted entry


def measured(quantity: Quantity, trials: Sequence[Trial]) -> list[str]:
    """Sentences about a wrong quantity, each true in every trial in which it is wrong."""
    tried = [trial for trial in trials if ran(quantity, trial)]
    wrong = [trial for trial in tried if not is_right(quantity, trial)]
    said = [_how_often(quantity, tried, wrong)]
    pairs = [(trial.seen[quantity.name], trial.wanted.get(quantity.name, "")) for trial in wrong]
    failures = [got for got, _ in pairs if isinstance(got, Failed)]
    if failures:
        if failures[0].verdict == "timeout":
            return [*said, f"There was {failures[0].message}, and the call was ended"]
        line = f" (line {failures[0].line})" if failures[0].line else ""
        return [*said, f"It stops with {failures[0].message}{line}"]
    if not all(is_numeric(got) and is_numeric(wanted) for got, wanted in pairs):
        odd = next(got for got, wanted in pairs if not (is_numeric(got) and is_numeric(wanted)))
        return [*said, f"What came is {described(odd)}"]
    arrays = [(np.asarray(got, dtype=np.float64), np.asarray(wanted, dtype=np.float64)) for got, wanted in pairs]
    shapes = _shape(arrays)
    if shapes:
        return [*said, shapes]
    found = (
        _nearly(arrays)
        or _transposed(arrays)
        or _ratio(arrays, wrong)
        or _terms(quantity, arrays, wrong)
        or _offset(arrays)
        or _lines(arrays)
    )
    return [*said, *(text for text in (_not_finite(arrays), found or _size(arrays), _where(arrays)) if text)]


def _how_often(quantity: Quantity, tried: list[Trial], wrong: list[Trial]) -> str:
    """In how many trials, and in which kind."""
    kinds, others = {trial.case.kind for trial in wrong}, {trial.case.kind for trial in tried if trial not in wrong}
    only = kinds - others
    where = (
        f", only for {' and for '.join(sorted(only))}" if only and "" not in kinds and len(wrong) < len(tried) else ""
    )
    return f"{begun(being(quantity.words))} wrong in {len(wrong)} of {len(tried)} trials{where}"


def _shape(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    a, b = next(((a, b) for a, b in arrays if a.shape != b.shape), (None, None))
    if a is None or b is None:
        return ""
    if all(a.shape != b.shape and same(a.T, b) for a, b in arrays):
        return f"It is the transpose of what is wanted: shape {a.shape}, wanted {b.shape}"
    if all(a.size == b.size and same(a.reshape(b.shape), b) for a, b in arrays):
        return f"The numbers are right but not the shape: {a.shape}, wanted {b.shape}"
    if all(a.ndim < b.ndim and _is_sum(a, b) for a, b in arrays):
        return f"It has been summed once too often: shape {a.shape}, wanted {b.shape}"
    if all(a.ndim > b.ndim and _is_sum(b, a) for a, b in arrays):
        return f"An axis has not been summed: shape {a.shape}, wanted {b.shape}"
    return f"The shape is {a.shape}, wanted {b.shape}"


def _nearly(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """What is right but for rounding, or but for something small: no ratio or offset of it means anything."""
    worst = _worst(arrays)
    if not worst <= NEARLY:
        return ""
    digits = int(-np.log10(worst))
    return f"It is right to {digits} digits only, as where something inside is float32, or a small constant differs"


def _worst(arrays: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """The largest difference, in units of the largest wanted entry."""
    return max(float(off_by(a, b).max()) / scale(b) for a, b in arrays if a.size)


def _transposed(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Of square arrays, whose shape does not show it."""
    turned = all(a.ndim == 2 and same(a.T, b) for a, b in arrays)
    return "It is the transpose of what is wanted" if turned else ""


def _is_sum(less: np.ndarray, more: np.ndarray) -> bool:
    return same(less, more.sum()) or any(same(less, more.sum(axis=axis)) for axis in range(more.ndim))


def _ratio(arrays: list[tuple[np.ndarray, np.ndarray]], trials: list[Trial]) -> str:
    """A constant factor, and which number it is in every trial."""
    ratios = []
    for a, b in arrays:
        solid = np.abs(b) > 1e-9 * scale(b)
        if not solid.any() or not np.isfinite(a).all() or np.any(np.abs(a[~solid]) > 1e-7 * scale(b)):
            return ""
        ratio = a[solid] / b[solid]
        if np.ptp(ratio) > 1e-6 * np.abs(ratio).max():
            return ""
        ratios.append(float(np.median(ratio)))
    return f"Every entry is {_constant(ratios, trials)} what it should be"


def _constant(ratios: list[float], trials: list[Trial]) -> str:
    """The factor in words, by the sizes of each trial where one of them explains it."""
    for name in trials[0].case.sizes:
        values = [trial.case.sizes.get(name, np.nan) for trial in trials]
        for text, wanted in _powers(name, np.array(values, dtype=float)):
            if np.allclose(ratios, wanted, rtol=1e-5) and np.ptp(values) > 0:
                return text
    if np.ptp(ratios) > 1e-5 * np.abs(ratios).max():
        return f"a constant factor (from {min(ratios):.4g} to {max(ratios):.4g}, by the trial) times"
    known = {-1.0: "minus", 2.0: "twice", 0.5: "half", 0.0: "0 times"}
    near = next((text for value, text in known.items() if abs(ratios[0] - value) < 1e-5), None)
    return near or f"{ratios[0]:.{5 if abs(ratios[0] - 1) > 1e-3 else 9}g} times"


def _powers(name: str, value: np.ndarray) -> list[tuple[str, np.ndarray]]:
    with np.errstate(all="ignore"):
        return [
            (f"{name} times", value),
            (f"1/{name} of", 1 / value),
            (f"1/{name}² of", 1 / value**2),
            (f"-{name} times", -value),
            (f"-1/{name} of", -1 / value),
            (f"({name} - 1)/{name} of", (value - 1) / value),
            (f"{name}/({name} - 1) of", value / (value - 1)),
            (f"(1 - {name}) times", 1 - value),
            (f"1/(1 - {name}) of", 1 / (1 - value)),
            (f"√{name} times", np.sqrt(np.abs(value))),
            (f"1/√{name} of", 1 / np.sqrt(np.abs(value))),
        ]


def _terms(quantity: Quantity, arrays: list[tuple[np.ndarray, np.ndarray]], trials: list[Trial]) -> str:
    """Which terms of the true value are missing, or have another factor: a fit over all trials."""
    if not quantity.terms:
        return ""
    columns = [
        np.concatenate([np.broadcast_to(trial.wanted[term], b.shape).ravel() for trial, (_, b) in zip(trials, arrays)])
        for term in quantity.terms
    ]
    came = np.concatenate([a.ravel() for a, _ in arrays])
    if not np.isfinite(came).all() or not all(np.isfinite(column).all() for column in columns):
        return ""
    design = np.stack(columns, axis=1)
    factors = np.linalg.lstsq(design, came, rcond=None)[0]
    if not same(design @ factors, came, 1e-6):
        return ""
    said = [f"{_factor(factor)} {name.replace('_', ' ')}" for name, factor in zip(quantity.terms, factors)]
    return f"It is made of {', '.join(said)}; each should be there once"


def _factor(factor: float) -> str:
    whole = {0: "no", 1: "one", -1: "minus one", 2: "two", 0.5: "half of"}
    return next((text for value, text in whole.items() if abs(factor - value) < 1e-5), f"{factor:.4g} times")


def _offset(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """A constant difference."""
    gaps = [a - b for a, b in arrays]
    if any(not np.isfinite(gap).all() or np.ptp(gap) > 1e-6 * scale(b) for gap, (_, b) in zip(gaps, arrays)):
        return ""
    means = [float(gap.mean()) for gap in gaps]
    if np.ptp(means) <= 1e-6 * max(map(abs, means)):
        return f"It is {'larger' if means[0] > 0 else 'smaller'} by {abs(means[0]):.6g} every time"
    return "Every entry is off by one same amount" if arrays[0][0].size > 1 else ""


def _lines(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """A factor of its own for every column or row, or one value everywhere."""
    if all(a.size > 1 and np.isfinite(a).all() and np.ptp(a) <= 1e-9 * scale(a) for a, _ in arrays):
        return "All its entries are equal, where they should differ"
    if any(a.ndim != 2 or min(a.shape) < 2 for a, _ in arrays):
        return ""
    for axis, word in ((0, "column"), (1, "row")):
        if all(_constant_along(a, b, axis) for a, b in arrays):
            return f"Each {word} is off by a factor of its own"
    return ""


def _constant_along(a: np.ndarray, b: np.ndarray, axis: int) -> bool:
    with np.errstate(all="ignore"):
        ratio = a / b
    return bool(np.isfinite(ratio).all() and np.all(np.ptp(ratio, axis=axis) <= 1e-6 * np.abs(ratio).max()))


def _not_finite(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    broken = [np.mean(~np.isfinite(a)) for a, b in arrays if np.isfinite(b).all() and not np.isfinite(a).all()]
    return f"NaN or infinite entries came ({100 * max(broken):.0f} % in the worst trial)" if broken else ""


def _size(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    worst = _worst(arrays)
    return f"The largest difference is {worst:.2g} times the largest wanted entry" if np.isfinite(worst) else ""


def _where(arrays: list[tuple[np.ndarray, np.ndarray]]) -> str:
    """Which share of the entries is off, and whether they stand in one row or column."""
    share = [float(np.mean(off_by(a, b) > 1e-6 * scale(b))) for a, b in arrays]
    if all(part > 0.95 for part in share) or np.mean(share) < 0.005 or arrays[0][0].ndim == 0:
        return ""
    for axis, word in ((0, "row"), (1, "column")):
        if all(a.ndim == 2 for a, _ in arrays):
            lines = [np.flatnonzero((off_by(a, b) > 1e-6 * scale(b)).any(axis=1 - axis)) for a, b in arrays]
            if all(len(line) == 1 and b.shape[axis] > 1 for line, (_, b) in zip(lines, arrays)):
                if all(line[0] == 0 for line in lines):
                    return f"Only the first {word} is off"
                if all(line[0] == b.shape[axis] - 1 for line, (_, b) in zip(lines, arrays)):
                    return f"Only the last {word} is off"
    return f"{100 * np.mean(share):.0f} % of the entries are off, the others are right"


def entry(got: Any, wanted: Any, digits: int = 6) -> tuple[str, str, str]:
    """The worst entry of one trial: where it is, what came, what was wanted."""
    if isinstance(got, Failed):
        return "", got.message, described(wanted)
    if not is_numeric(got) or not is_numeric(wanted) or np.shape(got) != np.shape(wanted):
        return "", described(got), described(wanted)
    if np.ndim(wanted) == 0:
        return "", f"{float(got):.{digits}g}", f"{float(wanted):.{digits}g}"
    place = np.unravel_index(int(np.argmax(off_by(got, wanted))), np.shape(wanted))
    where = f"entry [{', '.join(str(int(i)) for i in place)}]"
    came, right = float(np.asarray(got)[place]), float(np.asarray(wanted)[place])
    return where, f"{came:.{digits}g}", f"{right:.{digits}g}"
