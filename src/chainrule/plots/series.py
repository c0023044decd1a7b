"""What a curve shows: numbers taken from histories, averaged over steps and over seeds. No drawing here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError, choose
from chainrule.core.kinds import having

PER_STEP = ("loss", "grad_norm", "lr")
PER_CHECK = ("train_acc", "val_acc", "train_loss", "val_loss")
AXES = ("epoch", "step")
BANDS = ("std", "range", "none")
LARGEST = 1e100
MOST_POINTS = 300  # more than the dots of a telephone's screen, few enough for a small page


def as_groups(histories: Any) -> dict[str, list[Any]]:
    """One history, a list of them, or label -> history or histories: always label -> list of histories."""
    if not isinstance(histories, Mapping | Sequence) or isinstance(histories, str):
        check_history("curves", histories, name="histories")
    if not isinstance(histories, Mapping):
        histories = {"": histories}
    groups = {}
    for label, group in histories.items():
        members = list(group) if isinstance(group, Sequence) and not isinstance(group, str) else [group]
        groups[str(label)] = [history for history in members if history is not None]
        for history in groups[str(label)]:
            check_history("curves", history, name="histories")
    return groups


def check_history(owner: str, history: Any, *, name: str = "history") -> None:
    """Fail unless it is a History.

    Raises:
        ArrayTypeError: anything else.
    """
    needed = "loss grad_norm lr val_acc check_step metric"
    having(owner, name, history, needed, wanted="a History, such as Solver.train() returns")


def values(history: Any, quantity: str) -> np.ndarray:
    """(T,) float64 of one quantity, ready to be drawn."""
    return drawable(getattr(history, quantity))


def drawable(numbers: Any) -> np.ndarray:
    """As float64: what is not finite becomes NaN; beyond 1e100, where axes can no longer be computed, a line stays."""
    array = np.asarray(numbers, dtype=np.float64)
    return np.clip(np.where(np.isfinite(array), array, np.nan), -LARGEST, LARGEST)


def positions(history: Any, quantity: str, by: str) -> np.ndarray:
    """Where the values stand on the horizontal axis: steps done, or epochs.

    Epochs of single steps lie on the line through the checks; before the second check an epoch's length is not known,
    and there are then no positions.
    """
    check_step = np.asarray(history.check_step, dtype=np.float64)
    check_epoch = np.asarray(history.check_epoch, dtype=np.float64)
    if quantity in PER_CHECK:
        return check_step if by == "step" else check_epoch
    steps = np.arange(1, np.size(getattr(history, quantity)) + 1, dtype=np.float64)
    return steps if by == "step" else epochs_of(steps, check_step, check_epoch)


def epochs_of(steps: np.ndarray, check_step: np.ndarray, check_epoch: np.ndarray) -> np.ndarray:
    """The epochs at which steps end, by the checks; beyond the last check at the last epoch's pace."""
    if len(check_step) < 2 or check_step[-1] <= check_step[-2]:
        return np.empty(0)
    pace = (check_epoch[-1] - check_epoch[-2]) / (check_step[-1] - check_step[-2])
    beyond = np.maximum(steps - check_step[-1], 0) * pace
    return np.interp(steps, check_step, check_epoch) + beyond


def steps_per_epoch(histories: Sequence[Any]) -> float | None:
    """The steps of an epoch, where all histories that tell agree; else None."""
    ends = [(history.check_step[-1], history.check_epoch[-1]) for history in histories if len(history.check_epoch)]
    lengths = {float(steps) / float(epochs) for steps, epochs in ends if epochs > 0}
    return lengths.pop() if len(lengths) == 1 else None


def block_size(length: int, smooth: int | str | None, most: int = MOST_POINTS) -> int:
    """How many steps one drawn point stands for.

    Raises:
        SettingError: `smooth` is neither "auto" nor None nor a positive whole number.
    """
    if smooth == "auto":
        return max(1, -(-length // most))
    if smooth is None:
        return 1
    if isinstance(smooth, bool) or not isinstance(smooth, (int, np.integer)) or smooth < 1:
        raise SettingError(
            f'curves: smooth must be "auto", None or the whole number of steps averaged into a point; came {smooth!r}.'
        )
    return int(smooth)


def blocks(numbers: np.ndarray, size: int, reduce: Callable[[np.ndarray], np.ndarray] | None = None) -> np.ndarray:
    """(T,) -> (ceil(T / size),): every block of `size` numbers reduced to one, by default to its mean."""
    if size == 1:
        return numbers
    padded = np.full(-(-len(numbers) // size) * size, np.nan)
    padded[: len(numbers)] = numbers
    return (reduce or mean)(padded.reshape(-1, size).T)


def mean(runs: np.ndarray) -> np.ndarray:
    """(R, n) -> (n,): the mean of the finite values of each column; NaN where there are none."""
    present = np.isfinite(runs)
    count = present.sum(axis=0)
    total = np.where(present, runs / np.maximum(count, 1), 0).sum(axis=0)
    return np.where(count > 0, total, np.nan)


def lowest(runs: np.ndarray) -> np.ndarray:
    """(R, n) -> (n,): the least finite value of each column; NaN where there are none."""
    present = np.isfinite(runs)
    return np.where(present.any(axis=0), np.where(present, runs, np.inf).min(axis=0, initial=np.inf), np.nan)


def highest(runs: np.ndarray) -> np.ndarray:
    """(R, n) -> (n,): the greatest finite value of each column; NaN where there are none."""
    return -lowest(-runs)


def band(runs: np.ndarray, kind: str | None) -> tuple[np.ndarray, np.ndarray]:
    """(R, n) -> low and high, (n,): one standard deviation (by N - 1) about the mean ("std"), or the runs' "range"."""
    if kind == "range":
        return lowest(runs), highest(runs)
    middle = mean(runs)
    present = np.isfinite(runs)
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.where(present, np.square(runs - middle), 0).sum(axis=0)
        spread = np.sqrt(squares / np.maximum(present.sum(axis=0) - 1, 1))
        spread = np.where(np.isfinite(spread), spread, 0)
    return middle - spread, middle + spread


def gather(group: list[Any], quantity: str, by: str, smooth: int | str | None) -> tuple[np.ndarray, np.ndarray, int]:
    """The runs of one label on one axis.

    Returns:
        x (n,): positions; runs (R, n): one row a seed, NaN where it ended earlier; the steps averaged into a point.
    """
    choose(quantity, PER_STEP + PER_CHECK, what="quantity of a history")
    pairs = [(positions(history, quantity, by), values(history, quantity)) for history in group]
    if any(len(x) not in (0, len(v)) for x, v in pairs):
        raise ArrayError(f"curves: {quantity} and the checks of a history differ in length; was it cut by hand?")
    pairs = [(x, v) for x, v in pairs if len(x)]
    length = max((len(x) for x, _ in pairs), default=0)
    size = block_size(length, smooth) if quantity in PER_STEP else 1
    x = max((blocks(x, size) for x, _ in pairs), key=len, default=np.empty(0))
    runs = np.full((len(pairs), len(x)), np.nan)
    for row, (_, numbers) in zip(runs, pairs):
        means = blocks(numbers, size)
        row[: len(means)] = means
    return x, runs, size


def last(history: Any, quantity: str) -> float:
    """The last value of a quantity, NaN where there is none."""
    numbers = np.asarray(getattr(history, quantity), dtype=np.float64)
    return float(numbers[-1]) if numbers.size else float("nan")
