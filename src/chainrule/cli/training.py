"""`chainrule train` and `chainrule compare`."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainrule.cli.options import NET, OUTPUT, TRAINING, DataOptions, Json, Option, Out, Quiet, Settings
from chainrule.cli.texts import (
    command_line,
    described,
    emit,
    options_by_rule,
    rule_options,
    variant_of,
    whole_numbers,
)


def train(
    *,
    data: DataOptions | None = None,
    settings: Settings | None = None,
    rule: Annotated[str, Parameter(group=TRAINING)] = "adam",
    option: Option = None,
    seed: Annotated[int, Parameter(group=TRAINING)] = 0,
    out: Out = None,
    resume: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Train one net; leave a folder with settings, history, net and a page.

    Examples:

    `chainrule train --data digits --hidden 64,64 --norm batch --keep 0.8 --epochs 20`

    `chainrule train --data flowers.csv --target species --rule momentum --lr 0.05`

    `chainrule train --resume runs/...`

    Parameters
    ----------
    rule
        sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw.
    option
        A hyper-parameter of the rule, such as beta1=0.95; may be repeated.
    seed
        Fixes weights, batches and masks.
    out
        The folder to write; refused if it exists.  [a new one under runs/]
    resume
        Go on with the training in this folder; other settings are read from it.
    json
        Write the result there as JSON too (-: standard output, and nothing else there).
    quiet
        No progress.
    """
    from chainrule import study

    if resume is not None:
        run = study.resume(resume, verbose=not quiet)
    else:
        data, settings = data or DataOptions(), settings or Settings()
        run = study.train(
            **data.arguments(), **settings.arguments(), **rule_options(option), rule=rule, seed=seed, out=out,
            verbose=not quiet, command=command_line(),
        )  # fmt: skip
    emit(run.result, json, told(run))
    return 0 if run.finished else 130


def compare(
    *,
    data: DataOptions | None = None,
    settings: Settings | None = None,
    rules: Annotated[str | None, Parameter(group=TRAINING)] = None,
    inits: Annotated[str | None, Parameter(group=NET)] = None,
    depths: Annotated[str | None, Parameter(group=NET)] = None,
    variant: Annotated[list[str] | None, Parameter(group=TRAINING, negative=())] = None,
    variants: Annotated[Path | None, Parameter(group=TRAINING)] = None,
    seeds: Annotated[str, Parameter(group=TRAINING)] = "5",
    option: Option = None,
    search_lr: Annotated[bool, Parameter(group=TRAINING, negative=())] = False,
    target_acc: Annotated[float, Parameter(group=OUTPUT)] = 0.9,
    workers: Annotated[int | None, Parameter(group=TRAINING)] = None,
    out: Out = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Train variants of a net with several seeds each, and show which wins and by how much.

    Examples:

    `chainrule compare --data digits --rules sgd,momentum,adam --inits he,xavier --seeds 5`

    `chainrule compare --data cifar10 --num-train 4000 --hidden 100,100,100,100,100 --rules sgd,momentum,adam`

    `chainrule compare --variant rule=momentum,batch_size=100 --variant rule=sgd,batch_size=600 --seeds 3`

    Parameters
    ----------
    rules
        Update rules to compare, with commas.
    inits
        Initializations to compare, with commas.
    depths
        Numbers of hidden layers to compare, each as wide as the first of --hidden.
    variant
        One variant: settings in which it differs, such as rule=adam,lr=1e-3,hidden=50-50; may be repeated.
    variants
        A JSON file with a list of variants.
    seeds
        How many seeds, or which: 5, or 0,7,9.
    option
        A setting for one rule, such as momentum.lr=0.01 or adam.beta1=0.95; may be repeated.
    search_lr
        Find each variant's learning rate first, on a small grid around the rule's own.
    target_acc
        The training accuracy whose first epoch the table gives.
    workers
        Trainings at a time; results do not depend on it.  [one per core]
    out
        The folder to write; refused if it exists.  [a new one under runs/]
    json
        Write the result there as JSON too (-: standard output, and nothing else there).
    quiet
        No progress.
    """
    from chainrule import study
    from chainrule.core.json_files import read_json

    data, settings = data or DataOptions(), settings or Settings()
    listed = [variant_of(text) for text in variant or []] + (list(read_json(variants)) if variants else [])
    chosen = whole_numbers("--seeds", seeds)
    result = study.compare(
        **data.arguments(),
        **settings.arguments(),
        variants=listed or None,
        rules=rules.split(",") if rules else None if listed else ["sgd", "momentum", "adam"],
        inits=[described(text) for text in inits.split(",")] if inits else None,
        depths=whole_numbers("--depths", depths) if depths else None,
        seeds=chosen[0] if len(chosen) == 1 else chosen,
        options=options_by_rule(option),
        search_lr=search_lr,
        target_acc=target_acc,
        workers=workers,
        out=out,
        verbose=not quiet,
        command=command_line(),
    )
    folder = Path(result.settings["folder"])
    emit(read_json(folder / "result.json"), json, f"{result}\n\nThe page: {folder / 'report.html'}")
    return 0 if result.complete else 130


def told(run: Any) -> str:
    """A run in a few lines for the terminal."""
    result = run.result
    metric = "accuracy" if result["metric"] == "accuracy" else "R²"
    lines = []
    if result["best_epoch"] is not None:
        lines.append(f"best validation {metric} {result['best_val_acc']:.4f} in epoch {result['best_epoch']}")
    if result["test_acc"] is not None:
        lines.append(f"test {metric} {result['test_acc']:.4f}")
    lines += [f"{'!' if f.severity == 'problem' else '·'} {f.title} {f.measured} {f.advice}" for f in run.findings]
    if not run.finished:
        lines.append(f"Interrupted; go on with: chainrule train --resume {run.folder}")
    lines.append(f"The page: {run.folder / 'report.html'}")
    return "\n".join(lines)
