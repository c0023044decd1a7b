"""`chainrule find-lr`: the learning rate to begin with."""

from typing import Annotated

from cyclopts import Parameter

from chainrule.cli.options import TRAINING, DataOptions, Json, Option, Out, Settings, whole_in
from chainrule.cli.texts import command_line, emit, rule_options


def find_lr(
    *,
    data: DataOptions | None = None,
    rule: Annotated[str, Parameter(group=TRAINING)] = "adam",
    option: Option = None,
    settings: Settings | None = None,
    low: Annotated[float, Parameter(group=TRAINING)] = 1e-6,
    high: Annotated[float, Parameter(group=TRAINING)] = 10.0,
    steps: Annotated[int, whole_in(TRAINING)] = 100,
    seed: Annotated[int, whole_in(TRAINING)] = 0,
    out: Out = None,
    json: Json = None,
) -> int:
    """Find the learning rate to begin with: one short run in which it climbs, with a picture.

    Examples:

    `chainrule find-lr --data digits --hidden 64,64 --rule momentum`

    `chainrule find-lr --data flowers.csv --target species --low 1e-4 --high 1`

    Parameters
    ----------
    rule
        sgd, momentum, nesterov, adagrad, rmsprop, adam or adamw.  [adam]
    option
        A hyper-parameter of the rule, such as beta1=0.95; may be repeated.
    low
        The first rate.  [1e-6]
    high
        The last rate.  [10]
    steps
        How many rates, one step each.  [100]
    seed
        Fixes weights, batches and masks.  [0]
    """
    from chainrule.study.before import find_lr as search

    made = search(
        **(data or DataOptions()).arguments(),
        **(settings or Settings()).arguments(),
        rule=rule,
        options=rule_options(option),
        low=low,
        high=high,
        steps=steps,
        seed=seed,
        out=out,
        command=command_line(),
    )
    emit(made.result, json, f"{made.found}\n\nWritten to {made.folder}")
    return 0
