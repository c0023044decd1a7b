"""Dropout as a task: its mask is the learner's own draw, so that shares, scales and agreement are compared."""

import numpy as np

from chainrule.checker.mistakes.dropout import MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.subject import Failed
from chainrule.checker.task import Case, Quantity, Role, Task

ROWS, COLUMNS = 90, 80  # so many that a share of 0.5 cannot be mistaken for one of 0.6


def _forward(play: Play, x, p, seed):
    if play.style("forward") == "library":
        return _library(play, x, p, seed)

    def forward(mode, **more):
        arguments = {"x": x, "dropout_param": {"mode": mode, "p": p, **more}}
        return parts(play.call("forward", arguments, kept=[1]), 2, "out and a cache")

    play.subject.seed(seed)
    out, play.memory["cache"] = forward("train")
    play.memory["out"] = out
    second = forward("train")[0]
    test, play.memory["test_cache"] = forward("test")
    twins = [forward("train", seed=11)[0] for _ in range(2)]
    return {
        **_shares(out, x),
        **_shares(test, x, "test_"),
        "two_calls": _compared(out, second),
        "seeded": _compared(*twins),
    }


def _library(play: Play, x, p, seed):
    sample = play.names["forward"].replace("forward", "sample")

    def forward(stream):
        mask = play.subject.call(sample, [stream, x.shape], {"keep": p, "dtype": x.dtype.name}).result
        return parts(play.call("forward", {"x": x, "mask": mask}, kept=[1]), 2, "y and a cache")

    out, play.memory["cache"] = forward(seed)
    play.memory["out"] = out
    agreement = {"two_calls": _compared(out, forward(seed + 1)[0]), "seeded": _compared(out, forward(seed)[0])}
    return {**_shares(out, x), **_shares(x, x, "test_"), **agreement}


def _shares(out, x, prefix=""):
    """Which entries stay, their share, and their factor: one number, or all of them where they differ."""
    if not isinstance(out, np.ndarray) or out.shape != x.shape:
        raise Failed("crash", f"out must have the shape of x, {x.shape}; came {np.shape(out)}")
    stays = out != 0
    factor = _factor(out[stays], x[stays])
    return {
        f"{prefix}stays": stays,
        f"{prefix}share": float(np.mean(stays)),
        f"{prefix}factor": factor,
        f"{prefix}out": out[:0],
    }


def _factor(a, b):
    ratio = np.asarray(a, dtype=np.float64) / b
    if ratio.size == 0:
        return 0.0
    return ratio if np.ptp(ratio) > 1e-3 * abs(ratio[0]) else float(np.median(ratio))


def _compared(one, other):
    return "equal" if np.array_equal(one, other) else "different"


def _backward(play: Play, dout):
    stays = play.memory["out"] != 0
    dx = play.call("backward", {"dout": dout, "cache": play.memory["cache"]})
    if not isinstance(dx, np.ndarray) or dx.shape != dout.shape:
        raise Failed("crash", f"dx must have the shape of dout, {dout.shape}; came {np.shape(dx)}")
    both = (dx != 0) & stays
    found = {"agreement": float(np.mean((dx != 0) == stays)), "slope": _factor(dx[both], dout[both]), "dx": dx[:0]}
    return {**found, "test_slope": _in_test_mode(play, dout)}


def _in_test_mode(play: Play, dout):
    """The factor of backward after a forward in test mode; None where forward leaves no cache then."""
    cache = play.memory.get("test_cache")
    if cache is None or cache.kind == "NoneType":
        return None
    try:
        dx = play.call("backward", {"dout": dout, "cache": cache})
    except Failed:
        return "it stops"
    right_shape = isinstance(dx, np.ndarray) and dx.shape == dout.shape
    return _factor(dx.ravel(), dout.ravel()) if right_shape else "of another shape"


STEPS: Steps = {
    "keep": lambda p: p,
    "share": lambda keep: keep,
    "factor": lambda keep: 1 / keep,
    "two_calls": lambda: "different",
    "seeded": lambda: "equal",
    "out": lambda x: x[:0],
    "test_share": lambda: 1.0,
    "test_factor": lambda: 1.0,
    "test_out": lambda x: x[:0],
    "agreement": lambda: 1.0,
    "slope": lambda seen: float(np.median(seen["factor"])),
    "dx": lambda dout: dout[:0],
    "test_slope": lambda seen: None if seen["test_slope"] is None else 1.0,
}


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Large inputs without a 0, and p far from 0.5; few, since each is many draws."""
    made = []
    for i in range(min(number, 8)):
        p = (0.3, 0.6, 0.75, 0.4, 0.7)[i % 5]
        x = 10 + rng.standard_normal((ROWS, COLUMNS))
        dout = 3 + rng.random((ROWS, COLUMNS))
        made.append(Case({"x": x, "p": p, "seed": int(rng.integers(1 << 31)), "dout": dout}, "", {"p": p}))
    return made


DROPOUT = Task(
    name="dropout",
    lesson="dropout",
    roles=(
        Role("forward", {"dropout_forward": "course", "dropout.forward": "library"}, _forward),
        Role("backward", {"dropout_backward": "course", "dropout.backward": "library"}, _backward, needs=("forward",)),
    ),
    quantities=(
        Quantity("share", "forward", "p of all entries", 0.12, title="the share of entries that stay"),
        Quantity("factor", "forward", "1 / p", title="the factor of the entries that stay"),
        Quantity("two_calls", "forward", title="the masks of two calls"),
        Quantity("seeded", "forward", title="the masks of two calls with one seed"),
        Quantity("out", "forward", title="the dtype of out"),
        Quantity("test_share", "forward", "all of them", 0.12, title="the share of entries that stay in test mode"),
        Quantity("test_factor", "forward", "1", title="the factor of the entries in test mode"),
        Quantity("test_out", "forward", title="the dtype of out in test mode"),
        Quantity("agreement", "backward", "all of them", 0.05, title="the share of entries masked as in forward"),
        Quantity("slope", "backward", "the factor that forward used", title="the factor of dout"),
        Quantity("dx", "backward", title="the dtype of dx"),
        Quantity("test_slope", "backward", "1: dx is dout", title="the factor of dout after a forward in test mode"),
    ),
    steps=STEPS,
    cases=cases,
    example={},
    mistakes=MISTAKES,
    dtype_counts=True,
)
