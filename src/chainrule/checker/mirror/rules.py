"""Update rules of a recipe's steps, with the courses' signature: the state lies in config under the courses' keys."""

from collections.abc import Callable
from typing import Any

from chainrule.checker.mirror.layers import Maker, taken
from chainrule.checker.recipe import Steps, run
from chainrule.checker.task import Mistake

OPTIONS = {"momentum": "momentum", "decay_rate": "decay", "epsilon": "eps", "beta1": "beta1", "beta2": "beta2"}
RATES = {"adam": 1e-3}  # where the course's default is not 1e-2


def _rule(name: str) -> Maker:
    def rule_of(steps: Steps, mistake: Mistake) -> Callable[..., Any]:
        states = [step.removeprefix("new_") for step in steps if step.startswith("new_")]
        without = run(steps, {"seen": {"default_rate": RATES.get(name, 1e-2)}})  # a config
        rate, own = taken(without, "default_rate", "two_calls")
        shared: dict[str, Any] = {}

        def rule(w: Any, dw: Any, config: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
            if config is None:
                config = {} if own == "alike" else shared
            config.setdefault("learning_rate", rate)
            given = {"w": w, "dw": dw, "lr": config["learning_rate"], "calls": config.get("t", 0)}
            given["o"] = {own: config[key] for key, own in OPTIONS.items() if key in config}
            given |= {state: config.get(state, 0.0) for state in states} | {"given": "t" in config}
            values = run(steps, given)
            move, *after = taken(values, "move", *(f"new_{state}" for state in states))
            config |= dict(zip(states, after))
            if "t" in steps:
                config["t"] = 1 + (values["t"] if mistake.name == "t_starts_at_1" else given["calls"])
            return w + move, config

        return rule

    return rule_of


COURSE_NAMES = {
    "sgd": "sgd",
    "momentum": "sgd_momentum",
    "nesterov": "sgd_nesterov_momentum",
    "rmsprop": "rmsprop",
    "adam": "adam",
}
MAKERS: dict[str, dict[str, Maker]] = {task: {known: _rule(task)} for task, known in COURSE_NAMES.items()}
