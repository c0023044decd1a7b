"""Compiling in processes of their own, one for each function: the 300 MB that it takes go back with the process."""

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np

from chainrule.engines.task import Task

# Compiling makes millions of objects that live as long as it takes: the garbage collector would only walk them.
_CHILD = """
import gc
gc.set_threshold(100_000, 20, 50)
from chainrule.engines.fused import elsewhere
elsewhere.here({dtype!r}, {name!r})
"""


class Place:
    """Where this process compiles: `here` is true in one that was started for it."""

    here = False


def compile_elsewhere(dtype: str) -> None:
    """Have other processes compile for a float type and keep the results on disk.

    Where none can be started, or one fails, its result is not on disk afterwards, and this process compiles itself.
    """
    if Place.here or not sys.executable or getattr(sys, "frozen", False):
        return
    folders = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]
    env, null = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))}, subprocess.DEVNULL
    with suppress(OSError), ExitStack() as started:  # it waits for all of them
        for name in ("run", "evaluate"):
            command = [sys.executable, "-c", _CHILD.format(dtype=dtype, name=name)]
            started.enter_context(subprocess.Popen(command, env=env, stdin=null, stdout=null, stderr=null))


def here(dtype: str, name: str) -> None:
    """What such a process does: compile `run`, or `evaluate`."""
    from chainrule.engines.fused.evaluation import evaluate
    from chainrule.engines.fused.training import Training

    Place.here = True
    task = smallest(dtype)
    if name == "run":
        Training(task).prepare(task)
    else:
        evaluate(task.net, task.X, slices=1, asleep=0.0)


def smallest(dtype: str) -> Task:
    """The smallest of all trainings, for which compiled code has the same types as for any other."""
    from chainrule.engines.batches import shuffle
    from chainrule.nets.fully_connected import FullyConnectedNet
    from chainrule.optim import OPTIMIZERS

    return Task(
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
