"""What a study is: the tables of a STUDY.toml, or the same as arguments, checked before anything runs."""

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from chainrule.core.errors import FileFormatError, SettingError, choose
from chainrule.core.files import reading
from chainrule.study.plan import TYPES

SAMPLERS = ("tpe", "random", "quasi_random", "grid")
PRUNERS = ("none", "median", "halving")
LARGEST = 1 << 20  # bytes of a STUDY.toml
USUAL_TRIALS = 20

Kind = TypeVar("Kind", bound=msgspec.Struct)


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""

    def __post_init__(self) -> None:
        for name, least in LEAST.items():
            value = getattr(self, name, None)
            if value is not None and not value >= least:
                raise ValueError(f"{name} must be at least {least}; came {value!r}")


LEAST = {
    "trials": 1, "epochs": 1, "seconds": 0, "finalists": 1, "seeds": 1, "first": 1, "factor": 2, "startup": 1, "ahead": 1,
    "seed": 0,
}  # fmt: skip


class Data(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the rows come from: the arguments of `load_data`."""

    source: str
    target: str | None = None
    task: str | None = None
    impute: str | float | None = None
    num_train: int | None = None
    num_test: int | None = None


class Sampler(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How settings are drawn: `startup` trials at random before TPE has something to go by."""

    kind: str = "tpe"
    startup: int = 10


class Pruner(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which trials end early; see `hurdles`.

    `first` is the first epoch at which one may; `factor` the share kept by halving (1 in 3), `startup` the trials that
    must have ended before the median means something.
    """

    kind: str = "none"
    first: int = 1
    factor: int = 3
    startup: int = 5


class Budget(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When no further trial is drawn: each part that is given holds."""

    trials: int | None = None
    epochs: int | None = None
    seconds: float | None = None


class Finals(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the best trials are repeated, with how many seeds that the search did not use."""

    finalists: int = 3
    seeds: int = 5


class Definition(_Table, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A study.

    Attributes:
        name: of the study, in its database too.
        data: where the rows come from; None where arrays were given.
        settings: of all trials, as the fields of `Plan`.
        space: what is searched, by name; see `space`.
        sampler, pruner, budget, finals: as their classes.
        seed: of weights, batches, masks and of the sampler.
        ahead: a trial is drawn knowing the results of all but the last `ahead - 1` before it. Up to so many run at the
            same time, and results do not depend on how many do.
    """

    name: str = "study"
    data: Data | None = None
    settings: dict[str, Any] = {}
    space: dict[str, Any] = {}
    sampler: Sampler = Sampler()
    pruner: Pruner = Pruner()
    budget: Budget = Budget()
    finals: Finals = Finals()
    seed: int = 0
    ahead: int = 8

    @classmethod
    def of(cls, given: dict[str, Any], where: str = "sweep") -> "Definition":
        """A definition from nested tables.

        Raises:
            SettingError: an unknown name, a value of the wrong type or out of its range, an empty space.
        """
        if not isinstance(given, dict):
            raise SettingError(f"{where}: tables such as [space] and [budget] are wanted; came {given!r:.80}.")
        tables: dict[str, Any] = {"sampler": Sampler, "pruner": Pruner, "budget": Budget, "finals": Finals}
        given = {name: _plain(name, value) for name, value in given.items() if value is not None}
        for name in given:
            choose(name, cls.__struct_fields__, what=f"table or setting of a study in {where},")
        if isinstance(given.get("data"), str):
            given["data"] = {"source": given["data"]}
        for name in ("sampler", "pruner"):
            if isinstance(given.get(name), str):
                given[name] = {"kind": given[name]}
        for name, kind in {**tables, "data": Data}.items():
            if name in given:
                given[name] = _table(kind, given[name], f"{where}, [{name}]")
        made = _converted(cls, given, where)
        choose(made.sampler.kind, SAMPLERS, what=f"kind of sampler in {where},")
        choose(made.pruner.kind, PRUNERS, what=f"kind of pruner in {where},")
        if not made.space:
            raise SettingError(
                f"{where}: the space is empty ({{}}); it must name a setting, such as lr = {{ log = [1e-4, 0.1] }}."
            )
        return made._with_a_budget()

    def _with_a_budget(self) -> "Definition":
        """The same, with the usual number of trials where nothing else ends the study."""
        if self.sampler.kind == "grid" or self.budget != Budget():
            return self
        return msgspec.structs.replace(self, budget=Budget(trials=USUAL_TRIALS))

    @classmethod
    def load(cls, path: Path) -> "Definition":
        """Read a STUDY.toml; a path of data in it is seen from its folder.

        Raises:
            FileFormatError: it cannot be read, or is no TOML.
            SettingError: what it says cannot be used.
        """
        with reading(path) as (stream, size):
            if size > LARGEST:
                raise FileFormatError(f"{path} has {size} bytes; the definition of a study has at most {LARGEST}.")
            text = stream.read(LARGEST)
        try:
            given = tomllib.loads(text.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FileFormatError(f"{path} is no TOML file: {error}.") from error
        made = cls.of({"name": path.stem, **given}, str(path))
        if made.data is None:
            raise SettingError(f'{path}: it does not say which data. Write data = "digits", or a [data] table.')
        beside = path.parent / made.data.source
        if beside.suffix and beside.is_file():
            made = msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, source=str(beside.resolve())))
        return made

    def describe(self) -> dict[str, Any]:
        """The definition as plain tables."""
        return msgspec.to_builtins(self)


def _plain(name: str, value: Any) -> Any:
    """A value as a TOML or JSON file could hold it, None among them."""
    if isinstance(value, _Table):
        return value.describe() if isinstance(value, Definition) else msgspec.to_builtins(value)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {key: _plain(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(name, item) for item in value]
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise SettingError(
        f"sweep: {name} must be a number, a text, True, False, None, a list or a table; came {value!r:.80} "
        f"({type(value).__name__})."
    )


def _table(kind: type[_Table], given: Any, where: str) -> _Table:
    if isinstance(given, kind):
        return given
    if not isinstance(given, dict):
        raise SettingError(f"{where}: a table is wanted, with {', '.join(kind.__struct_fields__)}; came {given!r:.80}.")
    for name in given:
        choose(name, kind.__struct_fields__, what=f"setting of {where},")
    return _converted(kind, given, where)


def _converted(kind: type[Kind], given: dict[str, Any], where: str) -> Kind:
    """A table of the given kind; errors in words."""
    try:
        return msgspec.convert({name: msgspec.to_builtins(value) for name, value in given.items()}, kind)
    except msgspec.ValidationError as error:
        found = re.fullmatch(r"Expected `?(.*?)`?, got .* - at `\$\.(\w+).*`", str(error))
        if not found:
            raise SettingError(f"{where}: {error}.") from error
        wanted = " or ".join(TYPES.get(part.strip("`"), part) for part in found[1].split(" | "))
        raise SettingError(f"{where}: {found[2]} must be {wanted}; came {given[found[2]]!r:.80}.") from error
