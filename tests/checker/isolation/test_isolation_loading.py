"""What is loaded: files, notebooks, folders with packages of their own, hand-out copies."""

import json

import numpy as np
import pytest

from chainrule.checker import isolation
from chainrule.checker.subject import Failed

CELLS = [
    ("markdown", "# Affine"),
    ("code", "%matplotlib inline\nimport numpy as np\nimport matplotlib.pyplot as plt\n!pip install nothing"),
    ("code", "%%time\nraise RuntimeError('trained')"),
    (
        "code",
        "SCALE = 2 * 3.0\ndata = expensive()\nrates = [10 ** i for i in range(-3, 0)]\nshout = lambda x: x + SCALE",
    ),
    ("code", "def affine_forward(x, w, b):\n    return x @ w + b, (x, w, b)\n\nout = affine_forward(1, 2, 3)"),
    ("code", "for epoch in range(10 ** 12):\n    pass"),
    ("code", "def unfinished(:"),
    ("code", "try:\n    import no_such_package\nexcept ImportError:\n    no_such_package = None"),
    ("code", "class Net:\n    def loss(self, x):\n        return x / 0"),
    ("code", "if __name__ == '__main__':\n    SCALE = 100.0"),
    ("code", ["def parts(x):\n", "    return no_such_package, x\n"]),
]


@pytest.fixture
def notebook(tmp_path):
    path = tmp_path / "Affine.ipynb"
    cells = [{"cell_type": kind, "source": source} for kind, source in CELLS]
    path.write_text(json.dumps({"cells": cells, "nbformat": 4}))
    return path


def test_of_a_notebook_definitions_are_taken(notebook):
    with isolation.open(notebook) as remote:
        assert set(remote.names) == {"affine_forward", "shout", "Net", "parts"}
        assert remote.call("shout", [1]).result == 7.0
        assert remote.call("parts", [1]).result == (None, 1)
        out, _ = remote.call("affine_forward", [np.eye(2), np.eye(2), np.ones(2)]).result
        assert np.array_equal(out, np.eye(2) + 1)
        net = remote.call("Net", kept=True).result
        with pytest.raises(Failed, match="ZeroDivisionError") as caught:
            remote.call((net, "loss"), [1])
        assert "return x / 0" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 5}', "\x00", '{"cells": [{"cell_type": "code", "source": 5}, 7]}']
)
def test_a_damaged_notebook_is_a_failure_to_load(tmp_path, text):
    path = tmp_path / "damaged.ipynb"
    path.write_text(text)
    with isolation.open(path) as remote, pytest.raises(Failed, match="cannot be loaded"):
        remote.names  # noqa: B018


@pytest.fixture
def submission(tmp_path):
    """A course package, half of it the learner's, the other half handed out."""
    mine, theirs = tmp_path / "alice", tmp_path / "handed_out"
    files = {
        mine / "cs231n/__init__.py": "",
        mine / "cs231n/layers.py": "def affine_forward(x, w, b):\n    return x @ w + b, (x, w, b)\n",
        mine / "cs231n/layer_utils.py": (
            "from .layers import *\nfrom cs231n.given import double\n\ndef twice(x):\n    return double(x)\n"
        ),
        mine / "cs231n/classifiers/fc_net.py": (
            "from ..layers import affine_forward\n\nclass Net:\n    def __init__(self):\n        self.f = affine_forward\n"
        ),
        mine / "cs231n/broken.py": "import no_such_package\n",
        mine / "cs231n/given.py.txt": "raise RuntimeError",
        mine / "setup.py": "raise RuntimeError",
        mine / "my notes.py": "raise RuntimeError",
        mine / "random.py": "def roll():\n    return 4\n",
        mine / ".hidden/x.py": "raise RuntimeError",
        theirs / "cs231n/__init__.py": "raise RuntimeError('theirs')",
        theirs / "cs231n/given.py": "def double(x):\n    return 2 * x\n",
        theirs / "cs231n/layers.py": "def affine_forward(x, w, b):\n    return 'theirs'\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return mine, theirs


def test_a_folder_imports_its_own_package_before_the_one_handed_out(submission):
    mine, theirs = submission
    with isolation.open(mine, package_roots=[theirs]) as remote:
        assert set(remote.names) == {"affine_forward", "twice", "Net"}
        assert remote.definitions["affine_forward"].module == "cs231n.layers"
        assert remote.definitions["Net"].module == "cs231n.classifiers.fc_net"
        assert remote.failures["cs231n.broken"] == "ModuleNotFoundError: No module named 'no_such_package'"
        assert "another name" in remote.failures["random"]
        assert len(remote.failures) == 2
        assert remote.call("twice", [4]).result == 8
        assert remote.call("affine_forward", [np.eye(2), np.eye(2), 1.0]).result[0][0, 0] == 2


def test_without_the_hand_out_only_what_needs_it_fails(submission):
    with isolation.open(submission[0]) as remote:
        assert set(remote.names) == {"affine_forward", "Net"}
        assert "cs231n.layer_utils" in remote.failures


def test_a_file_within_a_package_is_that_packages_module(submission):
    mine, theirs = submission
    with isolation.open(mine / "cs231n" / "layer_utils.py", package_roots=[mine, theirs]) as remote:
        assert remote.call("twice", [1]).result == 2
        assert remote.title == "layer_utils"


def test_what_is_checked_is_the_source(tmp_path):
    """A compiled file beside the source, with another behaviour, is not looked at."""
    import py_compile

    folder = tmp_path / "bob"
    folder.mkdir()
    source = folder / "layers.py"
    source.write_text("def f():\n    return 'compiled'\n")
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    source.write_text("def f():\n    return 'source'\n")
    with isolation.open(folder) as remote:
        assert remote.call("f").result == "source"
    source.unlink()
    with isolation.open(folder) as remote:
        assert not remote.names


def test_links_in_a_submission_lead_nowhere(tmp_path):
    (tmp_path / "solution.py").write_text("def f():\n    return 'solution'\n")
    folder = tmp_path / "carol"
    folder.mkdir()
    (folder / "layers.py").symlink_to(tmp_path / "solution.py")
    with isolation.open(folder) as remote:
        if remote.tier == "locked":
            assert not remote.names
            assert "PermissionError" in remote.failures["layers"]
