"""The pieces of a page: escaped text, numbers, tables, findings, settings."""

import html
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
NOTHING = "–"
MOST_ROWS = 2000  # of settings: a page, not a dump


def esc(value: Any) -> str:
    """Any value as text that HTML cannot mistake for markup; characters that HTML forbids become U+FFFD."""
    return html.escape(_FORBIDDEN.sub("\ufffd", str(value)))


def is_number(value: Any) -> bool:
    """Whether a value is a finite real number."""
    return isinstance(value, (int, float, np.integer, np.floating)) and math.isfinite(value)


def number(value: Any, digits: int = 4) -> str:
    """A number with `digits` significant digits, whole numbers in groups of three."""
    if not is_number(value):
        return NOTHING
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u202f").replace("-", "−")
    return f"{value:.{digits}g}".replace("-", "−")


def score(value: Any, metric: str) -> str:
    """An accuracy in percent, an R² as it is."""
    if not is_number(value):
        return NOTHING
    return f"{100 * value:.1f}\u00a0%" if metric == "accuracy" else f"{value:.3f}".replace("-", "−")


def spread(mean: Any, std: Any, metric: str) -> str:
    """A mean with its standard deviation."""
    if not is_number(mean) or not is_number(std):
        return score(mean, metric)
    scale, digits, unit = (100, 1, "\u00a0%") if metric == "accuracy" else (1, 3, "")
    return f"{scale * mean:.{digits}f}\u00a0±\u00a0{scale * std:.{digits}f}{unit}".replace("-", "−")


def duration(seconds: Any) -> str:
    """Seconds as a reader says them: 0.42 s, 75 s, 12 min, 3.4 h."""
    if not is_number(seconds):
        return NOTHING
    for limit, size, unit in ((10, 1, "s"), (120, 1, "s"), (7200, 60, "min"), (math.inf, 3600, "h")):
        if seconds < limit:
            return f"{seconds / size:.{2 if limit == 10 else 3}g}\u00a0{unit}"
    return NOTHING


def memory(size: Any) -> str:
    """Bytes in the largest fitting unit of a thousand."""
    if not is_number(size):
        return NOTHING
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.3g}\u00a0{unit}"
        size = size / 1000
    return NOTHING


def numbers(pairs: Iterable[tuple[str, str]]) -> str:
    """The figures that matter, large; pairs whose value is missing are left out."""
    cells = [f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd></div>" for name, value in pairs if value != NOTHING]
    return f'<dl class="numbers">{"".join(cells)}</dl>\n' if cells else ""


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    text: Iterable[int] = (0,),
    foot: Sequence[Any] | None = None,
    best: int | None = None,
) -> str:
    """A table that scrolls inside its own box where the screen is narrow.

    Args:
        caption: what the table holds, for those who do not see it.
        header: the columns' names.
        rows: cells as text, each row headed by its first cell.
        text: columns of text; all others are numbers and stand to the right.
        foot: a last row of totals.
        best: the row to be printed bold.
    """
    words = set(text)
    classes = ["" if i in words else ' class="number"' for i in range(len(header))]
    head = "".join(f'<th scope="col"{c}>{esc(name)}</th>' for c, name in zip(classes, header))
    body = "".join(_row(row, classes, ' class="best"' if place == best else "") for place, row in enumerate(rows))
    tail = f"<tfoot>{_row(foot, classes, '')}</tfoot>" if foot is not None else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{esc(caption)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{tail}</table></div>\n"
    )


def _row(cells, classes, marked) -> str:
    first = f'<th scope="row"{classes[0]}>{esc(cells[0])}</th>'
    return f"<tr{marked}>{first}{''.join(f'<td{c}>{esc(cell)}</td>' for c, cell in zip(classes[1:], cells[1:]))}</tr>"


def section(heading: str, *content: str) -> str:
    """A section with its heading, or nothing where there is no content."""
    inside = "".join(content)
    return f"<section>\n<h2>{esc(heading)}</h2>\n{inside}</section>\n" if inside else ""


def finding(item: Any, where: str = "") -> str:
    """One thing that went wrong: what, where, what was measured, what to try."""
    kind = "finding problem" if item.severity == "problem" else "finding"
    place = f'<p class="soft">{esc(where)}</p>' if where else ""
    return (
        f'<div class="{kind}"><h3>{esc(item.title)}</h3>{place}'
        f"<p>{esc(item.measured)}</p><p><b>Try:</b> {esc(item.advice)}</p></div>\n"
    )


def flatten(settings: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as (dotted name, value) rows."""
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            rows += flatten(value, f"{name}.")
        else:
            plain = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            rows.append((name, "none" if value is None else plain))
    return rows[:MOST_ROWS]


def settings_table(caption: str, settings: Mapping[str, Any]) -> str:
    """Settings, one a row."""
    rows = flatten(settings)
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{_breakable(name)}</th><td><code>{esc(value)}</code></td></tr>' for name, value in rows
    )
    return f'<table class="settings" aria-label="{esc(caption)}"><tbody>{body}</tbody></table>\n'


def _breakable(name: str) -> str:
    """A dotted name that a narrow column breaks after a dot or an underscore, not inside a word."""
    return re.sub(r"([._])(?=\w)", r"\1<wbr>", esc(name))


def reproduce(settings: Mapping[str, Any]) -> str:
    """The command that makes these results again, where the settings hold one."""
    command = settings.get("command")
    if not command:
        return ""
    line = command if isinstance(command, str) else " ".join(map(str, command))
    words = "The same command, with the same version on the same kind of machine, gives the same numbers."
    return section("How to reproduce", f"<p>{words}</p>\n<pre><code>{esc(line)}</code></pre>\n")
