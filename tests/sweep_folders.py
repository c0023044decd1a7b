"""What the tests of searches share: a small search, its table without times, and processes of it to be killed."""

import json
import subprocess
import sys
from pathlib import Path

SPACE = {"lr": {"log": [1e-3, 0.3]}, "rule": ["momentum", "adam"], "momentum": {"float": [0.5, 0.95]}}
SMALL = {
    "space": SPACE, "sampler": {"kind": "tpe", "startup": 4}, "pruner": {"kind": "halving"}, "budget": {"trials": 14},
    "finals": {"finalists": 2, "seeds": 2}, "ahead": 4, "num_train": 200, "num_test": 60, "hidden": [12], "epochs": 4,
    "batch_size": 20, "verbose": False,
}  # fmt: skip

# A search as a process of its own. Its trainings write a checkpoint at every chance, as longer ones would.
LAUNCH = """
import json, sys
from chainrule.study.sweeps import conclusion
from chainrule.training import solver
conclusion.write_sweep = lambda *arguments, **options: None
solver.CHECKPOINT_SECONDS = 0.02
import chainrule as cr
if __name__ == "__main__":
    cr.sweep("digits", **json.loads(sys.argv[1]))
"""


def start(first="", **options):
    """A process that searches, with these lines before it."""
    given = {**SMALL, **options, "out": str(options["out"])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", first + LAUNCH, json.dumps(given)], stderr=subprocess.PIPE, text=True
    )


def without_pages(monkeypatch):
    """Leave out the page: it takes longer than small searches, and has tests of its own."""
    monkeypatch.setattr(
        "chainrule.study.sweeps.conclusion.write_sweep", lambda path, *given, **more: path.write_text("page")
    )


def table(folder):
    """Everything that a search found, without times and places."""
    result = json.loads((Path(folder) / "result.json").read_text())
    trials = [{k: v for k, v in row.items() if k != "seconds"} for row in result["trials"]]
    finals = [{k: v for k, v in row.items() if k != "seconds"} for row in result["finals"]]
    return trials, finals, result["best"], result["winner"], result["test"]


def files(folder, name):
    """The files of trials, or of repetitions, that there are."""
    return sorted(path.name for path in (Path(folder) / name).glob("*.npz"))
