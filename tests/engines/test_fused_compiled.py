"""Where compiled code is kept, and what is said while it is made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import chainrule
from chainrule.core.errors import SettingError
from chainrule.engines import fused
from chainrule.engines.fused import compiled, elsewhere
from chainrule.nets import FullyConnectedNet

WHERE = "from chainrule.engines.fused.compiled import _functions; print(_functions()['run'].stats.cache_path)"


@pytest.fixture(scope="module")
def read_only(tmp_path_factory):
    """A copy of the library that keeps nothing beside its files: a file stands where the folder would be."""
    copy = tmp_path_factory.mktemp("site") / "chainrule"
    shutil.copytree(Path(chainrule.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "engines" / "fused" / "kernels" / "__pycache__").write_text("")
    return copy.parent


@pytest.mark.skipif(sys.platform == "win32", reason="the user's cache is found by other variables there")
def test_a_read_only_install_keeps_compiled_code_elsewhere(read_only, tmp_path):
    def kept(**own):
        plain = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
        env = {**plain, "PYTHONPATH": str(read_only), "PYTHONDONTWRITEBYTECODE": "1", **own}
        done = subprocess.run([sys.executable, "-c", WHERE], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert kept(XDG_CACHE_HOME=str(tmp_path / "user")).startswith(str(tmp_path / "user"))
    assert kept(NUMBA_CACHE_DIR=str(tmp_path / "named")).startswith(str(tmp_path / "named"))
    assert kept(HOME="/dev/null", XDG_CACHE_HOME="/dev/null") == "None"


def test_what_is_said_names_the_folder():
    """Or the variable that names one."""
    for folder, said in (("/some/cache", "kept in /some/cache"), (None, "NUMBA_CACHE_DIR")):
        assert said in compiled._notice(SimpleNamespace(stats=SimpleNamespace(cache_path=folder)))


def test_a_numba_without_its_door_to_blas_is_named(monkeypatch):
    from numba import _helperlib

    monkeypatch.setattr(_helperlib, "c_helpers", {})
    compiled._functions.cache_clear()
    with pytest.raises(SettingError, match="numba_xxgemm"):
        compiled._functions()


def test_no_version_reads_what_another_kept(monkeypatch):
    """Numba looks into a file before it knows whether it has what it wants; types of another version cannot be read."""
    files = []
    for version in ("one", "another"):
        monkeypatch.setattr(compiled, "stamp", lambda version=version: version)
        compiled._functions.cache_clear()
        files += [function._cache._cache_file._index_path for function in compiled._functions().values()]
    compiled._functions.cache_clear()
    assert len(set(files)) == 4


ENTRY = """
import llvmlite.binding as llvm
from numba import float64
from chainrule.engines.fused.kernels.compiler import entry, kernel

@kernel
def square(x):
    return x * x

def area(x):
    return 3 * square(x)

made = entry(area, cache=True)
made.compile((float64,))
loaded = sum(made.stats.cache_hits.values())
print(made(2.0), loaded)
if not loaded:
    _, _, (code, language) = made.overloads[float64,].library.serialize_using_object_code()
    functions = list(llvm.parse_bitcode(language).functions)
    assert functions and all(len(list(block.instructions)) == 1 for one in functions for block in one.blocks)
"""


def test_what_is_kept_of_an_entry_is_machine_code_that_another_process_can_call(tmp_path):
    (tmp_path / "area.py").write_text(ENTRY)
    command = [sys.executable, tmp_path / "area.py"]
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kept")}
    first, second = (subprocess.run(command, capture_output=True, text=True, env=env) for _ in range(2))
    assert (first.stdout.split(), first.stderr) == (["12.0", "0"], "")
    assert (second.stdout.split(), second.stderr) == (["12.0", "1"], "")


def test_where_no_process_can_be_started_this_one_compiles(monkeypatch):
    def refused(*arguments, **options):
        raise OSError("no more processes")

    monkeypatch.setattr(elsewhere.subprocess, "Popen", refused)
    elsewhere.compile_elsewhere("float32")


def test_the_other_process_compiles_what_a_training_needs(monkeypatch):
    """The smallest training has the types of every other."""
    monkeypatch.setattr(elsewhere.Place, "here", False)
    for name in ("run", "evaluate"):
        elsewhere.here("float32", name)
    known = {name: list(function.signatures) for name, function in compiled._functions().items()}
    net = FullyConnectedNet([5, 4], input_dim=6, norm="batch", keep=0.5)
    fused.evaluate(net, np.zeros((3, 6), np.uint8), slices=2, asleep=0.0)
    assert {name: list(function.signatures) for name, function in compiled._functions().items()} == known
