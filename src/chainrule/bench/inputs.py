"""What all peers of a work start from: the same bytes, batches and weights, as files of one folder."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.bench.work import Compared, Search, Training, Work


def images(work: Work) -> dict[str, np.ndarray]:
    """Rows (X, Q: uint8) and labels (y): CIFAR-10 where $CHAINRULE_DATA has it and the work its shape, else random."""
    counts = _counts(work)
    if is_cifar10(work):
        found = _cifar10(work)
        return {name: found[name][:n] for name, n in counts.items()}
    rng = np.random.default_rng(11)
    return {
        name: rng.integers(0, work.classes, n)
        if name.startswith("y")
        else rng.integers(0, 256, (n, work.features), np.uint8)
        for name, n in counts.items()
    }


def is_cifar10(work: Work) -> bool:
    """Whether the data of a work are CIFAR-10's."""
    return work.features == 3072 and bool(os.environ.get("CHAINRULE_DATA"))


def _cifar10(work: Work) -> dict[str, np.ndarray]:
    from chainrule.datasets import load_data

    data = load_data("cifar10", folder=os.environ["CHAINRULE_DATA"], download=False)
    if isinstance(work, Search):
        X = np.concatenate([data["X_train"], data["X_val"]])
        return {"X": X.reshape(-1, work.features), "Q": data["X_test"].reshape(-1, work.features)}
    parts = {"": "train", "_val": "val", "_test": "test"}
    rows = {f"X{end}": data[f"X_{part}"].reshape(-1, work.features) for end, part in parts.items()}
    return rows | {f"y{end}": data[f"y_{part}"] for end, part in parts.items()}


def _counts(work: Work) -> dict[str, int]:
    if isinstance(work, Search):
        return {"X": work.rows, "Q": work.queries}
    counts = {"X": work.rows, "y": work.rows}
    if isinstance(work, Compared):
        counts |= dict.fromkeys(("X_val", "y_val", "X_test", "y_test"), work.checked)
    return counts


def write(work: Work, folder: Path, *, steps: int) -> None:
    """Write a work's arrays, batches (`steps` of them) and starting weights, each as a .npy file."""
    found = images(work)
    if not isinstance(work, Search):
        found |= _moments(found["X"])
    if isinstance(work, Training):
        found["batches"] = _batches(0, work, steps)
        found |= _weights(work, work.nets)
    elif isinstance(work, Compared):
        epochs = work.epochs * (work.rows // work.batch)
        for seed in range(work.seeds):
            found[f"batches-{seed}"] = _batches(seed, work, epochs)
        found |= _weights(work, work.seeds)
    for name, array in found.items():
        np.save(folder / f"{name}.npy", array)


def _moments(X: np.ndarray) -> dict[str, np.ndarray]:
    """What every net subtracts and divides by: the mean image, and one scale."""
    from chainrule.datasets.moments import mean_and_variance

    mean, variance = mean_and_variance(X)
    return {"center": mean, "scale": np.array(np.sqrt(variance.mean()))}


def _batches(seed: int, work: Training | Compared, steps: int) -> np.ndarray:
    from chainrule.engines.batches import shuffle

    rows = [shuffle(seed=seed, step=step, rows=work.rows, batch_size=work.batch) for step in range(steps)]
    return np.array(rows, np.int64)


def _weights(work: Training | Compared, nets: int) -> dict[str, np.ndarray]:
    """Starting weights by net and name: "0-W1"."""
    return {f"{i}-{name}": array for i in range(nets) for name, array in net_of(work, seed=i).params.items()}


def net_of(work: Training | Compared, *, seed: int) -> Any:
    """The work's net, as this library makes it."""
    from chainrule.nets import FullyConnectedNet

    return FullyConnectedNet(
        list(work.hidden), input_dim=work.features, num_classes=work.classes,
        norm="batch" if work.norm else None, seed=seed,
    )  # fmt: skip


class Inputs:
    """The files of a folder, read when they are asked for.

    Args:
        folder: what `write` has filled.
        nets: which of the work's nets are this process's own.
    """

    def __init__(self, folder: Path, nets: list[int]) -> None:
        self.folder, self.nets = folder, nets

    def __getitem__(self, name: str) -> np.ndarray:
        return np.load(self.folder / f"{name}.npy")

    def features(self, name: str = "X") -> np.ndarray:
        """Centred and scaled rows, float32: for those who keep their data so."""
        out = self[name].astype(np.float32)
        out -= self["center"].astype(np.float32)
        out /= np.float32(self["scale"])
        return out

    def weights(self, net: int) -> dict[str, np.ndarray]:
        """A net's starting parameters by name."""
        paths = self.folder.glob(f"{net}-*.npy")
        return {path.stem.partition("-")[2]: np.load(path) for path in paths}
