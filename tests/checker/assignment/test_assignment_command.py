"""`chainrule assignment` as a user meets it: make, write, check."""

import json
from pathlib import Path

import pytest

from chainrule.checker import assignment as making


def test_a_learner_makes_writes_and_checks(chainrule, tmp_path):
    code, out, err = chainrule("assignment", "--preset", "relu", "--course", "cs231n", "--out", "practice")
    assert (code, err) == (0, "")
    command = next(line.split() for line in out.splitlines() if line.startswith("  chainrule check"))
    assert chainrule(*command[1:])[0] == 1
    file = tmp_path / "practice" / "handout" / "layers.py"
    first, second = "# Your code here.\n    raise NotImplementedError(", '_{} is not written yet")\n'
    text = file.read_text()
    text = text.replace(f'{first}"relu{second.format("forward")}', "return np.maximum(x, 0), x\n")
    text = text.replace(f'{first}"relu{second.format("backward")}', "return dout * (cache > 0)\n")
    file.write_text(text)
    code, out, _ = chainrule(*command[1:])
    assert code == 0, out


def test_the_list_shows_what_can_be_chosen(chainrule, tmp_path):
    code, out, _ = chainrule("assignment", "--list", "--course", "cs145")
    assert code == 0
    assert "KNN" in out
    assert "adam" not in out
    code, out, _ = chainrule("assignment", "--list", "--json", "-")
    assert json.loads(out)["modules"]["adam"] == ["adam.step"]
    assert list(tmp_path.iterdir()) == []


def test_functions_and_a_preset_come_together_and_json_says_where(chainrule, tmp_path):
    words = ["--functions", "adam, sgd", "--preset", "affine", "--course", "c147", "--out", "homework"]
    code, out, _ = chainrule("assignment", *words, "--json", "-")
    made = json.loads(out)
    assert code == 0
    assert made["functions"] == ["affine_forward", "affine_backward", "sgd", "adam"]
    assert (tmp_path / made["rubric"]).is_file()
    assert '"a"' not in (tmp_path / "homework" / "handout" / "optim.py").read_text()
    assert "v, a and t" in (tmp_path / "homework" / "handout" / "optim.py").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--preset", "relu"], "--out DIR is missing"),
        (["--out", "practice"], "nothing is chosen"),
        (["--preset", "rleu", "--out", "practice"], "Did you mean 'relu'?"),
        (["--preset", "relu", "--out", "there"], "exists"),
    ],
)
def test_what_cannot_be_made_is_said_in_a_line(chainrule, tmp_path, words, says):
    (tmp_path / "there").mkdir()
    code, out, err = chainrule("assignment", *words)
    assert (code, out) == (2, "")
    assert says in err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_solutions_are_texts_that_nothing_can_import():
    folder = making.__path__[0]
    assert not list(Path(folder, "solutions").glob("*.py"))
