"""`chainrule train` and `chainrule compare`."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainrule.cli.options import NET, OUTPUT, TRAINING, DataOptions, Json, Option, Out, Quiet, Settings, whole_in
from chainrule.cli.texts import (
    columns,
    command_line,
    described,
    emit,
    listed_variants,
    options_by_rule,
    rule_options,
    whole_numbers,
    wrapped,
)
from chainrule.core.errors import SettingError


def train(
    *,
    data: DataOptions | None = None,
    rule: Annotated[str | None, Parameter(group=TRAINING)] = None,
    option: Option = None,
    settings: Settings | None = None,
    seed: Annotated[int | None, whole_in(TRAINING)] = None,
    out: Out = None,
    resume: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    log: Annotated[list[str] | None, Parameter(group=OUTPUT)] = None,
    dry_run: Annotated[bool, Parameter(group=OUTPUT)] = False,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Train one net; leave a folder with settings, history, net and a page.

    Examples:

    `chainrule train --data digits --hidden 64,64 --norm batch --keep 0.8 --epochs 20`

    `chainrule train --data flowers.csv --target species --rule momentum --lr 0.05`

    `chainrule train --resume runs/2026-11-21-153012-train-digits`

    Parameters
    ----------
    rule
        sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw.  [adam]
    option
        A hyper-parameter of the rule, such as beta1=0.95; may be repeated.
    seed
        Fixes weights, batches and masks.  [0]
    resume
        Go on with the training in this folder, with its own settings; a finished one stays as it is.
    log
        Where else to log every check: tensorboard:FOLDER, mlflow:EXPERIMENT, wandb:PROJECT or jsonl:FILE; may be repeated.
        [log.jsonl in the run's folder, always]
    dry_run
        Take the first steps only and say what the training would be: the net, the engine, the time, what is wrong from
        the start. Nothing is written.
    """
    from chainrule import study
    from chainrule.interop.loggers import logger
    from chainrule.study import before

    data, settings = data or DataOptions(), settings or Settings()
    chosen = settings.arguments() | {"rule": rule, "seed": seed, "options": rule_options(option)}
    chosen = {name: item for name, item in chosen.items() if item not in (None, {}) or name == "norm"}
    told_to: dict[str, Any] = {"callbacks": [logger(described) for described in log or ()], "verbose": not quiet}
    if dry_run and (resume or out or log):
        raise SettingError("--dry-run writes nothing; leave out --resume, --out and --log.")
    if dry_run:
        planned = before.dry_run(**data.arguments(), **chosen)
        emit(planned.describe(), json, str(planned))
        return 0
    if resume is None:
        run = study.train(**data.arguments(), **chosen, out=out, **told_to, command=command_line())
    elif chosen or out or data != DataOptions():
        raise SettingError("--resume goes on with the settings in the folder; leave out all other options but --log.")
    else:
        run = study.resume(resume, **told_to)
    emit(run.result, json, told(run))
    return 0 if run.finished else 130


def compare(
    *,
    data: DataOptions | None = None,
    rules: Annotated[str | None, Parameter(group=TRAINING)] = None,
    inits: Annotated[str | None, Parameter(group=NET)] = None,
    depths: Annotated[str | None, Parameter(group=NET)] = None,
    variant: Annotated[list[str] | None, Parameter(group=TRAINING)] = None,
    variants: Annotated[Path | None, Parameter(group=TRAINING)] = None,
    seeds: Annotated[str, Parameter(group=TRAINING, allow_leading_hyphen=True)] = "5",
    option: Option = None,
    search_lr: Annotated[bool, Parameter(group=TRAINING)] = False,
    settings: Settings | None = None,
    workers: Annotated[int | None, whole_in(TRAINING)] = None,
    target_acc: Annotated[float, Parameter(group=OUTPUT)] = 0.9,
    out: Out = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Train variants of a net with several seeds each; show which wins, and by how much.

    Examples:

    `chainrule compare --data digits --rules sgd,momentum,adam --inits he,xavier --seeds 5`

    `chainrule compare --data cifar10 --num-train 4000 --hidden 100,100,100,100,100 --rules sgd,momentum,adam`

    `chainrule compare --variant rule=momentum,batch_size=100 --variant rule=sgd,batch_size=600 --seeds 3`

    Parameters
    ----------
    rules
        Update rules to compare, with commas.  [sgd,momentum,adam]
    inits
        Initializations to compare, with commas; options follow a colon: he,xavier:distribution=uniform.
    depths
        Numbers of hidden layers to compare, each as wide as the first of --hidden.
    variant
        One variant: settings in which it differs, such as rule=adam,lr=1e-3,hidden=50-50; may be repeated.
    variants
        A JSON file with a list of variants, such as [{"rule": "adam", "lr": 0.001}, {"rule": "sgd"}].
    seeds
        How many seeds, or which: 5, or 0,7,9.  [5]
    option
        A setting for one rule, such as momentum.lr=0.01 or adam.beta1=0.95; may be repeated.
    search_lr
        Find each variant's learning rate first, on a small grid around the rule's own.
    workers
        Trainings at a time; results do not depend on it.  [one per core, or one where nets are small]
    target_acc
        The training accuracy whose first epoch the table gives.  [0.9]
    """
    from chainrule import study
    from chainrule.core.json_files import read_json
    from chainrule.study.result import text_table

    data, settings = data or DataOptions(), settings or Settings()
    listed = listed_variants(variant, variants)
    chosen = whole_numbers("--seeds", seeds)
    axes = listed is not None or any([rules, inits, depths])
    result = study.compare(
        **data.arguments(),
        **settings.arguments(),
        variants=listed,
        rules=rules.split(",") if rules else None if axes else ["sgd", "momentum", "adam"],
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
    verdict = "\n".join(wrapped(sentence, indent="") for sentence in result.verdict)
    text = f"{text_table(result, columns())}\n\n{verdict}\n\nThe page: {folder / 'report.html'}"
    emit(read_json(folder / "result.json"), json, text)
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
    for finding in run.findings:
        kind = "Problem" if finding.severity == "problem" else "Note"
        lines += [
            "",
            wrapped(f"{kind}: {finding.title}", indent=""),
            wrapped(finding.measured),
            wrapped(f"Try: {finding.advice}"),
        ]
    if not run.finished:
        lines += ["", f"Interrupted; go on with: chainrule train --resume {run.folder}"]
    return "\n".join([*lines, "", f"The page: {run.folder / 'report.html'}"])
