"""Notebooks and scripts run with a course's names in place: what is kept, said and refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from notebooks import write_notebook

from chainrule.core.errors import ChainruleError, FileFormatError, MissingExtraError, OutputError, SettingError
from chainrule.courses import run
from chainrule.courses.running.outcome import Failure

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "chainrule", "course"]
CELLS = [
    "!touch made\n%load_ext autoreload\n%autoreload 2\n%matplotlib inline\nimport os, torch\ntorch.manual_seed(3)",
    "import numpy as np, matplotlib.pyplot as plt, deeplearning.layers\nplt.plot([1, 2])\nplt.show()\nprint('shown')",
    "# TODO: your model\nbest_model = None",
    "# the next line\nbest_model.loss(3)",
    "deeplearning.layers.affine_forward([[1.0]], [[2.0]], [0.5])[0]",
    "torch.zeros(3)",
    "import torch.nn as nn",
    "from deeplearning.classifiers.cnn import *",
    "import time\ntime.sleep(30)",
    "print(os.environ['CIFAR10_DIR'])\nimport chainrule.courses.settings\nchainrule.courses.settings.engine",
    "   ",
    "x = np.sum(deeplearning.layers.np.ones(2))\nx",
]


def written(path):
    """The code cells of a notebook that was written."""
    notebook = json.loads(path.read_text())
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def said(cell):
    """The text of a cell's outputs."""
    texts = [output.get("text") or output.get("data", {}).get("text/plain") or "" for output in cell["outputs"]]
    return "".join("".join(text) for text in texts)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """Every cell, whatever becomes of those before it, in a process that has no PyTorch."""
    place = tmp_path_factory.mktemp("notebook")
    path = write_notebook(place / "work.ipynb", CELLS)
    (place / "deeplearning").mkdir()
    (place / "deeplearning" / "__init__.py").write_text("")
    before = path.read_bytes()
    outcome = run(
        "cs182", path, out=place / "done" / "out.ipynb", data=place, timeout=15, keep_going=True, verbose=False
    )
    assert path.read_bytes() == before
    return outcome


def no_torch():
    from importlib.util import find_spec

    return find_spec("torch") is None


def test_failures_name_cell_line_and_error(outcome):
    failed = {failure.cell: (failure.first_line, failure.error) for failure in outcome.failures}
    assert failed[4] == ("best_model.loss(3)", "AttributeError: 'NoneType' object has no attribute 'loss'")
    assert failed[8][1].startswith("ModuleNotFoundError: deeplearning.classifiers.cnn: convolution comes later.")
    assert failed[9] == ("import time", "it took longer than 15 seconds.")
    if no_torch():
        assert list(failed) == [4, 6, 7, 8, 9]
        assert failed[6][1].startswith("MissingExtraError: torch.zeros needs PyTorch, which is not installed;")
        assert failed[7][1].startswith("MissingExtraError: torch.nn needs PyTorch")
    assert outcome.exit_code == 1
    assert outcome.cells == 11
    assert outcome.ran == 11 - len(failed)
    assert not outcome.interrupted


def test_another_courses_package_is_named():
    error = "ModuleNotFoundError: No module named 'cs231n.layers'; 'cs231n' is not a package"
    assert Failure(2, "import cs231n.layers", error, todo=1).hint() == [
        "  'cs231n' is a package of another course: chainrule course cs231n run ..."
    ]
    assert Failure(2, "import nonsense", "ModuleNotFoundError: No module named 'nonsense'").hint() == []


def test_an_unfilled_cell_is_named(outcome):
    told = outcome.told().splitlines()
    place = told.index("cell 4 (best_model.loss(3)) failed: AttributeError: 'NoneType' object has no attribute 'loss'")
    assert told[place + 1] == "  Cell 3 before it has a part for you to fill in (TODO)."
    assert sum("to fill in" in line for line in told) == 1
    assert f"{outcome.ran} of 11 cells ran" in told
    assert told[-1] == f"The notebook: {outcome.output}"


def test_outputs_and_figures_are_kept_and_sources_as_they_were(outcome):
    cells = written(outcome.output)
    assert ["".join(cell["source"]) for cell in cells] == CELLS
    kinds = [output["output_type"] for output in cells[1]["outputs"]]
    assert kinds == ["display_data", "stream"]
    assert "image/png" in cells[1]["outputs"][0]["data"]
    assert said(cells[1]) == "<Figure size 640x480 with 1 Axes>shown\n"
    assert said(cells[4]) == "array([[2.5]])"
    assert said(cells[11]) in ("2.0", "np.float64(2.0)")
    assert [cell["execution_count"] for cell in cells] == [*range(1, 11), None, 11]
    assert cells[3]["outputs"][0]["ename"] == "AttributeError"
    metadata = json.loads(outcome.output.read_text())["metadata"]
    assert metadata["kernelspec"]["name"] == "someone_elses"


def test_skips_are_noted_in_the_outputs(outcome):
    assert "cell 1: skipped line 1: !touch made" in outcome.notes
    assert "chainrule: skipped line 1: !touch made\n" in said(written(outcome.output)[0])
    assert not (outcome.input.parent / "made").exists()


def test_a_hidden_package_is_said(outcome):
    assert any("another 'deeplearning'" in note and "is hidden" in note for note in outcome.notes)
    assert "is hidden" in said(written(outcome.output)[0])


def test_data_and_engine_reach_the_cells(outcome):
    assert said(written(outcome.output)[9]) == f"{outcome.input.parent}\n'plain'"


def test_the_first_failure_ends_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write_notebook(tmp_path / "work.ipynb", ["x = 1", "import os\nos._exit(3)", "print(x)"])
    outcome = run("c147", path, verbose=False)
    assert [(failure.cell, failure.error[:17]) for failure in outcome.failures] == [(2, "its process ended")]
    assert outcome.output.parent.parent.name == "runs"
    assert outcome.output.name == "work.ipynb"
    cells = written(outcome.output)
    assert cells[0]["execution_count"] == 1
    assert (cells[2]["execution_count"], cells[2]["outputs"]) == (None, [])


def start(*arguments, cwd):
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path, seconds=60):
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.05)


def test_ctrl_c_keeps_what_was_executed(tmp_path):
    cells = ["print('first')", "open('running', 'w').close()\nprint('begun')\nimport time\ntime.sleep(60)", "1 / 0"]
    write_notebook(tmp_path / "work.ipynb", cells)
    process = start("cs231n", "run", "work.ipynb", "--out", "out.ipynb", "--quiet", cwd=tmp_path)
    wait_for(tmp_path / "running")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "interrupted; 1 of 3 cells ran" in out
    assert "Traceback" not in err
    cells = written(tmp_path / "out.ipynb")
    assert said(cells[0]) == "first\n"
    assert said(cells[1]).startswith("begun\n")
    assert cells[2]["outputs"] == []


SCRIPT = """\
# %% the future is now
from __future__ import annotations
%load_ext autoreload
!ls
import sys, torch
torch.manual_seed(1)
# %%
import matplotlib.pyplot as plt
from nndl.fc_net import *
from utils.solver import Solver
def f(x: nothing_of_that_name): return x
print(__name__, sys.argv, FullyConnectedNet.__module__)
plt.plot([1, 2])
plt.show()
plt.plot([2, 1])
if __name__ == "__main__":
    print("ü done", file=sys.stderr)
"""


def test_scripts_run_and_leave_output_and_figures(tmp_path, capfd):
    path = tmp_path / "work.py"
    path.write_text(SCRIPT, encoding="utf-8")
    outcome = run("c147", path, out=tmp_path / "out")
    assert (outcome.exit_code, outcome.ran, outcome.failures) == (0, 1, [])
    shown = capfd.readouterr().out
    assert shown == (tmp_path / "out" / "output.txt").read_text(encoding="utf-8")
    assert shown.splitlines() == [
        "chainrule: skipped line 3: %load_ext autoreload",
        "chainrule: skipped line 4: !ls",
        f"__main__ ['{path}'] chainrule.courses.c147.nndl.fc_net",
        "ü done",
    ]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["figure-1.png", "figure-2.png", "output.txt"]
    assert (tmp_path / "out" / "figure-1.png").read_bytes() != (tmp_path / "out" / "figure-2.png").read_bytes()


@pytest.mark.parametrize(
    ("text", "error", "timeout"),
    [
        ("x = 1\n1 / 0\n", "ZeroDivisionError: division by zero", 60),
        ("import sys\nsys.exit('no data')\n", "no data", 60),
        ("def f(:\n", "SyntaxError: ", 60),
        ("import time\ntime.sleep(60)\n", "it took longer than 3 seconds.", 3),
    ],
)
def test_scripts_that_fail(text, error, timeout, tmp_path, capfd):
    path = tmp_path / "work.py"
    path.write_text(text)
    outcome = run("cs682", path, out=tmp_path / "out", timeout=timeout, verbose=False)
    assert outcome.exit_code == 1
    assert outcome.failures[0].error.startswith(error)
    assert outcome.told().startswith(f"work.py failed: {error}")
    assert "chainrule/courses" not in (tmp_path / "out" / "output.txt").read_text()  # no frames of ours
    assert capfd.readouterr().out == ""


def test_ctrl_c_keeps_a_scripts_output(tmp_path):
    text = "print('begun')\nopen('running', 'w').close()\nimport time\ntime.sleep(60)\n"
    (tmp_path / "work.py").write_text(text)
    process = start("cs231n", "run", "work.py", "--out", "out", cwd=tmp_path)
    wait_for(tmp_path / "running")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert out.startswith("begun\n")
    assert "interrupted." in out
    assert (tmp_path / "out" / "output.txt").read_text().startswith("begun\n")


def command(*arguments, cwd, **environment):
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, env=os.environ | environment
    )
    assert "Traceback" not in done.stderr
    return done


def test_json_alone_on_stdout(tmp_path):
    (tmp_path / "work.py").write_text("print('hello')\n")
    done = command("cs145", "run", "work.py", "--json", "-", "--out", "out", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert result.pop("seconds") > 0
    assert result == {
        "course": "cs145", "input": "work.py", "output": "out", "cells": 1, "ran": 1, "failures": [], "notes": [],
        "interrupted": False,
    }  # fmt: skip
    assert "hello" in done.stderr


REFUSED = [
    (["cs182", "run", "none.ipynb"], "there is no such file"),
    (["cs182", "run", "a.txt"], "a notebook (.ipynb) or a script (.py) is wanted"),
    (["cs182", "run", "no.ipynb"], "is no notebook, or damaged"),
    (["cs182", "run", "empty.ipynb"], "is no notebook, or damaged"),
    (["cs182", "run", "r.ipynb"], "is a notebook of R"),
    (["cs182", "run", "a.ipynb", "--out", "a.ipynb"], "nothing is overwritten"),
    (["cs182", "run", "a.ipynb", "--out", "a.html"], "out must be the name of a notebook"),
    (["cs182", "run", "a.py", "--out", "a.txt"], "nothing is overwritten"),
    (["cs182", "run", "a.ipynb", "--timeout", "0"], "timeout must be a number of seconds above 0"),
    (["cs182", "run", "a.ipynb", "--timeout", "nan"], "timeout must be a number of seconds above 0"),
    (["cs182", "run", "a.ipynb", "--engine", "fast"], "unknown engine 'fast'"),
    (["cs182", "run", "a.ipynb", "--data", "nowhere"], "data must be a folder"),
    (["cs18", "run", "a.ipynb"], "cs18"),
]


@pytest.fixture
def files(tmp_path):
    write_notebook(tmp_path / "a.ipynb", ["1"])
    write_notebook(tmp_path / "r.ipynb", ["1"], kernel="R")
    for name, text in (("a.py", ""), ("a.txt", ""), ("no.ipynb", "{"), ("empty.ipynb", "")):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(("arguments", "words"), REFUSED, ids=[" ".join(arguments) for arguments, _ in REFUSED])
def test_what_cannot_be_run_is_refused_and_leaves_nothing(arguments, words, files, monkeypatch, capsys):
    from chainrule.cli import main

    monkeypatch.chdir(files)
    monkeypatch.setattr(sys, "argv", ["chainrule", "course", *arguments])
    before = sorted(files.rglob("*"))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
    assert sorted(files.rglob("*")) == before


def test_the_same_from_python(files):
    for course, name, error in (("cs18", "a.ipynb", SettingError), ("cs182", "no.ipynb", FileFormatError)):
        with pytest.raises(error):
            run(course, files / name, out=files / "out.ipynb")
    with pytest.raises(OutputError):
        run("cs182", files / "a.py", out=files / "a.txt")
    for given in ({"timeout": "5"}, {"timeout": True}, {"timeout": -1.0}, {"out": 3}, {"data": 3}, {"engine": None}):
        with pytest.raises(ChainruleError):
            run("cs182", files / "a.ipynb", **given)


def test_without_the_extra_it_says_what_to_install(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(MissingExtraError, match=r'pip install "chainrule\[notebooks\]"'):
        run("cs182", files / "a.ipynb", out=files / "out.ipynb")
    assert not (files / "out.ipynb").exists()


def test_list_and_show(tmp_path):
    rows = json.loads(command("list", "--json", "-", cwd=tmp_path).stdout)
    assert [row["name"] for row in rows] == ["cs231n", "cs682", "cs182", "c147", "cs145"]
    assert all((ROOT / row["page"]).is_file() for row in rows)
    text = command("cs145", "show", cwd=tmp_path).stdout
    assert "hw3code.neural_net" in text
    assert "  TwoLayerNet(input_size, hidden_size, output_size, std=0.0001)" in text
    assert "weight matrices: (outputs, inputs)" in text
    shown = json.loads(command("cs182", "show", "--json", "-", cwd=tmp_path).stdout)
    names = {row["module"]: row["names"] for row in shown["modules"]}
    assert names["deeplearning.optim"]["adam"] == "(w, dw, config=None)"
    assert "FullyConnectedNet" in names["deeplearning.classifiers.fc_net"]
    assert any(row["elsewhere"] for row in shown["conventions"])


def test_a_kernel_that_does_not_start_leaves_nothing(files, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(files))  # no Python starts there
    with pytest.raises(ChainruleError, match="kernel could not be started"):
        run("cs182", files / "a.ipynb", out=files / "out.ipynb", verbose=False)
    assert not (files / "out.ipynb").exists()


def test_a_place_that_cannot_be_written_to_is_known_before_anything_runs(files):
    write_notebook(files / "a.ipynb", ["open('ran', 'w')"])
    with pytest.raises(OutputError, match="cannot write"):
        run("cs182", files / "a.ipynb", out=files / "a.txt" / "out.ipynb", verbose=False)
    assert not (files / "ran").exists()
