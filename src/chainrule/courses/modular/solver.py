"""The courses' Solver: trains a model that has a dict `params` and a method `loss`, and keeps the best it saw.

Batches are drawn with replacement from NumPy's global generator, in the courses' order, so that printed losses follow.
Matrix products have one thread: those of the courses' nets are small, and threads that wait for each other cost more than
they bring.
"""

from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from chainrule.core.errors import SettingError, choose
from chainrule.core.numbers import whole
from chainrule.core.threads import single_blas_thread
from chainrule.courses import settings
from chainrule.courses.modular import checkpoint, engine_runs
from chainrule.courses.modular.checks import number
from chainrule.courses.modular.fc_net import ModularNet
from chainrule.courses.modular.parts import (
    checked_config,
    checked_data,
    checked_keyword,
    checked_labels,
    checked_loss,
    checked_model,
    checked_rows,
    rules_of,
)


class Solver:
    """Trains a model on data.

    Args:
        model: has `params`, a dict of arrays, and `loss(X)` -> scores, `loss(X, y)` -> loss, gradients: the courses'
            nets, or your own.
        data: a dict with X_train, y_train, X_val, y_val.
        update_rule: name of a function of the course's `optim` module.
        optim_config: the rule's settings, such as {"learning_rate": 1e-3}; copied for every parameter.
        lr_decay: every learning rate is multiplied by it at the end of an epoch.
        batch_size: rows of a step, drawn with replacement.
        num_epochs: how often as many rows as there are training rows are drawn.
        print_every: iterations between two printed losses.
        verbose: whether anything is printed.
        engine: "plain" walks the model's own `loss`; another engine of the library, such as "fused", trains the
            courses' nets faster, with the same batches (dropout's masks are the engine's own).

    Attributes:
        loss_history: of every iteration.
        train_acc_history, val_acc_history: after the first iteration and at the end of every epoch.
        best_val_acc, best_params: the best validation accuracy, and copies of the parameters that had it.
        epoch, optim_configs: the epoch counter, and every parameter's config with the rule's state.

    Raises:
        SettingError: an unknown keyword or rule, or a value that cannot be used (a ValueError).
        ArrayError, ArrayTypeError: data that do not fit together.
    """

    optim: ModuleType  # where update rules are looked up
    keywords: ClassVar[dict[str, Any]] = {
        "update_rule": "sgd",
        "optim_config": {},
        "lr_decay": 1.0,
        "batch_size": 100,
        "num_epochs": 10,
        "print_every": 10,
        "verbose": True,
        "engine": "plain",
    }
    optim_config: dict[str, Any]
    lr_decay: float
    batch_size: int
    num_epochs: int
    print_every: float
    verbose: bool
    num_train_samples: int | None = 1000
    num_val_samples: int | None = None
    checkpoint_name: str | None = None

    def __init__(self, model: Any, data: dict[str, Any], **kwargs: Any) -> None:
        rules = rules_of(self.optim)
        for name in kwargs:
            checked_keyword(name, self.keywords, rules)
        given = {**self.keywords, "engine": settings.engine, **kwargs}
        self.model = checked_model(model)
        self.X_train, self.y_train, self.X_val, self.y_val = checked_data(data)
        for name, value in given.items():
            setattr(self, name, value)
        if isinstance(self.model, ModularNet):
            checked_labels(self.model.net.num_classes, y_train=self.y_train, y_val=self.y_val)
        checked_config(self.optim_config, rules)
        self.rule_name = choose(given["update_rule"], rules, what="update rule of Solver")
        self.update_rule = rules[self.rule_name]
        self._check_settings()
        self.engine = engine_runs.checked(self)
        self._reset()

    def _check_settings(self) -> None:
        self.lr_decay = number("Solver", "lr_decay", self.lr_decay)
        self.batch_size = whole(self.batch_size, "batch_size", owner="Solver")
        self.num_epochs = whole(self.num_epochs, "num_epochs", owner="Solver", least=0)
        if self.verbose and self.print_every != float("inf"):
            number("Solver", "print_every", self.print_every)
            if self.print_every == 0:
                raise SettingError("Solver: print_every must be another number than 0; verbose=False prints nothing.")
        for name in ("num_train_samples", "num_val_samples"):
            if getattr(self, name) is not None:
                whole(getattr(self, name), name, owner="Solver")

    def _reset(self) -> None:
        """The books before the first iteration."""
        self.epoch = 0
        self.best_val_acc: float = 0
        self.best_params: dict[str, np.ndarray] = {}
        self.loss_history: list[float] = []
        self.train_acc_history: list[float] = []
        self.val_acc_history: list[float] = []
        self.optim_configs = {name: dict(self.optim_config) for name in self.model.params}

    @single_blas_thread()
    def train(self) -> None:
        """Train for `num_epochs`; called again, go on for as many more. The best parameters come back at the end.

        Running statistics of batch normalization stay those of the last iteration. A training that diverges runs to
        its end: infinities and NaN are numbers like others here.
        """
        runs = None if self.engine == "plain" else engine_runs.EngineRuns(self)
        total, t = self.num_epochs * self.per_epoch, 0
        with np.errstate(all="ignore"):
            while t < total:
                t = self._advance(t, runs)
                if self._prints(t - 1):
                    print(f"(Iteration {t} / {total}) loss: {self.loss_history[-1]:f}")
                epoch_ends = t % self.per_epoch == 0
                if epoch_ends:
                    self._end_epoch()
                if t == 1 or epoch_ends:
                    self.check(t - 1)
        if self.best_params:
            self.model.params = {name: value.copy() for name, value in self.best_params.items()}

    @property
    def per_epoch(self) -> int:
        """Iterations of an epoch."""
        return max(len(self.X_train) // self.batch_size, 1)

    def _prints(self, t: int) -> bool:
        return bool(self.verbose) and t % self.print_every == 0

    def _advance(self, t: int, runs: engine_runs.EngineRuns | None) -> int:
        """Take iterations from `t` on: one, or with an engine as many as nobody looks at; the next t comes back."""
        last = t
        if runs is None:
            self.step(self.draw())
        else:
            while not (last == 0 or (last + 1) % self.per_epoch == 0 or self._prints(last)):
                last += 1
            runs.take(last + 1 - t)
        return last + 1

    def draw(self) -> np.ndarray:
        """The row numbers of one batch."""
        return np.random.choice(len(self.X_train), self.batch_size)

    def step(self, rows: np.ndarray) -> None:
        """One iteration: the batch of these rows, the loss, and a step of every parameter."""
        loss, grads = checked_loss(self.model.loss(self.X_train[rows], self.y_train[rows]), self.model.params)
        self.loss_history.append(loss)
        self.see_gradients(grads)
        for name, w in self.model.params.items():
            self.model.params[name], self.optim_configs[name] = self.update_rule(w, grads[name], self.config_of(name))

    def config_of(self, name: str) -> dict[str, Any]:
        """A parameter's config: settings and state of the rule."""
        return self.optim_configs.setdefault(name, dict(self.optim_config))

    def see_gradients(self, grads: dict[str, np.ndarray]) -> None:
        """Called with the gradients of every iteration of the plain engine."""

    def see_norms(self, norms: list[float]) -> None:
        """Called with the length of every parameter's gradient, for every iteration of another engine."""

    def _end_epoch(self) -> None:
        self.epoch += 1
        for config in self.optim_configs.values():
            if "learning_rate" in config:
                config["learning_rate"] *= self.lr_decay

    def check(self, t: int) -> None:
        """Measure accuracies after iteration `t` (from 0), and keep the best parameters."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, num_samples=self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, num_samples=self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        if self.checkpoint_name:
            checkpoint.write(self)
        if self.verbose:
            print(f"(Epoch {self.epoch} / {self.num_epochs}) train acc: {train_acc:f}; val_acc: {val_acc:f}")
        if val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = {name: np.array(value) for name, value in self.model.params.items()}

    @single_blas_thread()
    def check_accuracy(self, X: Any, y: Any, num_samples: int | None = None, batch_size: int = 100) -> float:
        """The share of rows whose highest score is their label's (a row of NaN counts as class 0).

        Args:
            X: (N, ...) rows.
            y: (N,) labels.
            num_samples: where it is below N, so many rows are drawn, with replacement; None for all.
            batch_size: rows that are scored at a time.

        Raises:
            ArrayError: X and y of different lengths, or no rows.
        """
        X, y = checked_rows("check_accuracy", "X", X, "y", y)
        if num_samples is not None and num_samples < len(X):
            rows = np.random.choice(len(X), whole(num_samples, "num_samples", owner="check_accuracy"))
            X, y = X[rows], y[rows]
        batch_size = whole(batch_size, "batch_size", owner="check_accuracy")
        with np.errstate(all="ignore"):
            starts = range(0, len(X), batch_size)
            predicted = [np.argmax(self.model.loss(X[i : i + batch_size]), axis=1) for i in starts]
        return float(np.mean(np.concatenate(predicted) == y))


class SamplingSolver(Solver):
    """The Solver of the later courses, with three more keywords.

    Args:
        num_train_samples: rows drawn for each training accuracy; None for all.
        num_val_samples: likewise for the validation accuracy.
        checkpoint_name: where given, `<name>_epoch_<n>.safetensors` is written at every check.
    """

    keywords: ClassVar[dict[str, Any]] = {
        **Solver.keywords,
        "num_train_samples": 1000,
        "num_val_samples": None,
        "checkpoint_name": None,
    }
