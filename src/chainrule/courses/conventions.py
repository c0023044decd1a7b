"""Where the five courses' conventions differ; the page docs/how-to/course-conventions.md shows this table."""

from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import choose
from chainrule.courses.table import COURSES

NONE, NOTHING = "—", "nothing"


@dataclass(frozen=True)
class Convention:
    """A row of the table.

    Attributes:
        what: what is done differently.
        by_course: how, for every course; NONE where it has no such thing.
    """

    what: str
    by_course: dict[str, str]


def _row(what: str, *, modular: str = NONE, **others: str) -> Convention:
    """A row; a course whose name is not given does what `modular` says."""
    return Convention(what, {course: others.get(course, modular) for course in COURSES})


CONVENTIONS = (
    _row(
        "packages", cs231n="`cs231n`", cs682="`cs682`", cs182="`deeplearning`", c147="`nndl`, `utils`",
        cs145="`hw3code`, `data`",
    ),
    _row(
        "place of CIFAR-10", cs231n="`cs231n/datasets/`", cs682="`cs682/datasets/`", cs182="`deeplearning/datasets/`",
        c147="`utils/datasets/`", cs145="what `load_CIFAR10` is given",
    ),
    _row("images", modular="(N, 3, 32, 32), mean image subtracted", cs145="(N, 32, 32, 3), 0 to 255"),
    _row(
        "printed while they load", modular=NOTHING, cs182="the path of each batch file", cs145=NOTHING,
    ),
    _row("loss of the net", modular="softmax, mean over rows", cs145="squared distance from one-hot, sum / (2N)"),
    _row("weight matrices", modular="(inputs, outputs)", cs145="(outputs, inputs)"),
    _row("computed in", modular="float32; `TwoLayerNet` float64", c147="float32", cs182="float32", cs145="float64"),
    _row(
        "starting weights", modular="`weight_scale`·N(0, 1)", cs145="`std`·N(0, 1)",
        cs182="`weight_scale`·N(0, 1); `initialization=\"he\"`, `\"zero\"`",
    ),
    _row(
        "normalization", modular="`use_batchnorm=True`", cs231n="`normalization=\"batchnorm\"`, `\"layernorm\"`",
        cs682="`normalization=\"batchnorm\"`, `\"layernorm\"`", cs145=NONE,
    ),
    _row(
        "dropout of the net", modular="", cs231n="`dropout_keep_ratio=1`: share kept", cs682="`dropout=1`: share kept",
        cs182="`dropout=0`: share dropped", c147="`dropout=1`: share kept", cs145=NONE,
    ),
    _row("`p` of `dropout_forward`", modular="share kept", cs182="share dropped", cs145=NONE),
    _row("momentum", modular="v = μv − lr·dw; w + v", cs182="v = μv + dw; w − lr·v", cs145=NONE),
    _row("Nesterov momentum", modular=NONE, c147="`sgd_nesterov_momentum`", cs145=NONE),
    _row("state of `rmsprop`", modular="`cache`", c147="`a`", cs145=NONE),
    _row("state of `adam`: moments, step", modular="`m`, `v`, `t`", c147="`v`, `a`, `t`", cs145=NONE),
    _row("learning rate decays", modular="at the end of an epoch", cs145="after each accuracy check, the first too"),
    _row("training accuracy", modular="of 1000 rows, drawn with replacement", cs145="of the step's batch"),
    _row("at the end", modular="best parameters, last running statistics", cs145="the last parameters"),
    _row("printed loss", modular="`(Iteration 1 / 10) loss: 2.302585`", cs145="`iteration 0 / 10: loss 2.302585`"),
    _row(
        "the Solver also", modular=NONE, cs231n="`num_train_samples`, `num_val_samples`, `checkpoint_name`",
        cs682="`num_train_samples`, `num_val_samples`, `checkpoint_name`",
        cs182="`log_acc_iteration`, `log_grad_norm_history`, `record_histories_as_npz`", cs145=NONE,
    ),
    _row("penalty of `LinearSVM`, `Softmax`", modular="reg·ΣW²", c147=NONE, cs145=NONE),
    _row(
        "nearest neighbours", modular="`KNearestNeighbor`, `compute_distances_no_loops`", c147=NONE,
        cs145="`KNN`, `compute_L2_distances_vectorized`",
    ),
)  # fmt: skip


def told(course: str) -> list[dict[str, Any]]:
    """The table as one course sees it.

    Args:
        course: cs231n, cs682, cs182, c147 or cs145.

    Returns:
        For each row "what", how it is done "here", and "elsewhere": by the names of the courses that do otherwise,
        how they do it.

    Raises:
        SettingError: an unknown course.
    """
    choose(course, COURSES, what="course")
    rows = []
    for row in CONVENTIONS:
        here = row.by_course[course]
        elsewhere: dict[str, list[str]] = {}
        for other, value in row.by_course.items():
            if value not in (here, NONE):
                elsewhere.setdefault(value, []).append(other)
        named = {", ".join(names): _text(value) for value, names in elsewhere.items()}
        rows.append({"what": _text(row.what), "here": _text(here), "elsewhere": named})
    return rows


def _text(cell: str) -> str:
    """A cell without Markdown's marks."""
    return cell.replace("`", "")


def markdown() -> str:
    """The whole table in Markdown, as the how-to page has it."""
    head = ["", *COURSES]
    body = [[row.what, *row.by_course.values()] for row in CONVENTIONS]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *body))
