"""A run's plan: every setting of net and training in one flat record, as variants and settings files have it."""

import re
from typing import Any

import msgspec

from chainrule.core.errors import FileFormatError, SettingError, choose
from chainrule.datasets import Dataset
from chainrule.nets import FullyConnectedNet
from chainrule.optim import OPTIMIZERS
from chainrule.training.settings import SolverSettings
from chainrule.training.solver import Solver

NET = ("activation", "norm", "keep", "init", "weight_scale", "reg", "loss", "output_activation", "dtype", "seed")
TYPES = {  # as msgspec calls them: as users do
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "True or False",
    "null": "None",
    "array": "a list",
    "object": "a dict",
}


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one run; attributes as the arguments of `FullyConnectedNet` and `Solver`.

    `hidden` are the hidden layers' sizes, `loss` None means softmax for labels and mse for real targets, and `options`
    are the rule's hyper-parameters.
    """

    hidden: list[int] = msgspec.field(default_factory=lambda: [100, 100])
    activation: str | list[str] = "relu"
    norm: str | None = None
    keep: float = 1.0
    init: str | dict[str, Any] | None = None
    weight_scale: float | None = None
    reg: float = 0.0
    loss: str | None = None
    output_activation: str | None = None
    dtype: str = "float32"
    rule: str = "adam"
    lr: float | None = None
    epochs: int = 10
    batch_size: int | str = 100
    schedule: str | dict[str, Any] | None = None
    weight_decay: float | None = None
    clip_norm: float | None = None
    clip_value: float | None = None
    sampler: str = "shuffle"
    restore: str | None = "all"
    early_stopping: int | None = None
    train_samples: int | None = 1000
    engine: str = "auto"
    threads: int | None = None
    slices: int | None = None
    array: str = "numpy"
    device: str = "cpu"
    seed: int = 0
    options: dict[str, Any] = {}

    @classmethod
    def of(cls, **settings: Any) -> "Plan":
        """A plan from flat settings; the rule's hyper-parameters may stand among them.

        Raises:
            SettingError: an unknown name, or a value of the wrong type.
        """
        rule = choose(settings.get("rule", "adam"), OPTIMIZERS, what="update rule")
        extra = {name for name in OPTIMIZERS[rule].options if name in settings and name not in cls.__struct_fields__}
        given = settings.get("options", {})
        if not isinstance(given, dict):
            raise SettingError(f"options must be a dict of the rule's hyper-parameters; came {given!r}.")
        options = {**given, **{name: settings[name] for name in extra}}
        own = [name for name in OPTIMIZERS[rule].options if name not in cls.__struct_fields__]
        for name in options:
            choose(name, own, what=f"option of rule {rule!r}")
        rest = {name: value for name, value in settings.items() if name not in extra and name != "options"}
        for name in rest:
            choose(name, [*cls.__struct_fields__, *OPTIMIZERS[rule].options], what=f"setting (rule {rule!r})")
        try:
            return msgspec.convert({**_plain(rest), "options": options}, cls)
        except msgspec.ValidationError as error:
            raise SettingError(_wrong_type(error, rest)) from error

    @classmethod
    def restore_from(cls, saved: Any, where: Any) -> "Plan":
        """The plan that a settings file holds."""
        try:
            return cls.of(**saved)
        except (SettingError, TypeError) as error:
            raise FileFormatError(
                f"{where}: its settings are not those of this version of Chainrule ({error})."
            ) from error

    def net(self, data: Dataset) -> FullyConnectedNet:
        """Build the net for a data set."""
        settings = {name: getattr(self, name) for name in NET}
        settings["loss"] = ("softmax" if data.classes else "mse") if self.loss is None else self.loss
        return FullyConnectedNet(self.hidden, input_dim=data.input_dim, num_classes=data.num_classes, **settings)

    def solver(self, data: Dataset, **more: Any) -> Solver:
        """Build net and solver for a data set; `more` are arguments of the Solver that are no settings."""
        names = [name for name in SolverSettings.__dataclass_fields__ if name != "options"]
        return Solver(self.net(data), data, **{name: getattr(self, name) for name in names}, **self.options, **more)

    def resolved(self, data: Dataset) -> "Plan":
        """The same plan with every default that depends on machine, rule or data written out, to be recorded.

        Raises:
            SettingError, ArrayError: the plan cannot be carried out on this data set.
        """
        net, chosen = self.net(data), self.solver(data).settings.describe()
        return msgspec.structs.replace(self, loss=net.loss_name, init=net.init, weight_scale=None, **chosen)

    def with_(self, **changes: Any) -> "Plan":
        """A copy with some settings changed."""
        return msgspec.structs.replace(self, **changes)

    def describe(self) -> dict[str, Any]:
        """The plan as plain numbers and texts."""
        return msgspec.to_builtins(self)


def _wrong_type(error: msgspec.ValidationError, settings: dict[str, Any]) -> str:
    """The error in words: which setting, what came, what was wanted."""
    found = re.fullmatch(r"Expected (.*), got .* - at `\$\.(\w+)(.*)`", str(error))
    if not found:
        return f"a setting has the wrong type: {error}."
    wanted = " or ".join(TYPES.get(kind.strip("`"), kind) for kind in found[1].split(" | "))
    return f"{'each part of ' if found[3] else ''}{found[2]} must be {wanted}; came {settings[found[2]]!r}."


def _plain(value: Any) -> Any:
    """NumPy scalars and tuples as the plain types that settings files hold."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value
