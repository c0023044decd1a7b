"""CS231n's `cs231n.solver`."""

from typing import Any, ClassVar

from chainrule.courses.cs231n import optim
from chainrule.courses.modular import solver


class Solver(solver.Solver):
    """The course's Solver, see `chainrule.courses.modular.solver`; three keywords are of this generation.

    Args:
        num_train_samples: rows drawn for each training accuracy; None for all.
        num_val_samples: likewise for the validation accuracy.
        checkpoint_name: where given, `<name>_epoch_<n>.safetensors` is written at every check.
    """

    optim = optim
    keywords: ClassVar[dict[str, Any]] = {
        **solver.Solver.keywords,
        "num_train_samples": 1000,
        "num_val_samples": None,
        "checkpoint_name": None,
    }
