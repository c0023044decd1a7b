"""`chainrule evaluate` and `chainrule predict`: a saved net at work."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chainrule.cli.options import DATA, OUTPUT, Impute, Json, SavedNet
from chainrule.cli.texts import emit, value


def evaluate(
    net: SavedNet,
    /,
    *,
    data: Annotated[str | None, Parameter(group=DATA)] = None,
    part: Annotated[Literal["test", "val", "train"] | None, Parameter(group=DATA)] = None,
    impute: Impute = None,
    out: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
) -> int:
    """Measure a saved net: accuracy, precision and recall of every class, calibration and worst mistakes, with pictures.

    Examples:

    `chainrule evaluate runs/2026-11-21-153012-train-digits`

    `chainrule evaluate net.safetensors --data new-flowers.csv`

    Parameters
    ----------
    data
        A file, all of whose rows are taken; or the name of a data set.  [for a run's folder: the data it trained on]
    part
        Which rows of a data set.  [test]
    out
        A new folder for evaluation.json, confusion.png, calibration.png and mistakes.png.  [one under runs/]
    """
    from chainrule.study.inspect import evaluate_net

    found = evaluate_net(net, data, part=part, impute=None if impute is None else value(impute), out=out)
    emit(found.figures, json, found.text)
    return 0


def predict(
    net: SavedNet,
    /,
    *,
    data: Annotated[str, Parameter(group=DATA)],
    impute: Impute = None,
    out: Annotated[Path, Parameter(group=OUTPUT)],
    json: Json = None,
) -> int:
    """Write a saved net's predictions for the rows of a file.

    Example:

    `chainrule predict runs/2026-11-21-153012-train-flowers.csv --data new-flowers.csv --out predictions.csv`

    Parameters
    ----------
    data
        A .csv, .parquet, .npz or .npy file with the same columns as the training data (the target may be missing), or
        the name of a data set, whose test rows are taken.
    out
        The .csv file to write; refused if it exists.
    """
    from chainrule.study.inspect import predict_rows

    figures = predict_rows(net, data, out, impute=None if impute is None else value(impute))
    emit(figures, json, f"{figures['rows']} predictions written to {out}")
    return 0
