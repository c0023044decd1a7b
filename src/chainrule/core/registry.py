"""The rows of the library's tables: what a layer, a loss, an update rule or an initializer is."""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any, ClassVar, Self

from chainrule.core.errors import SettingError, choose


@cache
def options_of(function: Callable) -> Mapping[str, Any]:
    """Keyword-only parameters of a function with their defaults: its hyper-parameters."""
    parameters = inspect.signature(function).parameters.values()
    return MappingProxyType({p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY})


def check_options(function: Callable, options: dict[str, Any], *, what: str) -> None:
    """Fail where an option is none of the function's keyword-only parameters."""
    for name in options:
        choose(name, options_of(function), what=what)


def _found(table: str, name: str) -> Any:
    """The row of that name in the table "module:NAME"."""
    module, _, attribute = table.partition(":")
    rows = getattr(importlib.import_module(module), attribute)
    if name not in rows:
        raise SettingError(
            f"{attribute} has no row {name!r} in this process: import the module that adds it before loading what uses it."
        )
    return rows[name]


class Row:
    """What every row shares: it is one object, so a copy is itself, and a pickle holds its name alone.

    Attributes:
        table: "module:NAME" of the table that the row stands in.
    """

    table: ClassVar[str]
    name: str

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict) -> Self:
        return self

    def __reduce__(self) -> tuple[Callable, tuple[str, str]]:
        module, _, attribute = self.table.partition(":")
        if getattr(importlib.import_module(module), attribute).get(self.name) is not self:
            raise SettingError(
                f"the {type(self).__name__.lower()} {self.name!r} is none of {attribute}: "
                f"a pickle holds a row by its name, so add it there first."
            )
        return _found, (self.table, self.name)


@dataclass(frozen=True)
class Shaped(Row):
    """What layers and losses share: a module with a `forward` whose shapes are declared.

    Attributes:
        name: as users write it.
        module: holds `forward` and `backward`.
        sample: `sample(rng) -> {argument: array}`, valid float64 inputs away from kinks.
    """

    name: str
    module: ModuleType
    sample: Callable[..., dict[str, Any]]

    @property
    def forward(self) -> Callable:
        """The unchecked forward: shapes were checked where net and data met."""
        return self.module.forward.raw

    @property
    def backward(self) -> Callable:
        """The unchecked backward."""
        return self.module.backward.raw

    @property
    def signature(self) -> str:
        """Shapes in gufunc notation."""
        return self.module.forward.signature

    @property
    def options(self) -> Mapping[str, Any]:
        """Hyper-parameters with their defaults."""
        return options_of(self.module.forward.raw)


@dataclass(frozen=True)
class Layer(Shaped):
    """A row of `LAYERS`: `forward(x, ...) -> y, cache` and `backward(dy, cache) -> dx` (or dx and the params' gradients).

    Batch norm's module has `update` too, dropout's `sample`.

    Attributes:
        kind: "affine", "activation", "norm" or "dropout": where in a net it may stand.
        params: names of the learnt arguments, in the order of forward's arguments after x.
        needs: what else forward takes: "stats" (running statistics), "mask", or nothing.
        rowwise: whether each row's output depends on that row alone.
    """

    table: ClassVar[str] = "chainrule.layers:LAYERS"
    kind: str
    params: tuple[str, ...] = ()
    needs: str | None = None
    rowwise: bool = True


@dataclass(frozen=True)
class Loss(Shaped):
    """A row of `LOSSES`: `forward(scores, y) -> loss, cache` and `backward(cache) -> dscores`.

    Attributes:
        real_targets: whether (N, C) arrays of real targets are taken beside labels.
        chance: `chance(num_classes) -> loss` of a net whose scores are all 0.
    """

    table: ClassVar[str] = "chainrule.losses:LOSSES"

    @property
    def each(self) -> Callable:
        """The unchecked `each(scores, y) -> losses, cache`, one loss a row."""
        return self.module.each.raw

    def valued(self, scores: Any, y: Any, weights: Any = None) -> tuple[Any, Any]:
        """The loss and its gradient by the scores, with a weight for each row where there are some.

        Formula:
            loss = mean(weights * losses)

        Args:
            scores: (N, C).
            y: targets, as for `forward`.
            weights: (N,) of the scores' dtype, at least 0; 1 everywhere, or None, is the plain loss.

        Returns:
            The loss, and dscores (N, C): with weights, each row of the plain gradient times its own, since no row's loss
            depends on another row.
        """
        if weights is None:
            value, cache = self.forward(scores, y)
            return value, self.backward(cache)
        losses, cache = self.each(scores, y)
        return (weights * losses).mean(), weights[:, None] * self.backward(cache)

    real_targets: bool
    chance: Callable[[int], float]


@dataclass(frozen=True)
class Rule(Row):
    """A row of `OPTIMIZERS`: `init(w) -> state` and `step(w, dw, state, *, lr, ...) -> w, state`, both pure.

    Attributes:
        name, module: as for a layer.
        default_lr: the learning rate where none is given.
        conventions: options whose values name a convention, each with the values to test.
    """

    table: ClassVar[str] = "chainrule.optim:OPTIMIZERS"
    name: str
    module: ModuleType
    default_lr: float
    conventions: dict[str, tuple[Any, ...]]

    @property
    def init(self) -> Callable:
        """`init(w) -> state`."""
        return self.module.init

    @property
    def step(self) -> Callable:
        """The unchecked `step(w, dw, state, *, lr, ...) -> w, state`: engines hand it what belongs together."""
        return self.module.step.raw

    @property
    def options(self) -> Mapping[str, Any]:
        """Hyper-parameters with their defaults, the learning rate left out."""
        return {name: value for name, value in options_of(self.module.step).items() if name != "lr"}


@dataclass(frozen=True)
class Initializer(Row):
    """A row of `INITIALIZERS`: `draw(generator, shape, *, ...) -> w`, float64, shape (fan_in, fan_out).

    Attributes:
        name, module: as for a layer.
        std: `std(shape, *, ...) -> number`: the standard deviation that the draws must have.
    """

    table: ClassVar[str] = "chainrule.initializers:INITIALIZERS"
    name: str
    module: ModuleType

    @property
    def draw(self) -> Callable:
        """`draw(generator, shape, *, ...) -> w`."""
        return self.module.draw

    @property
    def std(self) -> Callable:
        """`std(shape, *, ...) -> number`."""
        return self.module.std

    @property
    def options(self) -> Mapping[str, Any]:
        """Hyper-parameters with their defaults."""
        return options_of(self.module.draw)
