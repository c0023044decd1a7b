"""What the command `chainrule data` shows: lists and dicts that JSON can hold."""

import json

import pytest
from test_cifar10 import PYTHON, fill, small  # noqa: F401  (a fixture)

from chainrule.core.errors import DataError, SettingError
from chainrule.datasets import SOURCES, catalogue, cifar10, load_data


def test_the_list_names_every_source(small):  # noqa: F811
    rows = json.loads(json.dumps(catalogue.list_sources()))
    assert [row["name"] for row in rows] == list(SOURCES) == ["digits", "cifar10"]
    assert rows[0]["where"] == "comes with the library"
    assert rows[1]["where"] is None
    folder = fill(small / "home" / PYTHON.folder, PYTHON)
    assert catalogue.list_sources()[1]["where"] == str(folder)


def test_the_lists_sizes_are_true():
    data = load_data("digits")
    assert SOURCES["digits"].rows == (len(data.X_train), len(data.X_val), len(data.X_test))
    assert SOURCES["digits"].features == data.input_dim
    assert sum(SOURCES["cifar10"].rows) == 60_000


def test_fetching_what_is_there_does_nothing(small):  # noqa: F811
    assert catalogue.fetch("digits")["fetched"] is False
    folder = fill(small / PYTHON.folder, PYTHON)
    assert catalogue.fetch("cifar10", small) == {"name": "cifar10", "where": str(folder), "fetched": False}
    with pytest.raises(SettingError, match="Did you mean 'cifar10'"):
        catalogue.fetch("cifar")


def test_verify_reports_every_file(small, monkeypatch):  # noqa: F811
    assert catalogue.verify("digits")["ok"]
    with pytest.raises(DataError, match="chainrule data fetch"):
        catalogue.verify("cifar10")
    folder = fill(small / "home" / PYTHON.folder, PYTHON)
    report = json.loads(json.dumps(catalogue.verify("cifar10")))
    assert report["ok"]
    assert [row["state"] for row in report["files"]] == ["readable"] * 6
    (folder / "data_batch_3").write_bytes(b"x")
    (folder / "test_batch").unlink()
    report = catalogue.verify("cifar10")
    assert not report["ok"]
    assert [row["ok"] for row in report["files"]] == [True, True, False, True, True, False]
    assert "data_batch_3" in report["files"][2]["state"]


def test_official_bytes_are_told_from_others(small, monkeypatch):  # noqa: F811
    from dataclasses import replace
    from hashlib import md5

    folder = fill(small / "home" / PYTHON.folder, PYTHON)
    digests = tuple(md5((folder / name).read_bytes()).hexdigest() for name in PYTHON.files)
    layout = replace(PYTHON, md5=(*digests[:5], "0" * 32))
    monkeypatch.setattr(cifar10, "LAYOUTS", (layout,))
    states = [row["state"] for row in catalogue.verify("cifar10")["files"]]
    assert states == ["official"] * 5 + ["readable, but not the official bytes"]


def test_describe(tmp_path):
    said = json.loads(json.dumps(catalogue.describe("digits")))
    assert said["rows"]["train"] == 1437
    assert len(said["fingerprint"]) == 64
    (tmp_path / "a.csv").write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(20)))
    assert catalogue.describe(tmp_path / "a.csv", target="y")["columns"] == [{"name": "a", "categories": None}]
