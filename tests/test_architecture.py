"""The house stands: folders import downwards, siblings keep apart, and nothing heavy is loaded before it is used."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SRC = ROOT / "src" / "chainrule"
HOUSE = [
    "core", "layers", "losses", "optim", "initializers", "nets", "datasets", "engines", "neighbors", "training", "plots",
    "report", "study", "checker", "estimators", "interop", "bench", "courses", "cli",
]  # fmt: skip
APART = ("layers", "losses", "optim")  # modules of these never import each other
LONGEST = 300
FILES = sorted(SRC.rglob("*.py"))
each_file = pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(SRC)) for path in FILES])


def imports(path):
    """(module, line) of every import in a file that names this package, at whatever depth it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.startswith("chainrule"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chainrule"):
            for alias in node.names:
                inner = SRC.parent.joinpath(*node.module.split("."), alias.name)
                is_module = inner.is_dir() or inner.with_suffix(".py").exists()
                yield (f"{node.module}.{alias.name}" if is_module else node.module), node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import in line {node.lineno}"


def folder(module):
    """`chainrule.nets.chain` -> "nets"; the package itself -> ""."""
    return [*module.split("."), ""][1]


@each_file
def test_folders_import_only_folders_above_them(path):
    own = path.relative_to(SRC).parts[0]
    if own in ("__init__.py", "__main__.py"):
        return
    assert own in HOUSE, f"{own} has no place in the house"
    for module, line in imports(path):
        other = folder(module)
        assert other in HOUSE, f"{path}:{line} imports {module}"
        assert HOUSE.index(other) <= HOUSE.index(own), f"{path}:{line}: {own} may not import {other}"


def test_the_documentation_draws_the_same_house():
    page = (ROOT / "docs" / "how-to" / "architecture.md").read_text()
    assert re.findall(r"^  (\w+)/ ", page, re.MULTILINE) == HOUSE


@each_file
def test_layers_losses_and_rules_keep_apart(path):
    own = path.relative_to(SRC).parts[0]
    if own not in APART or path.name == "__init__.py":
        return
    for module, line in imports(path):
        assert folder(module) != own, f"{path}:{line} imports its sibling {module}"


@each_file
def test_files_stay_readable(path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST, f"{path} is one file for too many ideas"
    tree = ast.parse(text)
    assert ast.get_docstring(tree), f"{path} does not say what it is for"
    for node in public(tree):
        assert ast.get_docstring(node), f"{path}:{node.lineno}: {node.name} has no docstring"


def public(node):
    """Functions and classes that a reader may call: nothing private, and nothing inside a function or private class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


@each_file
@pytest.mark.promise("P8.1")
def test_nothing_runs_what_data_say(path):
    """No pickle, eval, exec, shell=True or np.load(allow_pickle=True)."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            assert not {"pickle", "cPickle", "dill", "shelve", "marshal"} & {name.split(".")[0] for name in names}
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            assert not (isinstance(node.func, ast.Name) and name in ("eval", "exec", "compile", "__import__"))
            for keyword in node.keywords:
                value = getattr(keyword.value, "value", None)
                assert not (keyword.arg in ("shell", "allow_pickle") and value is not False), f"{path}:{node.lineno}"


@pytest.mark.parametrize(
    "statement",
    [
        "import chainrule",
        "import chainrule as cr; cr.FullyConnectedNet([4], input_dim=3)",
        "import chainrule as cr; cr.load_data",
        "import chainrule as cr; cr.Solver; cr.check_gradients",
        "import chainrule.cli",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_used(statement):
    heavy = (
        "matplotlib sklearn numba pandas polars pyarrow scipy pooch requests onnx torch tensorboard mlflow wandb optuna"
    )
    code = f"{statement}\nimport sys\nprint(*[m for m in {heavy.split()!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_only_plots_imports_matplotlib():
    for path in FILES:
        if path.relative_to(SRC).parts[0] != "plots":
            assert "import matplotlib" not in path.read_text()
            assert "from matplotlib" not in path.read_text()


def test_every_folder_is_named_in_the_package():
    import chainrule

    for name in chainrule.FOLDERS:
        assert getattr(chainrule, name).__name__ == f"chainrule.{name}"
    for name in chainrule.PUBLIC:
        assert getattr(chainrule, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        chainrule.nonsense  # noqa: B018
