"""Paths that people give."""

import os
from pathlib import Path
from typing import Any

from chainrule.core.errors import SettingError


def path_of(value: Any, *, owner: str, name: str = "path") -> Path:
    """A text or a pathlib.Path as a Path.

    Raises:
        SettingError: something else, or a text that no file can be called by.
    """
    if not isinstance(value, str | os.PathLike) or "\0" in str(value):
        raise SettingError(f"{owner}: {name} must be a path, a text or a pathlib.Path; came {value!r:.80}.")
    return Path(value)
