"""How a course's update rule, `rule(w, dw, config) -> next_w, config`, maps onto one of the library's pure steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.registry import Rule
from chainrule.courses.modular.checks import floats, number

CourseRule = Callable[..., tuple[np.ndarray, dict[str, Any]]]


@dataclass(frozen=True)
class Recipe:
    """A course's names and defaults for a rule of `OPTIMIZERS`.

    Attributes:
        rule: the library's row.
        hyper: by the library's name of a hyper-parameter ("lr" too), the course's name and default.
        state: by the library's name of a part of the state, the course's name.
        conventions: the library's options that name the course's convention.
    """

    rule: Rule
    hyper: dict[str, tuple[str, float]]
    state: dict[str, str] = field(default_factory=dict)
    conventions: dict[str, Any] = field(default_factory=dict)

    def fill(self, config: dict[str, Any], w: np.ndarray) -> None:
        """Write the defaults that a config does not have yet into it."""
        for name, default in self.hyper.values():
            config.setdefault(name, default)
        if any(name not in config for name in self.state.values()):
            start = self.rule.init(w)
            for own, name in self.state.items():
                config.setdefault(name, start[own])

    def hyper_of(self, owner: str, config: dict[str, Any]) -> dict[str, Any]:
        """The library's hyper-parameters, "lr" too, from a filled config."""
        values = {own: number(owner, f"config[{name!r}]", config[name]) for own, (name, _) in self.hyper.items()}
        return {**values, **self.conventions}

    def state_of(self, owner: str, config: dict[str, Any], w: np.ndarray) -> dict[str, Any]:
        """The library's state from a filled config."""
        state: dict[str, Any] = {}
        for own, name in self.state.items():
            value = config[name]
            if own == "t":
                state[own] = int(number(owner, f"config[{name!r}]", value, least=0))
                continue
            (state[own],) = floats(owner, **{f"config[{name!r}]": value})
            if state[own].shape != w.shape:
                raise ArrayError(
                    f"{owner}: config[{name!r}] has shape {state[own].shape} but w has shape {w.shape}; they must be "
                    f"equal. Is it the config of another parameter?"
                )
        return state

    def keep(self, config: dict[str, Any], state: dict[str, Any]) -> None:
        """Write the library's state into the config."""
        for own, name in self.state.items():
            config[name] = state[own]


def course_rule(name: str, recipe: Recipe, doc: str, *, in_place: bool = False) -> CourseRule:
    """A course's update rule.

    Args:
        name: as notebooks import it.
        recipe: what it maps onto; kept as the function's `recipe`.
        doc: its docstring.
        in_place: whether w itself is moved, where it can be written to.
    """

    def rule(w, dw, config=None):
        config = {} if config is None else config
        if not isinstance(config, dict):
            raise SettingError(f"{name}: config must be a dict, or None for the defaults; came {config!r:.60}.")
        given, (w, dw) = w, floats(name, w=w, dw=dw)
        if dw.shape != w.shape:
            raise ArrayError(
                f"{name}: dw has shape {dw.shape} but w has shape {w.shape}; a gradient must have the shape of its "
                f"parameter. Is it the gradient of another one?"
            )
        recipe.fill(config, w)
        next_w, state = recipe.rule.step(w, dw, recipe.state_of(name, config, w), **recipe.hyper_of(name, config))
        recipe.keep(config, state)
        if in_place and isinstance(given, np.ndarray) and given.dtype.kind == "f" and given.flags.writeable:
            given[...] = next_w
            next_w = given
        return next_w, config

    rule.__name__ = rule.__qualname__ = name
    rule.__doc__ = doc
    rule.recipe = recipe  # type: ignore[attr-defined]
    return rule
