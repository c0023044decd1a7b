"""Compare variants of a training, fairly: the same seeds, batches and starting weights for all, and bands for luck."""

from pathlib import Path
from typing import Any

from chainrule import plots
from chainrule.core.errors import DataError, SettingError
from chainrule.core.files import free_name, new_folder
from chainrule.core.json_files import write_json
from chainrule.core.numbers import limited, real, whole
from chainrule.core.paths import path_of
from chainrule.datasets import Dataset
from chainrule.report.study import write_drawn
from chainrule.study.plan import Plan
from chainrule.study.pool import Done, Job, Outcomes, Pool, usual_workers
from chainrule.study.recipe import Recipe
from chainrule.study.result import Study, StudyRun, Variant
from chainrule.study.variants import LR_GRID, slug, variants_of
from chainrule.training.interrupts import interrupts
from chainrule.training.settings import number


def compare(
    data: Any = "digits",
    *,
    variants: list[dict[str, Any]] | None = None,
    rules: list[str] | None = None,
    inits: list[Any] | None = None,
    depths: list[int] | None = None,
    seeds: int | list[int] = 5,
    options: dict[str, dict[str, Any]] | None = None,
    search_lr: bool | list[float] = False,
    target_acc: float = 0.9,
    out: str | Path | None = None,
    workers: int | None = None,
    target: str | None = None,
    task: str | None = None,
    impute: Any = None,
    num_train: int | None = None,
    num_test: int | None = None,
    verbose: bool = True,
    command: str | None = None,
    **shared: Any,
) -> Study:
    """Train every variant with every seed, and find out which is best and by how much.

    Args:
        data: what `load_data` takes.
        variants: the general form: a list of settings in which each variant differs from the shared ones, such as
            [{"rule": "adam", "lr": 1e-3}, {"rule": "sgd", "batch_size": 600, "label": "large batches"}].
        rules, inits, depths: shorthands; every combination is a variant.
        seeds: how many (0, 1, ...), or which. A seed fixes weights, batches and masks, so variants are paired by it.
        options: settings by rule, such as {"momentum": {"lr": 0.01, "momentum": 0.95}}.
        search_lr: find each variant's learning rate first, on a small grid around the rule's default (or the given
            rates), by the best validation accuracy with one seed that the study itself does not use.
        target_acc: the training accuracy whose first epoch the table gives.
        out: the folder, which may not exist yet; where None, a new one under `runs/`.
        workers: trainings at a time; where None, one per core, or one for small nets, which threads would only slow
            down. The results do not depend on it.
        target, task, impute, num_train, num_test: as for `load_data`.
        verbose: whether progress is shown.
        command: the command line to show in the report.
        **shared: settings of all variants, as the fields of `Plan`: hidden, epochs, batch_size, ...

    Returns:
        The study. Its folder holds settings.json, result.json, every history, the best net, figures and report.html.
        Ctrl-C ends it early, with the runs that ended; `complete` is then false.

    Raises:
        SettingError, DataError, ArrayError: something given cannot be used; nothing was written.
        OutputError: the folder exists, or cannot be written.
        KeyboardInterrupt: Ctrl-C came before any run ended.
    """
    recipe = Recipe.of(data, target=target, task=task, impute=impute, num_train=num_train, num_test=num_test)
    loaded = recipe.load(data)
    if "X_val" not in loaded:
        raise DataError("compare: there are no validation rows, by which nets are ranked; give X_val and y_val too.")
    which = _seeds(seeds)
    reached = real(target_acc)
    if reached is None or not reached <= 1:
        raise SettingError(f"compare: target_acc must be a number of at most 1, such as 0.9; came {target_acc!r}.")
    if workers is not None:
        workers = whole(workers, "workers", owner="compare")
    shared = {"threads": 1, "slices": 1, **shared}
    plans = variants_of(variants=variants, rules=rules, inits=inits, depths=depths, options=options, shared=shared)
    plans = {label: plan.resolved(loaded) for label, plan in plans.items()}
    threads = {plan.threads for plan in plans.values()}
    if len(threads) > 1:
        raise SettingError("compare: all variants must have the same number of threads.")
    rates = _rates(search_lr)
    folder = (
        path_of(out, owner="compare", name="out") if out is not None else free_name("runs", f"compare-{loaded.name}")
    )
    settings = recipe.settings(
        "compare",
        loaded,
        command,
        seeds=which,
        target_acc=target_acc,
        variants={k: p.describe() for k, p in plans.items()},
    )
    with new_folder(folder) as partial:
        write_json(partial / "settings.json", settings)
        (partial / "histories").mkdir()
    pool = Pool(loaded, workers or usual_workers(list(plans.values()), loaded), threads.pop() or 1, verbose)
    with interrupts() as pressed:
        if rates:
            plans, tried = _with_best_rates(plans, pool, rates, unused=max(which) + 1)
            settings |= {"search": tried, "variants": {k: p.describe() for k, p in plans.items()}}
            write_json(folder / "settings.json", settings)
        jobs = {(label, seed): plan.with_(seed=seed) for label, plan in plans.items() for seed in which}
        found = pool.run(jobs, what="compare", done=_history_saver(folder, list(plans)))
        complete = not pressed()
    return _conclude(folder, settings, plans, found, loaded, target_acc, complete)


def _seeds(seeds: int | list[int]) -> list[int]:
    if not isinstance(seeds, list | tuple):
        return list(range(whole(seeds, "seeds", owner="compare")))
    which = [whole(seed, "every seed", owner="compare", least=0) for seed in seeds]
    if not which or len(set(which)) < len(which):
        raise SettingError(f"compare: seeds must be a number, or a list of different seeds; came {seeds!r}.")
    return which


def _rates(search_lr: Any) -> bool | list[float]:
    """Whether to search, or the learning rates to try."""
    if isinstance(search_lr, bool):
        return search_lr
    if not isinstance(search_lr, list | tuple):
        raise SettingError(f"compare: search_lr must be True, False or a list of learning rates; came {search_lr!r}.")
    return [limited("lr", rate, owner="compare, search_lr") for rate in search_lr]


def _history_saver(folder: Path, labels: list[str]) -> Done:
    """Writes each history as its training ends, so that a killed study leaves what it had."""

    def save(job: Job, run: StudyRun) -> None:
        name = f"{labels.index(job[0]) + 1:02d}-{slug(job[0])}-seed-{job[1]}.npz"
        run.history.save(folder / "histories" / name)

    return save


def _with_best_rates(
    plans: dict[str, Plan], pool: Pool, grid: bool | list[float], unused: int
) -> tuple[dict[str, Plan], dict[str, dict[str, float]]]:
    """Each plan with the learning rate that did best, and what every rate reached."""
    jobs: dict[Job, Plan] = {}
    for label, plan in plans.items():
        rates = grid if isinstance(grid, list) else [(plan.lr or 1.0) * share for share in LR_GRID]
        jobs |= {(label, i): plan.with_(lr=number("lr", lr), seed=unused) for i, lr in enumerate(rates)}
    runs = pool.run(jobs, what="learning rates").runs
    reached: dict[str, dict[float, float]] = {label: {} for label in plans}
    for job, run in runs.items():
        reached[job[0]][jobs[job].lr or 1.0] = run.history.best_val_acc
    chosen = {}
    for label, plan in plans.items():
        scores = {lr: score for lr, score in sorted(reached[label].items()) if score == score}
        chosen[label] = plan.with_(lr=max(scores, key=scores.__getitem__)) if scores else plan
    return chosen, {
        label: {f"{lr:g}": score for lr, score in sorted(found.items())} for label, found in reached.items()
    }


def _conclude(
    folder: Path,
    settings: dict[str, Any],
    plans: dict[str, Plan],
    outcomes: Outcomes,
    data: Dataset,
    target_acc: float,
    complete: bool,
) -> Study:
    """Write everything that is there."""
    runs = outcomes.runs
    found = [
        Variant(label, plan.describe(), [runs[job] for job in sorted(runs, key=lambda j: j[1]) if job[0] == label])
        for label, plan in plans.items()
    ]
    found = [variant for variant in found if variant.runs]
    if not found:
        raise KeyboardInterrupt(f"the study was interrupted before any run ended; {folder} holds its settings alone.")
    title = f"{data.name}: {len(plans)} variants, {len(settings['seeds'])} seeds"
    study = Study(title, {"folder": str(folder), **settings}, found, target_acc, complete=complete)
    (label, seed), best = outcomes.nets[study.best_label]
    net = plans[label].with_(seed=seed).net(data)
    net.input = data.input_transform()
    best.put_in(net)
    net.save(folder / "net.safetensors")
    (folder / "figures").mkdir()
    figures = plots.study_figures(study)
    for name, figure in figures.items():
        plots.save(figure, folder / "figures" / f"{name}.svg")
    write_drawn(folder / "report.html", study, figures)
    write_json(
        folder / "result.json",
        {
            "complete": complete,
            "folder": str(folder),
            "best": study.best_label,
            "verdict": study.verdict,
            "table": study.table(),
        },
    )
    return study
