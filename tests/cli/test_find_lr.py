"""`chainrule find-lr` and `chainrule train --dry-run`."""

import json

import pytest

from chainrule.cli import app
from chainrule.core.errors import SettingError

SMALL = ["--hidden", "6", "--num-train", "100", "--threads", "1", "--engine", "plain"]


@pytest.fixture
def chainrule(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*words):
        code = app(list(words), result_action="return_value", exit_on_error=False)
        return code, capsys.readouterr().out

    return run


def test_find_lr_leaves_a_folder_with_figures_and_a_picture(chainrule, tmp_path):
    code, out = chainrule("find-lr", *SMALL, "--rule", "momentum", "--option", "momentum=0.8", "--steps", "30",
                          "--out", "rates")  # fmt: skip
    saved = json.loads((tmp_path / "rates" / "learning_rates.json").read_text())
    assert code == 0
    assert saved["rule"] == "momentum"
    assert len(saved["rates"]) <= 30
    assert "momentum:" in out
    assert "Written to rates" in out
    assert (tmp_path / "rates" / "learning_rates.svg").stat().st_size > 1000
    settings = json.loads((tmp_path / "rates" / "settings.json").read_text())
    assert settings["plan"]["options"] == {"momentum": 0.8}
    assert settings["plan"]["hidden"] == [6]


def test_find_lr_has_no_use_for_a_rate(chainrule, tmp_path):
    with pytest.raises(SettingError, match="lr, epochs must be left out"):
        chainrule("find-lr", *SMALL, "--lr", "0.1", "--epochs", "3")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_writes_nothing_and_speaks_json(chainrule, tmp_path):
    code, out = chainrule("train", *SMALL, "--epochs", "7", "--batch-size", "50", "--dry-run", "--json", "-")
    planned = json.loads(out)
    assert code == 0
    assert (planned["steps"], planned["steps_per_epoch"], planned["engine"]) == (14, 2, "plain")
    code, out = chainrule("train", *SMALL, "--dry-run")
    assert "first loss" in out
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_takes_no_place_to_write_to(chainrule):
    with pytest.raises(SettingError, match="writes nothing"):
        chainrule("train", *SMALL, "--dry-run", "--out", "run")
