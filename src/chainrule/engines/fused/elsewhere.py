"""Compiling in a process of its own: it takes 150 MB, which go back to the system with the process."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

_CHILD = "from chainrule.engines.fused import elsewhere; elsewhere.here({dtype!r})"


class Place:
    """Where this process compiles: `here` is true in one that was started for it."""

    here = False


def compile_elsewhere(dtype: str) -> None:
    """Have another process compile for a float type and keep the result on disk.

    Where no process can be started, or it fails, nothing is on disk afterwards, and this one compiles itself.
    """
    if Place.here or not sys.executable or getattr(sys, "frozen", False):
        return
    folders = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-c", _CHILD.format(dtype=dtype)]
    try:
        subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return


def here(dtype: str) -> None:
    """What that other process does: compile for the smallest of all trainings."""
    from chainrule.engines.batches import shuffle
    from chainrule.engines.fused.run import prepare
    from chainrule.engines.task import Task
    from chainrule.nets.fully_connected import FullyConnectedNet
    from chainrule.optim import OPTIMIZERS

    Place.here = True
    task = Task(
        net=FullyConnectedNet([1], input_dim=1, num_classes=2, dtype=dtype),
        X=np.zeros((1, 1)),
        y=np.zeros(1, np.int64),
        rule=OPTIMIZERS["sgd"],
        options={},
        lr=0.0,
        schedule={"kind": "constant"},
        weight_decay=None,
        clip_norm=None,
        clip_value=None,
        sampler=shuffle,
        batch_size=1,
        seed=0,
        steps_per_epoch=1,
        total_steps=1,
    )
    prepare(task)
