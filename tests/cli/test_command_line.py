"""The command line as a user meets it: what it prints, where, with which exit status, and what it leaves behind."""

import errno
import json
import os
import re
import subprocess
import sys

import pytest
from faults import Faults, fail
from run_folders import contents, flowers, same_bits, timeless, without_pages

import chainrule as cr
from chainrule.cli.texts import described, options_by_rule, rule_options, value, variant_of, whole_numbers
from chainrule.core.errors import SettingError

SMALL = ["--hidden", "5", "--epochs", "2", "--num-train", "100", "--num-test", "40", "--threads", "1"]


@pytest.fixture
def chainrule(chainrule, monkeypatch, tmp_path):
    """`chainrule("train", "--epochs", 3)` runs a command in a folder of the test's own: exit status, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    without_pages(monkeypatch)
    return chainrule


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run on digits and one on a table, made by functions."""
    place = tmp_path_factory.mktemp("runs")
    cr.train("digits", out=place / "digits", hidden=[5], epochs=2, num_train=100, num_test=40, threads=1, verbose=False)
    table = flowers(place / "flowers.csv", leave_out=["price"])
    cr.train(table, target="species", out=place / "flowers", epochs=4, batch_size=10, verbose=False)
    return place


# -- train ---------------------------------------------------------------------------------------------------------------


def test_train_says_what_came_out_and_where_it_is(chainrule, runs, tmp_path):
    code, out, err = chainrule("train", *SMALL, "--out", "run")
    assert code == 0
    result = json.loads((tmp_path / "run" / "result.json").read_text())
    assert f"best validation accuracy {result['best_val_acc']:.4f} in epoch {result['best_epoch']}" in out
    assert f"test accuracy {result['test_acc']:.4f}" in out
    assert out.endswith("The page: run/report.html\n")
    assert err.count("epoch 2/2") == 1
    assert same_bits(tmp_path / "run", runs / "digits")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["command"] == f"chainrule train {' '.join(SMALL)} --out run"


def test_every_setting_of_the_command_line_arrives(chainrule, tmp_path):
    code, _, err = chainrule(
        "train", "--quiet", "--data", "digits", "--num-train", 200, "--hidden", "8,6", "--activation", "relu,tanh",
        "--norm", "batch", "--keep", 0.9, "--init", "xavier:distribution=uniform", "--reg", 1e-4, "--dtype", "float64",
        "--rule", "adam", "--option", "beta1=0.8,beta2=0.99", "--option", "eps=1e-6", "--lr", 2e-3, "--epochs", 2,
        "--batch-size", 50, "--schedule", "cosine:warmup_epochs=1", "--weight-decay", 1e-5, "--clip-norm", 5,
        "--clip-value", 1, "--early-stopping", 3, "--sampler", "replacement", "--threads", 1, "--seed", 7, "--out", "run",
    )  # fmt: skip
    assert (code, err) == (0, "")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    plan = settings["plan"]
    assert settings["data"]["load"]["num_train"] == 200
    wanted = {
        "hidden": [8, 6], "activation": ["relu", "tanh"], "norm": "batch", "keep": 0.9, "reg": 1e-4, "dtype": "float64",
        "init": {"kind": "xavier", "distribution": "uniform"}, "rule": "adam", "lr": 2e-3, "epochs": 2, "batch_size": 50,
        "options": {"beta1": 0.8, "beta2": 0.99, "eps": 1e-6}, "schedule": {"kind": "cosine", "warmup_epochs": 1},
        "weight_decay": 1e-5, "clip_norm": 5, "clip_value": 1, "early_stopping": 3, "sampler": "replacement",
        "threads": 1, "seed": 7,
    }  # fmt: skip
    assert {name: plan[name] for name in wanted} == wanted


def test_hidden_none_batch_all_and_norm_none(chainrule, tmp_path):
    code, *_ = chainrule("train", "--hidden", "none", "--norm", "none", "--batch-size", "all", "--num-train", 100,
                         "--epochs", 1, "--quiet", "--out", "run")  # fmt: skip
    assert code == 0
    plan = json.loads((tmp_path / "run" / "settings.json").read_text())["plan"]
    assert (plan["hidden"], plan["norm"], plan["batch_size"]) == ([], None, "all")


def test_json_on_standard_output_is_alone_there_while_progress_shows(chainrule, runs, tmp_path):
    for command in (
        ["train", *SMALL],
        ["compare", *SMALL, "--rules", "sgd", "--seeds", 1],
        ["evaluate", runs / "digits"],
    ):
        code, out, err = chainrule(*command, "--out", tmp_path / command[0], "--json", "-")
        assert code == 0
        assert json.loads(out)["folder"] == str(tmp_path / command[0])
        assert bool(err) == (command[0] != "evaluate")
    code, out, _ = chainrule("predict", runs / "digits", "--data", "digits", "--out", "p.csv", "--json", "-")
    assert json.loads(out)["rows"] == 180
    code, out, _ = chainrule("data", "list", "--json", "-")
    assert [row["name"] for row in json.loads(out)] == ["digits", "cifar10"]


def test_json_in_a_file_leaves_the_text_on_standard_output(chainrule, tmp_path):
    code, out, _ = chainrule("train", *SMALL, "--quiet", "--out", "run", "--json", "result.json")
    assert code == 0
    assert "test accuracy" in out
    assert json.loads((tmp_path / "result.json").read_text()) == json.loads((tmp_path / "run/result.json").read_text())


def test_a_json_file_that_cannot_be_written_loses_nothing(chainrule, tmp_path):
    code, out, err = chainrule("train", *SMALL, "--quiet", "--out", "run", "--json", "nowhere/result.json")
    assert code == 2
    assert "test accuracy" in out
    assert err == "chainrule: cannot write nowhere/result.json: the folder nowhere does not exist. Make it first.\n"
    assert json.loads((tmp_path / "run" / "result.json").read_text())["finished"]


def test_resume_of_a_finished_run_changes_nothing(chainrule, runs):
    before = contents(runs / "digits")
    code, out, err = chainrule("train", "--resume", runs / "digits")
    assert (code, err) == (0, "")
    assert "best validation accuracy" in out
    assert contents(runs / "digits") == before


def test_resume_takes_no_other_settings(chainrule, runs):
    before = contents(runs / "digits")
    for words in ("--epochs 5", "--rule sgd", "--seed 0", "--out x", "--norm none", "--data x.csv"):
        code, out, err = chainrule("train", "--resume", runs / "digits", *words.split())
        assert (code, out) == (2, "")
        assert "leave out all other options" in err
    assert contents(runs / "digits") == before


def test_findings_are_told_in_lines_that_fit(chainrule):
    code, out, _ = chainrule("train", *SMALL, "--init", "zeros", "--quiet", "--out", "run")
    assert code == 0
    assert "Problem: " in out
    assert "  Try: " in out
    assert max(map(len, out.splitlines())) <= 100


# -- compare -------------------------------------------------------------------------------------------------------------


def test_compare_prints_table_verdict_and_page(chainrule, tmp_path):
    code, out, _ = chainrule("compare", *SMALL, "--rules", "sgd,adam", "--seeds", "3,5", "--option", "sgd.lr=0.2",
                             "--quiet", "--out", "study")  # fmt: skip
    assert code == 0
    header, _, first, second, _, verdict, *_ = out.splitlines()
    assert re.split(r"\s{2,}", header) == [
        "variant", "best val %", "last val %", "last train %", "test %", "epoch at 90 %", "seconds", "vs best [95 %]",
    ]  # fmt: skip
    assert {first.split()[0], second.split()[0]} == {"sgd", "adam"}
    assert re.search(r"[+-]\d+\.\d \[[+-]\d+\.\d, [+-]\d+\.\d\]$", second)
    assert verdict.startswith(f"{first.split()[0]} is best: ")
    assert out.endswith("The page: study/report.html\n")
    settings = json.loads((tmp_path / "study" / "settings.json").read_text())
    assert settings["seeds"] == [3, 5]
    assert settings["variants"]["sgd"]["lr"] == 0.2


def test_compare_takes_variants_from_words_and_files(chainrule, tmp_path):
    (tmp_path / "more.json").write_text('[{"rule": "momentum", "momentum": 0.5}]')
    code, *_ = chainrule("compare", *SMALL, "--variant", "rule=adam,lr=1e-2,hidden=4-3", "--variants", "more.json",
                         "--seeds", 1, "--quiet", "--out", "study")  # fmt: skip
    assert code == 0
    first, second = json.loads((tmp_path / "study" / "settings.json").read_text())["variants"].values()
    assert (first["rule"], first["lr"], first["hidden"]) == ("adam", 0.01, [4, 3])
    assert (second["rule"], second["options"], second["hidden"]) == ("momentum", {"momentum": 0.5}, [5])


def test_compare_of_initializations_or_depths_alone_takes_one_rule(chainrule, tmp_path):
    code, *_ = chainrule("compare", *SMALL, "--inits", "he,xavier:distribution=uniform", "--depths", "0,2", "--seeds", 1,
                         "--quiet", "--out", "study")  # fmt: skip
    assert code == 0
    found = json.loads((tmp_path / "study" / "settings.json").read_text())["variants"]
    assert list(found) == ["he, linear", "he, 2 × 5", "xavier uniform, linear", "xavier uniform, 2 × 5"]
    assert {plan["rule"] for plan in found.values()} == {"adam"}


@pytest.mark.promise("P3.4")
def test_another_process_gives_the_same_bits(chainrule, tmp_path):
    words = ["compare", *SMALL, "--rules", "sgd,adam", "--seeds", "2", "--quiet"]
    assert chainrule(*words, "--workers", 1, "--out", "here")[0] == 0
    command = [
        sys.executable,
        "-c",
        "from chainrule.cli import main; main()",
        *words,
        "--workers",
        "2",
        "--out",
        "there",
    ]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "5"}
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    here, there = tmp_path / "here", tmp_path / "there"
    assert (here / "net.safetensors").read_bytes() == (there / "net.safetensors").read_bytes()
    for path in (here / "histories").iterdir():
        assert timeless(path) == timeless(there / "histories" / path.name)


# -- evaluate, predict, data ---------------------------------------------------------------------------------------------


def test_evaluate_and_predict(chainrule, runs, tmp_path):
    code, out, err = chainrule("evaluate", runs / "flowers", "--out", "judged")
    assert (code, err) == (0, "")
    assert "on the test rows of flowers.csv (12 rows)" in out
    assert (tmp_path / "judged" / "confusion.png").read_bytes().startswith(b"\x89PNG")
    gap = flowers(tmp_path / "gap.csv", 9, leave_out=["species", "price"], gap=2)
    code, out, _ = chainrule("predict", runs / "flowers", "--data", gap, "--impute", "mean", "--out", "p.csv")
    assert (code, out) == (0, "9 predictions written to p.csv\n")
    assert (tmp_path / "p.csv").read_text().splitlines()[0] == "species,probability"


def test_data_list_and_describe(chainrule, runs, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path))
    code, out, _ = chainrule("data", "list")
    assert code == 0
    assert "chainrule data fetch cifar10" in out
    code, out, _ = chainrule("data", "describe", runs / "flowers.csv", "--target", "species")
    assert code == 0
    assert "columns: size, colour (blue, green, red), weight" in out
    assert "rows: train 96, val 12, test 12" in out
    code, _, err = chainrule("data", "describe", "cifar10")
    assert code == 2
    assert str(tmp_path) in err


# -- help ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", [[], ["train"], ["compare"], ["evaluate"], ["predict"], ["data"], ["data", "describe"]]
)
def test_help_fits_a_terminal_and_says_something_of_every_option(chainrule, command):
    code, out, err = chainrule(*command, "--help")
    assert (code or 0, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    for line in out.splitlines():
        found = re.match(r"│ [ *]*--([a-z-]+)( [A-Z]+(\.\.\.)?)? *(.*?) *│$", line)
        assert not found or found[4] or found[1] in ("help", "version"), line
    assert command in ([], ["data"]) or "Example" in out or command == ["data", "describe"]
    assert "default: False" not in out


def test_the_list_of_commands_says_what_each_does(chainrule):
    _, out, _ = chainrule("--help")
    for name in ("train", "compare", "evaluate", "predict", "data"):
        assert re.search(rf"│ {name} +[A-Z]", out)


# -- bad input -----------------------------------------------------------------------------------------------------------

BAD = [
    ("train --rule adm", "Did you mean 'adam'"),
    ("train --data digts", "unknown data set"),
    ("train --data nowhere.csv --target x", "no such file"),
    ("train --data flowers.csv", "say which column to predict"),
    ("train --data flowers.csv --target nope", "unknown column"),
    ("train --data gap.csv --target species", "values are missing"),
    ("train --data gap.csv --target species --impute sum", "unknown way to impute"),
    ("train --data .", "is a folder"),
    ("train --target x", "target= has no meaning"),
    ("train --hidden a,b", "--hidden: whole numbers are wanted"),
    ("train --hidden 10,,20", "--hidden: whole numbers are wanted"),
    ("train --hidden -5", "-5"),
    ("train --hidden 1.5", "--hidden: whole numbers are wanted"),
    ("train --epochs many", "--epochs: a whole number is wanted"),
    ("train --epochs 1.5", "--epochs: a whole number is wanted; came '1.5'"),
    ("train --epochs -1", "epochs"),
    ("train --seed 0.5", "--seed: a whole number is wanted"),
    ("train --batch-size few", "--batch-size: a whole number is wanted"),
    ("train --batch-size 10,20", "--batch-size"),
    ("train --lr nan", "lr must be"),
    ("train --lr fast", "--lr"),
    ("train --option beta9=1", "unknown option of rule 'adam' 'beta9'; known: beta1, beta2"),
    ("train --option beta1", "NAME=VALUE is wanted"),
    ("train --option beta1=x", "beta1 must be"),
    ("train --option lr=1", "unknown option of rule 'adam' 'lr'"),
    ("train --option rule=sgd", "unknown option"),
    ("train --option out=x", "unknown option"),
    ("train --schedule foo", "unknown schedule"),
    ("train --schedule cosine:foo=1", "foo"),
    ("train --schedule exponential:decay=x", "decay"),
    ("train --schedule :decay=1", "unknown schedule"),
    ("train --init foo", "initializer"),
    ("train --init xavier:foo=1", "foo"),
    ("train --norm foo", "--norm"),
    ("train --activation foo", "activation"),
    ("train --activation relu,relu,relu", "activation"),
    ("train --threads 0", "threads"),
    ("train --num-train 0", "num_train"),
    ("train --foo 3", "Unknown option: --foo"),
    ("train digits", "not understood: digits. See chainrule train --help."),
    ("train --out", "--out requires an argument"),
    ("train --out flowers.csv", "flowers.csv exists; nothing is overwritten"),
    ("train --out flowers.csv/x", "is a file"),
    ("train --out .", "exists; nothing is overwritten"),
    ("train --resume nowhere", "holds no training"),
    ("train --resume .", "holds no training"),
    ("train --resume damaged", "settings.json, line 1"),
    ("compare --rules sgd,,adam", "unknown update rule ''"),
    ("compare --rules sgd,sgd", "two variants are called 'sgd'"),
    ("compare --seeds 0", "seeds"),
    ("compare --seeds -1,2", "seed"),
    ("compare --seeds 1.5", "--seeds: whole numbers are wanted"),
    ("compare --seeds 2,2", "different seeds"),
    ("compare --variant foo", "NAME=VALUE is wanted"),
    ("compare --variant foo=1", "unknown setting"),
    ("compare --variant lr=x", "lr must be a number"),
    ("compare --variant hidden=5-", "whole numbers are wanted"),
    ("compare --variant rule=3", "unknown update rule"),
    ("compare --variant threads=2 --variant threads=1", "threads"),
    ("compare --variants nowhere.json", "no such file"),
    ("compare --variants flowers.csv", "no JSON"),
    ("compare --variants dict.json", "a list of variants is wanted"),
    ("compare --variants empty.json", "nothing to compare"),
    ("compare --rules sgd --option adam.lr=1", "which no variant uses"),
    ("compare --rules sgd --option lr=1", "RULE.NAME=VALUE is wanted"),
    ("compare --rules sgd --option sgd.foo=1", "foo"),
    ("compare --depths -1", "depths"),
    ("compare --workers 0", "workers"),
    ("compare --target-acc 95", "target_acc"),
    ("evaluate", "NET requires an argument. See chainrule evaluate --help."),
    ("evaluate nowhere", "no such file"),
    ("evaluate flowers.csv", "flowers.csv"),
    ("evaluate {runs}/digits --part some", "--part"),
    ("evaluate {runs}/digits --out flowers.csv", "exists"),
    ("evaluate {runs}/digits --data flowers.csv", "column 'colour' must hold numbers"),
    ("evaluate {runs}/digits --data cifar10", "its rows have 3072 features, but the net reads 64"),
    ("predict {runs}/flowers", "--data"),
    ("predict {runs}/flowers --data flowers.csv --out flowers.csv", "exists; nothing is overwritten"),
    ("predict {runs}/flowers --data gap.csv --out p.csv", "missing"),
    ("predict {runs}/flowers --data digits --out p.csv", "its rows have 64 features, but the net reads 5"),
    ("data describe foo", "unknown data set"),
    ("data fetch foo", "unknown data set"),
    ("data verify", "NAME requires an argument"),
    ("trian", 'Did you mean "train"'),
]


@pytest.mark.promise("P5.5")
@pytest.mark.parametrize(("command", "message"), BAD, ids=[command for command, _ in BAD])
def test_bad_input_gets_one_sentence_and_leaves_nothing(chainrule, runs, tmp_path, command, message):
    flowers(tmp_path / "flowers.csv")
    flowers(tmp_path / "gap.csv", gap=3, leave_out=["price"])
    (tmp_path / "dict.json").write_text("{}")
    (tmp_path / "empty.json").write_text("[]")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "settings.json").write_text('{"kind": "tra')
    before = contents(tmp_path)
    code, out, err = chainrule(*command.format(runs=runs).split())
    assert (code, out) == (2, "")
    assert err.startswith("chainrule: ")
    assert err.count("\n") == 1
    assert message in err
    assert contents(tmp_path) == before
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("said", "told"), [("", "interrupted."), ("no run ended", "no run ended")])
def test_ctrl_c_at_any_other_moment_gives_130_without_a_traceback(chainrule, monkeypatch, said, told):
    def interrupted(**settings):
        raise KeyboardInterrupt(said)

    monkeypatch.setattr(cr.study, "train", interrupted)
    assert chainrule("train") == (130, "", f"chainrule: {told}\n")


@pytest.mark.promise("P2.6")
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(chainrule, tmp_path, code):
    with Faults(1, fail(code)):
        status, out, err = chainrule("train", *SMALL, "--out", "run")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("chainrule: cannot write run: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.promise("P2.6")
def test_a_disk_that_fills_up_while_training_is_told_and_the_run_goes_on_later(chainrule, runs, tmp_path):
    with Faults(20, fail(errno.ENOSPC)):
        status, out, err = chainrule("train", *SMALL, "--quiet", "--out", "run")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "the disk is full" in err
    assert chainrule("train", "--resume", "run", "--quiet")[0] == 0
    assert same_bits(tmp_path / "run", runs / "digits")


@pytest.mark.parametrize(("sink", "expected"), [("| head -c 0", (0, 0)), ("> /dev/full", (2, 1))])
def test_an_output_that_closes_or_is_full_gives_no_traceback(tmp_path, sink, expected):
    command = f"set -o pipefail; '{sys.executable}' -m chainrule data list {sink}"
    ended = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
    assert (ended.returncode, ended.stderr.count("\n")) == expected


def test_a_narrow_encoding_is_no_obstacle(runs, tmp_path):
    command = [sys.executable, "-m", "chainrule", "evaluate", str(runs / "flowers"), "--out", "x"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "most often taken for" in ended.stdout


# -- texts ---------------------------------------------------------------------------------------------------------------


def test_values_are_numbers_where_they_look_like_numbers():
    assert [value(text) for text in ("3", "3.5", "1e-3", "True", "none", "all")] == [3, 3.5, 1e-3, True, None, "all"]


def test_texts_become_settings():
    assert whole_numbers("--hidden", "100,50") == [100, 50]
    assert whole_numbers("--hidden", "none") == whole_numbers("--hidden", "") == whole_numbers("--hidden", "0") == []
    assert described("cosine") == "cosine"
    assert described("cosine:final=0.1,warmup_epochs=2") == {"kind": "cosine", "final": 0.1, "warmup_epochs": 2}
    assert rule_options(["beta1=0.95,beta2=0.9", "eps=1e-6"]) == {"beta1": 0.95, "beta2": 0.9, "eps": 1e-6}
    assert rule_options(None) == {}
    assert options_by_rule(["sgd.lr=1", "adam.beta1=0.5"]) == {"sgd": {"lr": 1}, "adam": {"beta1": 0.5}}
    assert options_by_rule(None) is None
    found = variant_of("rule=adam,batch-size=50,hidden=5-4,init=xavier:distribution=uniform,label=mine")
    assert found == {
        "rule": "adam", "batch_size": 50, "hidden": [5, 4], "label": "mine",
        "init": {"kind": "xavier", "distribution": "uniform"},
    }  # fmt: skip
    with pytest.raises(SettingError, match="NAME=VALUE"):
        variant_of("=3")
