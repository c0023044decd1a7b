"""Update rules from a given state, as the courses' notebooks call them, and without any config."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.checker.play import Play
from chainrule.checker.subject import Failed

GIVEN_STEP, GIVEN_STATE, DEFAULT, TWO_CALLS = "given_step", "given_state", "default_rate", "two_calls"
STEPS_BEFORE = 5  # what t is in a given state
WRITTEN = "written"  # the step that says what of the old and the new state the config holds afterwards
TITLES = {
    GIVEN_STEP: "the step from a given state",
    GIVEN_STATE: "the state in the config that was passed",
    DEFAULT: "the default learning rate",
    TWO_CALLS: "the steps of two calls without config",
}
KEYS: dict[tuple[str, ...], tuple[dict[str, str], ...]] = {  # the recipe's state by the courses' keys
    ("velocity",): ({"velocity": "velocity"},),
    ("cache",): ({"cache": "cache"}, {"cache": "a"}),
    ("m", "v"): ({"m": "m", "v": "v", "t": "t"}, {"m": "v", "v": "a", "t": "t"}),
}


def given_state(names: tuple[str, ...], shape: tuple[int, ...]) -> dict[str, Any]:
    """A state in the midst of training, by the recipe's names."""
    count = int(np.prod(shape))
    return {name: np.linspace(0.6 - 0.1 * i, 0.9 + 0.2 * i, count).reshape(shape) for i, name in enumerate(names)}


def from_given(play: Play, w: Any, dw: Any, settings: Mapping[str, Any], left: Mapping[str, Any]) -> dict[str, Any]:
    """The step from a given state and what stands in the same config afterwards.

    Nothing where a rule has no state, or one of its own form: then only its steps can be compared.

    Args:
        play: the trial.
        w, dw: where the step begins, and the gradient.
        settings: what config holds beside the state.
        left: the config that the rule's earlier steps have left.
    """
    nothing = {GIVEN_STEP: None, GIVEN_STATE: None}
    known = next(((names, keys) for names, forms in KEYS.items() for keys in forms if _holds(left, keys)), None)
    if known is None:
        return nothing
    names, keys = known
    state = {**given_state(names, w.shape), "t": STEPS_BEFORE}
    config = play.subject.keep({**settings, **{key: state[name] for name, key in keys.items()}})
    try:
        after = play.call("rule", {"w": w, "dw": dw, "config": config}, kept=[1])[0]
        now = play.subject.value(config)
        stacked = np.array([np.broadcast_to(np.asarray(now[key], float), w.shape) for key in keys.values()])
        return {GIVEN_STEP: after - w, GIVEN_STATE: stacked}
    except Failed as failure:
        return dict.fromkeys(nothing, failure)
    except (TypeError, KeyError, ValueError):
        return nothing


def _holds(config: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    states = {"velocity", "cache", "a", "m", "v", "t"}
    arrays = {key for key, value in config.items() if isinstance(value, np.ndarray) and value.ndim}
    return (arrays | (states & config.keys())) == set(keys.values())


def without_config(play: Play, w: Any, dw: Any, unit: Any) -> dict[str, Any]:
    """The default learning rate, and whether a second call steps like the first.

    Nothing where a rule wants a config, or where it cannot be told.
    """
    try:
        first, second = (play.subject.call(play.names["rule"], [w, dw]).result[0] - w for _ in range(2))
        moved = np.abs(unit) > 1e-3 * np.abs(unit).max()
        alike = "alike" if np.allclose(first, second, rtol=1e-4, atol=0) else "different"
        return {DEFAULT: float(np.median(first[moved] / unit[moved])), TWO_CALLS: alike}
    except (Failed, TypeError, IndexError, ValueError):
        return {DEFAULT: None, TWO_CALLS: None}
