"""An instructor's own functions as the reference: what is drawn, what is compared, and who can read it."""

import numpy as np
import pytest
from swish import SWISH_BACKWARD

from chainrule.checker import check
from chainrule.checker.reference import made_by
from chainrule.core.errors import DataError, SettingError

REFERENCE = (
    '''
"""What learners are compared with."""
import numpy as np
from chainrule.checker.reference import made_by

def swish(x: "(N, D)", beta: float = 1.0):
    return x / (1 + np.exp(-beta * x))

def swish_forward(x):
    out = swish(x)
    cache = x
    return out, cache

'''
    + SWISH_BACKWARD
    + """
def confusion(y: "(N,) of C", pred: "(N,) of C", classes: int = 9):
    counts = np.zeros((classes, classes), dtype=int)
    np.add.at(counts, (y, pred), 1)
    return counts

def gram(x):
    G = x.T @ x
    return G, {"trace": np.trace(G), "names": ["a", "b"]}

def double_in_place(x):
    x *= 2

def noisy(x):
    return x + np.random.randn(*x.shape)
"""
)
RIGHT = """
import numpy as np

def swish(x, beta=1.0):
    return x * (1 / (1 + np.exp(-beta * x)))

def swish_forward(x):
    return swish(x), {"x": x}

def swish_backward(dout, cache):
    x = cache["x"]
    s = 1 / (1 + np.exp(-x))
    return dout * s * (1 + x * (1 - s))

def confusion(y, pred, classes=9):
    counts = [[0] * classes for _ in range(classes)]
    for a, b in zip(y, pred):
        counts[a][b] += 1
    return np.array(counts)

def gram(x):
    return np.einsum("nd,ne->de", x, x), {"trace": (x**2).sum(), "names": ["a", "b"]}

def double_in_place(x):
    x[:] = x + x

def noisy(x):
    return np.random.randn(*x.shape) + x
"""
MISTAKES = [
    ("swish", "-beta * x", "-x", "swish", "largest difference"),
    ("swish", "-beta * x", "beta * x", "swish", "result is wrong"),
    ("swish_forward", "return swish(x), {", "return 2 * swish(x), {", "swish_forward", "out is wrong"),
    ("swish_forward", "return swish(x), {", "return 2 * swish(x), {", "swish_forward", "twice what it should be"),
    ("swish_backward", "(1 + x * (1 - s))", "(1 + x * (1 - s)).T", "swish_backward", "crash"),
    ("swish_backward", "return dout * s * (1 + x * (1 - s))", "return (dout * s * (1 + x * (1 - s))).T",
     "swish_backward", "transpose"),
    ("swish_backward", "s * (1 + x * (1 - s))", "s", "swish_backward", "dx is wrong"),
    ("swish_backward", "return dout", "dout *= 1.5; return dout", "swish_backward", "1.5 times"),
    ("confusion", "counts[a][b]", "counts[b][a]", "confusion", "transpose"),
    ("confusion", "np.array(counts)", "np.array(counts, dtype=float)", "confusion", "its kind of numbers"),
    ("gram", '"nd,ne->de", x, x)', '"nd,ne->de", x, x) / len(x)', "gram", "every entry is 1/N of"),
    ("gram", '"nd,ne->de", x, x)', '"nd,nd->d", x, x)', "gram", "the shape is"),
    ("gram", ', "names": ["a", "b"]', "", "gram", "another form"),
    ("gram", "(x**2).sum()", "np.abs(x).sum()", "gram", "['trace'] is wrong"),
    ("double_in_place", "x[:] = x + x", "return x + x", "double_in_place", "x after the call"),
    ("noisy", "+ x", "+ x + x", "noisy", "result is wrong"),
    ("noisy", "return", "x += 0.1; return", "noisy", "changes its input x in place"),
]  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """Writes what a learner wrote; gives its path and the reference's, which lie in different folders."""
    reference = tmp_path / "instructor" / "reference.py"
    reference.parent.mkdir()
    reference.write_text(REFERENCE)
    (tmp_path / "learner").mkdir()

    def written(text):
        path = tmp_path / "learner" / "mine.py"
        path.write_text(text)
        return path, reference

    return written


def report_of(pair, **settings):
    return check(pair[0], reference=pair[1], seed=4, **settings)


def test_right_functions_of_any_name_and_shape_are_right(files):
    report = report_of(files(RIGHT))
    assert [finding.verdict for finding in report.findings] == ["correct"] * 7, report.text()
    assert [finding.name for finding in report.findings][:2] == ["swish", "swish_forward"]


@pytest.mark.parametrize(("owner", "old", "new", "name", "said"), MISTAKES)
def test_wrong_ones_are_measured(files, owner, old, new, name, said):
    start = RIGHT.index(f"def {owner}(")
    assert old in RIGHT[start:]
    text = report_of(files(RIGHT[:start] + RIGHT[start:].replace(old, new, 1)), only=name).text(width=400)
    assert said in text, text


def test_missing_and_stopping_functions_are_told(files):
    report = report_of(files("def swish(x, beta=1.0):\n    return x.no_such_thing\n"))
    assert report["swish"].verdict == "crash"
    assert "line 2" in report["swish"].message
    assert report["gram"].verdict == "missing"
    assert report["swish_backward"].verdict == "missing"
    assert report.exit_code == 1


def test_only_and_modules_work_too():
    report = check({"half": lambda x: x / 3}, reference={"half": lambda x: x / 2}, seed=1)
    assert "0.66667 times" in report["half"].message
    with pytest.raises(SettingError, match="half"):
        check({"half": abs}, reference={"half": lambda x: x / 2}, only="hlf")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ({}, "defines no function of its own"),
        ({"f": lambda q: q}, "nothing says what f is to be given for q"),
        ({"f": lambda x: x, "samples_for_g": lambda rng: {}}, "no function g"),
        ({"f": lambda x: x, "samples_for_f": lambda rng: {"z": 1}}, r"must return a dict by argument's name \(x\)"),
        ({"f": lambda x: x, "samples_for_f": lambda rng: 3}, "must return a dict"),
        ({"f": lambda x: x[99]}, "the reference's own f fails"),
        ({"f": lambda cache: 1, "samples_for_f": lambda rng: {"cache": made_by("g", 1)}}, "function of the reference"),
    ],
)
def test_a_reference_that_cannot_be_used_says_why(reference, said):
    with pytest.raises(SettingError, match=said):
        check({"f": lambda x: x}, reference=reference)


def test_files_that_are_no_reference(tmp_path, files):
    own, _ = files(RIGHT)
    broken = tmp_path / "broken.py"
    broken.write_text("1/0\n")
    for path, said in [(tmp_path / "none.py", "a .py file was wanted"), (broken, "ZeroDivisionError")]:
        with pytest.raises(DataError, match=said):
            check(own, reference=path)
    with pytest.raises(SettingError, match="which the checked code may read"):
        check(own.parent.parent, reference=files(RIGHT)[1])


@pytest.mark.promise("P6.1")
@pytest.mark.parametrize(
    "attack",
    [
        "open({path!r}).read()",
        "import importlib.util as u; s = u.spec_from_file_location('r', {path!r}); m = u.module_from_spec(s); "
        "s.loader.exec_module(m)",
        "import os; os.listdir(os.path.dirname({path!r}))[0]",
        "import sys; sys.modules['reference_reference']",
        "from chainrule.checker import reference",
    ],
)
def test_the_checked_code_cannot_read_the_reference(files, attack):
    path, reference = files("")
    path.write_text(f"def gram(x):\n    {attack.format(path=str(reference))}\n    return x, 0\n")
    finding = check(path, reference=reference, only="gram", seed=1)["gram"]
    assert finding.verdict == "crash", finding
    assert any(word in finding.message for word in ("Permission", "KeyError", "ModuleNotFound", "ImportError"))


def test_nothing_is_drawn_twice_and_numpys_generator_goes_on():
    given = []

    def f(x):
        given.append(x)
        return x

    state = np.random.get_state()[1].copy()
    assert check({"f": lambda x: x}, reference={"f": f}, seed=1).ok
    assert np.array_equal(np.random.get_state()[1], state)
    assert len({x.shape for x in given}) > 3
    assert all(x.shape[0] != x.shape[1] for x in given)
