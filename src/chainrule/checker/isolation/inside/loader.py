"""Loading a learner's code: the one file that runs it, in the locked child alone.

Python files run whole, as an import does. Of notebooks only definitions are taken: imports, functions, classes and simple
assignments; cells that train, plot or print are not run.
"""

import ast
import importlib
import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import FileFinder, ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

FILES = 500  # of one folder
NOT_CODE = ("setup.py", "conftest.py")
# Packages for plots, pictures and notebooks: a learner's file imports them, its layers do not need them.
PICTURES = "matplotlib mpl_toolkits pylab seaborn plotly PIL cv2 imageio skimage IPython ipywidgets google h5py pandas"
COSTLY = (ast.Call, ast.Await, ast.Yield, ast.YieldFrom, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Source(SourceFileLoader):
    """A module from its source as it stands: compiled files beside it could say something else."""

    def path_stats(self, path: Any) -> Any:
        """There are never compiled files."""
        raise OSError


class Notebook(Source):
    """A module from the definitions of a notebook; its lines are counted through all code cells."""

    def get_source(self, fullname: str) -> str:
        """The code cells, one after the other."""
        return _cells(Path(self.path).read_bytes())

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> Any:  # type: ignore[override]
        """The definitions, compiled."""
        tree = ast.parse(_cells(data), f"{path} (cells)")
        tree.body = [statement for statement in tree.body if _defines(statement)]
        return super().source_to_code(tree, f"{path} (cells)")  # type: ignore[arg-type]


class Roots:
    """Finds the learner's modules in several folders at once; file by file, the first folder that has it wins."""

    def __init__(self, roots: Sequence[str]) -> None:
        self._roots = roots

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """See `importlib`."""
        parents = fullname.split(".")[:-1]
        if fullname.split(".")[0] in sys.stdlib_module_names:
            return None
        spaces: list[str] = []
        for root in self._roots:
            spec = FileFinder(os.path.join(root, *parents), (Source, [".py"])).find_spec(fullname)
            if spec is not None and spec.loader is not None:
                return spec
            spaces += [] if spec is None else list(spec.submodule_search_locations or [])
        if not spaces:
            return None
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = spaces
        return spec


class Packages:
    """Finds the few installed packages that a learner's code may import, and stand-ins for those it does not need."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """See `importlib`."""
        if path is None and fullname in self._folders:
            return PathFinder.find_spec(fullname, [self._folders[fullname]])
        if fullname.split(".")[0] in PICTURES.split():
            return ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module whose every name is a stand-in."""
        return _Picture(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


class _Nothing:
    """A stand-in: it can be called, read, written and walked through, and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> "_Nothing":
        return self

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> "_Nothing":
        return self

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def __iter__(self) -> Any:
        return iter(())


class _Picture(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


def load(path: str, roots: Sequence[str]) -> tuple[list[ModuleType], dict[str, BaseException]]:
    """Run a file, or the modules of a folder.

    Args:
        path: a .py file, an .ipynb file or a folder.
        roots: folders whose packages it may import; the folder itself is the first of them.

    Returns:
        the modules, and for each module of a folder that cannot be imported why. What a single file raises is raised.
    """
    sys.meta_path.insert(0, Roots([*([path] if os.path.isdir(path) else []), *roots]))
    if os.path.isdir(path):
        return _folder(Path(path))
    for root in roots:
        if Path(path).is_relative_to(root) and (dotted := _dotted(Path(path).relative_to(root))):
            return [importlib.import_module(dotted)], {}
    stem = Path(path).stem
    name = stem if stem.isidentifier() and stem not in sys.modules else "submission"
    loader = (Notebook if path.endswith(".ipynb") else Source)(name, path)
    spec = spec_from_file_location(name, path, loader=loader)
    module = sys.modules[name] = module_from_spec(spec)  # type: ignore[arg-type]
    loader.exec_module(module)
    return [module], {}


def _folder(folder: Path) -> tuple[list[ModuleType], dict[str, BaseException]]:
    """Import every module of a folder, those nearest to it first."""
    files = sorted(folder.rglob("*.py"), key=lambda file: (len(file.parts), file))[:FILES]
    modules, failures = [], {}
    for file in files:
        dotted = _dotted(file.relative_to(folder))
        if dotted is None or file.name in NOT_CODE or file.name.startswith("test_"):
            continue
        try:
            if dotted.split(".")[0] in sys.stdlib_module_names:
                raise ImportError(
                    "Python has a module of this name, which is imported instead; give the file another name"
                )
            modules.append(importlib.import_module(dotted))
        except BaseException as error:
            failures[dotted] = error
    return modules, failures


def _dotted(file: Path) -> str | None:
    """`cs231n/layers.py` -> "cs231n.layers"; None where that is no module's name."""
    parts = [*file.parts[:-1], file.stem]
    if file.suffix != ".py" or not all(part.isidentifier() for part in parts):
        return None
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _cells(data: bytes) -> str:
    """A notebook's code, without its magics; cells that are no Python are left out."""
    cells = json.loads(data)["cells"]
    texts = []
    for cell in cells:
        text = cell.get("source", "")
        text = "".join(text) if isinstance(text, list) else str(text)
        if cell.get("cell_type") == "code":
            lines = ["" if line.lstrip().startswith(("%", "!", "?")) else line for line in text.split("\n")]
            texts.append("\n".join(lines) if _parses("\n".join(lines)) else "\n" * (len(lines) - 1))
    return "\n".join(texts)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement only defines: it takes no time and touches nothing."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            return value is not None and _simple(value)
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=last):
            return all(_defines(item) for part in (body, *(h.body for h in handlers), orelse, last) for item in part)
        case ast.If(test=test, body=body, orelse=orelse):
            return _simple(test) and all(_defines(item) for item in (*body, *orelse))
        case ast.Pass():
            return True
    return False


def _simple(value: ast.expr) -> bool:
    """Constants, names and arithmetic on them; a lambda's body runs only when it is called."""
    if isinstance(value, ast.Lambda):
        return True
    parts = [child for child in ast.iter_child_nodes(value) if isinstance(child, ast.expr)]
    return not isinstance(value, COSTLY) and all(_simple(part) for part in parts)
