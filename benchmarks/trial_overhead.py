"""What the machinery of a search costs a trial: drawing it, storing it, its files, sending it to a worker.

The same trainings, one after the other: as a search on one worker, and as a plain loop that draws, trains and judges. Two
lengths of either are timed alternately, and their difference is divided by the trials between them, so that what a study
costs once (importing, the finals) does not count; nor does its page, which is left out.

Small trainings are Python for the most part, and on threads they share the interpreter's lock with the machinery. So there
is a second kind, "long", of which most is a pause of 0.1 s: it leaves the lock alone, as compiled code does.

    python benchmarks/trial_overhead.py [--rounds 5] [--executors threads,processes,cluster]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import chainrule as cr

FEW, MANY = 10, 60
PAUSE = 0.1  # seconds
RATES = [round(1e-3 * 1.05**i, 9) for i in range(MANY)]
SETTINGS = {"hidden": [20], "rule": "adam", "epochs": 2, "batch_size": 100, "slices": 1}


def paused(train):
    """A training with a pause before it."""

    def long(solver, *steps):
        time.sleep(PAUSE)
        return train(solver, *steps)

    return long


def search(data, trials: int, executor: str) -> float:
    """Seconds of a study with so many trials."""
    where = {"executor": executor, **({"cluster": "local"} if executor == "cluster" else {})}
    with tempfile.TemporaryDirectory() as folder, patch("chainrule.study.sweeps.conclusion.write_sweep"):
        began = time.perf_counter()
        cr.sweep(
            data, space={"lr": RATES[:trials]}, sampler="grid", finals={"finalists": 1, "seeds": 1}, workers=1,
            out=Path(folder) / "study", verbose=False, **where, **SETTINGS,
        )  # fmt: skip
        return time.perf_counter() - began


def loop(data, trials: int) -> float:
    """Seconds of the same trainings without a study."""
    began = time.perf_counter()
    for rate in RATES[:trials]:
        net = cr.FullyConnectedNet(SETTINGS["hidden"], input_dim=data.X_train.shape[1], seed=0)
        solver = cr.Solver(
            net, data, rule=SETTINGS["rule"], lr=rate, epochs=SETTINGS["epochs"], batch_size=SETTINGS["batch_size"],
            slices=SETTINGS["slices"], verbose=False,
        )  # fmt: skip
        solver.train()
    return time.perf_counter() - began


def per_trial(measure) -> float:
    """Milliseconds of a trial."""
    return 1e3 * (measure(MANY) - measure(FEW)) / (MANY - FEW)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--executors", default="threads,processes,cluster", help="which of them, with commas")
    asked = parser.parse_args()
    data = cr.load_data("digits")
    loop(data, 1)  # compiled, or loaded, before
    print(
        "| Trials run on | the same trainings alone, ms | of a search, ms | the machinery, ms |\n| --- | --- | --- | --- |"
    )
    kinds = [(executor, executor, cr.Solver.train) for executor in asked.executors.split(",")]
    for name, executor, train in [("threads, long", "threads", paused(cr.Solver.train)), *kinds]:
        cr.Solver.train = train
        search(data, 1, executor)
        rounds = [
            (per_trial(lambda n: loop(data, n)), per_trial(lambda n, where=executor: search(data, n, where)))
            for _ in range(asked.rounds)
        ]
        alone, whole = (statistics.median(column) for column in zip(*rounds))
        extra = statistics.median(b - a for a, b in rounds)
        print(f"| {name} | {alone:.1f} | {whole:.1f} | {extra:.1f} |", flush=True)


if __name__ == "__main__":
    main()
