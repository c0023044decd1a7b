"""JSON as we write and read it: strict, whole or absent, with NumPy's numbers as plain ones."""

import json
import os
from pathlib import PurePath
from typing import Any

import numpy as np

from chainrule.core.arrays import is_masked
from chainrule.core.errors import FileFormatError, SettingError
from chainrule.core.files import reading, write_atomically

JSON_LIMIT = 256 << 20  # bytes; no file of ours comes near


def plain(value: Any, *, exact: bool = False) -> Any:
    """`value` as JSON knows it: NumPy's scalars and arrays as numbers and lists, tuples as lists, paths as text.

    Args:
        value: numbers, text, None, arrays, paths, and lists, tuples and dicts (with text as keys) of such.
        exact: keep NaN and the infinities; otherwise they become None, since standard JSON has no word for them.

    Raises:
        SettingError: something else.
    """
    if isinstance(value, np.ndarray) and not is_masked(value):
        return plain(value.tolist(), exact=exact)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if exact or np.isfinite(number) else None
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {str(key): plain(item, exact=exact) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, exact=exact) for item in value]
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, str | PurePath):
        return str(value)
    raise SettingError(
        f"a JSON file cannot hold {type(value).__name__} {str(value)[:60]!r}; it can hold numbers, text, bools, None, "
        f"arrays, lists, and dicts whose keys are text."
    )


def write_json(path: str | os.PathLike, value: Any) -> None:
    """Write `value` as standard JSON, atomically, keys in their order; NaN and infinities are written as null.

    Raises:
        SettingError: something that JSON cannot hold.
        OutputError: the file cannot be written.
    """
    text = json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(path, text.encode("utf-8", "backslashreplace"))  # a lone surrogate turns into JSON's own escape


def read_json(path: str | os.PathLike, *, limit: int = JSON_LIMIT) -> Any:
    """Read a JSON file strictly: UTF-8, no NaN, no key twice.

    Args:
        path: the file.
        limit: the largest size that is read, in bytes.

    Raises:
        FileFormatError: it is missing, too large or no JSON; the line is named.
    """
    with reading(path) as (stream, size):
        if size > limit:
            raise FileFormatError(f"{path} has {size} bytes; a file of this kind has at most {limit}.")
        return parse_json(stream.read(limit), str(path))


def parse_json(data: bytes, where: str, *, exact: bool = False) -> Any:
    """The value of a JSON text; `where` names it in errors, and `exact` lets NaN and the infinities through."""

    def constant(token: str) -> float:
        if exact:
            return float(token)
        raise ValueError(f"{token} is no JSON")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=constant)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileFormatError(f"{where}, line {line}: this is no UTF-8 text; the file is damaged.") from error
    except json.JSONDecodeError as error:
        raise FileFormatError(f"{where}, line {error.lineno}: {error.msg}; the file is damaged or no JSON.") from error
    except RecursionError as error:
        raise FileFormatError(f"{where}: lists or objects nested too deeply; the file is damaged.") from error
    except ValueError as error:
        raise FileFormatError(f"{where}: {error}; the file is damaged.") from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return result
