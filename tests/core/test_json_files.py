"""JSON is strict, and NumPy's numbers are plain ones in it."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from chainrule.core import json_files
from chainrule.core.errors import FileFormatError, SettingError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_json_takes_what_numpy_and_paths_give(tmp_path):
    rows = [
        ("b", np.float32(0.5), 0.5),
        ("a", np.arange(3), [0, 1, 2]),
        ("path", Path("x/y"), "x/y"),
        ("text", "naïve \udc80", "naïve \udc80"),
        ("flags", (True, np.bool_(False)), [True, False]),
        ("none", None, None),
        ("big", np.uint64(2**64 - 1), 2**64 - 1),
        ("grid", np.ones((2, 1)), [[1.0], [1.0]]),
        ("nan", float("nan"), None),
        ("inf", [np.float64("-inf")], [None]),
        ("long", np.longdouble(0.25), 0.25),
        ("name", np.str_("n"), "n"),
        ("zero", np.array(3), 3),
    ]
    json_files.write_json(tmp_path / "v.json", {name: value for name, value, _ in rows})
    back = json_files.read_json(tmp_path / "v.json")
    assert list(back.items()) == [(name, wanted) for name, _, wanted in rows]
    assert [type(flag) for flag in back["flags"]] == [bool, bool]
    text = (tmp_path / "v.json").read_text("utf-8")
    assert "naïve" in text
    assert text.startswith('{\n  "b": 0.5,\n')
    json.loads(text, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "value", [{1: 2}, {"a": object()}, 1j, {1, 2}, b"x", np.array([None, object()]), np.ma.masked_array([1], [True])]
)
def test_what_json_cannot_hold_is_refused_and_nothing_written(tmp_path, value):
    with pytest.raises(SettingError, match="JSON file cannot hold"):
        json_files.write_json(tmp_path / "v.json", value)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b'{"a": 1,\n "b": }', "line 2"),
        (b'{"a": 1,\n\n "b": "\xff"}', "line 3.*UTF-8"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[" * 200_000, "nested"),
        (b"9" * 5000, "digits"),
        (b"", "line 1"),
        (b"{} {}", "line 1"),
        (b" " * 101, "at most 100"),
    ],
)
def test_damaged_json_is_refused(tmp_path, data, match):
    (tmp_path / "v.json").write_bytes(data)
    with pytest.raises(FileFormatError, match=match) as caught:
        json_files.read_json(tmp_path / "v.json", limit=100 if data == b" " * 101 else json_files.JSON_LIMIT)
    assert str(tmp_path / "v.json") in str(caught.value)


def test_what_is_no_ordinary_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, match in [("absent", "no such file"), ("pipe", "no ordinary file"), (".", "no ordinary file")]:
        with pytest.raises(FileFormatError, match=match):
            json_files.read_json(tmp_path / path)
