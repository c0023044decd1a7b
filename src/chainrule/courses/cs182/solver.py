"""CS182's `deeplearning.solver`: the Solver that also keeps gradient norms, and writes its histories."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from chainrule.core.npz import save_npz
from chainrule.core.paths import path_of
from chainrule.courses.cs182 import optim
from chainrule.courses.modular import solver


class Solver(solver.Solver):
    """The course's Solver, see `chainrule.courses.modular.solver`.

    Args:
        log_acc_iteration: whether the iteration of every accuracy check is kept.

    Attributes:
        log_acc_iteration_history: those iterations, from 0; empty where they are not kept.
        log_grad_norm_history: for every iteration the mean, over all parameters, of the gradient's L2 norm.
    """

    optim = optim
    keywords: ClassVar[dict[str, Any]] = {**solver.Solver.keywords, "log_acc_iteration": False}
    log_acc_iteration: bool

    def _reset(self) -> None:
        super()._reset()
        self.log_acc_iteration_history: list[int] = []
        self.log_grad_norm_history: list[float] = []

    def see_gradients(self, grads: dict[str, np.ndarray]) -> None:
        """Keep the mean length of the parameters' gradients."""
        self.see_norms([float(np.linalg.norm(grads[name])) for name in self.model.params])

    def see_norms(self, norms: list[float]) -> None:
        """Keep their mean."""
        self.log_grad_norm_history.append(float(np.mean(norms)))

    def check(self, t: int) -> None:
        """Measure accuracies after iteration `t` (from 0)."""
        super().check(t)
        if self.log_acc_iteration:
            self.log_acc_iteration_history.append(t)

    def record_histories_as_npz(self, filename: str | Path) -> None:
        """Write the histories as an .npz file with the arrays train_losses, train_accs and val_accs.

        Args:
            filename: where to; `.npz` is added where it is missing.

        Raises:
            OutputError: it cannot be written, for instance because its folder does not exist (an OSError).
        """
        path = path_of(filename, owner="record_histories_as_npz", name="filename")
        if path.suffix != ".npz":
            path = path.with_name(path.name + ".npz")
        histories = {
            "train_losses": self.loss_history,
            "train_accs": self.train_acc_history,
            "val_accs": self.val_acc_history,
        }
        save_npz(path, {name: np.asarray(values, np.float64) for name, values in histories.items()})
