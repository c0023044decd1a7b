"""A training's settings, checked before anything runs, and recorded so that it can be repeated."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import SettingError, choose
from chainrule.core.numbers import checked_options, limited, whole
from chainrule.core.registry import Rule
from chainrule.core.threads import cores
from chainrule.engines import ENGINES, fused, tensors
from chainrule.engines import engine as engine_of
from chainrule.engines.batches import SAMPLERS, Sampler
from chainrule.engines.task import Records, Task
from chainrule.nets.net import Net
from chainrule.optim import OPTIMIZERS
from chainrule.optim.schedules import check_schedule

WORTH_CUTTING = 2e7  # multiply-adds of a step
RESTORE = ("all", "params", None)


@dataclass(frozen=True)
class SolverSettings:
    """What a Solver was asked for, with every default filled in. Attributes as the Solver's arguments."""

    rule: str
    lr: float
    epochs: int
    batch_size: int | str
    schedule: dict[str, Any]
    weight_decay: float | None
    clip_norm: float | None
    clip_value: float | None
    sampler: Any
    restore: str | None
    early_stopping: int | None
    train_samples: int | None
    engine: str
    threads: int
    slices: int
    array: str
    device: str
    seed: int
    options: dict[str, Any]

    @classmethod
    def checked(
        cls, *, net: Net, solver_keywords: list[str], options: dict[str, Any], **given: Any
    ) -> "SolverSettings":
        """Settings with defaults filled in, for the training of a net.

        Raises:
            SettingError: an unknown name, or a number out of its range.
        """
        row = OPTIMIZERS[choose(given["rule"], OPTIMIZERS, what="update rule")]
        own = [name for name in row.options if name != "weight_decay"]
        for name in options:
            choose(name, [*own, *solver_keywords], what=f"keyword of Solver with rule={given['rule']!r}")
        lr = row.default_lr if given["lr"] is None else given["lr"]
        schedule = {"kind": "constant"} if given["schedule"] is None else given["schedule"]
        schedule = {"kind": schedule} if isinstance(schedule, str) else schedule
        check_schedule(schedule)
        if given["restore"] not in RESTORE:
            raise SettingError(f"Solver: restore must be 'all', 'params' or None; came {given['restore']!r}.")
        sampler = given["sampler"]
        if not callable(sampler):
            choose(sampler, SAMPLERS, what="sampler")
        array, device = tensors.checked(given["array"], given["device"])
        shares = {n: given[n] for n in ("threads", "slices", "batch_size")}
        lack = f"computes with NumPy arrays; use engine='auto' with array={array!r}."
        engine, threads, slices = _shares(net, row, engine=plain_for(given["engine"], array != "numpy", lack), **shares)
        return cls(
            rule=given["rule"],
            lr=number("lr", lr),
            epochs=count("epochs", given["epochs"], least=0),
            batch_size="all" if str(given["batch_size"]) == "all" else count("batch_size", given["batch_size"]),
            schedule=dict(schedule),
            weight_decay=_maybe(number, "weight_decay", given["weight_decay"]),
            clip_norm=_maybe(number, "clip_norm", given["clip_norm"]),
            clip_value=_maybe(number, "clip_value", given["clip_value"]),
            sampler=sampler,
            restore=given["restore"],
            early_stopping=_maybe(count, "early_stopping", given["early_stopping"]),
            train_samples=_maybe(count, "train_samples", given["train_samples"]),
            engine=engine,
            threads=threads,
            slices=slices,
            array=array,
            device=device,
            seed=count("seed", given["seed"], least=0),
            options=checked_options("Solver", row.step, options),
        )

    @property
    def row(self) -> Rule:
        """The update rule's row."""
        return OPTIMIZERS[self.rule]

    @property
    def draw(self) -> Sampler:
        """The function that draws a batch's row numbers."""
        return self.sampler if callable(self.sampler) else SAMPLERS[self.sampler]

    @property
    def steps(self) -> Callable[..., Records]:
        """The engine's `run`."""
        return ENGINES[self.engine].run if self.array == "numpy" else tensors.run

    def prepare(self, task: Task) -> None:
        """Let the engine compile, or load, what it needs for a training."""
        if self.engine == "fused":
            fused.prepare(task)

    @property
    def compiled(self) -> int | None:
        """How many slices compiled evaluations have; None where the engine is not compiled."""
        return self.slices if self.engine == "fused" else None

    def describe(self) -> dict[str, Any]:
        """The settings as plain numbers and texts."""
        described = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if callable(self.sampler):
            described["sampler"] = getattr(self.sampler, "__qualname__", type(self.sampler).__name__)
        return described


def plain_for(engine: Any, wanted: bool, lack: str) -> Any:
    """The engine to ask for where something may be wanted that the plain one alone has; `lack` says what and how.

    Raises:
        SettingError: it is wanted, and the fused engine was asked for by name.
    """
    if not wanted or engine not in ("auto", "fused"):
        return engine
    if engine == "fused":
        raise SettingError(f"Solver: the fused engine {lack}")
    return "plain"


def _shares(net: Net, rule: Rule, *, engine: Any, threads: Any, slices: Any, batch_size: Any) -> tuple[str, int, int]:
    """The engine, how many threads its matrix products have, and into how many slices it cuts a step.

    The plain engine leaves threads to the matrix products; the fused one has a thread for each slice, and products of
    one thread. So "auto" takes the plain engine where several threads are asked for. A step that is soon done is not
    cut: slices would only wait for each other.
    """
    threads, slices = _maybe(count, "threads", threads), _maybe(count, "slices", slices)
    chosen = engine_of("plain" if engine == "auto" and (threads or 1) > 1 else engine, net, rule)
    if chosen == "plain":
        if engine == "plain" and (slices or 1) > 1:
            raise SettingError(
                f"Solver: slices={slices}, but the plain engine does not cut its steps; it must be 1 or left out. "
                f"Use engine='fused', or threads={slices} for the matrix products."
            )
        return chosen, threads or cores(), 1
    if (threads or 1) > 1:
        raise SettingError(
            f"Solver: threads={threads}, but the fused engine's matrix products have one thread each; it must be 1 or "
            f"left out. Use slices={threads}, or engine='plain'."
        )
    small = isinstance(batch_size, int) and 3 * batch_size * net.summary().multiply_adds < WORTH_CUTTING
    return chosen, 1, slices or (1 if small else cores())


def number(name: str, value: Any) -> float:
    """A Python float within the limits of its name."""
    return limited(name, value, owner="Solver")


def count(name: str, value: Any, least: int = 1) -> int:
    """A Python int of at least `least`."""
    return whole(value, name, owner="Solver", least=least)


def functions(name: str, given: Any) -> tuple[Callable[..., Any], ...]:
    """A list of functions as a tuple."""
    if not isinstance(given, list | tuple) or not all(map(callable, given)):
        raise SettingError(f"Solver: {name} must be a list of functions; came {given!r:.80}.")
    return tuple(given)


def _maybe(check: Callable[[str, Any], Any], name: str, value: Any) -> Any:
    return None if value is None else check(name, value)
