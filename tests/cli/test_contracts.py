"""A whole way through the command line, as a shell walks it; and what studies promise to whoever compares."""

import subprocess
import sys

import numpy as np

import chainrule as cr

RUN = [sys.executable, "-m", "chainrule"]


def run(*arguments, cwd, check=0):
    done = subprocess.run([*RUN, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == check, done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_a_table_with_texts_from_training_to_predictions(tmp_path, rng):
    colours = rng.choice(["red", "green", "blue"], 300)
    size = rng.standard_normal(300)
    kind = np.where((colours == "red") | (size > 1), "big", "small")
    lines = [f"{s:.4f},{c},{k}" for s, c, k in zip(size, colours, kind)]
    (tmp_path / "all.csv").write_text("\n".join(["size,colour,kind", *lines]) + "\n")
    (tmp_path / "new.csv").write_text("size,colour\n0.1,red\n-2,blue\n")
    (tmp_path / "odd.csv").write_text("size,colour\n0.1,mauve\n")
    settings = "--target kind --epochs 30 --lr 0.01 --quiet --out r"
    run("train", "--data", "all.csv", *settings.split(), cwd=tmp_path)
    run("predict", "r", "--data", "new.csv", "--out", "p.csv", cwd=tmp_path)
    table = [line.split(",") for line in (tmp_path / "p.csv").read_text().splitlines()]
    assert table[0][0] == "kind"
    assert [row[0] for row in table[1:]] == ["big", "small"]
    assert "mauve" in run("predict", "r", "--data", "odd.csv", "--out", "q.csv", cwd=tmp_path, check=2).stderr
    assert "exists" in run("predict", "r", "--data", "new.csv", "--out", "p.csv", cwd=tmp_path, check=2).stderr
    assert not (tmp_path / "q.csv").exists()


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
