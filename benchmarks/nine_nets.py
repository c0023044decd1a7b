"""CS231n's nine nets on CIFAR-10, searched by `chainrule sweep`, beside the same trainings in PyTorch.

Chainrule's time is the whole study's: nine trials, the winner trained once more with another seed, its test accuracy, files
and page. PyTorch's is that of ten trainings, five in each of two processes with one thread each, eager, with Adam's fused
step, images centred beforehand, and the same accuracies after every epoch; imports and reading data are not in it.

    python benchmarks/nine_nets.py [--python PATH] [--epochs 30]
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RATES, PENALTIES = (5e-4, 1e-3, 2e-3), (0.0, 0.001, 0.003)
GRID = [*itertools.product(RATES, PENALTIES), (RATES[-1], PENALTIES[-1])]  # the last stands for the winner's repetition
HIDDEN, BATCH, DECAY = [100] * 5, 200, 0.9


def ours(epochs: int) -> dict[str, float]:
    """The study."""
    import chainrule as cr

    net = cr.FullyConnectedNet(HIDDEN, input_dim=3072)
    solver = cr.Solver(net, "cifar10", rule="adam", slices=1, verbose=False)
    solver.settings.prepare(solver.task)  # compiled, or loaded, before
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        study = cr.sweep(
            solver.data, space={"lr": list(RATES), "reg": list(PENALTIES)}, sampler="grid", hidden=HIDDEN, rule="adam",
            epochs=epochs, batch_size=BATCH, schedule={"kind": "exponential", "decay": DECAY},
            finals={"finalists": 1, "seeds": 1}, workers=2, out=Path(folder) / "study", verbose=False,
        )  # fmt: skip
        seconds = time.perf_counter() - began
    return {"seconds": seconds, "best": max(trial.value for trial in study.trials), "test": study.test}


def theirs(python: str, epochs: int) -> dict[str, float]:
    """Ten trainings in two processes."""
    command = [python, "-P", __file__, "--peer", "--epochs", str(epochs)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    children = [
        subprocess.Popen([*command, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        for i in range(2)
    ]
    for child in children:
        child.stdout.readline()  # data are read
    began = time.perf_counter()
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [json.loads(child.stdout.readline()) for child in children]
    return {"seconds": time.perf_counter() - began, "best": max(itertools.chain(*answers))}


def peer(share: int, epochs: int) -> None:
    """Every other training, once told to go."""
    import torch
    from torch.nn.functional import cross_entropy

    import chainrule as cr

    torch.set_num_threads(1)
    data = cr.load_data("cifar10")
    transform = data.input_transform()
    X, X_val = (torch.from_numpy(transform.apply(part, "float32")) for part in (data.X_train, data.X_val))
    y, y_val = torch.from_numpy(data.y_train).long(), torch.from_numpy(data.y_val).long()
    print("ready", flush=True)
    sys.stdin.readline()
    best = []
    for lr, penalty in GRID[share::2]:
        torch.manual_seed(0)
        layers: list[torch.nn.Module] = []
        for wide, out in itertools.pairwise([3072, *HIDDEN]):
            layers += [torch.nn.Linear(wide, out), torch.nn.ReLU()]
        net = torch.nn.Sequential(*layers, torch.nn.Linear(HIDDEN[-1], 10))
        for layer in net[::2]:
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
        weights = [layer.weight for layer in net[::2]]
        groups = [{"params": weights, "weight_decay": penalty}, {"params": [layer.bias for layer in net[::2]]}]
        rule = torch.optim.Adam(groups, lr=lr, fused=True)
        schedule = torch.optim.lr_scheduler.ExponentialLR(rule, DECAY)
        scores = []
        for _ in range(epochs):
            for rows in torch.randperm(len(X))[: len(X) // BATCH * BATCH].view(-1, BATCH):
                rule.zero_grad()
                cross_entropy(net(X[rows]), y[rows]).backward()
                rule.step()
            schedule.step()
            with torch.no_grad():
                sample = torch.randperm(len(X))[:1000]
                (net(X[sample]).argmax(1) == y[sample]).float().mean()
                scores.append((net(X_val).argmax(1) == y_val).float().mean().item())
        best.append(max(scores))
    print(json.dumps(best), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("share", nargs="?", type=int)
    parser.add_argument("--python", default=sys.executable, help="where PyTorch can be imported")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peer:
        peer(given.share, given.epochs)
    else:
        found, other = ours(given.epochs), theirs(given.python, given.epochs)
        print(f"Chainrule: {found['seconds']:.0f} s, best validation {found['best']:.3f}, test {found['test']:.3f}")
        print(f"PyTorch: {other['seconds']:.0f} s, best validation {other['best']:.3f}")
        print(f"Chainrule is {other['seconds'] / found['seconds']:.2f} times as fast.")
