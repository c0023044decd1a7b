"""Sphinx's settings for the documentation site; `build.py` beside this file makes what it reads."""

import re

from docutils import nodes
from latex2mathml.converter import convert

from chainrule import __version__

project, author, release = "Chainrule", "The Chainrule authors", __version__
copyright = author
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 4
default_role = "code"
html_math_renderer = "mathml"
html_theme = "furo"
html_title = "Chainrule"
html_copy_source = html_show_sourcelink = False
exclude_patterns = ["**.ipynb"]
templates_path: list[str] = []
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say shapes and units, which types do not
napoleon_custom_sections = [("Outputs", "params_style")]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
LITERAL = ("Formula:", "Derivation:")


def keep_lines(app, what, name, obj, options, lines):
    """Formulas and derivations keep their lines, in literal blocks; several named results become a list."""
    out, inside = [], False
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.strip() in LITERAL:
            out += [f"**{line.strip()[:-1]}**", "", "::", ""]
            inside = True
        elif inside and line and not line.startswith(" "):
            inside = False
            out += ["", line]
        elif line.strip() == "Returns:" and re.match(r"\s+\w+: ", following):
            out.append(line.replace("Returns", "Outputs"))
        else:
            out.append(line)
    lines[:] = out


def mathml(display):
    """How a formula is drawn: by the browser itself, without a script from elsewhere."""

    def visit(self, node):
        self.body.append(convert(node.astext(), display=display))
        raise nodes.SkipNode

    return visit, None


def skip(app, what, name, obj, skipped, options):
    """Methods that scikit-learn adds to every estimator are documented there."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app):
    """Docstrings are changed before napoleon, which would make paragraphs of them."""
    app.add_html_math_renderer("mathml", mathml("inline"), mathml("block"))
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", keep_lines, priority=100)
