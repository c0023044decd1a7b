"""Progress where people look at it: one line in a notebook, few in a log, no figure that was not measured."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import chainrule as cr
from chainrule.training.progress import LOG_LINES, in_notebook

FITS = """
import chainrule as cr
net = cr.FullyConnectedNet([8], input_dim=64)
cr.Solver(net, "digits", rule="adam", epochs=30, engine="plain").train()
"""


def test_a_notebooks_cell_holds_one_line_however_many_epochs(tmp_path):
    quiet = FITS.replace("epochs=30", "epochs=2, verbose=False")
    book = new_notebook(cells=[new_code_cell(FITS + "None"), new_code_cell(quiet + "None")])
    path = tmp_path / "work.ipynb"
    nbformat.write(book, path)
    execute = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace", path]
    subprocess.run(
        execute, check=True, capture_output=True, timeout=120
    )  # in a process of its own: nothing stays behind
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    (shown,) = book.cells[0].outputs
    assert shown.output_type == "display_data"
    line = shown.data["text/plain"]
    assert line.startswith("100%|███")
    assert "420/420" in line
    assert "epoch 30, loss " in line
    assert "\n" not in line
    assert book.cells[1].outputs == []


@pytest.mark.parametrize("validation", [True, False])
def test_a_log_gets_few_lines_and_no_figure_of_rows_that_are_not_there(validation, rng, capsys):
    data = {"X_train": rng.standard_normal((20, 3)), "y_train": rng.integers(0, 2, 20)}
    if validation:
        data |= {"X_val": data["X_train"], "y_val": data["y_train"]}
    net = cr.FullyConnectedNet([3], input_dim=3, num_classes=2)
    cr.Solver(net, data, epochs=100, batch_size=20, engine="plain").train()
    out, err = capsys.readouterr()
    assert out == ""
    assert LOG_LINES <= len(err.splitlines()) <= LOG_LINES + 1
    assert "epoch 100/100  loss " in err
    assert ("val" in err) == validation
    assert "nan" not in err
    assert not in_notebook()
