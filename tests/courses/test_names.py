"""A course's import names: they lead to the library's own modules, and leave no trace."""

import importlib
import subprocess
import sys
import textwrap

import pytest

from chainrule import courses
from chainrule.core.errors import SettingError
from chainrule.courses.table import COURSES

PACKAGES = sorted(package for course in COURSES.values() for package in course.imports)


@pytest.fixture(autouse=True)
def nothing_stays():
    before, finders = set(sys.modules), list(sys.meta_path)
    yield
    courses.deactivate()
    after = {name for name in set(sys.modules) - before if name.split(".")[0] in PACKAGES}
    assert after == set()
    assert sys.meta_path == finders


def fresh(code, **more):
    """Run code in a process of its own, warnings shown but not errors."""
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("course", COURSES)
def test_every_name_is_the_very_module_of_the_library(course):
    with courses.activate(course):
        rows = courses.contents(course)
        assert len(rows) > 4
        for row in rows:
            module = importlib.import_module(row["module"])
            package = row["module"].split(".")[0]
            home = COURSES[course].imports[package] + row["module"].removeprefix(package)
            assert module is sys.modules[home]
            assert module.__spec__.name == module.__name__ == home
        assert courses.active() == course
    assert courses.active() is None


def test_all_forms_of_import():
    courses.activate("cs231n")
    scope = {}
    exec("from cs231n.classifiers.fc_net import *", scope)
    assert {"FullyConnectedNet", "TwoLayerNet", "affine_forward", "affine_relu_backward", "np"} <= set(scope)
    exec("import cs231n.classifiers.fc_net as net, cs231n\nfrom cs231n.classifiers import fc_net\n", scope)
    assert scope["net"] is scope["fc_net"] is scope["cs231n"].classifiers.fc_net
    assert scope["net"].FullyConnectedNet is scope["FullyConnectedNet"]


def test_state_is_shared():
    """A rule that a learner puts into the course's `optim` is the one that the course's Solver finds."""
    with courses.activate("cs182"):
        from deeplearning import optim
        from deeplearning.solver import Solver

        assert Solver.optim is optim


def test_reload_keeps_the_module():
    with courses.activate("c147"):
        import nndl.optim

        assert importlib.reload(nndl.optim) is nndl.optim is sys.modules["nndl.optim"]


def test_deactivated_names_are_gone():
    courses.activate("cs145")
    import hw3code.neural_net  # noqa: F401

    courses.deactivate()
    assert not [name for name in sys.modules if name.split(".")[0] in PACKAGES]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("hw3code.neural_net")
    courses.deactivate()


def test_switching_takes_the_other_course_away():
    courses.activate("c147")
    import utils.solver  # noqa: F401

    courses.activate("cs231n")
    assert importlib.import_module("cs231n.solver").Solver
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nndl.optim")


def test_contexts_go_back_to_what_was_before():
    with courses.activate("cs231n"):
        with courses.activate("cs182") as inner:
            assert inner.course == courses.active() == "cs182"
            assert repr(inner) == "<names of cs182: deeplearning>"
        assert courses.active() == "cs231n"
        with courses.activate("cs231n"):
            pass
        assert courses.active() == "cs231n"
    assert courses.active() is None


def test_unknown_courses_are_refused_and_change_nothing():
    courses.activate("cs682")
    with pytest.raises(SettingError, match=r"unknown course 'cs231'; known: cs231n, .*Did you mean 'cs231n'"):
        courses.activate("cs231")
    assert courses.active() == "cs682"


@pytest.mark.parametrize(
    ("course", "statement", "name"),
    [
        ("cs231n", "from cs231n.classifiers.cnn import *", "cs231n.classifiers.cnn"),
        ("cs231n", "from cs231n.fast_layers import *", "cs231n.fast_layers"),
        ("cs231n", "from cs231n import im2col", "cs231n.im2col"),
        ("cs182", "import deeplearning.classifiers.cnn", "deeplearning.classifiers.cnn"),
    ],
)
def test_convolution_comes_later(course, statement, name):
    with courses.activate(course), pytest.raises(ModuleNotFoundError, match="convolution comes later") as caught:
        exec(statement, {})
    assert caught.value.name == name
    assert str(caught.value).startswith(f"{name}: ")
    assert ("layers" in str(caught.value)) == (name.count(".") == 1)


@pytest.mark.parametrize(
    ("course", "module", "name"),
    [
        (course, f"{package}.{module}", name)
        for course, package in (("cs231n", "cs231n"), ("cs682", "cs682"), ("cs182", "deeplearning"), ("c147", "nndl"))
        for module, name in (
            ("layers", "conv_forward_naive"),
            ("layers", "max_pool_backward_naive"),
            ("layers", "spatial_batchnorm_forward"),
            ("layers", "spatial_groupnorm_backward"),
            ("layer_utils", "conv_relu_pool_forward"),
        )
    ],
)
def test_names_of_convolution_come_later(course, module, name):
    with courses.activate(course):
        star = {}
        exec(f"from {module} import *", star)
        assert name not in star
        assert "affine_forward" in star
        with pytest.raises(ImportError, match=rf"^{module}\.{name}: convolution comes later\.") as caught:
            exec(f"from {module} import affine_forward, {name}", {})
        assert caught.value.name == module


@pytest.mark.parametrize(
    ("course", "statement", "words"),
    [
        ("cs231n", "import cs231n.rnn_layers", "recurrent nets, .* not covered here"),
        ("cs682", "from cs682.classifiers.rnn import CaptioningRNN", "recurrent nets, .* not covered here"),
        ("cs182", "from deeplearning.captioning_solver import *", "recurrent nets, .* not covered here"),
        ("cs231n", "from cs231n import gan_pytorch", "PyTorch"),
        ("cs231n", "from cs231n.classifiers.neural_net import TwoLayerNet", "an earlier assignment"),
        ("c147", "from nndl.knn import KNN", "an earlier assignment"),
        ("c147", "from utils import fast_layers", "convolution comes later"),
    ],
)
def test_modules_of_other_assignments_say_so(course, statement, words):
    with courses.activate(course), pytest.raises(ModuleNotFoundError, match=words) as caught:
        exec(statement, {})
    assert " there are: " in str(caught.value)


def test_what_is_not_there_is_named_with_what_is():
    with courses.activate("cs231n"):
        with pytest.raises(
            ModuleNotFoundError, match=r"no module of that name here\. In cs231n there are: classifiers, "
        ):
            exec("import cs231n.lectures", {})
        with pytest.raises(ModuleNotFoundError, match="nonsense"):
            exec("import cs231n.layers.nonsense", {})
        with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
            exec("from cs231n.layers import nonsense", {})


def package(folder, name, text="own = True\n"):
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text(text)


def test_a_real_package_is_hidden_with_a_warning_and_comes_back(tmp_path, monkeypatch):
    package(tmp_path, "cs231n")
    monkeypatch.syspath_prepend(str(tmp_path))
    where = str(tmp_path / "cs231n" / "__init__.py")
    with pytest.warns(UserWarning, match="is hidden") as caught:
        courses.activate("cs231n")
    assert len(caught) == 1
    assert where in str(caught[0].message)
    assert caught[0].filename == __file__
    import cs231n

    assert not hasattr(cs231n, "own")
    courses.deactivate()
    assert importlib.import_module("cs231n").own
    with pytest.warns(UserWarning, match=r"another 'cs231n' \(.*is hidden"):
        courses.activate("cs231n")
    courses.deactivate()
    assert sys.modules["cs231n"].own
    del sys.modules["cs231n"]


def test_an_imported_module_of_that_name_is_put_back(tmp_path):
    (tmp_path / "utils.py").write_text("own = 5\n")
    code = """
        import utils, warnings
        from chainrule import courses
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with courses.activate("c147"):
                from utils.solver import Solver
        assert len(caught) == 1 and "utils.py" in str(caught[0].message), caught
        import sys
        assert sys.modules["utils"] is utils and utils.own == 5
        assert "utils.solver" not in sys.modules
        """
    fresh(code, cwd=tmp_path)


def test_a_mere_folder_is_not_mentioned(tmp_path):
    (tmp_path / "data" / "datasets").mkdir(parents=True)
    code = """
        import data, warnings
        warnings.simplefilter("error")
        from chainrule import courses
        with courses.activate("cs145"):
            from data.data_utils import load_CIFAR10
        import sys
        assert sys.modules["data"] is data
        """
    fresh(code, cwd=tmp_path)


def test_a_warning_turned_into_an_error_leaves_the_names_in_place(tmp_path, monkeypatch):
    package(tmp_path, "cs682")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UserWarning, match="hidden"):  # warnings are errors here
        courses.activate("cs682")
    assert courses.active() == "cs682"


def test_the_table_and_its_pages():
    assert list(COURSES) == ["cs231n", "cs682", "cs182", "c147", "cs145"]
    assert len(set(PACKAGES)) == len(PACKAGES)


def test_magics(tmp_path):
    code = """
        from IPython.core.interactiveshell import InteractiveShell
        shell = InteractiveShell.instance()
        for line in ("load_ext chainrule.courses", "load_ext autoreload", "autoreload 2"):
            shell.run_line_magic(*line.split(" ", 1))
        for line in ("", "cs182", "", "cs18", "off"):
            shell.run_line_magic("course", line)
            if line == "cs182":
                assert shell.run_cell("from deeplearning.optim import adam").success
                assert shell.run_cell("adam").success
        shell.run_line_magic("unload_ext", "chainrule.courses")
        assert "course" not in shell.magics_manager.magics["line"]
        """
    said = fresh(code, env={"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)}).stdout
    lines = [line for line in said.splitlines() if "function" not in line]
    assert lines == [
        "no course's names are in place; %course NAME puts them there: cs231n, cs682, cs182, c147, cs145.",
        "cs182: deeplearning.* lead to chainrule.",
        "cs182: deeplearning.* lead to chainrule.",
        "unknown course 'cs18'; known: cs231n, cs682, cs182, c147, cs145. Did you mean 'cs182'?",
        "no course's names are in place; %course NAME puts them there: cs231n, cs682, cs182, c147, cs145.",
    ]
