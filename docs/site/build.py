"""Builds the documentation site: the pages of docs/, a reference of every public name, the examples, the command line.

    python docs/site/build.py [OUT]

The pages stay plain Markdown that reads well anywhere; what a site needs beside (a table of contents, links to rendered
source, reference pages) is added to a copy of them.
"""

import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import chainrule as cr

ROOT = Path(__file__).parents[2]
DOCS, EXAMPLES = ROOT / "docs", ROOT / "examples"
SIDE_BY_SIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")  # pages that stand above docs/
LINK = re.compile(r"\]\(([^)#\s]+\.md)(?:#[^)]*)?\)")
TITLES = {
    "core": "Numbers and errors",
    "nets": "Nets",
    "datasets": "Data",
    "training": "Training",
    "study": "Studies",
    "checker": "Checking",
    "neighbors": "Nearest neighbours",
    "interop": "In and out",
    "estimators": "Estimators",
    "optim": "Update rules",
}


def main(out: Path) -> int:
    """Write the sources and run Sphinx over them, every warning an error; its exit status."""
    source = out / "source"
    shutil.rmtree(out, ignore_errors=True)
    source.mkdir(parents=True)
    copy_pages(source)
    write_reference(source / "reference")
    write_examples(source / "examples")
    (source / "index.md").write_text(index(), encoding="utf-8")
    shutil.copy(DOCS / "site" / "conf.py", source)
    shutil.copytree(DOCS / "site" / "static", source / "static")
    command = ["-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(source), str(out / "html")]
    status = subprocess.run([sys.executable, *command], check=False).returncode
    print(f"The site: {out / 'html' / 'index.html'}" if status == 0 else "The site was not built.")
    return status


# -- pages ---------------------------------------------------------------------------------------------------------------


def copy_pages(source: Path) -> None:
    """The pages of docs/ with links that lead somewhere on the site."""
    for page in sorted(DOCS.rglob("*.md")):
        to = source / page.relative_to(DOCS)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(linked(page.read_text(encoding="utf-8"), page.parent), encoding="utf-8")
    for name in SIDE_BY_SIDE[1:]:
        text = linked((ROOT / name).read_text(encoding="utf-8"), ROOT)
        (source / name).write_text(text.replace("](docs/", "]("), encoding="utf-8")
    shutil.copytree(DOCS / "pictures", source / "pictures", ignore=shutil.ignore_patterns("*.py"))


def linked(text: str, folder: Path) -> str:
    """Links to the library's source become links to its rendered source, links to examples their pages."""

    def there(match: re.Match) -> str:
        target = (folder / match[1]).resolve()
        up = os.path.relpath(DOCS, folder) if folder != ROOT else "."
        if target.is_relative_to(ROOT / "src") and target.suffix == ".py":
            return f"](project:{up}/reference/source.md#{anchor(target)})"
        if target.is_relative_to(EXAMPLES):
            return f"]({up}/examples/{target.stem if target.is_file() else 'index'}.md)"
        if target.parent == ROOT and target.name in SIDE_BY_SIDE:
            return f"]({up}/{'index.md' if target.name == 'README.md' else target.name})"
        return match[0]

    return re.sub(r"\]\((\.\.?/[^)#\s]+|examples/|src/[^)#\s]+|[A-Z]+\.md)\)", there, text)


def index() -> str:
    """The first page: that of docs/, its links as table of contents, and what the site adds."""
    text = linked((DOCS / "index.md").read_text(encoding="utf-8"), DOCS)
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    trees = []
    for part in parts[1:]:
        pages = list(dict.fromkeys(target for target in LINK.findall(part) if not target.startswith("..")))
        trees.append(toctree(part.splitlines()[0], pages))
    trees.append(toctree("Reference", ["reference/index.md", "examples/index.md", *SIDE_BY_SIDE[1:]]))
    return text + "\n" + "\n".join(trees)


def toctree(caption: str, pages: list[str]) -> str:
    """A table of contents that only the margin shows."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


# -- reference -----------------------------------------------------------------------------------------------------------


def public() -> dict[str, list[str]]:
    """Where every public name is defined, by folder of the library."""
    pages: dict[str, list[str]] = {}
    for name, module in cr.PUBLIC.items():
        if not name.isupper():
            pages.setdefault(module.split(".")[1], []).append(f"{module}.{name}")
    for folder in cr.FOLDERS:
        module = getattr(cr, folder)
        own = getattr(module, "__all__", [n for n, f in vars(module).items() if own_function(f, module)])
        known = pages.setdefault(folder, [])
        known += [f"chainrule.{folder}.{n}" for n in own if n not in cr.PUBLIC and callable(getattr(module, n))]
    return {folder: names for folder, names in pages.items() if names}


def own_function(found: object, module: ModuleType) -> bool:
    """Whether a module's attribute is a public function or class of its own."""
    name = getattr(found, "__name__", "_")
    return callable(found) and not name.startswith("_") and getattr(found, "__module__", "") == module.__name__


def write_reference(folder: Path) -> None:
    """A page for every folder with public names, one for every table, the command line, and the source."""
    folder.mkdir(parents=True)
    pages = []
    for name, found in public().items():
        title = TITLES.get(name, name.capitalize())
        page(folder, f"api-{name}", title, [directive(full) for full in found])
        pages.append(f"api-{name}.md")
    for table, title in (
        (cr.LAYERS, "Layers"),
        (cr.LOSSES, "Losses"),
        (cr.OPTIMIZERS, "Rules"),
        (cr.INITIALIZERS, "Initializers"),
    ):
        modules = [row.module.__name__ for row in table.values()]
        page(
            folder,
            f"table-{title.lower()}",
            title,
            [f".. automodule:: {name}\n   :members:\n" for name in modules],
            modules,
        )
        pages.append(f"table-{title.lower()}.md")
    write_command_line(folder)
    write_source(folder)
    contents = toctree("Reference", [*pages, "command-line.md", "source.md"]).replace(":hidden:", ":maxdepth: 1")
    (folder / "index.md").write_text(f"# Reference\n\nEvery public name.\n\n{contents}", encoding="utf-8")


def page(folder: Path, name: str, title: str, parts: list[str], headings: list[str] | None = None) -> None:
    """A page of directives in reStructuredText, each under a heading if there are some."""
    blocks = [f"```{{eval-rst}}\n{part}```\n" for part in parts]
    if headings:
        blocks = [f"## {heading.rpartition('.')[2]}\n\n{block}" for heading, block in zip(headings, blocks)]
    (folder / f"{name}.md").write_text(f"# {title}\n\n" + "\n".join(blocks), encoding="utf-8")


def directive(full: str) -> str:
    """What documents a name."""
    module, _, name = full.rpartition(".")
    found = getattr(__import__(module, fromlist=[name]), name)
    if inspect.isclass(found):
        return f".. autoclass:: {full}\n   :members:\n"
    return f".. autofunction:: {full}\n"


def write_command_line(folder: Path) -> None:
    """Every command's help, as the terminal shows it."""
    from chainrule.cli import app

    commands = [name for name in app if not name.startswith("-")]
    parts = ["# Command line\n"]
    for command in commands:
        text = subprocess.run(
            [sys.executable, "-m", "chainrule", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
        ).stdout
        parts.append(f"## chainrule {command}\n\n```text\n{text.rstrip()}\n```\n")
    (folder / "command-line.md").write_text("\n".join(parts), encoding="utf-8")


def anchor(path: Path) -> str:
    """The heading's anchor of a source file on the page of the source."""
    return re.sub(r"[^a-z0-9_ -]", "", str(path.relative_to(ROOT / "src" / "chainrule")).lower()).replace(" ", "-")


def write_source(folder: Path) -> None:
    """The source files that pages link to, whole: what is shown is what runs."""
    links = re.compile(r"\]\((?:\.\./)+(src/chainrule/[^)#\s]+\.py)\)")
    named = {match for page in DOCS.rglob("*.md") for match in links.findall(page.read_text(encoding="utf-8"))}
    named |= set(re.findall(r"\]\((src/chainrule/[^)#\s]+\.py)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    parts = ["# Source\n\nThe files that the lessons speak of, as they are.\n"]
    for name in sorted(named):
        text = (ROOT / name).read_text(encoding="utf-8")
        parts.append(f"## {name.removeprefix('src/chainrule/')}\n\n```python\n{text}```\n")
    (folder / "source.md").write_text("\n".join(parts), encoding="utf-8")


# -- examples ------------------------------------------------------------------------------------------------------------


def write_examples(folder: Path) -> None:
    """A page for every example, and the example as a notebook to download."""
    import jupytext

    folder.mkdir(parents=True)
    scripts = sorted(EXAMPLES.glob("*.py"))
    for script in scripts:
        notebook = jupytext.read(script)
        jupytext.write(notebook, folder / f"{script.stem}.ipynb")
        cells = [
            cell.source if cell.cell_type == "markdown" else f"```python\n{cell.source}\n```" for cell in notebook.cells
        ]
        download = f"{{download}}`As a notebook <{script.stem}.ipynb>`"
        (folder / f"{script.stem}.md").write_text("\n\n".join([*cells, download, ""]), encoding="utf-8")
    contents = toctree("Examples", [f"{script.stem}.md" for script in scripts]).replace(":hidden:", ":maxdepth: 1")
    (folder / "index.md").write_text(f"# Examples\n\nScripts that the tests run.\n\n{contents}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"))
