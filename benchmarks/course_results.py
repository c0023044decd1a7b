"""What the five courses' nets reach on CIFAR-10 through their own modules and Solvers: accuracies over three seeds.

    python benchmarks/course_results.py [COURSE ...] [--engine plain] [--seeds 3] [--json PATH]

CIFAR-10 is looked for where the courses' loaders look. Every training uses NumPy's global generator, as the notebooks do.
"""

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import courses


def solved(course: str, model: Any, data: dict, settings: dict[str, Any]) -> tuple[float, float]:
    """Train by the course's Solver; the best validation accuracy, and the test accuracy of the net that had it."""
    home = {"cs231n": "cs231n", "cs682": "cs682", "cs182": "deeplearning", "c147": "utils"}[course]
    module = __import__(f"{home}.solver", fromlist=["Solver"])
    solver = module.Solver(model, data, verbose=False, **settings)
    solver.train()
    return float(solver.best_val_acc), solver.check_accuracy(data["X_test"], data["y_test"])


def cs231n(data: dict, engine: str) -> tuple[float, float]:
    """Four hidden layers of 100 with batch normalization and Adam."""
    from cs231n.classifiers.fc_net import FullyConnectedNet

    model = FullyConnectedNet([100] * 4, weight_scale=5e-2, normalization="batchnorm", reg=1e-3)
    adam = {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}, "lr_decay": 0.9}
    return solved("cs231n", model, data, {**adam, "num_epochs": 10, "batch_size": 100, "engine": engine})


def cs682(data: dict, engine: str) -> tuple[float, float]:
    """Three hidden layers of 200 with batch normalization, by momentum."""
    from cs682.classifiers.fc_net import FullyConnectedNet

    model = FullyConnectedNet([200] * 3, weight_scale=2e-2, normalization="batchnorm", reg=1e-3)
    momentum = {"update_rule": "sgd_momentum", "optim_config": {"learning_rate": 1e-2}, "lr_decay": 0.9}
    return solved("cs682", model, data, {**momentum, "num_epochs": 10, "batch_size": 100, "engine": engine})


def cs182(data: dict, engine: str) -> tuple[float, float]:
    """Ten affine layers of 200, He initialization, Adam."""
    from deeplearning.classifiers.fc_net import FullyConnectedNet

    model = FullyConnectedNet([200] * 9, initialization="he")
    adam = {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}, "lr_decay": 0.95}
    return solved("cs182", model, data, {**adam, "num_epochs": 15, "batch_size": 200, "engine": engine})


def c147(data: dict, engine: str) -> tuple[float, float]:
    """Three hidden layers of 500 with batch normalization and Adam."""
    from nndl.fc_net import FullyConnectedNet

    model = FullyConnectedNet([500, 500, 500], weight_scale=1e-2, use_batchnorm=True)
    adam = {"update_rule": "adam", "optim_config": {"learning_rate": 1e-3}, "lr_decay": 0.9}
    return solved("c147", model, data, {**adam, "num_epochs": 10, "batch_size": 100, "engine": engine})


def cs145(data: dict, engine: str) -> tuple[float, float]:
    """Two layers, squared error, plain gradient steps by the net's own `train`."""
    from hw3code.neural_net import TwoLayerNet

    net = TwoLayerNet(3072, 200, 10)
    rows = {part: data[f"X_{part}"].transpose(0, 2, 3, 1).reshape(len(data[f"X_{part}"]), -1) for part in PARTS}
    net.train(
        rows["train"], data["y_train"], rows["val"], data["y_val"],
        learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-3, num_iters=5000, batch_size=200,
    )  # fmt: skip
    return tuple(float(np.mean(net.predict(rows[part]) == data[f"y_{part}"])) for part in ("val", "test"))  # type: ignore[return-value]


PARTS = ("train", "val", "test")
NETS: dict[str, Callable[[dict, str], tuple[float, float]]] = {
    "cs231n": cs231n, "cs682": cs682, "cs182": cs182, "c147": c147, "cs145": cs145,
}  # fmt: skip


def main() -> None:
    """Train, and print a line for every course."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("courses", nargs="*", help="all, where none is named")
    parser.add_argument("--engine", default="plain", help="of the courses' Solvers")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", help="write the figures to this file too")
    asked = parser.parse_args()
    from chainrule.courses.cs231n.data_utils import get_CIFAR10_data

    data, results = get_CIFAR10_data(), {}
    for name in asked.courses or NETS:
        found, began = [], time.perf_counter()
        with courses.activate(name):
            for seed in range(asked.seeds):
                np.random.seed(seed)
                found.append(NETS[name](data, asked.engine))
        val, test = np.array(found).T
        results[name] = {"val": val.tolist(), "test": test.tolist(), "seconds": time.perf_counter() - began}
        print(
            f"{name:7} validation {val.mean():.3f} ({val.min():.3f} to {val.max():.3f})   test {test.mean():.3f}   "
            f"{results[name]['seconds'] / len(val):.0f} s a training",
            flush=True,
        )
    if asked.json:
        with open(asked.json, "x") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
