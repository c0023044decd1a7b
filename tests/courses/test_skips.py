"""What is skipped of a cell, and what is not."""

import pytest

from chainrule.courses.running.skips import Skips


def prepared(source, **options):
    """The cell that runs, and the numbers of the lines that are skipped."""
    text, notes = Skips(**options).prepare(source)
    assert text.count("\n") == source.count("\n")
    return text, [int(note.split()[2][:-1]) for note in notes if note.startswith("skipped line ")]


@pytest.mark.parametrize(
    "line",
    [
        "!ls",
        "! pip install x",
        "!!ls",
        "%cd /content",
        "%pip install x",
        "%mkdir a",
        "%rm -r b",
        "pip install -q x",
        "conda install y",
    ],
)
def test_shell_lines_are_skipped(line):
    assert prepared(f"a = 1\n{line}\nb = 2") == ("a = 1\npass\nb = 2", [2])
    assert prepared(f"if a:\n    {line}") == ("if a:\n    pass", [2])
    _, notes = Skips().prepare(f"\n{line}")
    assert notes == [f"skipped line 2: {line}"]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\n%time x = 1",
        "%%time\nx = 1",
        "x = (5\n     %y)\nz = a \\\n    %b",
        's = """\n!ls\n%cd x\n"""',
        "x = y != z",
        "pip = 3\nprint(pip)",
        "%%html\n!no shell\n%cd",
        "%%writefile x.py\n!ls",
        "",
        "\n\n",
        "def f(:",
        "x = 'unfinished",
        "    indented\n  oddly",
    ],
)
def test_everything_else_stays(source):
    assert prepared(source) == (source, [])


@pytest.mark.parametrize("magic", ["bash", "sh", "script python2", "system", "!"])
def test_shell_cells_are_skipped_whole(magic):
    text, notes = Skips().prepare(f"\n%%{magic}\nls\ncd x")
    assert (text, notes) == ("pass\n\n\n", [f"skipped the cell: %%{magic}"])


def test_shell_lines_go_on_after_a_backslash():
    assert prepared("!a \\\n  b \\\n  c\nx = 1") == ("pass\n\n\nx = 1", [1])


def test_results_of_shell_lines_are_empty():
    assert prepared("files = !ls\nfiles") == ("files = []\nfiles", [1])


def test_a_cell_with_time_still_loses_its_shell_lines():
    assert prepared("%%time\n!ls\nx = 1") == ("%%time\npass\nx = 1", [2])


def test_scripts_lose_all_magics():
    source = "%matplotlib inline\n!ls\nx = (1\n %y)\n%%time\nz = 2"
    assert prepared(source, ipython=False) == ("pass\npass\nx = (1\n %y)\npass\nz = 2", [1, 2, 5])


COLAB = """\
import os; from google.colab import drive, files as f
drive.mount(
    '/content/drive',
)
FOLDER = None
assert FOLDER is not None
os.chdir('/content')
import sys
sys.path.append('/content/x')
def save():
    f.download('x')
f.upload()"""


def test_colab_is_skipped_and_the_rest_runs():
    text, lines = prepared(COLAB)
    assert lines == [1, 2, 6, 7, 12]
    assert text.splitlines() == [
        "import os; pass", "pass", "", "", "FOLDER = None", "pass", "pass", "import sys",
        "sys.path.append('/content/x')", "def save():", "    f.download('x')", "pass",
    ]  # fmt: skip


def test_folders_of_colab_are_left_alone():
    source = "path = '/content/x'\nos.chdir(path)\nos.makedirs('/content/y')\nos.makedirs('logs')"
    assert prepared(source)[1] == [2, 3]


def test_names_of_colab_are_remembered_until_they_are_something_else():
    skips = Skips()
    assert skips.prepare("import google.colab\nfrom google.colab import files")[0] == "pass\npass"
    assert skips.prepare("x = 1\nfiles.download('a')")[0] == "x = 1\npass"
    assert skips.prepare("google.colab.files.upload()")[0] == "pass"
    assert skips.prepare("files = [1]\nfiles[0]")[0] == "files = [1]\nfiles[0]"
    assert skips.prepare("files[0]")[0] == "files[0]"


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    import google.colab\n    here = True\nexcept ImportError:\n    here = False",
        "if 'google.colab' in str(get_ipython()):\n    from google.colab import drive",
        "assert 1 == 1\nimport os\nos.makedirs('logs', exist_ok=True)",
        "import colab_of_my_own\nassert True",
        "path = '/contents'\nos.chdir(path)\nprint('colab')",
        "path = '/content/x'\nassert path\nos.makedirs('logs')\nshutil.copy('a', 'b')",
    ],
)
def test_what_looks_like_colab_is_left(source):
    assert prepared(source)[0] == source


def test_letters_before_a_statement_are_counted_as_python_counts_them():
    assert prepared("s = 'ü→'; from google.colab import drive; t = 1")[0] == "s = 'ü→'; pass; t = 1"
