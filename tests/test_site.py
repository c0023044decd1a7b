"""The documentation site has every public name, and links that lead somewhere; building it whole is `make docs`."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as cr

ROOT = Path(__file__).parent.parent


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
