"""Searches: the same table for any number of workers; stopped, killed or hindered, nothing is lost or done twice."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path

import numpy as np
import optuna
import pytest
from faults import Faults, fail
from sweep_folders import LAUNCH, SMALL, SPACE, files, start, table, without_pages

import chainrule as cr
from chainrule.core.errors import DataError, OutputError, SettingError
from chainrule.core.npz import load_npz
from chainrule.study.sweeps import legs
from chainrule.training.solver import Solver

LAST = 200  # seconds after which a process of a test has failed


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search that nothing hindered, on one worker."""
    out = tmp_path_factory.mktemp("sweep") / "one"
    return cr.sweep("digits", out=out, workers=1, command="chainrule sweep s.toml", **SMALL)


@pytest.fixture(autouse=True)
def no_page(whole, monkeypatch):
    """A whole one was written before."""
    without_pages(monkeypatch)


@pytest.fixture
def copy(whole, tmp_path):
    """Its folder, to be spoilt."""
    return Path(shutil.copytree(whole.folder, tmp_path / "copy"))


def again(out, **more):
    return cr.sweep("digits", out=out, workers=2, **{**SMALL, **more})


def count_trainings(monkeypatch):
    """Every training that begins, by its seed, rule and learning rate."""
    begun, train = [], Solver.train

    def counted(self, epochs=None):
        begun.append((self.settings.seed, self.settings.rule, self.settings.lr))
        return train(self, epochs)

    monkeypatch.setattr(Solver, "train", counted)
    return begun


@pytest.mark.promise("P7.2")
@pytest.mark.parametrize("workers", [2, 8])
def test_the_table_does_not_depend_on_workers(whole, tmp_path, workers):
    cr.sweep("digits", out=tmp_path / "s", workers=workers, **SMALL)
    assert table(tmp_path / "s") == table(whole.folder)


def test_the_folder_holds_everything(whole):
    folder = whole.folder
    assert files(folder, "trials") == [f"{n:05d}.npz" for n in range(14)]
    assert len(files(folder, "finals")) == 4
    assert {path.name for path in folder.iterdir()} == {
        "finals", "net.safetensors", "report.html", "result.json", "running", "settings.json", "status.json", "study.db",
        "study.lock", "trials",
    }  # fmt: skip
    assert list((folder / "running").iterdir()) == []
    trial = whole.ranked[0]
    history = cr.History.load(folder / "trials" / f"{trial.number:05d}.npz")
    assert history.best_val_acc == trial.value
    assert trial.settings["lr"] == trial.params["lr"]
    assert trial.settings["batch_size"] == 20


def test_trials_are_pruned_and_ranked(whole):
    assert whole.counts["pruned"] > 0
    complete = [trial.value for trial in whole.ranked if trial.state == "complete"]
    assert complete == sorted(complete, reverse=True)
    for trial in whole.trials:
        assert (trial.epochs < 4) == (trial.state == "pruned")
        assert list(trial.curve.values()) == sorted(trial.curve.values())  # best so far


def test_finalists_have_seeds_that_the_search_did_not_use(whole):
    assert [run.seed for variant in whole.finals.variants for run in variant.runs] == [1, 2, 1, 2]
    assert {trial.seed for trial in whole.trials} == {0}
    assert whole.winner == whole.finals.best_label
    assert "%" in str(whole)


def test_the_test_rows_are_seen_once_by_the_winner(monkeypatch, tmp_path):
    data = cr.load_data("digits", num_train=200, num_test=60)
    seen, settings = [], {k: v for k, v in SMALL.items() if not k.startswith("num_")}
    for name in ("chainrule.training.solver", "chainrule.study.sweeps.conclusion"):
        module = import_module(name)
        real = module.evaluate

        def watched(net, X, y, real=real, **more):
            if X is data.X_test or (X.shape == data.X_test.shape and np.array_equal(X, data.X_test)):
                seen.append(net)
            return real(net, X, y, **more)

        monkeypatch.setattr(module, "evaluate", watched)
    found = cr.sweep(data, out=tmp_path / "s", workers=1, **{**settings, "budget": {"trials": 5}})
    assert len(seen) == 1
    net = cr.load_net(tmp_path / "s" / "net.safetensors")
    assert net.score(data.X_test, data.y_test) == found.test
    best = max(run.history.best_val_acc for run in found.finals.best.runs)
    assert net.score(data.X_val, data.y_val) == pytest.approx(best)


def test_optuna_reads_the_database(whole):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="study", storage=f"sqlite:///{whole.folder / 'study.db'}")
    states = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}
    assert [trial.state.name for trial in study.trials] == [states[trial.state] for trial in whole.trials]
    assert [trial.params for trial in study.trials] == [trial.params for trial in whole.trials]
    assert study.best_value == max(t.value for t in whole.trials if t.state == "complete")
    for theirs, ours in zip(study.trials, whole.trials):
        assert theirs.intermediate_values == ours.curve
        assert theirs.user_attrs == ({} if ours.fault is None else {"fault": ours.fault})


def test_a_finished_study_is_read_and_left_alone(whole, copy, monkeypatch):
    begun = count_trainings(monkeypatch)
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.*") if path.suffix in (".npz", ".json", ".html")}
    found = again(copy)
    assert begun == []
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert found.table() == whole.table()
    assert (found.winner, found.test, found.best, found.complete) == (whole.winner, whole.test, whole.best, True)
    assert found.finals.table() == whole.finals.table()


def test_a_larger_budget_adds_trials_to_those_there_are(whole, copy, monkeypatch, tmp_path):
    begun = count_trainings(monkeypatch)
    found = again(copy, budget={"trials": 17})
    assert len(found.trials) == 17
    assert [trial.params for trial in found.trials[:14]] == [trial.params for trial in whole.trials]
    assert len([seed for seed, *_ in begun if seed == 0]) == 3
    fresh = again(tmp_path / "fresh", budget={"trials": 17})
    assert [t.params for t in fresh.trials] == [t.params for t in found.trials]


@pytest.mark.promise("P7.3")
def test_trials_that_are_lost_are_trained_again_and_no_other(whole, copy, monkeypatch):
    begun = count_trainings(monkeypatch)
    for name in ("trials/00003.npz", "trials/00013.npz", "result.json", "study.db"):
        (copy / name).unlink()
    again(copy)
    wanted = [(0, t.settings["rule"], t.settings["lr"]) for t in whole.trials if t.number in (3, 13)]
    assert sorted(begun) == sorted(wanted)
    assert table(copy) == table(whole.folder)


@pytest.mark.promise("P7.4")
def test_a_study_goes_on_in_the_middle_of_its_running_trials(whole, tmp_path, monkeypatch):
    """Stopped in a trial's second epoch, it goes on from there, and ends as if nothing had been."""
    reached, called = {}, legs._Watch.__call__

    def stopping(self, solver):
        ended = called(self, solver)
        if self.job.folder.name == "00006" and solver.epoch == 2 and not ended:
            self.stopped = True
            solver.checkpoint()
            return True
        return ended

    out = tmp_path / "s"
    with monkeypatch.context() as patch:
        patch.setattr(legs._Watch, "__call__", stopping)
        found = again(out, pruner="none")
    assert not found.complete
    assert "goes on" in found.verdict[-1]
    assert (out / "running" / "00006" / "checkpoints").is_dir()
    resumed = Solver.resume

    def noted(self):
        done = resumed(self)
        reached[self.folder.name] = self.task.step
        return done

    monkeypatch.setattr(Solver, "resume", noted)
    again(out, pruner="none")
    assert reached["00006"] == 20
    again(tmp_path / "straight", pruner="none")
    assert table(out) == table(tmp_path / "straight")


def killed_at(out, count, **options):
    """A search, killed once so many files of trials are there."""
    process = start(out=out, **options)
    deadline = time.monotonic() + LAST
    while process.poll() is None and len(files(out, "trials")) < count and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.promise("P7.5")
def test_a_killed_controller_loses_nothing(tmp_path):
    out = tmp_path / "s"
    for count in (2, 9):
        killed_at(out, count, workers=2, engine="plain")  # nothing to compile in each process
    again(out, engine="plain")
    assert files(out, "trials") == [f"{n:05d}.npz" for n in range(14)]
    again(tmp_path / "whole", engine="plain")
    assert table(out) == table(tmp_path / "whole")


@pytest.mark.long
@pytest.mark.promise("P7.5")
def test_a_controller_killed_twenty_times_loses_nothing(tmp_path):
    long = {"budget": {"trials": 60}, "engine": "plain"}
    again(tmp_path / "whole", **long)
    for count in range(3, 61, 3):
        killed_at(tmp_path / "s", count, workers=4, **long)
    again(tmp_path / "s", **long)
    assert table(tmp_path / "s") == table(tmp_path / "whole")


def test_budgets(tmp_path):
    few = {**SMALL, "finals": {"finalists": 1, "seeds": 1}, "sampler": "random", "pruner": "none"}
    found = cr.sweep("digits", out=tmp_path / "e", workers=2, **{**few, "budget": {"epochs": 14}})
    assert sum(trial.epochs for trial in found.trials) == 12
    found = cr.sweep("digits", out=tmp_path / "t", workers=1, **{**few, "budget": {"seconds": 0.0}})
    assert found.trials == []
    assert found.verdict == ["0 trials: none yet."]
    grid = {**few, "space": {"lr": [0.01, 0.1], "reg": [0.0, 0.1]}, "sampler": "grid", "budget": None}
    found = cr.sweep("digits", out=tmp_path / "g", workers=2, **grid)
    assert [list(trial.params.values()) for trial in found.trials] == [[0.01, 0.0], [0.01, 0.1], [0.1, 0.0], [0.1, 0.1]]


def test_data_may_be_searched_too(tmp_path):
    few = {**SMALL, "space": {"num_train": [50, 150]}, "sampler": "grid", "finals": {"finalists": 1, "seeds": 1}}
    found = cr.sweep("digits", out=tmp_path / "s", workers=1, **{**few, "pruner": "none", "budget": None})
    steps = [len(found.history(trial).loss) for trial in found.trials]
    assert steps == [4 * 2, 4 * 7]


# -- what can go wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"space": {}}, SettingError, "the space is empty"),
        ({"space": {"learning_rate": [1]}}, SettingError, "learning_rate"),
        ({"warmth": 3}, SettingError, "warmth"),
        ({"space": {"lr": [-1.0, 0.1]}}, SettingError, "cannot be trained.*lr"),
        ({"space": {"keep": [0.5, 1.5]}}, SettingError, "cannot be trained.*keep"),
        ({"space": {"hidden": [[3]]}}, SettingError, "take one out"),
        ({"space": {"width": [3]}}, SettingError, "hidden says what width"),
        ({"executor": "clouds"}, SettingError, "threads, processes, cluster"),
        ({"data": {"X_train": np.zeros((4, 2)), "y_train": [0, 1, 0, 1]}}, DataError, "no validation rows"),
        ({"build": 3}, SettingError, "build must be a function"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(tmp_path, given, error, words):
    settings = {"data": "digits", **SMALL, "out": tmp_path / "s", **given}
    if not isinstance(settings["data"], str):
        settings = {k: v for k, v in settings.items() if not k.startswith("num_")}
    with pytest.raises(error, match=words):
        cr.sweep(**settings)
    assert list(tmp_path.iterdir()) == []


def test_another_study_is_not_mixed_in(copy, tmp_path):
    with pytest.raises(OutputError, match="another study: its settings, seed differ"):
        again(copy, hidden=[13], seed=1)
    with pytest.raises(OutputError, match="its data differ"):
        again(copy, num_train=201)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds no study"):
        again(tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_two_at_once_are_refused(whole, copy):
    from chainrule.study.sweeps.records import is_running, locked

    (copy / "result.json").unlink()
    with locked(copy):
        assert is_running(copy)
        with pytest.raises(OutputError, match="another process is running"):
            again(copy)
    assert not is_running(copy)


@pytest.mark.promise("P7.6")
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b"no database, but longer than a header of one" * 40), "no database"),
        (lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 60_000), "damaged"),
        (lambda path: (path.unlink(), path.mkdir()), "cannot be opened"),
    ],
    ids=["foreign", "damaged", "folder"],
)
def test_a_spoilt_database_is_named_and_written_anew(whole, copy, monkeypatch, spoil, words):
    (copy / "result.json").unlink()
    (copy / "trials" / "00013.npz").unlink()
    spoil(copy / "study.db")
    with pytest.raises(OutputError, match=words) as error:
        again(copy)
    assert "No trial is lost" in str(error.value)
    begun = count_trainings(monkeypatch)
    shutil.move(copy / "study.db", copy / "spoilt")
    again(copy)
    assert len(begun) == 1
    assert table(copy) == table(whole.folder)
    test_optuna_reads_the_database(again(copy))


@pytest.mark.promise("P7.6")
def test_a_locked_database_is_named(whole, copy, monkeypatch):
    from chainrule.study.sweeps import database

    monkeypatch.setattr(database, "LOCKED", 0.2)
    for name in ("result.json", "trials/00013.npz", "study.db"):
        (copy / name).unlink()
    with closing(sqlite3.connect(copy / "study.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="locked"):
            again(copy)
    again(copy)
    assert table(copy) == table(whole.folder)


@pytest.mark.promise("P7.6")
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nosuch://here/s", "knows no such kind"),
        ("postgresql://me:secret@127.0.0.1:1/s", "driver|cannot be reached"),
        ("sqlite:////nowhere/at/all/study.db", "cannot be opened"),
    ],
)
def test_an_unreachable_database_is_named(tmp_path, address, words):
    with pytest.raises(OutputError, match=words) as error:
        again(tmp_path / "s", storage=address)
    assert "secret" not in str(error.value)
    assert "secret" not in (tmp_path / "s" / "settings.json").read_text()
    assert files(tmp_path / "s", "trials") == []


@pytest.mark.promise("P7.6")
def test_a_full_disk_is_named_and_nothing_is_lost(whole, copy):
    import errno

    for name in ("result.json", "trials/00012.npz", "trials/00013.npz"):
        (copy / name).unlink()
    for n in (2, 9):
        with pytest.raises(OutputError, match="the disk is full"), Faults(n, fail(errno.ENOSPC)):
            again(copy)
    again(copy)
    assert table(copy) == table(whole.folder)


@pytest.mark.long
@pytest.mark.promise("P7.6")
def test_files_that_may_not_grow_stop_a_study_and_lose_nothing(tmp_path):
    """The system's own limit, under which the database meets its end too."""
    code = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))" + LAUNCH
    given = json.dumps({**SMALL, "engine": "plain", "out": str(tmp_path / "s")})
    for limit in (2_000, 9_000, 60_000, 110_000):
        done = subprocess.run(
            [sys.executable, "-c", code, given, str(limit)], capture_output=True, text=True, timeout=LAST
        )
        assert "OutputError" in done.stderr
    again(tmp_path / "s", engine="plain")
    again(tmp_path / "whole", engine="plain")
    assert table(tmp_path / "s") == table(tmp_path / "whole")


def test_a_damaged_trial_is_named(whole, copy):
    (copy / "result.json").unlink()
    path = copy / "trials" / "00004.npz"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(cr.ChainruleError, match=r"00004\.npz.*Remove it"):
        again(copy)
    path.unlink()
    again(copy)
    assert table(copy) == table(whole.folder)


def test_a_trial_that_diverges_has_the_score_that_it_reached(tmp_path):
    few = {**SMALL, "space": {"lr": [0.01, 1e30]}, "sampler": "grid", "budget": None, "pruner": "none", "rule": "sgd"}
    found = cr.sweep("digits", out=tmp_path / "s", workers=1, **few)
    first, second = found.trials
    assert first.fault is None
    assert second.fault is not None
    assert second.value is None or second.value < first.value
    assert found.best == {"lr": 0.01}


def test_a_study_file_and_arguments_agree(whole, tmp_path):
    text = "\n".join(
        [
            'data = { source = "digits", num_train = 200, num_test = 60 }', "ahead = 4",
            'sampler = { kind = "tpe", startup = 4 }', 'pruner = "halving"', "[settings]", "hidden = [12]", "epochs = 4",
            "batch_size = 20", "[space]", *(f"{name} = {json_like(values)}" for name, values in SPACE.items()), "[budget]",
            "trials = 14", "[finals]", "finalists = 2", "seeds = 2",
        ]
    )  # fmt: skip
    (tmp_path / "study.toml").write_text(text)
    found = cr.sweep(study=tmp_path / "study.toml", out=tmp_path / "s", workers=2, verbose=False)
    assert found.definition == whole.definition
    assert table(tmp_path / "s") == table(whole.folder)


def json_like(values):
    text = json.dumps(values)
    return text.replace('"log":', "log =").replace('"float":', "float =")


def test_a_trial_file_names_itself(whole):
    about = json.loads(str(load_npz(whole.folder / "trials" / "00000.npz")["trial"][0]))
    assert about["number"] == 0
    assert set(about["params"]) <= set(SPACE)
