"""The options that several commands share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from chainrule.cli.texts import described, value, whole, whole_numbers
from chainrule.core.errors import SettingError

DATA, NET, TRAINING, OUTPUT = (Group(name, sort_key=i) for i, name in enumerate(["Data", "Net", "Training", "Output"]))


def _exactly(kind: type, tokens: Any) -> int:
    """A whole number and nothing near one: 1.5 epochs are a mistake."""
    return whole(tokens[0].value)


def whole_in(group: Group) -> Parameter:
    """An option that takes a whole number."""
    return Parameter(group=group, converter=_exactly)


@Parameter(name="*")
@dataclass
class DataOptions:
    """Which data."""

    data: Annotated[str, Parameter(group=DATA)] = "digits"
    """digits, cifar10, or a .csv, .parquet, .npz or .npy file.  [digits]"""
    target: Annotated[str | None, Parameter(group=DATA)] = None
    """For files: the column to predict."""
    task: Annotated[Literal["classification", "regression"] | None, Parameter(group=DATA)] = None
    """For files whose target could be either: whole numbers are classes unless regression is said."""
    impute: Annotated[str | None, Parameter(group=DATA)] = None
    """For files with missing values: mean, median, most_frequent, or a number."""
    num_train: Annotated[int | None, whole_in(DATA)] = None
    """Use only the first so many training rows."""
    num_test: Annotated[int | None, whole_in(DATA)] = None
    """Use only the first so many test rows."""

    def arguments(self) -> dict[str, Any]:
        """As `train` and `compare` take them."""
        impute = self.impute if self.impute is None else value(self.impute)
        return {
            "data": self.data,
            "target": self.target,
            "task": self.task,
            "impute": impute,
            "num_train": self.num_train,
            "num_test": self.num_test,
        }


@Parameter(name="*")
@dataclass
class Settings:
    """Net and training."""

    hidden: Annotated[str | None, Parameter(group=NET)] = None
    """Hidden layers, such as 100,100 (none: a linear classifier).  [100,100]"""
    activation: Annotated[str | None, Parameter(group=NET)] = None
    """relu, leaky_relu, sigmoid or tanh; or one per hidden layer, with commas.  [relu]"""
    norm: Annotated[Literal["batch", "layer", "none"] | None, Parameter(group=NET)] = None
    """Normalization between affine and activation.  [none]"""
    keep: Annotated[float | None, Parameter(group=NET)] = None
    """Share of hidden units that dropout keeps.  [1]"""
    init: Annotated[str | None, Parameter(group=NET)] = None
    """he, xavier, normal or zeros; options follow a colon: xavier:distribution=uniform.  [he]"""
    weight_scale: Annotated[float | None, Parameter(group=NET)] = None
    """Standard deviation of --init normal."""
    reg: Annotated[float | None, Parameter(group=NET)] = None
    """Strength of the penalty 0.5 * reg * sum(W * W).  [0]"""
    loss: Annotated[str | None, Parameter(group=NET)] = None
    """softmax, svm or mse.  [softmax; mse for real targets]"""
    dtype: Annotated[Literal["float32", "float64"] | None, Parameter(group=NET)] = None
    """Precision.  [float32]"""
    lr: Annotated[float | None, Parameter(group=TRAINING)] = None
    """Learning rate.  [the rule's own]"""
    epochs: Annotated[int | None, whole_in(TRAINING)] = None
    """Passes over the training rows.  [10]"""
    batch_size: Annotated[str | None, Parameter(group=TRAINING)] = None
    """Rows of a step, or all.  [100]"""
    schedule: Annotated[str | None, Parameter(group=TRAINING)] = None
    """How the rate changes: exponential:decay=0.9, cosine:warmup_epochs=1, step, one_cycle, plateau.  [constant]"""
    weight_decay: Annotated[float | None, Parameter(group=TRAINING)] = None
    """L2 strength added to the gradients of weights (adamw: its decoupled decay)."""
    clip_norm: Annotated[float | None, Parameter(group=TRAINING)] = None
    """Greatest norm of all gradients together."""
    clip_value: Annotated[float | None, Parameter(group=TRAINING)] = None
    """Greatest size of a gradient's entry."""
    early_stopping: Annotated[int | None, whole_in(TRAINING)] = None
    """Epochs without a better validation accuracy after which training ends."""
    sampler: Annotated[Literal["shuffle", "replacement"] | None, Parameter(group=TRAINING)] = None
    """How batches are drawn.  [shuffle]"""
    threads: Annotated[int | None, whole_in(TRAINING)] = None
    """Threads of the plain engine's matrix products; results depend on it.  [train: one per core; compare: 1]"""
    engine: Annotated[Literal["auto", "fused", "plain"] | None, Parameter(group=TRAINING)] = None
    """Compiled steps (fused) or the layers as they stand (plain).  [auto: fused where it covers the net]"""
    slices: Annotated[int | None, whole_in(TRAINING)] = None
    """Parts, a thread each, that the fused engine cuts a step into; results depend on it.  [as --threads]"""
    array: Annotated[Literal["numpy", "torch"] | None, Parameter(group=TRAINING)] = None
    """Whose arrays the plain engine computes with: torch also on a GPU.  [numpy]"""
    device: Annotated[str | None, Parameter(group=TRAINING)] = None
    """Where torch's arrays are: cpu, cuda, cuda:1, mps.  [cpu]"""

    def arguments(self) -> dict[str, Any]:
        """What was given, as `train` and `compare` take it."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        if "hidden" in given:
            given["hidden"] = whole_numbers("--hidden", given["hidden"])
        if "," in given.get("activation", ""):
            given["activation"] = given["activation"].split(",")
        if given.get("norm") == "none":
            given["norm"] = None
        if "batch_size" in given and given["batch_size"] != "all":
            try:
                given["batch_size"] = whole(given["batch_size"])
            except ValueError as error:
                raise SettingError(f"--batch-size: {error} All rows at once are 'all'.") from None
        for name in ("init", "schedule"):
            if name in given:
                given[name] = described(given[name])
        return given


Out = Annotated[
    Path | None,
    Parameter(group=OUTPUT, help="The folder to write; refused if it exists.  [a new one under runs/]"),
]
Json = Annotated[
    str | None,
    Parameter(
        group=OUTPUT,
        allow_leading_hyphen=True,
        help="Write the result there as JSON too (-: standard output, and nothing else there).",
    ),
]
Quiet = Annotated[bool, Parameter(group=OUTPUT, help="Show no progress and no notices.")]
Target = Annotated[str | None, Parameter(group=DATA, help="For files: the column to predict.")]
Impute = Annotated[
    str | None, Parameter(group=DATA, help="What stands for missing values: mean, median, most_frequent, or a number.")
]
SavedNet = Annotated[Path, Parameter(help="A net.safetensors file, or the folder of a run.")]
Option = Annotated[list[str] | None, Parameter(group=TRAINING)]
