"""Every example runs as its reader would run it, without a warning, and the page of experiments says what it answers."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))


def run(path, folder):
    """What an example printed, in a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], cwd=folder, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    return done.stdout


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_example_runs(path, tmp_path):
    run(path, tmp_path)
    assert path.read_text().startswith("# %% [markdown]\n# # ")


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_page_of_experiments_has_a_row_for_it(path):
    page = (ROOT / "docs" / "how-to" / "experiments.md").read_text(encoding="utf-8")
    assert f"| [{path.name}](../../examples/{path.name}) |" in page


def test_the_small_net_has_the_figures_of_the_torch_cell(tmp_path):
    """CS145's 2-2-1 sigmoid net: z, x, the loss and every gradient, to the digits that PyTorch printed there."""
    printed = {}
    for line in run(ROOT / "examples" / "net_2_2_1_by_hand.py", tmp_path).splitlines():
        name, *values = line.split() or [""]
        printed.setdefault(name, values)
    assert printed["z1"] == ["0.3775", "0.3925"]
    assert printed["x1"] == ["0.5933", "0.5969"]
    assert (printed["z2"], printed["x2"], printed["loss"]) == (["1.1059"], ["0.7514"], ["0.2748"])
    expected = {
        "dW1": (0.0006684, 0.00133679, 0.0007498, 0.00149961),
        "db1": (0.01336792, 0.01499607),
        "dW2": (0.08216704, 0.08266763),
        "db2": (0.13849856,),
    }
    for name, values in expected.items():
        assert [float(value) for value in printed[name]] == pytest.approx(values, abs=1.5e-8)  # float32 there
