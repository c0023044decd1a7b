"""`chainrule data`: list, fetch, verify and describe data sets."""

from pathlib import Path

from cyclopts import App

from chainrule.cli.options import Json
from chainrule.cli.texts import emit, value

app = App(name="data", help="List, fetch, verify and describe data sets.")


@app.command(name="list")
def list_data(*, folder: Path | None = None, json: Json = None) -> int:
    """The data sets that have a name, and where they are on this machine."""
    from chainrule.datasets import catalogue

    found = catalogue.list_sources(folder)
    lines = [
        f"{row['name']:10} {row['about']}\n{'':10} {row['where'] or 'not here; chainrule data fetch ' + row['name']}"
        for row in found
    ]
    emit(found, json, "\n".join(lines))
    return 0


@app.command
def fetch(name: str, *, folder: Path | None = None, json: Json = None) -> int:
    """Download a data set, check its SHA-256, and unpack it into the data folder ($CHAINRULE_DATA or the user's cache)."""
    from chainrule.datasets import catalogue

    found = catalogue.fetch(name, folder)
    emit(found, json, f"{name}: {found['where']}" + ("" if found["fetched"] else " (was there already)"))
    return 0


@app.command
def verify(name: str, *, folder: Path | None = None, json: Json = None) -> int:
    """Read every file of a data set and say whether it is whole."""
    from chainrule.datasets import catalogue

    found = catalogue.verify(name, folder)
    lines = [f"{row['file']}: {row['state']}" for row in found["files"]]
    emit(found, json, "\n".join([*lines, f"{name}: {'all right' if found['ok'] else 'damaged'} ({found['where']})"]))
    return 0 if found["ok"] else 1


@app.command
def describe(
    data: str = "digits",
    *,
    target: str | None = None,
    impute: str | None = None,
    json: Json = None,
) -> int:
    """Rows, features, classes and memory of a data set or file.

    Parameters
    ----------
    data
        A name, or a .csv, .parquet, .npz or .npy file.
    target
        For files: the column to predict.
    impute
        For files with missing values: mean, median, most_frequent, or a number.
    """
    from chainrule.datasets import catalogue

    options = {"target": target, "impute": None if impute is None else value(impute)}
    found = catalogue.describe(data, **options)
    emit(found, json, "\n".join(f"{name.replace('_', ' ')}: {item}" for name, item in found.items()))
    return 0
