"""`chainrule knn` as a user meets it."""

import json

import pytest

SMALL = ["--num-train", "200", "--num-test", "40", "--quiet"]


def test_knn_says_what_came_out_and_where_it_is(chainrule, tmp_path):
    code, out, err = chainrule(
        "knn", *SMALL, "--k", "1,3", "--cross-validate", 4, "--out", "run", "--json", "found.json"
    )
    assert (code, err) == (0, "")
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert json.loads((tmp_path / "found.json").read_text()) == result
    for row in result["table"]:
        shares = [f"{row[name]:.4f}" for name in ("test", "val", "cross_validation_mean")]
        assert any(line.split()[:4] == [str(row["k"]), *shares] for line in out.splitlines())
    assert f"k = {result['k']}, the best by cross-validation: test accuracy {result['accuracy']:.4f}" in out
    assert out.endswith("The page: run/report.html\n")
    assert json.loads((tmp_path / "run" / "settings.json").read_text())["command"].startswith(
        "chainrule knn --num-train 200"
    )


@pytest.mark.parametrize("norm", ["l1", "max", "3"])
def test_any_norm_weights_and_json_alone(norm, chainrule, tmp_path):
    code, out, err = chainrule("knn", *SMALL, "--k", 5, "--norm", norm, "--weights", "distance", "--json", "-")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert (result["k"], result["norm"], result["weights"]) == (5, {"3": "p=3"}.get(norm, norm), "distance")
    assert result["accuracy"] > 0.8
    assert (tmp_path / result["folder"]).name.endswith("knn-digits")


def test_progress_goes_to_standard_error(chainrule):
    code, out, err = chainrule("knn", "--num-train", 200, "--num-test", 40, "--k", 1, "--out", "run")
    assert code == 0
    assert "neighbours: 100%" in err
    assert "neighbours:" not in out


@pytest.mark.promise("P5.5")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--k", "a"], "--k: whole numbers are wanted"),
        (["--k", "0"], "k must be a whole number of at least 1; came 0"),
        (["--k", "1,500"], "k must be at most 200"),
        (["--norm", "l9"], "unknown norm"),
        (["--norm", "0.5"], "norm must be"),
        (["--weights", "x"], "uniform"),
        (["--cross-validate", "1"], "folds must be"),
        (["--cross-validate", "2.5"], "whole number"),
        (["--memory", "0"], "memory_mb must be"),
        (["--data", "missing.csv", "--target", "y"], "missing.csv"),
    ],
)
def test_bad_words_get_one_sentence_and_leave_nothing(words, message, chainrule, tmp_path):
    code, out, err = chainrule("knn", *(SMALL if "--data" not in words else ["--quiet"]), *words)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("chainrule: ")
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(chainrule, tmp_path):
    (tmp_path / "run").mkdir()
    code, _, err = chainrule("knn", *SMALL, "--out", "run")
    assert code == 2
    assert "exists" in err
    assert not list((tmp_path / "run").iterdir())
