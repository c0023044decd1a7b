"""`chainrule grade` as an instructor and as Gradescope calls it."""

import csv
import json

import pytest

RUBRIC = """
title = "Warm-up"
seed = 3

[[line]]
function = "sgd"
points = 2
"""
RIGHT = "def sgd(w, dw, config):\n    return w - config['learning_rate'] * dw, config\n"


@pytest.fixture
def chainrule(chainrule, tmp_path):
    """`chainrule("grade", ...)` runs a command in a folder of the test's own: exit status, stdout, stderr."""
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    (tmp_path / "ada.py").write_text(RIGHT)
    (tmp_path / "bob.py").write_text(RIGHT.replace("w -", "w +"))
    return chainrule


def test_a_class(chainrule, tmp_path):
    code, out, err = chainrule(
        "grade", "ada.py", "bob.py", "--rubric", "rubric.toml", "--out", "grades", "--workers", "1"
    )
    assert code == 0, err
    assert "2 of 2 submissions graded" in out
    assert "Sandbox: " in out
    assert "1  sgd: " in out
    assert "2/2" in err
    rows = list(csv.DictReader((tmp_path / "grades" / "grades.csv").read_text().splitlines()))
    assert [(row["learner"], row["total"]) for row in rows] == [("ada", "2"), ("bob", "0")]
    code, out, err = chainrule("grade", "ada.py", "bob.py", "--rubric", "rubric.toml", "--out", "grades", "--quiet")
    assert (code, err) == (0, "")
    assert "2 of them before" in out


def test_as_gradescope_calls_it(chainrule, tmp_path):
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "optim.py").write_text(RIGHT)
    (tmp_path / "results").mkdir()
    words = [
        "submission",
        "--rubric",
        "rubric.toml",
        "--gradescope",
        "results/results.json",
        "--workers",
        "1",
        "--quiet",
    ]
    code, out, err = chainrule("grade", *words, "--json", "-")
    assert code == 0, err
    assert json.loads(out)["learners"][0]["score"] == 2
    found = json.loads((tmp_path / "results" / "results.json").read_text())
    assert found["tests"][0]["name"] == "sgd"
    assert found["score"] == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ada.py", "--rubric", "rubric.toml"], "where to"),
        (["ada.py", "--rubric", "none.toml", "--out", "g"], "no such file"),
        (["none.py", "--rubric", "rubric.toml", "--out", "g"], "no such file"),
        (["ada.py", "--rubric", "bad.toml", "--out", "g"], "Did you mean 'sgd'"),
        (["ada.py", "--rubric", "rubric.toml", "--out", "ada.py"], "cannot be a submission"),
        (["ada.py", "--rubric", "rubric.toml", "--out", "."], "holds no grades"),
        (["ada.py", "--out", "g"], "--rubric"),
        (["ada.py", "--rubric", "rubric.toml", "--out", "g", "--workers", "0"], "at least 1"),
    ],
)
def test_what_cannot_be_graded(chainrule, tmp_path, words, said):
    (tmp_path / "bad.toml").write_text(RUBRIC.replace('"sgd"', '"sdg"'))
    code, out, err = chainrule("grade", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert not (tmp_path / "g").exists()


def test_without_a_sandbox_nothing_is_graded_where_one_is_required(chainrule, tmp_path, monkeypatch):
    from functools import partial

    from chainrule.checker import isolation
    from chainrule.checker.grading import run

    run._tier.cache_clear()
    monkeypatch.setattr(isolation, "open", partial(isolation.open, lock=False))
    try:
        words = ["grade", "ada.py", "--rubric", "rubric.toml", "--out", "g", "--quiet"]
        code, _, err = chainrule(*words, "--require-sandbox")
        assert code == 2
        assert "a locked process is required" in err
        assert not (tmp_path / "g").exists()
    finally:
        run._tier.cache_clear()
