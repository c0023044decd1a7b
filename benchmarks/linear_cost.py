"""Does the cost of a step grow linearly? Time per step against width, depth, batch and number of workers.

Random bytes of CIFAR-10's shape; sizes take turns in rounds, and medians are drawn, with the line that fits them best.

    python benchmarks/linear_cost.py [--rounds 31] [--steps 20] [--out benchmarks]
"""

import argparse
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import plots
from chainrule.bench.machine import Load, machine
from chainrule.core.json_files import write_json
from chainrule.core.threads import blas_threads, cores
from chainrule.plots.style import PALETTE, sheet, style

ROWS = 5000
SWEEPS: dict[str, list[int]] = {
    "width": [50, 100, 200, 300, 400, 600, 800],
    "depth": [1, 2, 4, 6, 8, 12, 16],
    "batch": [50, 100, 200, 300, 400, 600, 800],
    "workers": sorted({1, *range(2, cores() + 1)}),
}
LABELS = {
    "width": "units of the only hidden layer, batch 100",
    "depth": "hidden layers of 100, batch 100",
    "batch": "rows of a batch, five hidden layers of 100",
    "workers": "nets trained at the same time, one thread each",
}


def solver_of(data: dict[str, np.ndarray], sweep: str, size: int) -> cr.Solver:
    """A training of one size; nets of the sweep over workers get one slice each, as in studies."""
    hidden = {"width": [size], "depth": [100] * size}.get(sweep, [100] * 5)
    net = cr.FullyConnectedNet(hidden, input_dim=3072, num_classes=10)
    solver = cr.Solver(
        net, data, rule="adam", epochs=1_000_000, batch_size=size if sweep == "batch" else 100,
        engine="fused", slices=1 if sweep == "workers" else cores(), verbose=False,
    )  # fmt: skip
    solver.settings.prepare(solver.task)
    return solver


def take(solvers: list[cr.Solver], steps: int, pool: ThreadPoolExecutor) -> float:
    """Milliseconds per step while all of them take theirs."""

    def run(solver: cr.Solver) -> None:
        solver.settings.steps(solver.task, steps, val_history=[], stop=lambda: False, measure=False)

    began = time.perf_counter()
    list(pool.map(run, solvers))
    return 1e3 * (time.perf_counter() - began) / steps


def measure(rounds: int, steps: int) -> dict[str, Any]:
    """All sweeps: sizes, medians in ms, and the line that fits them."""
    rng = np.random.default_rng(5)
    data = {"X_train": rng.integers(0, 256, (ROWS, 3072), np.uint8), "y_train": rng.integers(0, 10, ROWS)}
    made = {
        (sweep, size): [solver_of(data, sweep, size) for _ in range(size if sweep == "workers" else 1)]
        for sweep, sizes in SWEEPS.items()
        for size in sizes
    }
    times: dict[tuple[str, int], list[float]] = {key: [] for key in made}
    load, own = Load(), time.process_time()
    with blas_threads(1), ThreadPoolExecutor(cores()) as pool:
        for number in range(rounds + 1):
            for key, solvers in made.items():
                spent = take(solvers, steps, pool)
                if number:
                    times[key].append(spent)
    others = load.others(time.process_time() - own)
    found = {}
    for sweep, sizes in SWEEPS.items():
        middle = [statistics.median(times[sweep, size]) for size in sizes]
        slope, start = np.polyfit(sizes, middle, 1) if len(sizes) > 1 else (0.0, middle[0])
        off = max(abs(start + slope * size - time) / time for size, time in zip(sizes, middle))
        found[sweep] = {"sizes": sizes, "ms": middle, "slope": slope, "start": start, "farthest": off}
    return {"machine": machine(), "rounds": rounds, "steps": steps, "others": others, "sweeps": found}


def picture(found: dict[str, Any]) -> Any:
    """Four panels: medians and their line."""
    with style():
        figure = sheet(width=7.0, height=5.4)
        for ax, (sweep, got) in zip(figure.subplots(2, 2).flat, found["sweeps"].items()):
            sizes = np.array(got["sizes"])
            ax.plot(sizes, got["ms"], "o", color=PALETTE[0])
            ax.plot(sizes, got["start"] + got["slope"] * sizes, color=PALETTE[1], linewidth=1)
            ax.set_ylim(bottom=0)
            ax.set_xlabel(LABELS[sweep])
            ax.set_ylabel("ms per step")
            ax.set_title(sweep)
            if sweep == "workers":
                ax.set_xticks(sizes)
    return figure


def markdown(found: dict[str, Any]) -> str:
    """The figures as a table."""
    lines = [
        f"{found['machine']['date']}: medians of {found['rounds']} rounds of {found['steps']} steps, in ms per step; "
        "“farthest” is how far a median lies from the line that fits best. Other programs kept "
        f"{found['others'] or 0:.2f} cores busy meanwhile.",
        "",
        "| against | sizes | ms per step | line | farthest |",
        "| --- | --- | --- | --- | --- |",
    ]
    for sweep, got in found["sweeps"].items():
        sizes, times = ", ".join(map(str, got["sizes"])), ", ".join(f"{ms:.2f}" for ms in got["ms"])
        line = f"{got['start']:.2f} + {got['slope']:.4f} × size"
        lines.append(f"| {sweep}: {LABELS[sweep]} | {sizes} | {times} | {line} | {got['farthest']:.0%} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = parser.parse_args()
    result = measure(given.rounds, given.steps)
    write_json(given.out / "linear_cost.json", result)
    plots.save(picture(result), given.out / "linear_cost.svg", overwrite=True)
    print(markdown(result))
