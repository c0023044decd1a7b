"""Search the settings of a training, then judge the best of them without luck; stopped or killed, the same call goes on."""

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import msgspec

from chainrule.core.errors import DataError
from chainrule.core.files import free_name, new_folder, output_errors
from chainrule.core.json_files import write_json
from chainrule.core.numbers import whole
from chainrule.core.paths import path_of
from chainrule.core.threads import blas_threads, cores
from chainrule.datasets import Dataset
from chainrule.study.executors import check_executor, executor_of
from chainrule.study.pool import usual_workers
from chainrule.study.recipe import Recipe
from chainrule.study.sweeps import conclusion, records
from chainrule.study.sweeps.database import Database, address_of, shown
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.finals import Finals, finalists
from chainrule.study.sweeps.news import News
from chainrule.study.sweeps.optional import optuna
from chainrule.study.sweeps.points import Build, Setup, key_of
from chainrule.study.sweeps.result import Sweep
from chainrule.study.sweeps.search import Search, Stopped
from chainrule.training.interrupts import interrupts


def sweep(
    data: Any = None,
    *,
    study: str | Path | None = None,
    space: dict[str, Any] | None = None,
    sampler: str | dict[str, Any] | None = None,
    pruner: str | dict[str, Any] | None = None,
    budget: dict[str, Any] | None = None,
    finals: dict[str, Any] | None = None,
    seed: int | None = None,
    ahead: int | None = None,
    name: str | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    executor: str = "threads",
    cluster: Any = None,
    storage: str | None = None,
    build: Build | None = None,
    target: str | None = None,
    task: str | None = None,
    impute: Any = None,
    num_train: int | None = None,
    num_test: int | None = None,
    verbose: bool = True,
    command: str | None = None,
    **settings: Any,
) -> Sweep:
    """Search for the best settings, repeat the best trials with fresh seeds, and test the winner, once.

    The same call goes on with a study that was stopped or killed, in the middle of the trials that ran; none is lost,
    and none is trained twice. Its table does not depend on how many workers there are, nor on where they are.

    Args:
        data: what `load_data` takes; where None, digits, or what `study` says.
        study: a STUDY.toml with all that follows down to `settings`; arguments given beside it take the place of its own.
        space: name -> values: a list, or {"int": [1, 5]}, {"float": [0.5, 1], "step": 0.1}, {"log": [1e-4, 0.1]},
            {"choice": [...]}; with {"when": {"rule": "momentum"}} drawn only then. Names are those of `settings`, and
            width and depth of the hidden layers, num_train, impute, schedule.decay and the like.
        sampler: "tpe", "random", "quasi_random" or "grid"; or {"kind": "tpe", "startup": 10}.
        pruner: "none", "median" or "halving"; or {"kind": "halving", "first": 1, "factor": 3}.
        budget: {"trials": 20}, {"epochs": 500}, {"seconds": 3600}; any of them.
        finals: {"finalists": 3, "seeds": 5}.
        seed: of the search; finals have the seeds after it.
        ahead: a trial is drawn knowing all but the last `ahead - 1` trials before it; so many can run at a time.  [8]
        name: of the study, in its database.
        out: the folder; one that is there already is gone on with. Where None, a new one under `runs/`.
        workers: trainings at a time; where None, one per core, or one for small plain nets on threads.
        executor: "threads" (compiled nets share one copy of the data), "processes" (plain nets and nets of one's own), or
            "cluster".
        cluster: address of a Dask scheduler, on this machine or with TLS, or a cluster of Dask's deployments, such as
            SLURMCluster; "local" starts one here.
        storage: the database's address, as Optuna takes it; where None, study.db in the folder.
        build: for a net of one's own: a function `(data, **settings)` that gives it. The names of its arguments are
            settings, and may stand in the space.
        target, task, impute, num_train, num_test: as for `load_data`.
        verbose: whether progress is shown.
        command: the command line to show in the report.
        **settings: of all trials, as the fields of `Plan`: hidden, rule, epochs, batch_size, ...

    Returns:
        The study. Its folder holds settings.json, result.json, a file for every trial, the winner's net, report.html.
        Ctrl-C ends it early; `complete` is then false.

    Raises:
        SettingError, DataError, ArrayError: something given cannot be used; nothing was written.
        OutputError: a folder, file or database cannot be written; the same call goes on once that is mended.
        MissingExtraError: Optuna, or Dask for a cluster, is not installed.
    """
    optuna()
    given = {
        "name": name, "space": space, "sampler": sampler, "pruner": pruner, "budget": budget, "finals": finals, "seed": seed,
        "ahead": ahead,
    }  # fmt: skip
    rows = {"target": target, "task": task, "impute": impute, "num_train": num_train, "num_test": num_test}
    definition, recipe, arrays = _defined(study, data, given, rows, settings)
    kind = check_executor(executor, cluster)
    workers = None if workers is None else whole(workers, "workers", owner="sweep")
    setup = Setup.of(definition.space, definition.settings, definition.seed, build)
    sets = _data_sets(recipe, setup, arrays)
    setup.check(sets)
    first = next(iter(sets.values()))
    folder = (
        path_of(out, owner="sweep", name="out") if out is not None else free_name("runs", f"sweep-{definition.name}")
    )
    address = address_of(folder, storage)
    asked = recipe.settings("sweep", first, command, study=definition.describe(), storage=shown(address))
    _own_folder(folder, asked)
    with ExitStack() as held:
        held.enter_context(records.locked(folder))
        held.callback(records.tidy, folder)
        finished = conclusion.finished(folder, asked)
        if finished is not None:
            return finished
        pressed = held.enter_context(interrupts())
        held.enter_context(blas_threads(int(setup.space.shared["threads"])))
        database = held.enter_context(closing(Database(address, definition, setup.space)))
        run = held.enter_context(
            closing(executor_of(kind, sets, workers or _usual(setup, first, kind), folder, cluster))
        )
        news = held.enter_context(closing(News(folder, definition, database, verbose)))
        search = Search(folder, definition, setup, run, pressed, news, spent=news.spent)
        repeated = Finals(folder, definition, setup, run, pressed, news)
        try:
            trials = search.run()
            chosen = finalists(trials, definition.finals.finalists)
            repeated.run(chosen)
        except Stopped:
            return conclusion.stopped(folder, asked, search)
        return conclusion.conclude(folder, asked, search, repeated, chosen, sets)


def _defined(
    study: Any, data: Any, given: dict[str, Any], rows: dict[str, Any], settings: dict[str, Any]
) -> tuple[Definition, Recipe, Any]:
    """The definition, where its rows come from, and the arrays where some were given."""
    given = {key: value for key, value in given.items() if value is not None}
    about = {key: value for key, value in rows.items() if value is not None}
    base = {} if study is None else Definition.load(path_of(study, owner="sweep", name="study")).describe()
    merged = {**base, **given, "settings": {**base.get("settings", {}), **settings}}
    saved = merged.pop("data", None)
    if data is None and saved is not None:
        recipe = msgspec.convert({**saved, **about}, Recipe)
        return Definition.of({**merged, "data": {**saved, **about}}), recipe, None
    recipe = Recipe.of("digits" if data is None else data, **rows)
    definition = Definition.of(merged | ({"data": _about(recipe)} if recipe.source is not None else {}))
    return definition, recipe, data


def _usual(setup: Setup, rows: Dataset, kind: str) -> int:
    """One worker per core; one where threads would wait for each other."""
    if kind != "threads" or setup.build is not None:
        return cores()
    return usual_workers([setup.training(setup.space.samples()[0]).plan.resolved(rows)], rows)


def _about(recipe: Recipe) -> dict[str, Any]:
    return {key: value for key, value in msgspec.to_builtins(recipe).items() if value is not None}


def _data_sets(recipe: Recipe, setup: Setup, arrays: Any) -> dict[str, Dataset]:
    """The rows, once for every way of filling their gaps."""
    found = {}
    for impute in setup.imputes():
        own = recipe if impute is None else msgspec.structs.replace(recipe, impute=impute)
        found[key_of(impute)] = own.load(arrays)
    for loaded in found.values():
        if "X_val" not in loaded:
            raise DataError(
                "sweep: there are no validation rows, by which settings are ranked; give X_val and y_val too."
            )
    return found


def _own_folder(folder: Path, asked: dict[str, Any]) -> None:
    """Make the folder, or see that it holds this study."""
    if not folder.exists():
        with new_folder(folder) as partial:
            write_json(partial / records.SETTINGS, asked)
    else:
        conclusion.same_study(folder, asked)
    for name in (records.TRIALS, records.FINALS, records.RUNNING):
        with output_errors(folder / name):
            (folder / name).mkdir(exist_ok=True)
