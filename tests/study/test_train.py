"""A training in a folder: what is in it, the same bits every time, and nothing lost however it ends."""

import errno
import json
import shutil
import signal
import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest
from faults import Faults, fail, outcome
from holding import hold_after, wait_until_held
from run_folders import contents, flowers, same_bits, start, without_pages

import chainrule as cr
from chainrule.core.errors import ChainruleError, DataError, FileFormatError, OutputError, SettingError

module = import_module("chainrule.study.train")  # the package gives the function under this name
SMALL = {"hidden": [5], "epochs": 3, "batch_size": 25, "num_train": 100, "num_test": 40, "threads": 1, "verbose": False}
WHOLE = ["history.npz", "log.jsonl", "net.safetensors", "report.html", "result.json", "settings.json", "training.svg"]


@pytest.fixture
def no_page(monkeypatch):
    without_pages(monkeypatch)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One whole run."""
    return cr.train("digits", out=tmp_path_factory.mktemp("train") / "run", command="chainrule train ...", **SMALL)


def test_the_folder_holds_everything(run):
    assert sorted(path.name for path in run.folder.iterdir()) == WHOLE
    assert run.finished
    settings = json.loads((run.folder / "settings.json").read_text())
    assert settings["kind"] == "train"
    assert settings["plan"]["lr"] == 0.001
    assert settings["plan"]["threads"] == 1
    load = settings["data"]["load"]
    assert (load["source"], load["num_train"], load["num_test"]) == ("digits", 100, 40)
    assert json.loads((run.folder / "result.json").read_text()) == run.result
    assert cr.History.load(run.folder / "history.npz").best_val_acc == run.result["best_val_acc"]


def test_the_saved_net_is_the_best_one(run):
    data = cr.load_data("digits")
    net = cr.load_net(run.folder / "net.safetensors")
    assert net.score(data.X_val, data.y_val) == run.history.best_val_acc
    assert net.score(data.X_test[:40], data.y_test[:40]) == run.result["test_acc"] == run.test.score


def test_the_page_tells_the_figures_and_how_to_reproduce_them(run):
    page = (run.folder / "report.html").read_text()
    assert "digits: 5, adam" in page
    assert f"{100 * run.result['test_acc']:.1f}\u00a0%" in page
    assert "chainrule train ..." in page
    assert "Confusion matrix of 10 classes" in page


def test_an_existing_folder_is_refused(run):
    before = contents(run.folder)
    with pytest.raises(OutputError, match="exists; nothing is overwritten"):
        cr.train("digits", out=run.folder, **SMALL)
    with pytest.raises(OutputError, match="exists; nothing is overwritten"):
        cr.train("digits", out="", **SMALL)
    assert contents(run.folder) == before


def test_a_finished_run_stays_as_it_is(run):
    before = contents(run.folder)
    again = cr.resume(run.folder, verbose=False)
    assert contents(run.folder) == before
    assert again.result == run.result
    assert again.test.score == run.test.score
    assert [f.kind for f in again.findings] == [f.kind for f in run.findings]


def test_where_no_folder_is_named_runs_gets_a_new_one(tmp_path, monkeypatch, no_page):
    monkeypatch.chdir(tmp_path)
    first, second = (cr.train("digits", **SMALL).folder for _ in range(2))
    assert first != second
    assert first.parent.name == "runs"
    assert "train-digits" in first.name


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"rule": "adm"}, SettingError, "Did you mean 'adam'"),
        ({"keep": 2.0}, SettingError, "keep"),
        ({"lrr": 1}, SettingError, "Did you mean 'lr'"),
        ({"num_train": 10**6}, SettingError, "num_train"),
        ({"target": "x"}, SettingError, "target"),
    ],
)
@pytest.mark.promise("P5.2")
def test_bad_settings_leave_nothing_behind(tmp_path, settings, error, message):
    with pytest.raises(error, match=message):
        cr.train("digits", out=tmp_path / "run", **SMALL | settings)
    assert not list(tmp_path.iterdir())


# -- the same bits -------------------------------------------------------------------------------------------------------


@pytest.mark.promise("P3.1")
def test_the_same_settings_give_the_same_bits(run, tmp_path, no_page):
    again = cr.train("digits", out=tmp_path / "again", **SMALL)
    assert same_bits(again.folder, run.folder)
    other = cr.train("digits", out=tmp_path / "other", **SMALL, seed=1)
    assert not same_bits(other.folder, run.folder)


@pytest.mark.promise("P3.2")
@pytest.mark.parametrize("threads", [1, 2])
def test_the_bits_do_not_depend_on_what_else_the_machine_does(tmp_path, no_page, threads):
    options = SMALL | {"hidden": [100, 100], "num_train": 1000, "batch_size": 100, "epochs": 5, "threads": threads}
    calm = cr.train("digits", out=tmp_path / "calm", **options)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        busy = cr.train("digits", out=tmp_path / "busy", **options)
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert same_bits(calm.folder, busy.folder)


# -- stopped, killed, resumed --------------------------------------------------------------------------------------------

LONG = {"hidden": [30], "norm": "batch", "keep": 0.9, "epochs": 100, "threads": 1}
COMMAND = ["train", "--hidden", "30", "--norm", "batch", "--keep", "0.9", "--epochs", "100", "--threads", "1"]  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The run that all disturbed ones must equal."""
    return cr.train("digits", out=tmp_path_factory.mktemp("undisturbed") / "run", verbose=False, **LONG).folder


def killed_until_done(folder, rng, kills):
    """Start, kill after 0.3 to 2.5 s, resume, ...; so many kills at least, then to the end. Tells what kills left."""
    left = []
    while True:
        enough = len(left) >= kills and "checkpoints" in left
        going_on = ["train", "--resume", folder] if folder.exists() else [*COMMAND, "--out", folder]
        process = start(*going_on, "--quiet", stdout=subprocess.DEVNULL)
        try:
            code = process.wait(
                None if enough else rng.uniform(0.3, 2.5 + 0.5 * len(left))
            )  # a slow machine gets its time
            assert code == 0
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            left.append("checkpoints" if (folder / "checkpoints").exists() else folder.exists())
            visible = [path for path in folder.parent.iterdir() if not path.name.startswith(".")]
            assert visible in ([], [folder])
            assert not folder.exists() or json.loads((folder / "settings.json").read_text())
        else:
            if enough:
                return left
            shutil.rmtree(folder)  # it ended before the kills did: once more


@pytest.mark.promise("P2.4")
def test_killed_at_random_moments_a_training_ends_with_the_same_bits(undisturbed, tmp_path, rng):
    left = killed_until_done(tmp_path / "run", rng, kills=6)
    assert "checkpoints" in left
    assert same_bits(tmp_path / "run", undisturbed)
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == WHOLE


@pytest.mark.long
@pytest.mark.promise("P2.4")
@pytest.mark.parametrize("part", range(50))
def test_killed_a_thousand_times(undisturbed, tmp_path, part):
    killed_until_done(tmp_path / "run", np.random.default_rng(part), kills=20)
    assert same_bits(tmp_path / "run", undisturbed)


@pytest.mark.promise("P2.2")
def test_ctrl_c_leaves_a_page_and_the_rest_can_be_done_later(undisturbed, tmp_path):
    folder = tmp_path / "run"
    first = hold_after("chainrule.training.checkpoints", "save")
    process = start(*COMMAND, "--out", folder, first=first, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until_held(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert f"Interrupted; go on with: chainrule train --resume {folder}" in out
    assert "Traceback" not in err
    result = json.loads((folder / "result.json").read_text())
    assert not result["finished"]
    assert 0 <= result["epochs"] < 100
    assert "Training run" in (folder / "report.html").read_text()
    assert list((folder / "checkpoints").iterdir())
    assert cr.resume(folder, verbose=False).finished
    assert same_bits(folder, undisturbed)
    assert not (folder / "checkpoints").exists()


def test_a_run_in_words_says_how_it_went_and_where_it_lies(run):
    said = repr(run)
    assert f"accuracy {run.test.score:.4f}" in said
    assert said.endswith(f"The page: {run.folder / 'report.html'}")


def test_killed_after_its_last_step_a_training_takes_no_more_steps(run, tmp_path, no_page, monkeypatch):
    monkeypatch.setattr("chainrule.training.solver.CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(module, "diagnose", lambda solver: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cr.train("digits", out=tmp_path / "run", **SMALL)
    assert list((tmp_path / "run" / "checkpoints").iterdir())
    monkeypatch.undo()
    again = cr.resume(tmp_path / "run", verbose=False)
    assert again.result["steps"] == run.result["steps"] == 12
    assert same_bits(again.folder, run.folder)


def test_what_a_killed_one_had_not_written_yet_is_made_again(run, tmp_path, no_page):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    for name in ("result.json", "net.safetensors"):
        (folder / name).unlink()
    assert cr.resume(folder, verbose=False).finished
    assert same_bits(folder, run.folder)


@pytest.mark.promise("P2.3")
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.long)])
def test_a_disk_that_fills_up_at_any_moment_costs_nothing(run, tmp_path, no_page, monkeypatch, step):
    """The n-th call that changes the disk fails; what is there by then goes on to the same bits."""
    monkeypatch.setattr("chainrule.training.solver.CHECKPOINT_SECONDS", 0.0)
    n, refused = 0, 0
    while True:
        n += step
        folder = tmp_path / str(n)
        with Faults(n, fail(errno.ENOSPC)) as faults:
            error = outcome(cr.train, "digits", out=folder, **SMALL)
        if not faults.reached:
            break
        if error is not None:
            refused += 1
            assert "the disk is full" in str(error)
            assert "\n" not in str(error)
        if not folder.exists():
            assert not list(tmp_path.glob(f".{n}*"))
            continue
        assert cr.resume(folder, verbose=False).finished
        assert same_bits(folder, run.folder)
        shutil.rmtree(folder)
    assert refused > 60 / step


# -- folders that cannot be gone on with ---------------------------------------------------------------------------------


def damage_json(path):
    path.write_text(path.read_text()[:-40])


def damage_bytes(path):
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("settings.json", damage_json, r"settings\.json, line \d+: .* damaged"),
        ("settings.json", lambda path: path.write_text("[]"), "foreign program"),
        ("settings.json", lambda path: path.write_text('{"kind": "compare"}'), "a compare, not of a training"),
        ("settings.json", lambda path: path.write_text('{"kind": "train"}'), "settings"),
        ("settings.json", lambda path: path.write_text('{"kind": "train", "plan": {}}'), "where the data came from"),
        ("settings.json", lambda path: path.unlink(), "holds no training"),
        ("result.json", lambda path: path.write_text("[]"), "damaged; remove it"),
        ("result.json", lambda path: path.write_text('{"finished": true, "findings": [{"x": 1}]}'), "damaged"),
        ("net.safetensors", damage_bytes, "net.safetensors"),
        ("net.safetensors", lambda path: path.unlink(), "no such file"),
        ("history.npz", damage_bytes, "history.npz"),
    ],
)
@pytest.mark.promise("P2.4")
def test_a_damaged_folder_is_refused_and_left_alone(run, tmp_path, name, damage, message):
    folder = shutil.copytree(run.folder, tmp_path / "run")
    damage(folder / name)
    before = contents(folder)
    with pytest.raises(FileFormatError, match=message):
        cr.resume(folder, verbose=False)
    assert contents(folder) == before


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(FileFormatError, match="holds no training"):
        cr.resume(tmp_path / "nowhere")


def test_data_that_changed_meanwhile_are_refused(tmp_path, no_page):
    table = flowers(tmp_path / "flowers.csv")
    run = cr.train(table, target="species", out=tmp_path / "run", epochs=1, verbose=False)
    (run.folder / "result.json").unlink()
    flowers(table, seed=1)
    with pytest.raises(DataError, match=r"flowers\.csv is not what the training began with"):
        cr.resume(run.folder)
    table.unlink()
    with pytest.raises(DataError, match="no such file"):
        cr.resume(run.folder)
    flowers(table)
    assert cr.resume(run.folder, verbose=False).finished


def test_arrays_must_be_given_again(tmp_path, rng, no_page):
    data = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    run = cr.train(data, out=tmp_path / "run", epochs=1, hidden=[], verbose=False)
    (run.folder / "result.json").unlink()
    with pytest.raises(SettingError, match="give the same ones again"):
        cr.resume(run.folder)
    with pytest.raises(ChainruleError, match="not what the training began with"):
        cr.resume(run.folder, data=(data[0] + 1, data[1]))
    assert cr.resume(run.folder, data=data, verbose=False).finished


# -- other data ----------------------------------------------------------------------------------------------------------


def test_a_table_with_texts_and_a_named_target(tmp_path, no_page):
    run = cr.train(flowers(tmp_path / "f.csv", 200, leave_out=["price"]), target="species", out=tmp_path / "run",
                   epochs=30, batch_size=10, verbose=False)  # fmt: skip
    assert run.result["best_val_acc"] > 0.8
    assert cr.load_net(run.folder / "net.safetensors").input.classes == ("rose", "tulip")


def test_real_targets_are_told_in_r2(tmp_path):
    run = cr.train(flowers(tmp_path / "f.csv", 200, leave_out=["species"]), target="price", out=tmp_path / "run",
                   epochs=40, batch_size=10, verbose=False)  # fmt: skip
    assert run.result["metric"] == "r2"
    assert run.result["test_acc"] > 0.9
    assert "R²" in (run.folder / "report.html").read_text()


def test_a_training_that_diverges_is_named_and_finished(tmp_path, no_page):
    run = cr.train("digits", out=tmp_path / "run", **SMALL | {"rule": "sgd", "lr": 1e30})
    assert run.finished
    assert "not finite" in run.result["fault"]
    assert run.findings
    again = cr.resume(run.folder, verbose=False)
    assert again.result == run.result


def test_early_stopping_ends_a_run_for_good(tmp_path, no_page):
    run = cr.train("digits", out=tmp_path / "run", **SMALL | {"epochs": 200, "early_stopping": 2, "lr": 0.01})
    assert run.finished
    assert run.result["epochs"] < 200
    before = contents(run.folder)
    cr.resume(run.folder, verbose=False)
    assert contents(run.folder) == before


def test_no_epochs_leave_the_net_as_it_was_drawn(tmp_path, no_page):
    run = cr.train("digits", out=tmp_path / "run", **SMALL | {"epochs": 0})
    assert run.finished
    assert run.result["best_val_acc"] is None or np.isnan(run.result["best_val_acc"])
    assert cr.resume(run.folder, verbose=False).result["steps"] == 0
