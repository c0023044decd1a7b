"""Sphinx's settings for the documentation site; `build.py` beside this file makes what it reads."""

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

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
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
default_role = "code"
html_math_renderer = "mathml"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["formulas.css"]
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


def mathml(as_block):
    """How a formula is drawn: by the browser itself, without a script from elsewhere."""

    def visit(self, node):
        try:
            formula = tex2mathml(node.astext(), as_block=as_block)
        except MathError as error:
            logging.getLogger(__name__).warning("%s: %s", node.astext(), error, location=node)
        else:
            kept = f'<span class="formula">{formula}&NoBreak;</span>'  # on one line with the comma behind it
            self.body.append(f'<div class="formula">{formula}</div>\n' if as_block else kept)
        raise nodes.SkipNode

    return visit, None


def skip(app, what, name, obj, skipped, options):
    """Methods that scikit-learn adds to every estimator are documented there."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app):
    """Docstrings are changed before napoleon, which would make paragraphs of them."""
    app.add_html_math_renderer("mathml", mathml(as_block=False), mathml(as_block=True))
    app.connect("autodoc-skip-member", skip)
    app.connect("autodoc-process-docstring", keep_lines, priority=100)
