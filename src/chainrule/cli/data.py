"""`chainrule data`: list, fetch, verify and describe data sets."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from chainrule.cli.options import Impute, Json, Target
from chainrule.cli.texts import emit, value

app = App(name="data", help="List, fetch, verify and describe data sets.", sort_key=10)
Folder = Annotated[
    Path | None, Parameter(help="Where CIFAR-10 is, or shall be put.  [$CHAINRULE_DATA, else the user's cache]")
]
Name = Annotated[str, Parameter(help="digits or cifar10.")]


@app.command(name="list")
def list_data(*, folder: Folder = None, json: Json = None) -> int:
    """The data sets that have a name, and where they are on this machine."""
    from chainrule.datasets import catalogue

    found = catalogue.list_sources(folder)
    lines = []
    for row in found:
        lines.append(f"{row['name']:10} {row['about']}")
        if row["download_bytes"]:
            lines.append(f"{'':10} {row['where'] or 'not here; fetch it: chainrule data fetch ' + row['name']}")
    emit(found, json, "\n".join(lines))
    return 0


@app.command
def fetch(name: Name, /, *, folder: Folder = None, json: Json = None) -> int:
    """Download a data set, check its SHA-256, and unpack it into the data folder ($CHAINRULE_DATA or the user's cache)."""
    from chainrule.datasets import catalogue

    found = catalogue.fetch(name, folder)
    emit(found, json, f"{name}: {found['where']}" + ("" if found["fetched"] else " (was there already)"))
    return 0


@app.command
def verify(name: Name, /, *, folder: Folder = None, json: Json = None) -> int:
    """Read every file of a data set and say whether it is whole."""
    from chainrule.datasets import catalogue

    found = catalogue.verify(name, folder)
    lines = [f"{row['file']}: {row['state']}" for row in found["files"]]
    emit(found, json, "\n".join([*lines, f"{name}: {'all right' if found['ok'] else 'damaged'} ({found['where']})"]))
    return 0 if found["ok"] else 1


@app.command
def describe(data: str = "digits", /, *, target: Target = None, impute: Impute = None, json: Json = None) -> int:
    """Rows, features, classes and memory of a data set or file.

    Parameters
    ----------
    data
        A name, or a .csv, .parquet, .npz or .npy file.  [digits]
    """
    from chainrule.datasets import catalogue

    options = {"target": target, "impute": None if impute is None else value(impute)}
    found = catalogue.describe(data, **options)
    emit(found, json, "\n".join(f"{name.replace('_', ' ')}: {_words(item)}" for name, item in found.items()))
    return 0


def _words(item: Any) -> str:
    """A value as people write it."""
    if isinstance(item, dict) and "categories" in item:
        return item["name"] + (f" ({', '.join(item['categories'])})" if item["categories"] else "")
    if isinstance(item, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in item.items())
    if isinstance(item, list | tuple):
        return ", ".join(map(_words, item))
    return "none" if item is None else str(item)
