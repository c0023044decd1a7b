"""Figures and pictures inside a page: inline SVG in the page's own font and colours, PNG as data."""

import base64
import re
import struct
import zlib
from typing import Any

import numpy as np

from chainrule.plots import render
from chainrule.plots.style import INK
from chainrule.report.parts import esc


def inline(figure: Any, name: str, description: str) -> str:
    """A matplotlib Figure as an `<svg>` element.

    Its text takes the page's font, its ink the page's text colour, its background is the page.

    Args:
        figure: the Figure.
        name: unlike that of any other figure on the page: letters, digits, `-` and `_`.
        description: what is seen, for those who do not see it.
    """
    svg = render(figure, "svg", transparent=True).decode("utf-8")
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, count=2, flags=re.DOTALL)
    box = re.search(r'viewBox="[^"]*"', svg).group()  # type: ignore[union-attr]
    body = svg[svg.index(">") + 1 :]
    body = body.replace("xlink:href", "href").replace(INK, "currentColor")
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r' d="([^"]*)"', _rounded, body)
    body = _own_ids(body, name)
    body = re.sub(r">\s+<", "><", re.sub(r"<defs>\s*</defs>", "", body))
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-label="{esc(description)}">{body.strip()}'


def _rounded(path: re.Match) -> str:
    """A path to a hundredth of a point: a third of the bytes, and no eye sees it."""
    text = re.sub(r"-?\d+\.\d+", lambda n: f"{float(n.group()):.2f}".rstrip("0").rstrip("."), path.group(1))
    return f' d="{" ".join(text.split())}"'


def _own_ids(body: str, name: str) -> str:
    """Keep the ids that something refers to, made the figure's own; drop the rest."""
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{name}-{m.group(1)}"' if m.group(1) in used else "", body)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)


def figure(figure: Any, name: str, title: str, description: str) -> str:
    """A figure with its title above it."""
    return f"<figure><figcaption><b>{esc(title)}</b></figcaption>{inline(figure, name, description)}</figure>\n"


def figures(*items: str) -> str:
    """Figures side by side where there is room, one below the other where there is not."""
    return f'<div class="figures">\n{"".join(items)}</div>\n'


def png(picture: np.ndarray) -> bytes:
    """A uint8 picture, (h, w) grey or (h, w, 3) colour, as a PNG file.

    Source: Portable Network Graphics, third edition, W3C 2025, sections 5 and 9.
    """
    height, width = picture.shape[:2]
    rows = np.ascontiguousarray(picture).reshape(height, -1)
    raw = np.hstack([np.zeros((height, 1), dtype=np.uint8), rows]).tobytes()  # each row: filter 0, then its bytes
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if picture.ndim == 2 else 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def image(picture: np.ndarray, description: str) -> str:
    """A uint8 picture as an `<img>` that holds its own data."""
    data = base64.b64encode(png(picture)).decode("ascii")
    height, width = picture.shape[:2]
    return f'<img src="data:image/png;base64,{data}" width="{width}" height="{height}" alt="{esc(description)}">'
