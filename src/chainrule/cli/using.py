"""`chainrule evaluate` and `chainrule predict`: a saved net at work."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chainrule.cli.options import DATA, OUTPUT, DataOptions, Json, Out
from chainrule.cli.texts import emit


def evaluate(
    net: Path,
    *,
    data: DataOptions | None = None,
    part: Literal["test", "val", "train"] = "test",
    out: Out = None,
    json: Json = None,
) -> int:
    """Measure a saved net: accuracy, confusion matrix and worst mistakes, with pictures.

    Parameters
    ----------
    net
        A net.safetensors file, or the folder of a run.
    part
        Which rows.
    out
        A new folder for confusion.png and mistakes.png.  [a new one under runs/]
    json
        Write the figures there as JSON (-: standard output, and nothing else there).
    """
    from chainrule.study.inspect import evaluate_net

    data = data or DataOptions()
    found = evaluate_net(net, part=part, out=out, **data.arguments())
    emit(found.figures, json, found.text)
    return 0


def predict(
    net: Path,
    *,
    data: Annotated[str, Parameter(group=DATA)],
    out: Annotated[Path, Parameter(group=OUTPUT)],
    json: Json = None,
) -> int:
    """Write a saved net's predictions for the rows of a file.

    Parameters
    ----------
    net
        A net.safetensors file, or the folder of a run.
    data
        A .csv, .parquet, .npz or .npy file with the same columns as the training data (the target may be missing), or
        the name of a data set, whose test rows are taken.
    out
        The .csv file to write; refused if it exists.
    json
        Write a summary there as JSON (-: standard output, and nothing else there).
    """
    from chainrule.study.inspect import predict_rows

    figures = predict_rows(net, data, out)
    emit(figures, json, f"{figures['rows']} predictions written to {out}")
    return 0
