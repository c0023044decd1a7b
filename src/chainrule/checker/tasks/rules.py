"""The update rules as tasks: seven steps from a fresh state, compared by how far each moves the parameter."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.checker import recipe
from chainrule.checker.mistakes.rules import ADAGRAD_MISTAKES, RMSPROP_MISTAKES, SGD_MISTAKES
from chainrule.checker.mistakes.rules_adam import ADAM_MISTAKES, ADAMW_MISTAKES
from chainrule.checker.mistakes.rules_momentum import MOMENTUM_MISTAKES, NESTEROV_MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps
from chainrule.checker.subject import Failed, Handle
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.rules_given import (
    DEFAULT,
    GIVEN_STATE,
    GIVEN_STEP,
    STEPS_BEFORE,
    TITLES,
    TWO_CALLS,
    WRITTEN,
    from_given,
    given_state,
    without_config,
)

STEPS_TAKEN = 7
CHANGE = 5  # from this step on the learning rate is another
QUANTITIES: dict[str, tuple[Any, str]] = {
    "first": (0, "the first step"),
    "second": (1, "the second step"),
    "later": (slice(2, CHANGE), "the later steps"),
    "after_change": (slice(CHANGE, None), "the steps after the learning rate has changed"),
}
INPUTS = "inputs of rule"
COURSE_OPTIONS = {"lr": "learning_rate", "decay": "decay_rate", "eps": "epsilon"}


def observe(play: Play, w, gradients, rates, options):
    """The moves of seven steps."""
    if play.style("rule") == "course":
        given = {COURSE_OPTIONS.get(name, name): value for name, value in options.items()}
        state: Any = play.subject.keep({**given, "learning_rate": rates[0]})
    else:
        init = play.names["rule"].removesuffix("step") + "init"
        state = play.subject.call(init, [w], kept=True).result
    start, moves = w, []
    for dw, lr in zip(gradients, rates):
        if play.style("rule") == "course":
            play.subject.set_item(state, "learning_rate", float(lr))
            result = play.call("rule", {"w": w, "dw": dw, "config": state}, kept=[1])
        else:
            result = play.call("rule", {"w": w, "dw": dw, "state": state}, {"lr": float(lr), **options}, kept=[1])
        after, returned = parts(result, 2, "the new w and its config")
        if not isinstance(after, np.ndarray) or after.shape != w.shape:
            raise Failed("crash", f"the new w must have the shape of w, {w.shape}; came {np.shape(after)}")
        if not (isinstance(returned, Handle) and returned.kind == "dict"):
            raise Failed("crash", "config must come back as a dict")
        moves.append((after - w).astype(after.dtype))
        w, state = after, returned
    found = {**_named(moves), **dict.fromkeys(TITLES)}
    if play.style("rule") == "course":
        unit = moves[0] / rates[0]
        settings = {**given, "learning_rate": float(rates[0])}
        found |= from_given(play, start, gradients[0], settings, play.subject.value(state))
        if not options and np.any(unit) and np.isfinite(unit).all():
            found |= without_config(play, start, gradients[0], unit)
    return found


def _named(moves: list[Any]) -> dict[str, Any]:
    return {name: np.array(moves[part]) for name, (part, _) in QUANTITIES.items()}


class Walk(Mapping[str, Any]):
    """The same seven steps by a recipe, taken as far as they are asked for.

    Steps of the recipe named `new_...` are carried on to the next step's `...`.
    """

    def __init__(self, steps: Steps, inputs: Mapping[str, Any], replaced: Steps) -> None:
        self._steps, self._inputs, self._replaced = steps, inputs, replaced
        self._w = np.array(inputs["w"], dtype=np.float64)
        self._state: dict[str, Any] = {name.removeprefix("new_"): 0.0 for name in steps if name.startswith("new_")}
        self._moves: list[Any] = []

    def __getitem__(self, name: str) -> Any:
        if name == INPUTS:
            return self._replaced[INPUTS]() if INPUTS in self._replaced else ""
        if name in TITLES:
            seen = self._inputs.get("seen", {}).get(name)
            return seen if seen is None else self._from_given(name)
        part = QUANTITIES[name][0]
        last = part if isinstance(part, int) else (part.stop or STEPS_TAKEN) - 1
        while len(self._moves) <= last:
            self._step()
        broken = next((move for move in self._moves[: last + 1] if isinstance(move, Failed)), None)
        return np.array(self._moves[part]) if broken is None else broken

    def __iter__(self) -> Iterator[str]:
        return iter([*QUANTITIES, *TITLES, INPUTS])

    def __len__(self) -> int:
        return len(QUANTITIES) + len(TITLES) + 1

    def _from_given(self, name: str) -> Any:
        """What comes from a given state; what comes without config."""
        names = tuple(self._state)
        state = {**given_state(names, np.shape(self._inputs["w"])), "calls": STEPS_BEFORE, "given": True}
        values = self._values(0, {**state, "w": self._inputs["w"]})
        if name not in (GIVEN_STEP, GIVEN_STATE):
            return values[name]
        if name == GIVEN_STEP:
            return values["move"]
        changes = [values[WRITTEN](state[key], values[f"new_{key}"]) for key in names]
        changes += [values[WRITTEN](STEPS_BEFORE, values["stored_t"])] if "stored_t" in values else []
        return np.array([np.broadcast_to(change, np.shape(self._inputs["w"])) for change in changes])

    def _values(self, i: int, state: Mapping[str, Any]) -> Mapping[str, Any]:
        given = self._inputs
        inputs = {"dw": given["gradients"][i], "lr": given["rates"][i], "o": given["options"]}
        return recipe.run(self._steps, {**inputs, **state, "seen": given.get("seen", {})}, self._replaced)

    def _step(self) -> None:
        i = len(self._moves)
        values = self._values(i, {"w": self._w, "calls": i, "given": False, **self._state})
        move, self._state = values["move"], {name: values[f"new_{name}"] for name in self._state}
        self._moves.append(move if isinstance(move, Failed) else np.broadcast_to(move, self._w.shape))
        with np.errstate(all="ignore"):
            self._w = self._w if isinstance(move, Failed) else self._w + move


KINDS = ("", "gradients of size 1e-7", "gradients of 0", "", "its own settings", "gradients of very different sizes")


def cases_of(options: Mapping[str, float]) -> Any:
    """Cases for a rule with these settings."""

    def cases(rng: np.random.Generator, number: int) -> list[Case]:
        return [_case(rng, KINDS[i % len(KINDS)], options) for i in range(number)]

    return cases


def _case(rng: np.random.Generator, kind: str, options: Mapping[str, float]) -> Case:
    shape = (3, 4)
    size: Any = 1e-7 if kind == "gradients of size 1e-7" else 1.0
    if kind == "gradients of very different sizes":
        size = 10.0 ** rng.uniform(-6, 2, shape)
    gradients = size * (rng.standard_normal((STEPS_TAKEN, *shape)) + rng.choice([-1, 1], shape))
    if kind == "gradients of 0":
        gradients[:, rng.random(shape) < 0.4] = 0.0
        gradients[:, 0, 0] = 0.0
    rates = np.full(STEPS_TAKEN, float(rng.uniform(0.005, 0.05)))
    rates[CHANGE:] *= 0.3
    inputs = {
        "w": np.zeros(shape) if kind == "gradients of size 1e-7" else rng.standard_normal(shape),
        "gradients": gradients,
        "rates": rates,
        "options": dict(options) if kind == "its own settings" else {},
    }
    return Case(inputs, kind, {"lr": float(rates[0])})


def _rule(
    name: str, names: dict[str, str], steps: Steps, options: Mapping[str, float], mistakes: Any, formula: str
) -> Task:
    return Task(
        name=name,
        lesson=name,
        roles=(Role("rule", {**names, f"{name}.step": "library", f"{name}_step": "library"}, observe),),
        quantities=(
            *(Quantity(q, "rule", formula, title=title) for q, (_, title) in QUANTITIES.items()),
            Quantity(GIVEN_STEP, "rule", formula, title=TITLES[GIVEN_STEP]),
            Quantity(GIVEN_STATE, "rule", formula, title=TITLES[GIVEN_STATE]),
            Quantity(TWO_CALLS, "rule", title=TITLES[TWO_CALLS]),
            Quantity(DEFAULT, "rule", "0.001 for Adam, 0.01 for the others", 1e-6, title=TITLES[DEFAULT]),
        ),
        steps={**EVERY, **steps},
        cases=cases_of(options),
        example={
            "w": np.array([1.0, 1.0]),
            "gradients": np.array([[2.0, -1.0]] * STEPS_TAKEN),
            "rates": np.full(STEPS_TAKEN, 0.1),
            "options": {},
        },
        mistakes=mistakes,
        told={"w": "[1, 1]", "dw": "[2, -1] in every step", "learning rate": "0.1 in every step"},
        model=Walk,
    )


EVERY: Steps = {
    DEFAULT: lambda seen: seen[DEFAULT],
    TWO_CALLS: lambda: "alike",
    WRITTEN: lambda: lambda before, after: after,
}
SGD_STEPS: Steps = {"move": lambda dw, lr: -lr * dw, DEFAULT: lambda: 1e-2}
MOMENTUM_STEPS: Steps = {
    DEFAULT: lambda: 1e-2,
    "momentum": lambda o: o.get("momentum", 0.9),
    "new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity - lr * dw,
    "move": lambda new_velocity: new_velocity,
}
NESTEROV_STEPS: Steps = {
    DEFAULT: lambda: 1e-2,
    "momentum": lambda o: o.get("momentum", 0.9),
    "new_velocity": lambda momentum, velocity, lr, dw: momentum * velocity - lr * dw,
    "move": lambda momentum, velocity, new_velocity: new_velocity + momentum * (new_velocity - velocity),
}
ADAGRAD_STEPS: Steps = {
    "eps": lambda o: o.get("eps", 1e-8),
    "new_cache": lambda cache, dw: cache + dw * dw,
    "root": lambda new_cache, eps: np.sqrt(new_cache) + eps,
    "move": lambda dw, lr, root: -lr * dw / root,
}
RMSPROP_STEPS: Steps = {
    DEFAULT: lambda: 1e-2,
    "decay": lambda o: o.get("decay", 0.99),
    "eps": lambda o: o.get("eps", 1e-8),
    "new_cache": lambda decay, cache, dw: decay * cache + (1 - decay) * dw * dw,
    "root": lambda new_cache, eps: np.sqrt(new_cache) + eps,
    "move": lambda dw, lr, root: -lr * dw / root,
}
ADAM_STEPS: Steps = {
    DEFAULT: lambda: 1e-3,
    "beta1": lambda o: o.get("beta1", 0.9),
    "beta2": lambda o: o.get("beta2", 0.999),
    "eps": lambda o: o.get("eps", 1e-8),
    "t": lambda calls: calls + 1,
    "stored_t": lambda calls: calls + 1,
    "new_m": lambda beta1, m, dw: beta1 * m + (1 - beta1) * dw,
    "new_v": lambda beta2, v, dw: beta2 * v + (1 - beta2) * dw * dw,
    "mhat": lambda new_m, beta1, t: new_m / (1 - beta1**t),
    "vhat": lambda new_v, beta2, t: new_v / (1 - beta2**t),
    "root": lambda vhat, eps: np.sqrt(vhat) + eps,
    "move": lambda mhat, lr, root: -lr * mhat / root,
}
ADAMW_STEPS: Steps = {
    **{name: step for name, step in ADAM_STEPS.items() if name not in ("move", DEFAULT)},
    "weight_decay": lambda o: o.get("weight_decay", 0.01),
    "shrink": lambda lr, weight_decay, w: -lr * weight_decay * w,
    "move": lambda mhat, lr, root, shrink: -lr * mhat / root + shrink,
}

SGD = _rule("sgd", {"sgd": "course"}, SGD_STEPS, {}, SGD_MISTAKES, "-lr * dw")
MOMENTUM = _rule(
    "momentum",
    {"sgd_momentum": "course"},
    MOMENTUM_STEPS,
    {"momentum": 0.7},
    MOMENTUM_MISTAKES,
    "velocity = momentum * velocity - lr * dw; the step is the velocity",
)
NESTEROV = _rule(
    "nesterov",
    {"sgd_nesterov_momentum": "course", "nesterov_momentum": "course"},
    NESTEROV_STEPS,
    {"momentum": 0.7},
    NESTEROV_MISTAKES,
    "new = momentum * velocity - lr * dw; the step is new + momentum * (new - velocity)",
)
ADAGRAD = _rule(
    "adagrad",
    {"adagrad": "course"},
    ADAGRAD_STEPS,
    {"eps": 1e-3},
    ADAGRAD_MISTAKES,
    "cache = cache + dw * dw; the step is -lr * dw / (sqrt(cache) + eps)",
)
RMSPROP = _rule(
    "rmsprop",
    {"rmsprop": "course"},
    RMSPROP_STEPS,
    {"decay": 0.8, "eps": 1e-3},
    RMSPROP_MISTAKES,
    "cache = decay * cache + (1 - decay) * dw * dw; the step is -lr * dw / (sqrt(cache) + eps)",
)
ADAM = _rule(
    "adam",
    {"adam": "course"},
    ADAM_STEPS,
    {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
    ADAM_MISTAKES,
    "the step is -lr * mhat / (sqrt(vhat) + eps) with mhat = m / (1 - beta1**t) and vhat = v / (1 - beta2**t)",
)
ADAMW = _rule(
    "adamw",
    {"adamw": "course"},
    ADAMW_STEPS,
    {"beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "weight_decay": 0.1},
    ADAMW_MISTAKES,
    "Adam's step, and apart from it -lr * weight_decay * w",
)
RULES = (SGD, MOMENTUM, NESTEROV, ADAGRAD, RMSPROP, ADAM, ADAMW)
