"""What scripts rely on: folders, files, exit codes, streams, equal bits."""

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.npz import load_npz

RUN = [sys.executable, "-m", "chainrule"]
FILES = {"settings.json", "history.npz", "net.safetensors", "report.html", "result.json"}
SMALL = ["--hidden", "16", "--epochs", "2", "--quiet"]


def run(*arguments, cwd, check=0):
    done = subprocess.run([*RUN, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == check, done.stderr
    assert "Traceback" not in done.stderr
    return done


def history_of(folder):
    return {name: value for name, value in load_npz(folder / "history.npz").items() if "seconds" not in name}


def same_outcome(a, b):
    assert (a / "net.safetensors").read_bytes() == (b / "net.safetensors").read_bytes()
    first, second = history_of(a), history_of(b)
    assert first.keys() == second.keys()
    assert all(first[name].tobytes() == second[name].tobytes() for name in first)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("cli")
    run("train", *SMALL, "--norm", "batch", "--keep", "0.8", "--seed", 3, "--out", "run", cwd=place)
    return place / "run"


@pytest.mark.promise("P3.2")
def test_a_run_has_its_files_and_the_same_command_gives_the_same_bits(trained, tmp_path):
    assert {path.name for path in trained.iterdir()} >= FILES
    assert not (trained / "checkpoints").exists()
    run("train", *SMALL, "--norm", "batch", "--keep", "0.8", "--seed", 3, "--out", "again", cwd=tmp_path)
    same_outcome(trained, tmp_path / "again")


def test_nothing_is_overwritten_and_a_finished_run_is_left_alone(trained):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in trained.iterdir()}
    refused = run("train", *SMALL, "--out", trained, cwd=trained.parent, check=2)
    assert "exists" in refused.stderr
    run("train", "--resume", trained, cwd=trained.parent)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in trained.iterdir()} == before


def test_json_on_standard_output_stands_alone(trained):
    done = run("train", "--resume", trained, "--json", "-", cwd=trained.parent)
    assert json.loads(done.stdout)["finished"] is True
    done = run("evaluate", trained, "--data", "digits", "--out", "judged", "--json", "-", cwd=trained.parent)
    assert json.loads(done.stdout)["rows"] == 180
    assert {"confusion.png", "mistakes.png"} <= {path.name for path in (trained.parent / "judged").iterdir()}


@pytest.mark.promise("P5.20")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--rule", "adm"], "Did you mean 'adam'"),
        (["train", "--data", "missing.csv", "--target", "y"], "missing.csv"),
        (["train", "--hidden", "a,b"], "whole numbers"),
        (["train", "--option", "beta3=1"], "beta1"),
        (["train", "--resume", "nowhere"], "nowhere"),
        (["train", "--keep", "2"], "keep"),
        (["compare", "--rules", "sgd,foo"], "foo"),
        (["compare", "--option", "lr=1"], "RULE.NAME"),
        (["evaluate", "nothing.safetensors"], "nothing"),
        (["data", "verify", "mnist"], "cifar10"),
        (["trian"], "train"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_gets_a_sentence_and_leaves_nothing(arguments, message, tmp_path):
    done = run(*arguments, cwd=tmp_path, check=2)
    assert message in done.stderr
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_table_with_texts_from_training_to_predictions(tmp_path, rng):
    colours = rng.choice(["red", "green", "blue"], 300)
    size = rng.standard_normal(300)
    kind = np.where((colours == "red") | (size > 1), "big", "small")
    lines = [f"{s:.4f},{c},{k}" for s, c, k in zip(size, colours, kind)]
    (tmp_path / "all.csv").write_text("\n".join(["size,colour,kind", *lines]) + "\n")
    (tmp_path / "new.csv").write_text("size,colour\n0.1,red\n-2,blue\n")
    (tmp_path / "odd.csv").write_text("size,colour\n0.1,mauve\n")
    run(
        "train",
        "--data",
        "all.csv",
        "--target",
        "kind",
        "--epochs",
        "30",
        "--lr",
        "0.01",
        "--quiet",
        "--out",
        "r",
        cwd=tmp_path,
    )
    run("predict", "r", "--data", "new.csv", "--out", "p.csv", cwd=tmp_path)
    table = [line.split(",") for line in (tmp_path / "p.csv").read_text().splitlines()]
    assert table[0][0] == "kind"
    assert [row[0] for row in table[1:]] == ["big", "small"]
    assert "mauve" in run("predict", "r", "--data", "odd.csv", "--out", "q.csv", cwd=tmp_path, check=2).stderr
    assert "exists" in run("predict", "r", "--data", "new.csv", "--out", "p.csv", cwd=tmp_path, check=2).stderr
    assert not (tmp_path / "q.csv").exists()


@pytest.mark.promise("P2.7")
@pytest.mark.parametrize("kills", [pytest.param(3), pytest.param(1000, marks=pytest.mark.long)])
def test_killed_and_resumed_it_ends_with_the_same_bits(tmp_path, kills):
    long = ["--hidden", "24", "--norm", "batch", "--keep", "0.8", "--epochs", "100", "--quiet"]
    run("train", *long, "--out", "whole", cwd=tmp_path)
    draw, folder = np.random.default_rng(1), tmp_path / "killed"
    for number in range(kills):
        command = ["--resume", folder] if folder.exists() else [*long, "--out", folder]
        child = subprocess.Popen([*RUN, "train", *map(str, command)], cwd=tmp_path, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.5, 3.0))
        child.send_signal(signal.SIGKILL)
        child.wait()
        assert not folder.exists() or (folder / "settings.json").exists(), f"kill {number}"
    run(*(["train", "--resume", folder] if folder.exists() else ["train", *long, "--out", folder]), cwd=tmp_path)
    same_outcome(tmp_path / "whole", folder)
    assert {path.name for path in folder.iterdir()} >= FILES


def test_ctrl_c_saves_and_says_how_to_go_on(tmp_path):
    long = ["--hidden", "24", "--epochs", "150", "--quiet"]
    run("train", *long, "--out", "whole", cwd=tmp_path)
    command = [*RUN, "train", *long, "--out", "stopped"]
    child = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "stopped").exists():
        time.sleep(0.02)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "--resume" in out
    assert {path.name for path in (tmp_path / "stopped").iterdir()} >= FILES
    run("train", "--resume", "stopped", cwd=tmp_path)
    same_outcome(tmp_path / "whole", tmp_path / "stopped")


@pytest.mark.promise("P3.3")
def test_a_study_does_not_depend_on_its_workers(tmp_path):
    tables = []
    for workers in (1, 3):
        study = cr.compare(
            "digits", hidden=[12], rules=["sgd", "adam"], inits=["he", "xavier"], seeds=2, epochs=2, workers=workers,
            out=tmp_path / str(workers), verbose=False,
        )  # fmt: skip
        tables.append([{k: v for k, v in row.items() if k != "seconds"} for row in study.table()])
    assert json.dumps(tables[0]) == json.dumps(tables[1])
    assert (tmp_path / "1" / "net.safetensors").read_bytes() == (tmp_path / "3" / "net.safetensors").read_bytes()
    names = {path.name for path in (tmp_path / "1").iterdir()}
    assert {"settings.json", "result.json", "net.safetensors", "report.html", "histories", "figures"} <= names
    assert len(list((tmp_path / "1" / "histories").iterdir())) == 8


def test_variants_are_paired_by_seed(tmp_path):
    study = cr.compare(
        "digits", variants=[{"rule": "sgd", "lr": 1e-9}, {"rule": "momentum", "lr": 1e-9, "label": "as good as still"}],
        hidden=[12], seeds=[4, 9], epochs=1, out=tmp_path / "study", verbose=False,
    )  # fmt: skip
    first, second = study.variants
    assert second.label == "as good as still"
    for a, b in zip(first.runs, second.runs):
        assert a.seed == b.seed
        np.testing.assert_allclose(a.history.loss, b.history.loss, rtol=1e-5)  # same weights, same batches


def test_learning_rates_are_searched_with_a_seed_of_their_own(tmp_path):
    study = cr.compare(
        "digits",
        rules=["sgd"],
        hidden=[12],
        seeds=2,
        epochs=2,
        search_lr=[1e-6, 0.3],
        out=tmp_path / "s",
        verbose=False,
    )
    assert study.variants[0].settings["lr"] == 0.3
    assert any("0.3" in sentence for sentence in study.verdict)


def test_cifar10_orders_the_rules_as_the_courses_report(cifar10_folder, tmp_path):
    study = cr.compare(
        "cifar10", num_train=4000, hidden=[100] * 5, rules=["sgd", "momentum", "adam"], seeds=2, epochs=5,
        out=tmp_path / "study", verbose=False,
    )  # fmt: skip
    reached = {row["variant"]: row["final_train_mean"] for row in study.table()}
    assert reached["sgd"] < reached["momentum"] < reached["adam"]
