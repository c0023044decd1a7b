"""Comparisons: fair, the same for any number of workers, and nothing lost however they end."""

import errno
import json
import os
import re
import signal
import subprocess
from importlib import import_module

import numpy as np
import pytest
from faults import Faults, fail
from holding import hold_after, wait_until_held
from run_folders import contents, flowers, start, timeless, without_pages

import chainrule as cr
from chainrule.core.errors import ChainruleError, DataError, OutputError
from chainrule.training.solver import Solver

module = import_module("chainrule.study.compare")  # the package gives the function under this name
SMALL = {"hidden": [6], "epochs": 2, "batch_size": 25, "num_train": 100, "num_test": 40, "verbose": False}


@pytest.fixture
def no_page(monkeypatch):
    without_pages(monkeypatch)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """One whole study."""
    out = tmp_path_factory.mktemp("compare") / "study"
    return cr.compare("digits", rules=["sgd", "adam"], seeds=3, out=out, command="chainrule compare ...", **SMALL)


def folder_of(study):
    from pathlib import Path

    return Path(study.settings["folder"])


def test_the_folder_holds_everything(study):
    folder = folder_of(study)
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    quantities = [f"{what}_by_epoch" for what in ("grad_norm", "loss", "train_acc", "val_acc")]
    assert names == sorted(
        [
            *(f"figures/{name}.svg" for name in [*quantities, "ranking"]),
            *(f"histories/{i}-{rule}-seed-{seed}.npz" for i, rule in (("01", "sgd"), ("02", "adam")) for seed in range(3)),
            "net.safetensors", "report.html", "result.json", "settings.json",
        ]
    )  # fmt: skip
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["seeds"] == [0, 1, 2]
    assert settings["variants"]["sgd"]["lr"] == cr.OPTIMIZERS["sgd"].default_lr
    result = json.loads((folder / "result.json").read_text())
    assert result["complete"]
    assert result["best"] == study.best_label
    assert [row["variant"] for row in result["table"]] == [row["variant"] for row in study.table()]


def test_the_page_shows_verdict_table_and_curves(study):
    page = (folder_of(study) / "report.html").read_text()
    assert study.verdict[0] in page
    assert page.count("<svg") == 5
    assert "An epoch is 4 steps for each of them." in page
    assert "chainrule compare ..." in page
    assert "95\u00a0% interval" in page


def test_the_saved_net_is_the_best_of_the_best_variant(study):
    data = cr.load_data("digits")
    net = cr.load_net(folder_of(study) / "net.safetensors")
    assert net.score(data.X_val, data.y_val) == max(run.history.best_val_acc for run in study.best.runs)


def test_every_run_equals_a_training_of_its_own(study, tmp_path):
    """Also the accuracy on the test rows, which is that of the best net."""
    alone = cr.train("digits", out=tmp_path / "run", rule="adam", seed=2, threads=1, **SMALL)
    assert timeless(alone.folder / "history.npz") == timeless(folder_of(study) / "histories/02-adam-seed-2.npz")
    run = next(v for v in study.variants if v.label == "adam").runs[2]
    assert run.test_acc == alone.result["test_acc"]


@pytest.mark.promise("P3.3")
def test_the_results_do_not_depend_on_the_number_of_workers(study, tmp_path, no_page):
    for workers in (1, 2, 4):
        other = cr.compare(
            "digits", rules=["sgd", "adam"], seeds=3, out=tmp_path / str(workers), workers=workers, **SMALL
        )
        ours, theirs = folder_of(study), folder_of(other)
        assert (ours / "net.safetensors").read_bytes() == (theirs / "net.safetensors").read_bytes()
        names = sorted(path.name for path in (ours / "histories").iterdir())
        assert names == sorted(path.name for path in (theirs / "histories").iterdir())
        assert all(timeless(ours / "histories" / name) == timeless(theirs / "histories" / name) for name in names)
        tables = [[{k: v for k, v in row.items() if k != "seconds"} for row in s.table()] for s in (study, other)]
        assert json.dumps(tables[0]) == json.dumps(tables[1])
        assert study.verdict == other.verdict


@pytest.mark.promise("P3.3")
def test_on_every_machine_one_seed_means_the_same_weights_and_batches(tmp_path, no_page, monkeypatch):
    """Variants of one shape begin with the same weights and see the same batches in the same order."""
    begun, seen = {}, {}
    train = Solver.train

    def watched(self):
        name = self.settings.rule, self.settings.seed
        begun[name] = {key: value.tobytes() for key, value in self.net.params.items()}
        seen[name] = [self.task.rows(step).tobytes() for step in range(8)]
        return train(self)

    monkeypatch.setattr(Solver, "train", watched)
    cr.compare("digits", rules=["sgd", "adam"], seeds=[4, 9], out=tmp_path / "study", **SMALL)
    assert set(begun) == {(rule, seed) for rule in ("sgd", "adam") for seed in (4, 9)}
    for seed in (4, 9):
        assert begun["sgd", seed] == begun["adam", seed]
        assert seen["sgd", seed] == seen["adam", seed]
    assert begun["sgd", 4] != begun["sgd", 9]
    assert seen["sgd", 4] != seen["sgd", 9]


# -- what is compared ----------------------------------------------------------------------------------------------------


def labels(tmp_path, **options):
    found = cr.compare("digits", out=tmp_path / "study", seeds=1, **SMALL | options)
    return {v.label: v.settings for v in found.variants}


def test_variants_are_named_by_what_differs(tmp_path, no_page):
    found = labels(
        tmp_path,
        variants=[
            {"rule": "adam", "lr": 0.01},
            {"rule": "sgd", "batch_size": 50},
            {"hidden": [4, 3], "init": "xavier", "label": "deep"},
        ],
    )
    assert list(found) == ["adam, lr 0.01", "sgd, batch size 50", "deep"]
    assert found["deep"]["hidden"] == [4, 3]
    assert found["deep"]["rule"] == "adam"
    assert found["sgd, batch size 50"]["batch_size"] == 50
    assert found["adam, lr 0.01"]["batch_size"] == 25


def test_rules_initializations_and_depths_are_combined(tmp_path, no_page):
    found = labels(tmp_path, rules=["sgd", "adam"], inits=["he", {"kind": "xavier", "distribution": "uniform"}],
                   depths=[1, 2], epochs=1, options={"sgd": {"lr": 0.5}})  # fmt: skip
    assert len(found) == 8
    assert found["sgd, xavier uniform, 2 × 6"]["hidden"] == [6, 6]
    assert found["sgd, xavier uniform, 2 × 6"]["init"] == {"kind": "xavier", "distribution": "uniform"}
    assert {found[label]["lr"] for label in found if label.startswith("sgd")} == {0.5}
    assert {found[label]["lr"] for label in found if label.startswith("adam")} == {0.001}


def test_learning_rates_are_found_with_a_seed_of_their_own(tmp_path, no_page):
    found = cr.compare("digits", rules=["sgd"], seeds=[0, 5], search_lr=[1e-6, 0.3], out=tmp_path / "study", **SMALL)
    assert found.variants[0].settings["lr"] == 0.3
    settings = json.loads((tmp_path / "study" / "settings.json").read_text())
    assert set(settings["search"]["sgd"]) == {"1e-06", "0.3"}
    assert settings["variants"]["sgd"]["lr"] == 0.3
    assert any("0.3 for sgd" in sentence for sentence in found.verdict)
    alone = cr.train("digits", rule="sgd", lr=0.3, seed=6, threads=1, out=tmp_path / "run", **SMALL)
    assert settings["search"]["sgd"]["0.3"] == alone.result["best_val_acc"]
    assert len(list((tmp_path / "study" / "histories").iterdir())) == 2


def test_the_usual_grid_lies_about_the_rules_own_rate(tmp_path, no_page):
    cr.compare("digits", rules=["adam"], seeds=1, search_lr=True, out=tmp_path / "study", **SMALL)
    rates = sorted(map(float, json.loads((tmp_path / "study" / "settings.json").read_text())["search"]["adam"]))
    assert rates == pytest.approx([1e-4, 1e-3 / 3, 1e-3, 3e-3, 1e-2], rel=1e-5)


def test_a_table_with_real_targets(tmp_path, no_page):
    table = flowers(tmp_path / "f.csv", 150, leave_out=["species"])
    found = cr.compare(table, target="price", rules=["momentum", "adam"], seeds=2, epochs=5, batch_size=10,
                       out=tmp_path / "study", verbose=False)  # fmt: skip
    assert "%" not in found.verdict[0]
    assert "R²" in str(found)


def test_a_variant_that_diverges_does_not_spoil_the_others(tmp_path, no_page):
    variants = [{"rule": "sgd", "lr": 1e30}, {"rule": "sgd", "lr": 0.1}]
    found = cr.compare("digits", variants=variants, seeds=2, out=tmp_path / "study", **SMALL)
    assert found.best_label == "lr 0.1"
    assert any("diverged with lr 1e+30" in sentence for sentence in found.verdict)
    assert json.loads((tmp_path / "study" / "result.json").read_text())["complete"]


# -- bad input -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rules": ["sgd", "foo"]}, "unknown update rule 'foo'"),
        ({"rules": ["sgd", "sgd"]}, "two variants are called 'sgd'"),
        ({"variants": [], "rules": None}, "nothing to compare"),
        ({"variants": {"rule": "adam"}}, "list of dicts"),
        ({"variants": [1]}, "list of dicts"),
        ({"variants": [{"rule": ["adam"]}]}, "unknown update rule"),
        ({"variants": [{"lrr": 1}]}, "Did you mean 'lr'"),
        ({"variants": [{"threads": 2}, {"threads": 1}]}, "same number of threads"),
        ({"rules": ["sgd"], "options": {"adam": {"lr": 1}}}, "options are given for adam, which no variant uses"),
        ({"inits": ["he", "foo"]}, "unknown initializer.* 'foo'"),
        ({"depths": [-1]}, "depths"),
        ({"depths": [1.5]}, "depths"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, 1]}, "different seeds"),
        ({"seeds": [-1]}, "seed"),
        ({"seeds": "3"}, "seeds"),
        ({"workers": 0}, "workers"),
        ({"target_acc": 95}, "target_acc must be a number of at most 1"),
        ({"target_acc": "x"}, "target_acc"),
        ({"search_lr": [0.1, -1.0]}, "lr must be"),
        ({"search_lr": ["x"]}, "lr must be"),
        ({"lrr": 1}, "Did you mean 'lr'"),
    ],
)
@pytest.mark.promise("P5.3")
def test_bad_settings_are_named_and_leave_nothing_behind(tmp_path, options, message):
    with pytest.raises((ChainruleError, TypeError), match=message):
        cr.compare("digits", out=tmp_path / "study", **SMALL | {"rules": ["sgd"]} | options)
    assert not list(tmp_path.iterdir())


def test_nets_are_ranked_by_validation_rows(tmp_path, rng):
    data = {"X_train": rng.normal(size=(40, 3)), "y_train": rng.integers(0, 2, 40)}
    with pytest.raises(DataError, match="no validation rows"):
        cr.compare(data, out=tmp_path / "study")
    assert not list(tmp_path.iterdir())


def test_an_existing_folder_is_refused(study):
    before = contents(folder_of(study))
    with pytest.raises(OutputError, match="exists; nothing is overwritten"):
        cr.compare("digits", out=folder_of(study), **SMALL)
    assert contents(folder_of(study)) == before


# -- endings -------------------------------------------------------------------------------------------------------------

HELD = hold_after("chainrule:History", "save")


@pytest.mark.promise("P2.5")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_ends_the_other_trainings_too(tmp_path, no_page, monkeypatch, workers):
    """One that runs ends at its next check, those that wait never begin; what was written before is there."""
    begun, train = [], Solver.train
    monkeypatch.setattr(Solver, "train", lambda self: begun.append(self.settings.epochs) or train(self))
    variants = [{"epochs": 1}, *({"epochs": 10_000_000 + extra} for extra in range(4))]  # days
    first_history = 14  # the call that writes into it
    with Faults(first_history, fail(errno.ENOSPC)) as faults, pytest.raises(OutputError, match="the disk is full"):
        cr.compare("digits", variants=variants, seeds=1, out=tmp_path / "study", workers=workers, **SMALL)
    assert faults.reached
    assert len(begun) < 4
    assert json.loads((tmp_path / "study" / "settings.json").read_text())
    assert not (tmp_path / "study" / "result.json").exists()


@pytest.mark.promise("P7.1")
def test_ctrl_c_keeps_the_runs_that_ended(tmp_path):
    folder = tmp_path / "study"
    variants = ["--variant", "epochs=1,label=quick", "--variant", "epochs=100000,label=slow"]
    process = start("compare", *variants, "--seeds", "1", "--hidden", "5", "--workers", "1", "--out", folder, "--json", "-",
                    first=HELD, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    wait_until_held(process)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    result = json.loads(out)
    assert not result["complete"]
    assert [row["variant"] for row in result["table"]] == ["quick"]
    assert "interrupted" in result["verdict"][-1]
    assert "The study was interrupted" in (folder / "report.html").read_text()
    assert [path.name for path in (folder / "histories").iterdir()] == ["01-quick-seed-0.npz"]
    assert cr.load_net(folder / "net.safetensors").hidden_dims == [5]


def test_ctrl_c_before_any_run_ended_is_said(tmp_path, no_page, monkeypatch):
    def pressed(self):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(module.Pool, "run", lambda self, jobs, **rest: (pressed(self), module.Outcomes({}, {}))[1])
    with pytest.raises(KeyboardInterrupt, match="interrupted before any run ended"):
        cr.compare("digits", seeds=1, out=tmp_path / "study", **SMALL)


def test_what_a_killed_study_had_is_there(tmp_path):
    folder = tmp_path / "study"
    process = start("compare", "--variant", "epochs=1", "--variant", "epochs=100000", "--seeds", "1", "--hidden", "5",
                    "--workers", "1", "--out", folder, "--quiet", first=HELD)  # fmt: skip
    wait_until_held(process)
    process.kill()
    process.wait()
    assert len(cr.History.load(folder / "histories" / "01-epochs-1-seed-0.npz").loss) == 14
    assert re.search("epochs 100000", (folder / "settings.json").read_text())


# -- the promise of the table --------------------------------------------------------------------------------------------


def test_momentum_beats_sgd_and_adam_beats_both_on_cifar10(cifar10_folder, tmp_path, no_page):
    assert os.environ["CHAINRULE_DATA"] == str(cifar10_folder)
    found = cr.compare("cifar10", num_train=4000, num_test=1000, hidden=[100] * 5, rules=["sgd", "momentum", "adam"],
                       seeds=2, epochs=5, out=tmp_path / "study", verbose=False)  # fmt: skip
    train = {row["variant"]: row["final_train_mean"] for row in found.table()}
    assert train["sgd"] + 0.03 < train["momentum"] < train["adam"]
    assert np.isfinite([row["test_mean"] for row in found.table()]).all()
