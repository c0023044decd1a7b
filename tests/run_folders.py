"""What the tests of trainings in folders share: small tables, comparisons of folders, and processes to be killed."""

import csv
import subprocess
import sys
from importlib import import_module

import numpy as np

from chainrule.core.files import write_atomically
from chainrule.core.npz import load_npz

# The command line, but with a checkpoint at every chance: runs of seconds are otherwise over before the first one.
LAUNCH = """
from chainrule.training import solver
solver.CHECKPOINT_SECONDS = 0.05
from chainrule.cli import main
main()
"""


def start(*arguments, first="", **options):
    """A process of the command line, with these lines before it."""
    return subprocess.Popen([sys.executable, "-c", first + LAUNCH, *map(str, arguments)], **options)


def flowers(path, rows=120, *, seed=0, leave_out=(), colours=("red", "green", "blue"), gap=None):
    """A table with numbers, texts, a class and a real target; `gap` is a row whose weight is missing."""
    rng = np.random.default_rng(seed)
    names = [name for name in ("size", "colour", "weight", "species", "price") if name not in leave_out]
    with open(path, "w", newline="") as stream:
        writer = csv.DictWriter(stream, names, extrasaction="ignore")
        writer.writeheader()
        for place in range(rows):
            size, weight = rng.normal(size=2).round(3)
            colour = colours[place % len(colours)]
            writer.writerow(
                {
                    "size": size,
                    "colour": colour,
                    "weight": "" if place == gap else weight,
                    "species": "rose" if size + (colour == "red") > 0.5 else "tulip",
                    "price": round(3 * size - weight + (colour == "blue"), 3),
                }
            )
    return path


def timeless(path):
    """The bytes of every array of a history but those that hold times."""
    return {name: array.tobytes() for name, array in load_npz(path).items() if "seconds" not in name}


def same_bits(folder, other):
    """Whether two runs ended with the same net and the same history."""
    net = (folder / "net.safetensors").read_bytes() == (other / "net.safetensors").read_bytes()
    return net and timeless(folder / "history.npz") == timeless(other / "history.npz")


def contents(folder):
    """Every file below a folder with its bytes and the time of its last change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def without_pages(monkeypatch):
    """Leave out pages and figures: they take longer than small trainings, and have tests of their own."""

    def page(path, *content, **more):
        write_atomically(path, b"page")

    for name, written, drawn in (
        ("train", "write_run", "training_figure"),
        ("compare", "write_drawn", "study_figures"),
    ):
        module = import_module(f"chainrule.study.{name}")  # the package gives a function under this name
        monkeypatch.setattr(module, written, page)
        monkeypatch.setattr(module.plots, drawn, lambda what: {})
    save = module.plots.save

    def saved(figure, path, **more):
        save(figure, path, **more) if figure else page(path)

    monkeypatch.setattr(module.plots, "save", saved)
