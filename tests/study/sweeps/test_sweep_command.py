"""`chainrule sweep`: a study from its file to its page, looked at, and what is said when something is wrong."""

import csv
import json
import shutil
import socket
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from sweep_folders import without_pages

import chainrule as cr
from chainrule.cli import app
from chainrule.study.sweeps import status as looks
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.points import Setup, key_of
from chainrule.study.sweeps.records import locked

STUDIES = sorted((Path(__file__).parents[3] / "examples" / "studies").glob("*.toml"))
TEXT = """
data = { source = "digits", num_train = 100, num_test = 30 }
sampler = "random"
[settings]
hidden = [8]
epochs = 2
batch_size = 20
[space]
lr = { log = [1e-3, 0.3] }
norm = [ "batch", "layer" ]
[budget]
trials = 4
[finals]
finalists = 1
seeds = 1
"""


def run(*arguments):
    return app([*map(str, arguments)], exit_on_error=False, print_error=False, result_action="return_value")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    (folder / "study.toml").write_text(TEXT)
    with pytest.MonkeyPatch.context() as patch:
        without_pages(patch)
        assert run("sweep", folder / "study.toml", "--out", folder / "s", "--quiet", "--json", folder / "r.json") == 0
    return folder


def test_the_result_as_json(study):
    result = json.loads((study / "r.json").read_text())
    assert result == json.loads((study / "s" / "result.json").read_text())
    assert len(result["trials"]) == 4
    assert result["settings"]["lr"] == result["best"]["lr"]


def test_the_same_command_again_shows_the_same(study, capsys):
    before = (study / "s" / "result.json").stat().st_mtime_ns
    assert run("sweep", study / "study.toml", "--out", study / "s", "--quiet") == 0
    assert "4 trials: 4 complete." in capsys.readouterr().out
    assert (study / "s" / "result.json").stat().st_mtime_ns == before


def test_status_and_best(study, capsys):
    assert run("sweep", "--out", study / "s", "--status") == 0
    said = capsys.readouterr().out
    assert said.startswith("finished, ")
    assert "4 of 4 trials (4 complete), 1 of 1 repetitions" in said
    assert run("sweep", "--out", study / "s", "--status", "--watch") == 0
    assert capsys.readouterr().out.strip() == said.strip()
    assert run("sweep", "--out", study / "s", "--best", "--json", "-") == 0
    best = json.loads(capsys.readouterr().out)
    assert best["trials"][0]["params"] == best["best"]


def test_a_study_that_runs_says_so(study, tmp_path):
    folder = shutil.copytree(study / "s", tmp_path / "s")
    (folder / "result.json").unlink()
    told = json.loads((folder / "status.json").read_text()) | {"running": {"4": {"lr": 0.1}}}
    (folder / "status.json").write_text(json.dumps(told))
    assert looks.status(folder)["state"] == "stopped"
    with locked(folder):
        found = looks.status(folder)
    assert (found["state"], found["running"]) == ("running", {"4": {"lr": 0.1}})
    assert "trial 4: lr 0.1" in looks.told(found)


def test_export(study, tmp_path, capsys):
    assert run("sweep", "--out", study / "s", "--export", tmp_path / "t.csv") == 0
    with open(tmp_path / "t.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    trials = json.loads((study / "s" / "result.json").read_text())["trials"]
    assert {int(row["trial"]): float(row["best_val"]) for row in rows} == {t["number"]: t["value"] for t in trials}
    assert {row["norm"] for row in rows} <= {"batch", "layer"}
    with pytest.raises(cr.ChainruleError, match="nothing is overwritten"):
        run("sweep", "--out", study / "s", "--export", tmp_path / "t.csv")


def test_the_dashboard_is_started_or_its_install_named(study, monkeypatch):
    begun = []
    monkeypatch.setattr(looks.shutil, "which", lambda name, path=None: None)
    with pytest.raises(cr.ChainruleError, match=r"pip install optuna-dashboard.*study\.db"):
        run("sweep", "--out", study / "s", "--dashboard")
    monkeypatch.setattr(looks.shutil, "which", lambda name, path=None: path and f"/bin/{name}")  # beside Python alone
    monkeypatch.setattr(
        looks.subprocess, "run", lambda line, check: begun.append(line) or type("Done", (), {"returncode": 0})
    )
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(looks, "PORT", taken)
        assert run("sweep", "--out", study / "s", "--dashboard") == 0
    *line, port = begun.pop()
    assert line == [
        "/bin/optuna-dashboard", f"sqlite:///{study / 's' / 'study.db'}", "--host", "127.0.0.1", "--port",
    ]  # fmt: skip
    assert 0 < int(port) != taken


def test_the_dashboard_shows_the_trials(study, monkeypatch):
    pytest.importorskip("optuna_dashboard")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setattr(looks, "PORT", free.getsockname()[1])
    begun = []
    monkeypatch.setattr(
        looks.subprocess, "run", lambda line, check: begun.append(line) or type("Done", (), {"returncode": 0})
    )
    assert run("sweep", "--out", study / "s", "--dashboard") == 0
    with subprocess.Popen(begun[0], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            found = _asked(f"http://127.0.0.1:{looks.PORT}/api/studies/1?after=0", process)
        finally:
            process.kill()
    trials = json.loads((study / "s" / "result.json").read_text())["trials"]
    shown = {trial["number"]: trial for trial in found["trials"]}
    assert found["name"] == "study"
    assert found["directions"] == ["maximize"]
    assert len(shown) == len(trials)
    for trial in trials:
        own = shown[trial["number"]]
        params = {one["name"]: one["param_external_value"] for one in own["params"]}
        assert own["state"] == "Complete"
        assert own["values"] == [trial["value"]]
        assert own["intermediate_values"][-1] == {"step": trial["epochs"], "value": trial["value"]}
        assert params == {name: str(value) for name, value in trial["params"].items()}


def _asked(address, process):
    """What a server answers, once it has started."""
    for _ in range(300):
        assert process.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return json.load(answer)
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("no answer within 30 seconds")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--status"], "name its folder alone"),
        ([], "name the study"),
        (["none.toml"], "no such file"),
        (["--out", "none", "--status"], "holds no study"),
        (["--out", "none", "--dashboard"], "holds no study"),
    ],
)
def test_what_is_wrong_is_said(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(cr.ChainruleError, match=words):
        run("sweep", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_optuna_that_is_missing_is_named(monkeypatch, study):
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(cr.ChainruleError, match=r"pip install 'chainrule\[sweep\]'"):
        cr.sweep("digits", space={"lr": [0.1]})


def test_dask_that_is_missing_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cr.ChainruleError, match=r"pip install 'chainrule\[cluster\]'"):
        cr.sweep("digits", space={"lr": [0.1]}, executor="cluster")


@pytest.mark.parametrize("path", STUDIES, ids=[path.stem for path in STUDIES])
def test_the_courses_studies_can_be_trained(path):
    """On rows shaped like CIFAR-10's: every setting that they name is one."""
    definition = Definition.load(path)
    rng = np.random.default_rng(1)
    parts = {f"X_{part}": rng.integers(0, 256, (20, 3, 32, 32), dtype=np.uint8) for part in ("train", "val")}
    data = cr.load_data({**parts, "y_train": np.arange(20) % 10, "y_val": np.arange(20) % 10})
    setup = Setup.of(definition.space, definition.settings, definition.seed, None)
    setup.check({key_of(None): data})
    assert f"chainrule sweep examples/studies/{path.name}" in path.read_text()
    assert tomllib.loads(path.read_text())["data"]


def test_the_nine_nets_are_nine():
    definition = Definition.load(next(path for path in STUDIES if "nine" in path.stem))
    setup = Setup.of(definition.space, definition.settings, 0, None)
    assert len(setup.space.grid()) == 9
    assert setup.training(setup.space.grid()[0]).plan.hidden == [100] * 5
