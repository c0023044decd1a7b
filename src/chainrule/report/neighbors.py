"""The page of a nearest-neighbour classifier."""

from pathlib import Path
from typing import Any

from chainrule.report import evaluation as judged
from chainrule.report import parts
from chainrule.report.page import page, ready, write
from chainrule.report.pictures import figure, figures

HEADS = {"test": "test", "val": "validation", "cross_validation": "cross-validation"}


def write_neighbors(
    path: str | Path, *, result: dict[str, Any], figures: dict[str, Any], settings: dict[str, Any]
) -> Path:
    """Write what a nearest-neighbour classifier does as a self-contained HTML page; equal inputs give equal bytes.

    Args:
        path: the file.
        result: the figures, as `result.json` has them.
        figures: Figures by name: "accuracy", and "neighbors" where rows are images.
        settings: as `settings.json` has them; "command", where there, is shown as the way to reproduce the page.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    path = ready(path, False)
    content = (
        _numbers(result, settings),
        parts.section("How many neighbours", _accuracy(result, figures)),
        judged.mistakes({"confusion": result["confusion"], "classes": result["classes"]}),
        _examples(figures),
        parts.section("Data", parts.settings_table("the data", settings["data"]["about"])),
        parts.section("Settings", parts.settings_table("settings", settings["neighbors"])),
        parts.reproduce(settings),
    )
    title = f"{result['data']}: {result['k']} nearest neighbour{'s' if result['k'] > 1 else ''}, {result['norm']}"
    return write(path, page("Nearest neighbours", title, *content), False)


def _numbers(result, settings) -> str:
    rows = settings["data"]["about"]["rows"]
    name = HEADS[result["part"]]
    return parts.numbers(
        [
            (f"{name.capitalize()} accuracy, k = {result['k']}", parts.score(result["accuracy"], "accuracy")),
            ("Neighbours, k", parts.number(result["k"])),
            ("Training rows", parts.number(rows["train"])),
            (f"{name.capitalize()} rows", parts.number(rows[result["part"]])),
        ]
    )


def _accuracy(result, drawn) -> str:
    table = result["table"]
    known = [name for name in HEADS if f"{name}_mean" in table[0] or name in table[0]]
    rows = [[parts.number(row["k"]), *(_share(row, name) for name in known)] for row in table]
    best = next(place for place, row in enumerate(table) if row["k"] == result["k"])
    told = "; ".join(
        f"k = {row[0]}: {', '.join(f'{HEADS[n]} {cell}' for n, cell in zip(known, row[1:]))}" for row in rows
    )
    shown = figure(drawn["accuracy"], "accuracy", "Accuracy over k", told)
    beside = parts.table(
        "accuracy by number of neighbours", ["k", *(HEADS[name] for name in known)], rows, text=(), best=best
    )
    words = f"k = {result['k']} is {result['chosen_by']}."
    return f"<p>{parts.esc(words)}</p>\n" + figures(shown, f"<div>{beside}</div>\n")


def _share(row, name) -> str:
    if name in row:
        return parts.score(row[name], "accuracy")
    return parts.spread(row[f"{name}_mean"], row[f"{name}_std"], "accuracy")


def _examples(drawn) -> str:
    if "neighbors" not in drawn:
        return ""
    words = (
        "Each row: a picture with the class that its neighbours voted for, then the neighbours, nearest first, with "
        "theirs. A solid green frame means right, a dashed red one wrong."
    )
    shown = figure(drawn["neighbors"], "neighbors", "Pictures and their neighbours", words)
    return parts.section("Example neighbours", f"<p>{words}</p>\n", figures(shown))
