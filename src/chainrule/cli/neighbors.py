"""`chainrule knn`: nearest neighbours on a data set."""

from typing import Annotated, Literal

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, DataOptions, Json, Out, Quiet, whole_in
from chainrule.cli.texts import columns, command_line, emit, value, whole_numbers

NEIGHBORS = Group("Neighbours", sort_key=1)


def knn(
    *,
    data: DataOptions | None = None,
    k: Annotated[str, Parameter(group=NEIGHBORS, allow_leading_hyphen=True)] = "1,3,5,10",
    norm: Annotated[str, Parameter(group=NEIGHBORS)] = "l2",
    weights: Annotated[Literal["uniform", "distance"], Parameter(group=NEIGHBORS)] = "uniform",
    cross_validate: Annotated[int | None, whole_in(NEIGHBORS)] = None,
    seed: Annotated[int, whole_in(NEIGHBORS)] = 0,
    memory: Annotated[float, Parameter(group=OUTPUT)] = 256.0,
    out: Out = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Classify by nearest neighbours; show how good each k is, the mistakes, and example neighbours.

    Examples:

    `chainrule knn --data digits --k 1,3,5,10`

    `chainrule knn --data cifar10 --num-train 5000 --num-test 500 --k 1,3,5,8,10,12,15,20,50,100 --cross-validate 5`

    `chainrule knn --data flowers.csv --target species --norm l1`

    Parameters
    ----------
    k
        Numbers of neighbours to try, with commas.  [1,3,5,10]
    norm
        l1, l2, max, or a number p of at least 1 for the p-norm.  [l2]
    weights
        Whether all neighbours count alike, or near ones more (1 / distance).  [uniform]
    cross_validate
        Cross-validate every k on the training rows with so many folds.  [not done]
    seed
        Fixes the folds.  [0]
    memory
        Megabytes to work in, beside the data.  [256]
    """
    from chainrule.study.neighbors import knn as classify
    from chainrule.study.result import text_rows

    made = classify(
        **(data or DataOptions()).arguments(),
        ks=whole_numbers("--k", k),
        norm=value(norm),
        weights=weights,
        folds=cross_validate,
        seed=seed,
        memory_mb=memory,
        out=out,
        verbose=not quiet,
        command=command_line(),
    )
    result = made.result
    names = {
        "test": "test",
        "val": "validation",
        "cross_validation_mean": "cross-validation",
        "cross_validation_std": "±",
    }
    known = {name: head for name, head in names.items() if name in result["table"][0]}
    rows = [["k", *known.values()]] + [
        [str(row["k"]), *(f"{row[name]:.4f}" for name in known)] for row in result["table"]
    ]
    told = f"k = {result['k']}, {result['chosen_by']}: {known[result['part']]} accuracy {result['accuracy']:.4f}"
    emit(result, json, f"{text_rows(rows, columns())}\n\n{told}\n\nThe page: {made.folder / 'report.html'}")
    return 0
