"""How nets begin: names, shapes, sizes and dtype of the parameters that their constructors draw."""

from itertools import pairwise
from typing import Any

import numpy as np

from chainrule.checker.mistakes.net_start import HE_MISTAKES, MISTAKES
from chainrule.checker.play import Play
from chainrule.checker.recipe import Steps
from chainrule.checker.subject import Failed
from chainrule.checker.task import Case, Quantity, Role, Task

WIDTHS = (50, 60, 70, 45)  # so many weights in every layer that their spread is known to a few percent


def _observe(play: Play, weight_scale, dtype, seed):
    own = {"init": "normal", "seed": seed} if play.style("start") == "library" else {}
    return _seen(play, "start", {"hidden_dims": list(WIDTHS[1:-1]), "dtype": dtype, **own}, WIDTHS, weight_scale, seed)


def _observe_named(play: Play, weight_scale, initialization, seed):
    hidden = {"hidden_dims": list(WIDTHS[1:-1]), "dtype": "float64", "initialization": initialization}
    return _seen(play, "start", hidden, WIDTHS, weight_scale, seed)


def _observe_two(play: Play, weight_scale, seed):
    own = {"init": "normal", "seed": seed, "dtype": "float64"} if play.style("start") == "library" else {}
    hidden = {"hidden_dim": WIDTHS[1], **own}
    return _seen(play, "start", hidden, (WIDTHS[0], WIDTHS[1], WIDTHS[-1]), weight_scale, seed)


def _seen(play: Play, role: str, hidden: dict[str, Any], widths: Any, weight_scale: float, seed: int) -> dict[str, Any]:
    settings = {"input_dim": widths[0], "num_classes": widths[-1], "weight_scale": weight_scale, **hidden}
    return seen_start(play, role, settings, seed)


def seen_start(play: Play, role: str, settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """What is observed of the parameters of a fresh net."""
    play.subject.seed(seed)
    params = play.subject.get(play.subject.call(play.names[role], [], settings, kept=True).result, "params")
    if not isinstance(params, dict) or not all(isinstance(value, np.ndarray) for value in params.values()):
        raise Failed("crash", "params must be a dict of arrays")
    shapes = " ".join(f"{name}{params[name].shape}" for name in sorted(params))
    weights = [np.asarray(params[name], dtype=float) for name in sorted(params) if name.startswith("W")]
    biases = [np.abs(params[name]).max() for name in params if name.startswith("b") and params[name].size]
    return {
        "shapes": shapes,
        "stds": np.array([W.std() for W in weights]),
        "means": np.array([W.mean() / (W.std() or 1) for W in weights]),
        "within": np.array([np.mean(np.abs(W - W.mean()) < W.std()) for W in weights]),
        "biases": float(max(biases, default=0.0)),
        "dtypes": " ".join(sorted({value.dtype.name for value in params.values()})),
    }


def _shapes(widths: Any) -> str:
    found: dict[str, tuple[int, ...]] = {}
    for i, (fan_in, fan_out) in enumerate(pairwise(widths), start=1):
        found |= {f"W{i}": (fan_in, fan_out), f"b{i}": (fan_out,)}
    return " ".join(f"{name}{found[name]}" for name in sorted(found))


def start_steps(widths: Any) -> Steps:
    """The parameters of a net of these widths, drawn with weight_scale."""
    layers = len(widths) - 1
    return {
        "shapes": lambda: _shapes(widths),
        "fans": lambda: np.array(widths[:-1], dtype=float),
        "outs": lambda: np.array(widths[1:], dtype=float),
        "stds": lambda weight_scale: np.full(layers, weight_scale),
        "means": lambda: np.zeros(layers),
        "within": lambda: np.full(layers, 0.6827),
        "biases": lambda: 0.0,
        "dtypes": lambda dtype: dtype,
    }


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Different scales, both precisions."""
    return [
        Case(
            {
                "weight_scale": float(10.0 ** rng.uniform(-3, -1)),
                "dtype": ("float32", "float64")[i % 2],
                "seed": int(rng.integers(1 << 31)),
            }
        )
        for i in range(min(number, 6))
    ]


def _double(rng: np.random.Generator, number: int) -> list[Case]:
    return [Case({**case.inputs, "dtype": "float64"}) for case in cases(rng, number)]


def _named(rng: np.random.Generator, number: int) -> list[Case]:
    made = []
    for case, initialization in zip(_double(rng, number), ("he", "random", "zero") * 2):
        made.append(Case({**case.inputs, "initialization": initialization}, f"initialization='{initialization}'"))
    return made


NAMED_STEPS: Steps = {
    **start_steps(WIDTHS),
    "he": lambda fans: np.sqrt(2 / fans),
    "random": lambda weight_scale: np.full(len(WIDTHS) - 1, weight_scale),
    "zero": lambda: np.zeros(len(WIDTHS) - 1),
    "stds": lambda initialization, he, random, zero: {"he": he, "random": random, "zero": zero}[initialization],
    "within": lambda stds: np.where(stds > 0, 0.6827, 0.0),
    "dtypes": lambda: "float64",
}


def start_task(
    name: str, role: Role, steps: Steps, draw: Any, mistakes: Any, std: str = "weight_scale in every layer"
) -> Task:
    """A task about the parameters of a fresh net; `std` is their standard deviation in words."""
    return Task(
        name=name,
        lesson="normal",
        roles=(role,),
        quantities=(
            Quantity("shapes", "start", title="the names and shapes of the parameters"),
            Quantity("stds", "start", std, 0.12, title="the weights' standard deviations"),
            Quantity("means", "start", "0", 0.15, title="the weights' means, in standard deviations"),
            Quantity(
                "within", "start", "68 %, as of normal numbers", 0.09, title="the share of weights within one deviation"
            ),
            Quantity("biases", "start", "0", title="the largest bias"),
            Quantity("dtypes", "start", title="the dtypes"),
        ),
        steps=steps,
        cases=draw,
        example={},
        mistakes=mistakes,
        single=False,
    )


def _role(names: dict[str, str], observe: Any, marks: dict[str, str], part: str = ".__init__") -> Role:
    styles = {*names.values(), *marks.values()} - {""}
    return Role("start", names, observe, part=dict.fromkeys(styles, part), marks=marks, optional=True)


TWO_LAYER_START = start_task(
    "two_layer_start",
    _role({"TwoLayerNet": "course"}, _observe_two, {"input_size": "", "options": "library"}),
    start_steps((WIDTHS[0], WIDTHS[1], WIDTHS[-1])),
    _double,
    tuple(m for m in MISTAKES if m.name != "dtype_ignored"),
)
NET_START = start_task(
    "net_start",
    _role({"FullyConnectedNet": "course"}, _observe, {"keep": "library"}),
    start_steps(WIDTHS),
    cases,
    MISTAKES,
)
NAMED_START = start_task(
    "net_initialization",
    _role(
        {"FullyConnectedNet": ""}, _observe_named, {"initialization": "cs182"}, ".__init__ with a named initialization"
    ),
    NAMED_STEPS,
    _named,
    HE_MISTAKES,
    "'random': weight_scale; 'he': sqrt(2 / fan_in) in every layer; 'zero': 0",
)
