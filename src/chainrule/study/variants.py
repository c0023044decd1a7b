"""The variants of a comparison: rules × initializations × depths are shorthands for a list of settings."""

import re
from itertools import product
from typing import Any

from chainrule.core.errors import SettingError, choose
from chainrule.core.numbers import whole
from chainrule.optim import OPTIMIZERS
from chainrule.study.plan import Plan

EXAMPLES = {"rules": '["sgd", "adam"]', "inits": '["he"]', "depths": "[2, 5]", "hidden": "[100, 100]"}
LR_GRID = (0.1, 1 / 3, 1.0, 3.0, 10.0)  # in units of the rule's default learning rate


def variants_of(
    *,
    variants: list[dict[str, Any]] | None,
    rules: list[str] | None,
    inits: list[Any] | None,
    depths: list[int] | None,
    options: dict[str, dict[str, Any]] | None,
    shared: dict[str, Any],
) -> dict[str, Plan]:
    """Plans by label.

    Args:
        variants: settings in which each variant differs from the shared ones, possibly with a "label".
        rules, inits, depths: every combination of them is a variant; `depths` are numbers of hidden layers as wide as
            the first one of `hidden`.
        options: settings by rule name, such as {"momentum": {"lr": 0.01}}.
        shared: settings of all variants.

    Raises:
        SettingError: unknown settings, nothing to compare, or two variants with one label.
    """
    listed = _listed(variants)
    if rules or inits or depths or variants is None:
        listed += _grid(rules, inits, depths, shared)
    if not listed:
        raise SettingError("compare: there is nothing to compare; the list of variants is empty.")
    options = {} if options is None else options
    if not isinstance(options, dict) or not all(isinstance(own, dict) for own in options.values()):
        raise SettingError(f"compare: options must be a dict of settings by rule name; came {options!r}.")
    unused = [rule for rule in options if rule not in [s.get("rule", shared.get("rule", "adam")) for s in listed]]
    if unused:
        raise SettingError(f"compare: options are given for {', '.join(map(str, unused))}, which no variant uses.")
    given = [settings.pop("label", None) for settings in listed]
    names = list({name: None for settings in listed for name in settings})
    plans: dict[str, Plan] = {}
    for settings, chosen, words in zip(listed, given, _labels(listed, names)):
        rule = choose(settings.get("rule", shared.get("rule", "adam")), OPTIMIZERS, what="update rule")
        label = str(chosen or words or rule)
        if label in plans:
            raise SettingError(f"compare: two variants are called {label!r}; give them a different 'label'.")
        plans[label] = Plan.of(**{**shared, **options.get(rule, {}), **settings})
    return plans


def _listed(variants: Any) -> list[dict[str, Any]]:
    """Copies of the variants that were listed."""
    listed = [] if variants is None else variants
    if not isinstance(listed, list | tuple) or not all(isinstance(variant, dict) for variant in listed):
        raise SettingError(f"compare: variants must be a list of dicts, such as [{{'rule': 'adam'}}]; came {listed!r}.")
    return [dict(variant) for variant in listed]


def _grid(rules: Any, inits: Any, depths: Any, shared: dict[str, Any]) -> list[dict[str, Any]]:
    """Every combination, naming only what differs."""
    for name, values in (("rules", rules), ("inits", inits), ("depths", depths), ("hidden", shared.get("hidden"))):
        if not isinstance(values, list | tuple | None):
            raise SettingError(f"compare: {name} must be a list, such as {EXAMPLES[name]}; came {values!r}.")
    for init in inits or []:
        if not isinstance(init, str | dict):
            raise SettingError(f'compare: inits must be names, or dicts with a "kind"; came {init!r}.')
    width = (shared.get("hidden") or [100])[0]
    depths = [whole(depth, "depths", owner="compare", least=0) for depth in depths or []]
    axes = [
        [{"rule": rule} for rule in rules or []],
        [{"init": init} for init in inits or []],
        [{"hidden": [width] * depth} for depth in depths],
    ]
    choices = product(*(axis for axis in axes if axis))
    return [{name: value for part in choice for name, value in part.items()} for choice in choices]


def _labels(listed: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Each variant in words: of what was varied along an axis, only what differs from variant to variant."""
    differ = [name for name in names if len({repr(settings.get(name)) for settings in listed}) > 1]
    return [
        ", ".join(_word(n, v) for n, v in settings.items() if n in differ or len(listed) == 1) for settings in listed
    ]


def _word(name: str, value: Any) -> str:
    """A setting as a label has it: `adam`, `he`, `5 layers`, `lr 0.01`."""
    if name in ("rule", "init") and isinstance(value, str):
        return value
    if name == "init":
        return " ".join(str(part) for part in value.values())
    if name == "hidden":
        same = len(set(value)) == 1
        return f"{len(value)} × {value[0]}" if same and value else "–".join(map(str, value)) or "linear"
    return f"{name.replace('_', ' ')} {value}"


def slug(label: str) -> str:
    """A label as part of a file name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", label).strip("-") or "variant"
