"""What the courses' Solver is given: a model of theirs or of a learner's, data in a dict, rules in a module."""

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayError, SettingError, choose
from chainrule.core.rows import as_numbers
from chainrule.core.shapes import as_integers, check_labels

PARTS = ("X_train", "y_train", "X_val", "y_val")


def checked_model(model: Any) -> Any:
    """The model, once it has been found to have what a Solver uses.

    Raises:
        SettingError: no dict `params`, or no method `loss`.
    """
    if not isinstance(getattr(model, "params", None), dict) or not callable(getattr(model, "loss", None)):
        raise SettingError(
            f"Solver: model must have a dict `params` and a method `loss(X, y)`; came {type(model).__name__} "
            f"{model!r:.60}. Did you pass the class instead of a net?"
        )
    return model


def checked_data(data: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X_train, y_train, X_val and y_val of a dict.

    Raises:
        SettingError: no dict, or one without them.
        ArrayError, ArrayTypeError: rows and labels that do not fit together, or labels that are no integers.
    """
    missing = [name for name in PARTS if not isinstance(data, dict) or name not in data]
    if missing:
        came = f"a dict with {', '.join(map(repr, data)) or 'nothing'}" if isinstance(data, dict) else f"{data!r:.60}"
        raise SettingError(
            f"Solver: data must be a dict with {', '.join(PARTS)}; {missing[0]} is missing; came {came}."
        )
    arrays = (
        *checked_rows("Solver", "X_train", data["X_train"], "y_train", data["y_train"]),
        *checked_rows("Solver", "X_val", data["X_val"], "y_val", data["y_val"]),
    )
    for name, y in (("y_train", arrays[1]), ("y_val", arrays[3])):
        as_integers("Solver", name, y)
    return arrays


def checked_labels(classes: int, **labels: np.ndarray) -> None:
    """Fail unless all labels are those of a net with so many classes: a training would find out somewhere on its way."""
    for name, y in labels.items():
        if y.ndim != 1:
            raise ArrayError(f"Solver: {name} has shape {y.shape}; labels must be ({len(y)},).")
        check_labels("Solver", name, y, classes)


def checked_keyword(name: str, known: Iterable[str], rules: dict[str, Callable]) -> None:
    """Fail unless a Solver takes this keyword; a rule's setting is told where it belongs.

    Raises:
        SettingError: it does not.
    """
    if name not in known and name in _settings(rules):
        raise SettingError(
            f"Solver: {name} is a setting of the update rule; it must be passed as optim_config={{{name!r}: ...}}."
        )
    choose(name, known, what="keyword of Solver")


def checked_config(config: Any, rules: dict[str, Callable]) -> None:
    """Fail unless `optim_config` is a dict whose keys some rule of the course has; with a learner's own rule any key may be.

    Raises:
        SettingError: no dict, or a key that would change nothing.
    """
    if not isinstance(config, dict):
        raise SettingError(
            f'Solver: optim_config must be a dict such as {{"learning_rate": 1e-3}}; came {config!r:.60}.'
        )
    if all(hasattr(rule, "recipe") for rule in rules.values()):
        for name in config:
            choose(name, _settings(rules), what="key of optim_config")


def _settings(rules: dict[str, Callable]) -> dict[str, None]:
    """Names of all settings and states that the course's rules have."""
    recipes = [rule.recipe for rule in rules.values() if hasattr(rule, "recipe")]
    return dict.fromkeys(name for r in recipes for name in (*(n for n, _ in r.hyper.values()), *r.state.values()))


def checked_rows(owner: str, X_name: str, X: Any, y_name: str, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels as arrays of one length, at least 1."""
    X, y = np.asarray(as_numbers(owner, X_name, X)), np.asarray(as_numbers(owner, y_name, y))
    for name, array in ((X_name, X), (y_name, y)):
        if array.ndim == 0 or len(array) == 0:
            raise ArrayError(f"{owner}: {name} has shape {array.shape}; at least one row is needed.")
    if len(X) != len(y):
        raise ArrayError(f"{owner}: {y_name} has {len(y)} rows but {X_name} has {len(X)}; they must have as many.")
    return X, y


def rules_of(optim: ModuleType) -> dict[str, Callable]:
    """The update rules of a course's `optim` module, learners' own that were put there included."""
    return {name: value for name, value in vars(optim).items() if not name.startswith("_") and _is_rule(value)}


def _is_rule(value: Any) -> bool:
    return callable(value) and not isinstance(value, type | ModuleType)


def checked_loss(result: Any, params: dict[str, Any]) -> tuple[Any, dict[str, np.ndarray]]:
    """What a model's `loss(X, y)` returned.

    Raises:
        SettingError: no loss and gradients, or no gradient for a parameter.
    """
    loss, grads = result if isinstance(result, tuple) and len(result) == 2 else (None, None)
    missing = [name for name in params if not isinstance(grads, dict) or name not in grads]
    if missing or not isinstance(grads, dict):
        came = f"gradients for {', '.join(map(str, grads))}" if isinstance(grads, dict) else type(result).__name__
        raise SettingError(
            f"Solver: the model's loss(X, y) must return the loss and a dict with the gradient by every parameter, "
            f"{', '.join(map(repr, params))}; came {came}."
        )
    return loss, grads
