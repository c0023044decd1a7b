"""Texts of the command line turned into settings, and results turned into texts."""

import json as json_module
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import Any

from chainrule.core.errors import SettingError
from chainrule.core.json_files import plain, read_json, write_json


def value(text: str) -> Any:
    """A number, true, false or none where the text is one; else the text."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def whole(text: str) -> int:
    """A whole number.

    Raises:
        ValueError: the text is none.
    """
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"a whole number is wanted; came {text!r}.") from None


def whole_numbers(option: str, text: str) -> list[int]:
    """`"100,50"` -> [100, 50]; an empty text or "none" -> []."""
    if text.strip().lower() in ("", "none", "0") and option == "--hidden":
        return []
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise SettingError(f"{option}: whole numbers are wanted, such as 5 or 100,50; came {text!r}.") from None


def described(text: str) -> str | dict[str, Any]:
    """`"cosine:final=0.1"` -> {"kind": "cosine", "final": 0.1}; without options the name alone."""
    kind, _, rest = text.partition(":")
    return {"kind": kind, **_pairs(rest, ",")} if rest else kind


def rule_options(texts: list[str] | None) -> dict[str, Any]:
    """`["beta1=0.95"]` -> {"beta1": 0.95}."""
    return {name: item for text in texts or [] for name, item in _pairs(text, ",").items()}


def options_by_rule(texts: list[str] | None) -> dict[str, dict[str, Any]] | None:
    """`["momentum.lr=0.01"]` -> {"momentum": {"lr": 0.01}}."""
    found: dict[str, dict[str, Any]] = {}
    for name, item in rule_options(texts).items():
        rule, dot, option = name.partition(".")
        if not dot:
            raise SettingError(
                f"--option: RULE.NAME=VALUE is wanted here, such as momentum.lr=0.01; came {name}={item}."
            )
        found.setdefault(rule, {})[option] = item
    return found or None


def listed_variants(texts: list[str] | None, file: Path | None) -> list[dict[str, Any]] | None:
    """The variants of the command line and of a JSON file; None where neither was given.

    Raises:
        SettingError, FileFormatError: the file holds no list of variants.
    """
    if texts is None and file is None:
        return None
    saved = [] if file is None else read_json(file)
    if not isinstance(saved, list) or not all(isinstance(item, dict) for item in saved):
        raise SettingError(f'{file}: a list of variants is wanted, such as [{{"rule": "adam"}}, {{"rule": "sgd"}}].')
    return [variant_of(text) for text in texts or []] + saved


def variant_of(text: str) -> dict[str, Any]:
    """`"rule=adam,lr=1e-3,hidden=50-50"` -> settings."""
    settings = _pairs(text, ",")
    if "hidden" in settings:
        settings["hidden"] = whole_numbers("--variant hidden", str(settings["hidden"]).replace("-", ","))
    for name in ("init", "schedule"):
        if isinstance(settings.get(name), str):
            settings[name] = described(settings[name].replace(";", ","))
    return settings


def _pairs(text: str, separator: str) -> dict[str, Any]:
    """`"a=1,b=x"` -> {"a": 1, "b": "x"}."""
    pairs = {}
    for part in text.split(separator):
        name, equals, item = part.partition("=")
        if not equals or not name:
            raise SettingError(f"NAME=VALUE is wanted, such as lr=0.01; came {part!r}.")
        pairs[name.strip().replace("-", "_")] = value(item.strip())
    return pairs


def command_line() -> str:
    """The command as it was typed."""
    return shlex.join(["chainrule", *sys.argv[1:]])


def columns() -> int | None:
    """How wide the terminal is; None where the output goes to a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def wrapped(text: str, indent: str = "  ") -> str:
    """A paragraph, indented, in lines that fit a terminal."""
    width = min(columns() or 100, 100)
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def emit(result: Any, json: str | None, text: str) -> None:
    """Print the text, and write the result as JSON where it was asked for; `-` prints JSON alone."""
    if json == "-":
        print(json_module.dumps(plain(result), indent=2, allow_nan=False))
        return
    print(text)
    if json is not None:
        write_json(json, result)
