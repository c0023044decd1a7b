"""The documentation site has every public name, and links that lead somewhere; building it whole is `make docs`."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as cr

ROOT = Path(__file__).parent.parent
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)
AMBIGUOUS = {  # what either GitHub's Markdown or the site's converter reads otherwise than LaTeX does
    r"\\[^a-zA-Z]": "Markdown takes the backslash from punctuation",
    r"[*]|[])}]_": "Markdown may see emphasis",
    r"\\(frac|sqrt)(?! ?\{)": "the converter takes a whole number for one digit",
    r"\\(hat|bar) ?(\{\w\}|\w)[_^]": "the converter puts the index below the letter",
    r"\\(ln|exp|max|min|tanh)(?!\()": "the converter leaves no space",
    r"\\(operatorname|text[a-z]|begin)": "not drawn on GitHub, or of several lines",
}


@pytest.fixture(scope="module")
def site():
    spec = importlib.util.spec_from_file_location("site_build", ROOT / "docs" / "site" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_public_name_is_in_the_reference(site):
    documented = {full.rpartition(".")[2] for names in site.public().values() for full in names}
    tables = {name for name in cr.PUBLIC if name.isupper()}
    assert set(cr.PUBLIC) - tables <= documented
    assert {"cross_validate", "distances"} <= documented, "functions of folders are public too"


def test_links_lead_to_pages_of_the_site(site):
    text = "[a](../../src/chainrule/layers/batch_norm.py) [b](../../examples/compare_rules.py) [c](adam.md)"
    assert site.linked(text, ROOT / "docs" / "lessons") == (
        "[a](project:../reference/source.md#layersbatch_normpy) [b](../examples/compare_rules.md) [c](adam.md)"
    )


def prose(text):
    """A page's text without code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def problems(text):
    """What is ambiguous in the formulas of a page."""
    formulas = [block or line for block, line in FORMULA.findall(prose(text))]
    return [(formula, why) for formula in formulas for bad, why in AMBIGUOUS.items() if re.search(bad, formula)]


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "lessons").glob("*.md")), ids=lambda page: page.stem)
def test_derivations_are_formulas_that_github_and_the_site_read_alike(page):
    text = page.read_text(encoding="utf-8")
    derivation = text.split("\n## Derivation\n")[1].split("\n## ")[0]
    assert FORMULA.search(prose(derivation)), "a derivation without a formula"
    assert prose(text).count("$") % 2 == 0
    assert problems(text) == []


@pytest.mark.parametrize(
    "formula", [r"\frac12", r"\sqrt 3", r"\hat x_k", r"a \, b", "{x}_k", "a * b", r"\ln x", r"\operatorname{var}"]
)
def test_ambiguous_formulas_are_noticed(formula):
    assert problems(f"Here ${formula}$ stands.")
    assert problems(f"Here\n\n$${formula}$$\n")
    assert not problems(f"Here `${formula}$` is code.")


@pytest.mark.docs
def test_formulas_become_mathml_and_unknown_latex_stops_the_build(tmp_path):
    source, out = tmp_path / "source", tmp_path / "html"
    source.mkdir()
    shutil.copy(ROOT / "docs" / "site" / "conf.py", source)
    shutil.copytree(ROOT / "docs" / "site" / "static", source / "static")
    (source / "index.md").write_text("# Page\n\nA $x^2$, and\n\n$$\\frac{1}{2}$$\n\nNot $\\nonsense{x}$.\n")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", source, out]
    built = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert built.returncode == 1
    assert re.search(r'index\.md:7: WARNING: .*Unknown LaTeX command "\\nonsense"', built.stderr)
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("<math") == 2
    assert "<mfrac>" in page
    assert not re.search(r'<script[^>]*src="https?:', page), "a page needs nothing from elsewhere"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.stem, marks=[] if path.stem == "compare_rules" else [pytest.mark.long])
        for path in sorted((ROOT / "examples").glob("*.py"))
    ],
)
def test_an_example_runs_as_the_notebook_that_the_site_offers(name, site, tmp_path):
    import nbformat

    site.write_examples(tmp_path / "examples")
    notebook = tmp_path / "examples" / f"{name}.ipynb"
    execute = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace", notebook]
    subprocess.run(execute, check=True, cwd=tmp_path, timeout=300, capture_output=True)
    done = nbformat.read(notebook, as_version=4)
    assert any(cell.get("outputs") for cell in done.cells)
    assert (tmp_path / "examples" / f"{name}.md").read_text().startswith("# ")
