"""A notebook of each course runs as a new user would run it, and so does the same as a script."""

import json
import os
import subprocess
import sys

import pytest
from notebooks import CELLS, CIFAR_DATA, RANDOM_DATA, write_notebook, write_script

FIGURES = {"cs231n": 1, "cs682": 1, "cs182": 2, "c147": 1, "cs145": 3}
LINES = {  # of the printed output, each settled by the course's own figures
    "cs231n": ["Initial loss:  2.300479089768492", "W1 relative error: 1.03e-07", "W2 relative error: 2.21e-05"],
    "cs682": ["equal to the course:  True", "Initial loss:  2.300479089768492"],
    "cs182": ["['train_losses', 'train_accs', 'val_accs']", "(Epoch 0 / 3) train acc: "],
    "c147": ["difference: 4.999999798022158e-08", "W3 relative error: ", "(Iteration 1 / 12) loss: "],
    "cs145": ["difference:  0.0", "loss:  1.8973332763705641", "iteration 100 / 101: loss "],
}


def chainrule(*arguments, cwd):
    environment = os.environ | {"PYTHONWARNINGS": "default"}
    command = [sys.executable, "-m", "chainrule", "course", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, env=environment)


def ran(course, path, *arguments):
    """Run a notebook with the one command; its cells that have code, and all that they printed."""
    done = chainrule(course, "run", path.name, "--out", "out.ipynb", *arguments, cwd=path.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    cells = json.loads((path.parent / "out.ipynb").read_text())["cells"]
    outputs = [output for cell in cells if cell["cell_type"] == "code" for output in cell["outputs"]]
    text = "".join("".join(o.get("text", o.get("data", {}).get("text/plain", ""))) + "\n" for o in outputs)
    return done, outputs, text


def figures(outputs):
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("course", CELLS)
def test_a_notebook_of_the_course_runs(course, tmp_path):
    cells = CELLS[course](RANDOM_DATA)
    done, outputs, text = ran(course, write_notebook(tmp_path / "work.ipynb", cells))
    assert f"{len(cells)} of {len(cells)} cells ran" in done.stdout
    assert f"{len(cells)}/{len(cells)}" in done.stderr  # the bar over the cells
    assert figures(outputs) == FIGURES[course]
    for line in LINES[course]:
        assert line in text
    warned = [line for line in text.splitlines() if "Warning" in line and "invalid escape sequence" not in line]
    assert warned == []  # the escape is a slip that notebooks have in the paths of their drives
    if course == "cs182":
        check_submission(tmp_path / "submission_logs")


def check_submission(logs):
    """CS182's cells leave files for the course's own submission; they are what the course asks for."""
    stds = {name: json.loads((logs / f"w_stds_{name}.json").read_text()) for name in ("he", "random", "zero")}
    assert stds["he"][0] == pytest.approx(0.02551551815399, rel=0.03)
    assert stds["he"][1] == pytest.approx(0.2, rel=0.03)
    assert stds["random"][:2] == [pytest.approx(0.01, rel=0.03)] * 2
    assert stds["zero"] == [0.0] * 11
    assert json.loads((logs / "results.json").read_text())["update_rule"] == "adam"


@pytest.mark.long
@pytest.mark.parametrize("course", CELLS)
def test_a_notebook_of_the_course_runs_on_cifar10(course, tmp_path, cifar10_folder):
    path = write_notebook(tmp_path / "work.ipynb", CELLS[course](CIFAR_DATA))
    _, outputs, text = ran(course, path, "--data", cifar10_folder)
    assert figures(outputs) == FIGURES[course]
    printed = [line for line in text.splitlines() if line.endswith(("data_batch_1", "data_batch_5", "test_batch"))]
    assert len(printed) == (3 if course == "cs182" else 0)


def test_the_same_as_a_script(tmp_path):
    path = write_script(tmp_path / "work.py", CELLS["cs682"](RANDOM_DATA))
    done = chainrule("cs682", "run", path.name, "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for line in LINES["cs682"]:
        assert line in done.stdout
    assert len(list((tmp_path / "out").glob("figure-*.png"))) == FIGURES["cs682"]


def test_the_engine_of_the_whole_notebook(tmp_path):
    """The fused engine trains with the same batches: printed losses agree to rounding."""
    text = {}
    cells = CELLS["c147"](RANDOM_DATA)
    cells.insert(4, "np.random.seed(5)")
    own = "class Own:\n    params = {}\n    def loss(self, X, y=None): pass\nprint('own: ', Solver(Own(), data).engine)"
    for engine in ("plain", "fused"):
        path = write_script(tmp_path / f"{engine}.py", [*cells, "print('engine: ', solver.engine)", own])
        done = chainrule("c147", "run", path.name, "--engine", engine, "--out", engine, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"engine:  {engine}" in done.stdout
        assert "own:  plain" in done.stdout  # a model of one's own is trained by its own loss
        text[engine] = [float(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("(Iteration")]
    assert text["plain"] == pytest.approx(text["fused"], abs=1e-4)
