"""Small pieces of HTML for notebooks, which show an object by its `_repr_html_`."""

from collections.abc import Iterable, Sequence
from html import escape


def table(rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, the first row its header."""
    head, *body = rows
    line = "<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>"
    lines = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body]
    return "<table>" + line + "".join(lines) + "</table>"


def paragraphs(sentences: Iterable[str]) -> str:
    """Sentences, each a paragraph."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
