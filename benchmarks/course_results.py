"""What the five courses' nets reach on CIFAR-10 through their own modules and Solvers: accuracies over three seeds.

    python benchmarks/course_results.py [COURSE | overfit | batches ...] [--engine plain] [--seeds 3] [--json PATH]

For the courses: validation and test accuracy; for `overfit` the first epoch at 100 % of fifty images; for `batches` the
training accuracy of two ways to take 300 steps.

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
    """Two layers, squared error, plain gradient steps by the net's own `train`, as in the notebook's search."""
    from hw3code.neural_net import TwoLayerNet

    net = TwoLayerNet(3072, 50, 10)
    # channels first or last is one to this net; rows of a part are views
    rows = {part: data[f"X_{part}"].reshape(len(data[f"X_{part}"]), -1) for part in ("train", "val", "test")}
    net.train(
        rows["train"], data["y_train"], rows["val"], data["y_val"],
        learning_rate=1e-3, learning_rate_decay=0.95, reg=0.01, num_iters=1000, batch_size=200,
    )  # fmt: skip
    val, test = (float(np.mean(net.predict(rows[part]) == data[f"y_{part}"])) for part in ("val", "test"))
    return val, test


def overfit(data: dict, engine: str) -> tuple[float, float]:
    """Fifty images learnt by heart in CS231n's and CS682's manner: the first epochs at 100 % of three and five layers."""
    from cs231n.classifiers.fc_net import FullyConnectedNet
    from cs231n.solver import Solver

    few, found = {**data, "X_train": data["X_train"][:50], "y_train": data["y_train"][:50]}, []
    for hidden, scale, rate in (([100] * 2, 2e-2, 1e-2), ([100] * 4, 5e-2, 5e-3)):
        model = FullyConnectedNet(hidden, weight_scale=scale, dtype=np.float64)
        options = {"num_epochs": 20, "batch_size": 25, "optim_config": {"learning_rate": rate}, "engine": engine}
        solver = Solver(model, few, verbose=False, **options)
        solver.train()
        perfect = np.flatnonzero(np.array(solver.train_acc_history) == 1)
        found.append(float(perfect[0]) if len(perfect) else np.nan)
    return found[0], found[1]


def batches(data: dict, engine: str) -> tuple[float, float]:
    """CS182's effective batch size: 300 steps of SGD on 600 rows at rate 0.012, of momentum on 100 rows at 0.002."""
    from deeplearning.classifiers.fc_net import FullyConnectedNet
    from deeplearning.solver import Solver

    few, found = {**data, "X_train": data["X_train"][:6000], "y_train": data["y_train"][:6000]}, []
    start = np.random.get_state()
    for rule, rate, batch_size in (("sgd", 1.2e-2, 600), ("sgd_momentum", 2e-3, 100)):
        np.random.set_state(start)
        model = FullyConnectedNet([100] * 5, weight_scale=5e-2)
        options = {"num_epochs": batch_size // 20, "batch_size": batch_size, "engine": engine}
        solver = Solver(model, few, update_rule=rule, optim_config={"learning_rate": rate}, verbose=False, **options)
        solver.train()
        found.append(float(solver.train_acc_history[-1]))
    return found[0], found[1]


Measured = Callable[[dict, str], tuple[float, float]]
WHAT: dict[str, tuple[str, Measured, tuple[str, str]]] = {  # by name: the course, the training, what its figures are
    **{net.__name__: (net.__name__, net, ("validation", "test")) for net in (cs231n, cs682, cs182, c147, cs145)},
    "overfit": ("cs231n", overfit, ("3 layers", "5 layers")),
    "batches": ("cs182", batches, ("sgd", "momentum")),
}


def main() -> None:
    """Train, and print a line for every course."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], help=f"of {', '.join(WHAT)}; all where none is named")
    parser.add_argument("--engine", default="plain", help="of the courses' Solvers")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", help="write the figures to this file too")
    asked = parser.parse_args()
    from chainrule.courses.cs231n.data_utils import get_CIFAR10_data

    data, results = get_CIFAR10_data(), {}
    for name in asked.what or WHAT:
        course, training, titles = WHAT[name]
        found, began = [], time.perf_counter()
        with courses.activate(course):
            for seed in range(asked.seeds):
                np.random.seed(seed)
                found.append(training(data, asked.engine))
        seconds = (time.perf_counter() - began) / asked.seeds
        results[name] = {**dict(zip(titles, np.array(found).T.tolist())), "seconds": seconds}
        figures = (
            f"{title} {np.mean(of):.3f} ({min(of):.3f} to {max(of):.3f})" for title, of in zip(titles, zip(*found))
        )
        print(f"{name:8} {'   '.join(figures)}   {seconds:.0f} s a training", flush=True)
    if asked.json:
        with open(asked.json, "x") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
