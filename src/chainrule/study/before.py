"""What is done before a training, on named data: its learning rate found, and its first steps tried."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule import plots
from chainrule.core.errors import SettingError
from chainrule.core.files import free_name, new_folder
from chainrule.core.json_files import plain, write_json
from chainrule.core.paths import path_of
from chainrule.datasets import Dataset
from chainrule.study.plan import Plan
from chainrule.study.recipe import Recipe
from chainrule.training.checks import DryRun, tried
from chainrule.training.learning_rate import LearningRates, find_learning_rate

LOAD = ("target", "task", "impute", "num_train", "num_test")
RATES, FIGURE = "learning_rates.json", "learning_rates.svg"
UNUSED = ("lr", "epochs", "schedule", "early_stopping", "sampler", "restore", "train_samples")
TAKEN = (
    "rule", "batch_size", "seed", "weight_decay", "clip_norm", "clip_value", "engine", "threads", "slices",
)  # fmt: skip


@dataclass(frozen=True)
class Search:
    """Where the found learning rates lie, and what they are."""

    folder: Path
    found: LearningRates
    result: dict[str, Any]


def dry_run(data: Any = "digits", **settings: Any) -> DryRun:
    """The first steps of the training that `train` would make with the same arguments; nothing is written.

    Raises:
        SettingError, DataError, ArrayError: as for `train`.
    """
    loaded, _, plan = _planned(data, settings)
    return tried(plan.solver(loaded, verbose=False))


def find_lr(
    data: Any = "digits",
    *,
    low: float = 1e-6,
    high: float = 10.0,
    steps: int = 100,
    out: str | Path | None = None,
    command: str | None = None,
    **settings: Any,
) -> Search:
    """Find the learning rate to begin with, and leave a folder with the figures and a picture.

    Args:
        data: what `load_data` takes.
        low, high, steps: as for `find_learning_rate`.
        out: the folder, which may not exist yet; where None, a new one under `runs/`.
        command: the command line, to be recorded.
        **settings: of net and training, as for `train`.

    Raises:
        SettingError, DataError, ArrayError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
    """
    unused = [name for name in UNUSED if name in settings]
    if unused:
        raise SettingError(f"find-lr: {', '.join(unused)} must be left out: a search for the rate has no use for it.")
    loaded, recipe, plan = _planned(data, settings)
    chosen = {name: settings[name] for name in TAKEN if name in settings} | {"rule": plan.rule, "seed": plan.seed}
    found = find_learning_rate(
        plan.net(loaded), loaded, low=low, high=high, steps=steps, **chosen, **plan.options
    )  # fmt: skip
    folder = path_of(out, owner="find_lr", name="out") if out is not None else free_name("runs", f"lr-{loaded.name}")
    result = plain({"folder": str(folder), "data": loaded.name, **found.describe()})
    with new_folder(folder) as partial:
        write_json(partial / "settings.json", recipe.settings("find-lr", loaded, command, plan=plan.describe()))
        write_json(partial / RATES, result)
        plots.save(plots.learning_rates(found), partial / FIGURE)
    return Search(folder, found, result)


def _planned(data: Any, settings: dict[str, Any]) -> tuple[Dataset, Recipe, Plan]:
    load = {name: settings.get(name) for name in LOAD}
    recipe = Recipe.of(data, **load)
    loaded = recipe.load(data)
    return loaded, recipe, Plan.of(**{name: value for name, value in settings.items() if name not in LOAD})
