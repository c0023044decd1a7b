"""What `chainrule data list | fetch | verify | describe` does, as plain dicts and lists."""

from pathlib import Path
from typing import Any

from chainrule.core.errors import choose
from chainrule.datasets import SOURCES, cifar10, load_data


def list_sources(folder: str | Path | None = None) -> list[dict[str, Any]]:
    """Every data set that has a name: what it is, its sizes, and where it lies (None: it must be fetched first)."""
    rows = []
    for source in SOURCES.values():
        train, val, test = source.rows
        rows.append(
            {
                "name": source.name,
                "about": source.about,
                "rows": {"train": train, "val": val, "test": test},
                "features": source.features,
                "download_bytes": source.download,
                "where": _where(source.name, folder),
            }
        )
    return rows


def _where(name: str, folder: str | Path | None) -> str | None:
    if not SOURCES[name].download:
        return "comes with the library"
    found = cifar10.locate(folder)
    return None if found is None else str(found[0])


def fetch(name: str, folder: str | Path | None = None, *, progress: bool = True) -> dict[str, Any]:
    """Make sure that a data set is there, downloading it where it is not.

    Returns:
        {"name", "where", "fetched"}: the last says whether anything had to be fetched or unpacked.

    Raises:
        SettingError: an unknown name.
        DataError: it could not be fetched; the message says how to do it by hand.
    """
    choose(name, SOURCES, what="data set")
    before = _where(name, folder)
    if before is None:
        cifar10.obtain(folder, progress=progress)
    return {"name": name, "where": _where(name, folder), "fetched": before is None}


def verify(name: str, folder: str | Path | None = None) -> dict[str, Any]:
    """Read every file of a data set and say what it is.

    Returns:
        {"name", "where", "ok", "files"}: for every file its "file", "bytes", "ok" and "state".

    Raises:
        SettingError: an unknown name.
        DataError: the data set is not there.
    """
    choose(name, SOURCES, what="data set")
    if not SOURCES[name].download:
        data = SOURCES[name].load()
        return {"name": name, "where": _where(name, folder), "ok": True, "files": [], "fingerprint": data.fingerprint}
    where, layout = cifar10.obtain(folder, download=False)
    files = cifar10.check_files(where, layout)
    return {"name": name, "where": str(where), "ok": all(row["ok"] for row in files), "files": files}


def describe(source: Any, **options: Any) -> dict[str, Any]:
    """What a data set or file holds: `Dataset.describe()` with its fingerprint. Options are those of `load_data`.

    Raises:
        DataError, SettingError: as for `load_data`; nothing is downloaded.
    """
    data = load_data(source, **({"download": False} | options))
    return data.describe() | {"fingerprint": data.fingerprint}
