"""A class for the tests: a rubric that is quick to grade by, and submissions of every kind."""

import json
import random
import sys
from concurrent.futures import Future
from functools import cache
from pathlib import Path

from chainrule.checker.grading import rubric, submission
from chainrule.checker.grading.one import failed, grade_one, key_of
from chainrule.checker.grading.rubric import Line, Rubric, write

RUBRIC = """
title = "Warm-up <1>"
seed = 11

[[line]]
function = "relu"
points = 4
quantities = { out = 1, dx = 2 }

[[line]]
name = "sgd, unseen"
function = "sgd"
points = 2
visibility = "hidden"
"""
RIGHT = """
import numpy as np
def relu_forward(x):
    return np.maximum(x, 0), x
def relu_backward(dout, cache):
    return dout * (cache > 0)
def sgd(w, dw, config=None):
    return w - config["learning_rate"] * dw, config
"""
HALF = RIGHT.replace("dout * (cache > 0)", "dout * (cache > 0) / len(dout)")
SLOW = "import time\ntime.sleep(0.3)\n" + RIGHT


def notebook(*cells):
    """A notebook's text."""
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


LINES = (
    "affine", "relu", "softmax_loss", "svm_loss", "batchnorm_forward", "batchnorm_backward", "layernorm", "dropout", "sgd",
    "sgd_momentum", "rmsprop", "adam",
)  # fmt: skip


@cache
def every_wrong():
    """All wrong implementations; making them takes a while."""
    import variants

    return variants.every_wrong()


def big_class(folder, number, seed=1):
    """A folder with a rubric of twelve lines and `number` submissions: right ones, and such with one to three mistakes."""
    import variants

    draw = random.Random(seed)
    by_style = {}
    for wrong in every_wrong():
        by_style.setdefault(wrong.style, []).append(wrong)
    (folder / "subs").mkdir(parents=True)
    for learner in range(number):
        style = draw.choice(["vectorized", "vectorized", "loops", "einsum"])
        source = variants.STYLES[style]
        for wrong in draw.sample(by_style[style], draw.choice([0, 1, 1, 2, 3])):
            source = with_mistake(source, wrong)
        (folder / "subs" / f"learner{learner:03}.py").write_text(source)
    return write(
        Rubric(title="A large class", seed=seed, lines=[Line(function=name, points=5) for name in LINES]),
        folder / "rubric.toml",
    )


def with_mistake(source, wrong):
    """A file with the wrong function of another in the place of its own; as it was where that cannot be done."""
    import ast

    from variants import definition

    try:
        ours, theirs = (definition(ast.parse(text), wrong.function) for text in (source, wrong.source))
    except StopIteration:
        return source
    lines = source.splitlines(keepends=True)
    body = wrong.source.splitlines(keepends=True)[theirs.lineno - 1 : theirs.end_lineno]
    return "".join([*lines[: ours.lineno - 1], *body, *lines[ours.end_lineno :]])


class Here:
    """A runner without processes: what a cluster's would be, for tests that are not about processes."""

    def __init__(self):
        self.jobs = []

    def submit(self, job):
        self.jobs.append(job["learner"])
        future = Future()
        future.set_result(grade_one(json.loads(json.dumps(job))))
        return future

    def close(self): ...


class Quick(Here):
    """A runner that looks at nothing: for tests that are about who is graded, and when."""

    def submit(self, job):
        self.jobs.append(job["learner"])
        wanted = rubric.checked(job["rubric"])
        digest = submission.read(Path(job["path"])).digest
        key = key_of(digest, wanted, job["seed"], job["given_digest"])
        future = Future()
        future.set_result({"learner": job["learner"], "key": key, "sandbox": "", "notes": [], **failed(wanted, "")})
        return future


if __name__ == "__main__":  # a class to try the command on: classroom.py FOLDER NUMBER
    sys.path.insert(0, str(Path(__file__).parents[1]))
    print(big_class(Path(sys.argv[1]), int(sys.argv[2])))
