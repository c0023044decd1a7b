"""The frame of every page: one file that needs nothing else."""

from importlib.resources import files
from pathlib import Path

from chainrule.core.paths import path_of
from chainrule.plots.files import refuse_existing, write_bytes
from chainrule.report.parts import esc

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # the browser itself refuses anything from outside
)


def page(kind: str, title: str, *content: str) -> str:
    """A whole HTML page.

    Args:
        kind: what the page shows ("Training run"), above the title.
        title: the heading and the window's title.
        content: the page's elements, already escaped.
    """
    css = files("chainrule.report").joinpath("page.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<p class="kind">{esc(kind)}</p>\n<h1>{esc(title)}</h1>\n</header>\n'
        f"{''.join(content)}</main>\n</body>\n</html>\n"
    )


def ready(path: str | Path, overwrite: bool) -> Path:
    """The path as a Path, refused early where a file is in the way.

    Raises:
        OutputError: the file is there and was not to be replaced.
    """
    path = path_of(path, owner="report")
    refuse_existing(path, overwrite)
    return path


def write(path: Path, text: str, overwrite: bool) -> Path:
    """Write a page whole or not at all."""
    return write_bytes(path, text.encode("utf-8"), overwrite=overwrite)
