"""Where a run's data came from, so that its settings file alone can bring them back."""

import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from chainrule.core.errors import FileFormatError, SettingError
from chainrule.datasets import SOURCES, Dataset, load_data


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The arguments of `load_data`; `source` is None where arrays were given, which no file can bring back."""

    source: str | None
    target: str | None = None
    task: str | None = None
    impute: str | float | None = None
    num_train: int | None = None
    num_test: int | None = None

    @classmethod
    def of(cls, data: Any, **options: Any) -> "Recipe":
        """The recipe for what a caller gave; paths are made absolute, so that it works from any folder."""
        if data is None:
            raise SettingError("data must be a name, a path, a pair (X, y), a dict of arrays or a Dataset; came None.")
        if not isinstance(data, str | Path):
            return cls(source=None, **options)
        return cls(source=data if data in SOURCES else str(Path(data).expanduser().resolve()), **options)

    @classmethod
    def restore(cls, saved: dict[str, Any], where: Any) -> "Recipe":
        """The recipe in a settings file."""
        try:
            return msgspec.convert(saved["data"]["load"], cls)
        except (msgspec.ValidationError, KeyError, TypeError) as error:
            raise FileFormatError(f"{where}: it does not say where the data came from ({error}).") from error

    def load(self, given: Any = None) -> Dataset:
        """The data: by name where there is one, else those given."""
        options = {name: getattr(self, name) for name in self.__struct_fields__ if name != "source"}
        if self.source is None and given is None:
            raise SettingError("the data of this run were given as arrays; give the same ones again (data=...).")
        return load_data(given if self.source is None else self.source, **options)

    def settings(self, kind: str, data: Dataset, command: str | None, **rest: Any) -> dict[str, Any]:
        """A settings file: what was asked for, on which data, with which software."""
        return {
            "kind": kind,
            "format": 1,
            "command": command,
            "data": {"load": msgspec.to_builtins(self), "fingerprint": data.fingerprint, "about": data.describe()},
            **rest,
            "software": {
                "chainrule": version("chainrule"),
                "numpy": version("numpy"),
                "python": platform.python_version(),
                "machine": platform.machine(),
            },
        }
