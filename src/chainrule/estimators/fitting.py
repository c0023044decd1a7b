"""What the estimators of nets share: from scikit-learn's arguments to a net and its Solver, and back."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from chainrule.core.errors import ArrayError, SettingError
from chainrule.core.numbers import real, whole
from chainrule.datasets.dataset import Dataset
from chainrule.nets.fully_connected import FullyConnectedNet
from chainrule.training.history import History
from chainrule.training.solver import Solver

SMALL_KINDS = {"uint8", "int8", "bool", "float16", "float32"}  # whose numbers float32 holds exactly
WORTH_COMPILING = 1e9  # multiply-adds of a fit; about half a second of the plain engine, and of loading the fused one
SPLIT = 0.1  # share of the rows for validation, where early stopping needs some and nothing says how many
OF_THE_FIRST_FIT = ("seed", "init", "dtype")  # what a warm start cannot change, and need not


class FullyConnectedEstimator(BaseEstimator):
    """The common part of classifier and regressor; subclasses say what targets are and which loss fits them."""

    loss: str
    classes_: np.ndarray
    loss_curve_: list[float]

    def __init__(
        self,
        hidden_dims: Sequence[int] = (100,),
        *,
        activation: Any = "relu",
        norm: str | None = None,
        keep: float = 1.0,
        init: Any = None,
        reg: float = 0.0,
        rule: str = "adam",
        options: dict[str, Any] | None = None,
        lr: float | None = None,
        epochs: int = 50,
        batch_size: int | str = 32,
        schedule: Any = None,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        validation_fraction: float | None = None,
        early_stopping: int | None = None,
        warm_start: bool = False,
        dtype: str = "auto",
        engine: str = "auto",
        slices: int | None = None,
        callbacks: Sequence[Any] = (),
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_dims = hidden_dims
        self.activation = activation
        self.norm = norm
        self.keep = keep
        self.init = init
        self.reg = reg
        self.rule = rule
        self.options = options
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.validation_fraction = validation_fraction
        self.early_stopping = early_stopping
        self.warm_start = warm_start
        self.dtype = dtype
        self.engine = engine
        self.slices = slices
        self.callbacks = callbacks
        self.random_state = random_state
        self.verbose = verbose

    # -- training ----------------------------------------------------------------------------------------------------

    def _trained(self, parts: dict[str, np.ndarray], outputs: int, weights: Any) -> Any:
        """A new net (with warm_start: the one that is there), trained to the end."""
        seed = self._drawn_seed()
        wanted = self._net(parts["X_train"], outputs, seed)
        if self.warm_start and hasattr(self, "net_"):
            self._check_that_it_goes_on(wanted)
        else:
            self.net_ = wanted
        solver = self._solver(self.net_, parts, weights, seed=seed, epochs=self.epochs)
        self.history_ = solver.train()
        self._state = solver.task.state
        self._book()
        return self

    def _check_that_it_goes_on(self, wanted: FullyConnectedNet) -> None:
        """Refuse a warm start whose settings or rows ask for another net than the one that is there."""
        there, now = self.net_.settings(), wanted.settings()
        other = [name for name in there if name not in OF_THE_FIRST_FIT and there[name] != now[name]]
        if other:
            changes = ", ".join(f"{name} was {there[name]!r}, now {now[name]!r}" for name in other)
            raise ArrayError(
                f"fit: with warm_start=True the net of the last fit goes on, so what shapes it must stay; {changes}. "
                f"Use a new estimator for another net."
            )

    def _trained_more(self, X: np.ndarray, y: np.ndarray, outputs: int, weights: Any) -> Any:
        """One pass over more rows with the net, and the rule's state, as they are."""
        if not hasattr(self, "net_"):
            self._seed = self._drawn_seed()
            self.net_, self._state = self._net(X, outputs, self._seed), {}
            self.n_iter_ = 0
        seed = getattr(self, "_seed", 0) + self.n_iter_
        solver = self._solver(self.net_, {"X_train": X, "y_train": y}, weights, seed=seed, epochs=1)
        solver.task.state = self._state
        self.history_ = solver.train()
        self._state = solver.task.state
        passes, before = self.n_iter_ + 1, getattr(self, "loss_curve_", [])
        self._book()
        self.n_iter_, self.loss_curve_ = passes, before + self.loss_curve_
        return self

    def _net(self, X: np.ndarray, outputs: int, seed: int) -> FullyConnectedNet:
        dtype = self.dtype
        if dtype == "auto":
            dtype = "float32" if X.dtype.name in SMALL_KINDS else "float64"
        return FullyConnectedNet(
            list(self.hidden_dims) if isinstance(self.hidden_dims, tuple) else self.hidden_dims,
            input_dim=X.shape[1],
            num_classes=outputs,
            activation=self.activation,
            norm=self.norm,
            keep=self.keep,
            init=self.init,
            reg=self.reg,
            dtype=dtype,
            seed=seed,
            **self._net_settings(),
        )

    def _net_settings(self) -> dict[str, Any]:
        """The loss that fits the targets, and what comes before it."""
        return {"loss": self.loss}

    def _solver(
        self, net: FullyConnectedNet, parts: dict[str, np.ndarray], weights: Any, *, seed: int, epochs: int
    ) -> Solver:
        data = Dataset(
            "fit",
            parts["X_train"],
            parts["y_train"],
            parts.get("X_val"),
            parts.get("y_val"),
            classes=self._class_names(),
            measured=False,
        )
        settings = {
            "rule": self.rule,
            "lr": self.lr,
            "epochs": epochs,
            "batch_size": self.batch_size,
            "schedule": self.schedule,
            "weight_decay": self.weight_decay,
            "clip_norm": self.clip_norm,
            "early_stopping": self.early_stopping if "X_val" in parts else None,
            "sample_weight": weights,
            "callbacks": self.callbacks,
            "engine": self._engine(net, len(data.X_train), epochs),
            "slices": self.slices,
            "seed": seed,
            "verbose": bool(self.verbose),
        }
        options = {} if self.options is None else self.options
        if not isinstance(options, dict) or not {"net", "data", *settings}.isdisjoint(options):
            raise SettingError(
                f"options must be a dict of the rule's hyper-parameters, such as {{'beta1': 0.95}}; came {options!r}. "
                f"What has an argument of its own goes there."
            )
        return Solver(net, data, **settings, **options)

    def _engine(self, net: FullyConnectedNet, rows: int, epochs: int) -> str:
        """The engine to ask for: work that the plain one has done before compiled code is loaded stays with it."""
        work = 3 * net.summary().multiply_adds * rows * whole(epochs, "epochs", owner=type(self).__name__, least=0)
        return "plain" if self.engine == "auto" and self.slices is None and work < WORTH_COMPILING else self.engine

    def _book(self) -> None:
        """The figures that scikit-learn's users look for."""
        history: History = self.history_
        self.n_iter_ = int(history.check_epoch[-1]) if len(history.check_epoch) else 0
        ends = history.check_epoch > 0
        self.loss_curve_ = history.train_loss[ends].tolist()
        self.validation_scores_ = None if history.best_check is None else history.val_acc[ends].tolist()
        self.loss_ = float(history.loss[-1]) if len(history.loss) else float("nan")
        if history.fault:
            warnings.warn(
                f"Training ended early: {history.fault}. Scale the rows, or lower lr.", ConvergenceWarning, stacklevel=4
            )
        self.best_validation_score_ = None if history.best_check is None else history.best_val_acc

    def _drawn_seed(self) -> int:
        """The seed of weights, batches, masks and split; NumPy's global generator is left alone."""
        given = 0 if self.random_state is None else self.random_state
        return int(check_random_state(given).randint(1 << 31))

    # -- rows --------------------------------------------------------------------------------------------------------

    def _class_names(self) -> tuple[str, ...]:
        """Names of the classes; () for real targets."""
        return ()

    def _rows(self, X: Any, **more: Any) -> Any:
        """Checked rows (and targets): finite numbers, bytes staying bytes."""
        return validate_data(self, X, dtype="numeric", **more)

    def _given(self, X_val: Any, y_val: Any, targets: Callable[[Any], np.ndarray]) -> tuple[Any, Any]:
        """Validation rows and targets of the caller's own, the latter as `targets` makes them; (None, None) for none."""
        if (X_val is None) != (y_val is None):
            lone, lacking = ("X_val", "y_val") if y_val is None else ("y_val", "X_val")
            raise ArrayError(f"fit: X_val and y_val go together; came {lone} without {lacking}.")
        return (None, None) if X_val is None else (self._rows(X_val, reset=False), targets(y_val))

    def _split(
        self, X: np.ndarray, y: np.ndarray, weights: Any, given: tuple[Any, Any], *, stratify: Any = None
    ) -> tuple[dict[str, np.ndarray], Any]:
        """Training and validation rows: those given, a share of the training rows, or none."""
        parts = {"X_train": X, "y_train": y}
        if given[0] is not None:
            return parts | {"X_val": given[0], "y_val": given[1]}, weights
        share = self.validation_fraction
        if share is None:
            share = SPLIT if self.early_stopping is not None else 0.0
        if real(share) is None or not 0 <= share < 1:
            raise SettingError(f"validation_fraction must be None or a number from 0 to below 1; came {share!r}.")
        if not share:
            return parts, weights
        weights = np.ones(len(X)) if weights is None else weights
        try:
            X, X_val, y, y_val, kept, _ = train_test_split(
                X, y, weights, test_size=share, random_state=self._drawn_seed(), stratify=stratify
            )
        except ValueError as error:
            raise ArrayError(
                f"fit: {len(X)} rows cannot be split with validation_fraction={share}: {error} Give more rows, another "
                f"fraction, or X_val and y_val."
            ) from error
        none = bool((kept == 1).all())
        return {"X_train": X, "y_train": y, "X_val": X_val, "y_val": y_val}, None if none else kept

    def _scores(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self.net_.scores(self._rows(X, reset=False))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "net_")
