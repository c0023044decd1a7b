"""What the documentation says is true: its code runs, its links lead somewhere, its commands and its lessons exist."""

import doctest
import importlib
import inspect
import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from chainrule.initializers import INITIALIZERS
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.optim import OPTIMIZERS

ROOT = Path(__file__).parent.parent
DOCS, SRC = ROOT / "docs", ROOT / "src"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
MODULES = [
    ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((SRC / "chainrule").rglob("*.py"))
]
HEADINGS = [
    "What it is for", "By hand", "Derivation", "The code", "Check yours", "What goes wrong", "Conventions", "Exercises",
    "Answers",
]  # fmt: skip
TABLES = {"layers": LAYERS, "losses": LOSSES, "update rules": OPTIMIZERS, "initializers": INITIALIZERS}
each_page = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])


class Block(NamedTuple):
    """A fenced block: what stands behind its opening fence, the number of its first line, and its text."""

    info: str
    line: int
    text: str


def blocks(page):
    """The fenced blocks of a page, in order."""
    fence = re.compile(r"^```([^\n`]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
    text = page.read_text(encoding="utf-8")
    return [Block(m[1].strip(), text[: m.start(2)].count("\n") + 1, m[2]) for m in fence.finditer(text)]


def prose(page):
    """The text of a page without its fenced blocks and code spans."""
    text = re.sub(r"^```.*?^```[ ]*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def headings(page):
    """(level, text) of every heading of a page."""
    text = re.sub(r"^```.*?^```[ ]*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [(len(m[1]), m[2].strip()) for m in re.finditer(r"^(#+) (.*)$", text, re.MULTILINE)]


def anchor(heading):
    """A heading as the part of an address behind `#`."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def check_examples(tests):
    """Run doctests; fail with their own report."""
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test, out=report.append, clear_globs=False)
    assert not report, "".join(report)


# -- pages -------------------------------------------------------------------------------------------------------------


def run_blocks(page):
    """Run a page's python blocks in one namespace; `>>>` blocks must give exactly what they show."""
    scope = {"__name__": "__docs__"}
    for block in blocks(page):
        if block.info != "python":
            assert block.info in ("", "text", "console", "python no-run", "json"), f"{page}:{block.line}: {block.info}"
        elif ">>>" in block.text:
            test = doctest.DocTestParser().get_doctest(block.text, scope, page.name, str(page), block.line - 1)
            check_examples([test])
            scope.update(test.globs)
        else:
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), scope)


def check_links(page):
    """Every relative link leads to a file of the repository, and to a heading where it names one."""
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), f"{page}: {target}"
            continue
        path, _, place = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page}: {target}"
        assert linked.is_relative_to(ROOT), f"{page}: {target} leads out of the repository"
        if place:
            assert place in [anchor(text) for _, text in headings(linked)], f"{page}: {target}"


@each_page
def test_python_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_blocks(page)


@each_page
def test_relative_links_lead_somewhere(page):
    check_links(page)


@pytest.mark.parametrize(
    ("check", "text", "error"),
    [
        (run_blocks, "```python\n>>> 1 + 1\n3\n```\n", AssertionError),
        (run_blocks, "```python\nassert 1 > 2\n```\n", AssertionError),
        (run_blocks, "```python\nx = 1\n```\n\n```python\n>>> x\n2\n```\n", AssertionError),
        (run_blocks, "```pyhton\nx = 1\n```\n", AssertionError),
        (run_blocks, "```python\nimport warnings\nwarnings.warn('old')\n```\n", UserWarning),
        (check_links, "see [there](nowhere.md)\n", AssertionError),
        (check_links, "# A title\n\nsee [there](#another-title)\n", AssertionError),
        (check_links, "see [there](http://example.org)\n", AssertionError),
    ],
)
def test_what_is_wrong_is_noticed(check, text, error, tmp_path):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(error):
        check(page)


def test_few_blocks_are_not_run():
    silent = [f"{page.name}:{block.line}" for page in PAGES for block in blocks(page) if block.info == "python no-run"]
    assert len(silent) <= 5, silent


@each_page
def test_pages_begin_with_one_title(page):
    levels = [level for level, _ in headings(page)]
    assert levels[0] == 1
    assert levels.count(1) == 1


def test_every_page_is_in_the_table_of_contents():
    index = DOCS / "index.md"
    linked = {(DOCS / target.partition("#")[0]).resolve() for target in re.findall(r"\]\(([^)\s]+)\)", prose(index))}
    assert [page for page in PAGES if page not in linked and page not in (index, ROOT / "README.md")] == []


# -- lessons -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*(name for table in TABLES.values() for name in table)])
def test_every_table_row_has_its_lesson(name):
    assert (DOCS / "lessons" / f"{name}.md").is_file(), f"{name} has no lesson"


@pytest.mark.parametrize("page", sorted((DOCS / "lessons").glob("*.md")), ids=lambda page: page.stem)
def test_lessons_have_their_headings_in_order(page):
    assert [text for level, text in headings(page) if level == 2] == HEADINGS
    assert any(block.info == "python" and ">>>" in block.text for block in blocks(page)), "no number to redo by hand"
    assert len(page.read_text(encoding="utf-8").splitlines()) <= 160


@pytest.mark.parametrize("page", sorted((DOCS / "lessons").glob("*.md")), ids=lambda page: page.stem)
def test_exercises_have_answers(page):
    text = page.read_text(encoding="utf-8")
    asked, answered = text.split("\n## Exercises\n")[1].split("\n## Answers\n")
    assert re.findall(r"^(\d+)\. ", asked, re.MULTILINE) == re.findall(r"^(\d+)\. ", answered, re.MULTILINE) != []


# -- commands ----------------------------------------------------------------------------------------------------------


def commands(page):
    """Every command of the console blocks: what follows `$ `; in blocks without `$`, every line."""
    for block in blocks(page):
        if block.info == "console":
            lines = block.text.replace("\\\n", " ").splitlines()
            marked = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            yield from (shlex.split(line, comments=True) for line in marked or lines if line.strip())


@each_page
def test_commands_exist(page):
    """Each command line is parsed by the program it names: sub-command, options and the kinds of their values."""
    from chainrule.cli import app

    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for program, *arguments in commands(page):
        if program == "chainrule":
            app.parse_args(arguments, exit_on_error=False, print_error=False)
        elif program == "make":
            assert arguments[0] in targets, f"{page}: make {arguments}"
        else:
            assert program in ("pip", "git", "cd", "export"), f"{page}: unknown program {program}"


def test_commands_that_do_not_exist_are_noticed():
    from cyclopts import CycloptsError

    from chainrule.cli import app

    for wrong in (["trian"], ["train", "--epoch", "3"], ["train", "--epochs", "many"], ["data", "descibe"]):
        with pytest.raises(CycloptsError):
            app.parse_args(wrong, exit_on_error=False, print_error=False)


# -- promises ----------------------------------------------------------------------------------------------------------


def test_promises_are_those_that_tests_measure():
    marked = set()
    for path in (ROOT / "tests").rglob("*.py"):
        marked |= set(re.findall(r'mark\.promise\("([^"]+)"\)', path.read_text(encoding="utf-8")))
    listed = re.findall(r"^\| (P\d+\.\w+) \|", (DOCS / "promises.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == marked


# -- docstrings --------------------------------------------------------------------------------------------------------


def docstring_tests(module):
    """The doctests of a module: its own docstring, and those of what it defines (not of what it imports)."""
    tests = doctest.DocTestFinder(recurse=False).find(module)
    for name, thing in vars(module).items():  # the finder itself would pass over decorated functions
        if (inspect.isfunction(thing) or inspect.isclass(thing)) and thing.__module__ == module.__name__:
            tests += doctest.DocTestFinder().find(thing, f"{module.__name__}.{name}", module=False, globs=vars(module))
    return [test for test in tests if test.examples]


PEERS = "chainrule.bench.peers."  # modules that import another library, which need not be there


@pytest.mark.parametrize("name", [name for name in MODULES if not name.startswith(PEERS)])
def test_docstring_examples_are_right(name):
    check_examples(docstring_tests(importlib.import_module(name)))


@pytest.mark.parametrize("table", ["layers", "losses", "update rules"])
def test_every_forward_and_step_has_an_example(table):
    for row in TABLES[table].values():
        assert docstring_tests(row.module), f"{row.name} shows no example"
