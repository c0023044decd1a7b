"""How good is net B after a few seconds of training on CIFAR-10, and how much memory does that take?

Trains 3072–500×3–10 with batch norm, Adam and a cosine schedule, once for each seed, and measures the 10,000 test images.
CIFAR-10 is taken from where `chainrule.load_data` finds it ($CHAINRULE_DATA, else the user's cache).

    python benchmarks/accuracy.py [--seeds 3] [--epochs 2] [--json PATH]
"""

import argparse
import statistics
import time
from typing import Any

import chainrule as cr
from chainrule.bench.child import peak_bytes
from chainrule.bench.machine import Load, machine
from chainrule.core.json_files import write_json

HIDDEN, BATCH, LR = [500] * 3, 100, 1e-3


def train(data: Any, seed: int, epochs: int) -> dict[str, float]:
    """One training: seconds of it (compiled code is loaded before), and the share of test images that it gets right."""
    net = cr.FullyConnectedNet(HIDDEN, input_dim=3072, num_classes=10, norm="batch", seed=seed)
    solver = cr.Solver(
        net, data, rule="adam", lr=LR, schedule={"kind": "cosine"}, epochs=epochs, batch_size=BATCH, seed=seed,
        verbose=False,
    )  # fmt: skip
    solver.settings.prepare(solver.task)
    began = time.perf_counter()
    solver.train()
    seconds = time.perf_counter() - began
    test = net.score(data.X_test, data.y_test)
    return {"seed": seed, "seconds": seconds, "steps": solver.seconds, "test": test, "peak_bytes": peak_bytes()}


def measure(seeds: int, epochs: int) -> dict[str, Any]:
    """All seeds, their means, and the most memory that the process has had at the end of each."""
    data, load, own = cr.load_data("cifar10"), Load(), time.process_time()
    runs = [train(data, seed, epochs) for seed in range(seeds)]
    return {
        "machine": machine(), "epochs": epochs, "runs": runs,
        "others": load.others(time.process_time() - own),
        "mean_test": statistics.mean(run["test"] for run in runs),
        "mean_seconds": statistics.mean(run["seconds"] for run in runs),
    }  # fmt: skip


def markdown(found: dict[str, Any]) -> str:
    """The figures as a table."""
    lines = [
        f"{found['machine']['date']}: net B, Adam {LR:g} with a cosine schedule, {found['epochs']} epochs of 49,000 images, "
        f"all accuracy checks included. Mean test accuracy {found['mean_test']:.4f} after {found['mean_seconds']:.1f} s of "
        f"training; peak memory of the process {found['runs'][0]['peak_bytes'] / 1e6:.0f} MB with one training, "
        f"{found['runs'][-1]['peak_bytes'] / 1e6:.0f} MB with all of them, the data set (184 MB) included. Other "
        f"programs kept {found['others'] or 0:.2f} cores busy meanwhile.",
        "",
        "| seed | seconds | of it steps | test accuracy |",
        "| --- | --- | --- | --- |",
    ]
    rows = [f"| {r['seed']} | {r['seconds']:.1f} | {r['steps']:.1f} | {r['test']:.4f} |" for r in found["runs"]]
    return "\n".join([*lines, *rows]) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--json")
    given = parser.parse_args()
    result = measure(given.seeds, given.epochs)
    print(markdown(result))
    if given.json:
        write_json(given.json, result)
