"""The Solver: trains a net on data, keeps the best it saw, and records all of it."""

import inspect
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError, SettingError
from chainrule.core.paths import path_of
from chainrule.core.shapes import check_labels
from chainrule.core.streams import key, permutation
from chainrule.core.threads import blas_threads
from chainrule.datasets import load_data
from chainrule.engines.task import Records, Task
from chainrule.nets.net import Net
from chainrule.training import resume
from chainrule.training.best import Best, Snapshot
from chainrule.training.evaluation import evaluate, hidden_activations
from chainrule.training.history import History
from chainrule.training.interrupts import interrupts
from chainrule.training.progress import Progress
from chainrule.training.row_weights import row_weights
from chainrule.training.settings import SolverSettings, count, functions, plain_for

RUN_STEPS = 50  # steps of the first run of an engine, before its pace is known
RUN_SECONDS = 0.5  # between two looks at the clock and the progress bar, about
CHECKPOINT_SECONDS = 5.0  # between two checkpoints, where none are asked for by step


class Solver:
    """Trains a net.

    Args:
        net: its parameters are trained in place; its input transform is set from the data where it has none.
        data: a `Dataset`, a plain dict with X_train, y_train (and X_val, y_val, ...), or what `load_data` takes.
        rule: update rule: sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw.
        lr: learning rate; where None, the rule's own default.
        epochs: passes over the training rows.
        batch_size: rows of a step, or "all".
        schedule: how the learning rate changes, such as {"kind": "exponential", "decay": 0.9}; see `optim.schedules`.
        weight_decay: L2 strength in the gradients of weight matrices (for adamw: its decoupled decay).
        clip_norm: the greatest norm of all gradients together.
        clip_value: the greatest size of a gradient's entry.
        sampler: "shuffle" (every row once an epoch), "replacement", or a function like those of `engines.batches`.
        restore: what comes back at the end: "all" (best parameters and their running statistics), "params" (best
            parameters alone, as the courses do), or None (the last ones stay).
        early_stopping: epochs without a better validation accuracy after which training ends; None for never.
        train_samples: training rows of each accuracy check; None for all.
        sample_weight: (N,) how much each training row counts in loss and gradients; of the plain engine. None: all alike.
        callbacks: functions called with the solver after every check; a true answer ends the training.
        engine: "plain", "fused" (compiled), or "auto": fused where it covers the net and the rule.
        threads: of the plain engine's matrix products; recorded, since results depend on it. Where None, one per core.
        slices: into how many parts the fused engine cuts a step, each with a thread; as for `threads`.
        array, device: "torch" has the plain engine compute with PyTorch tensors on a device, such as "cpu" or "cuda".
        seed: fixes batches and dropout masks.
        folder: where checkpoints are kept while the training runs; None for none.
        checkpoint_every: steps between checkpoints; where None, one every few seconds.
        verbose: whether progress is shown (on standard error).
        **options: hyper-parameters of the rule, such as beta1=0.9.

    Attributes:
        history: what was measured so far.
        interrupted: whether the last `train` was ended by Ctrl-C.

    Raises:
        SettingError: an unknown name, or a number out of its range.
        ArrayError, ArrayTypeError: data that do not fit the net.

    Example:
        >>> from chainrule.nets import FullyConnectedNet
        >>> net = FullyConnectedNet([16], input_dim=64)
        >>> history = Solver(net, "digits", rule="adam", lr=1e-2, epochs=3, verbose=False).train()
        >>> history.best_val_acc > 0.8
        True
    """

    def __init__(
        self,
        net: Net,
        data: Any,
        *,
        rule: str = "sgd",
        lr: float | None = None,
        epochs: int = 10,
        batch_size: int | str = 100,
        schedule: dict[str, Any] | None = None,
        weight_decay: float | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        sampler: Any = "shuffle",
        restore: str | None = "all",
        early_stopping: int | None = None,
        train_samples: int | None = 1000,
        sample_weight: Any = None,
        callbacks: Sequence[Callable[["Solver"], Any]] = (),
        engine: str = "auto",
        threads: int | None = None,
        slices: int | None = None,
        array: str = "numpy",
        device: str = "cpu",
        seed: int = 0,
        folder: str | Path | None = None,
        checkpoint_every: int | None = None,
        verbose: bool = True,
        **options: Any,
    ) -> None:
        if not isinstance(net, Net):
            raise SettingError(
                f"Solver: net must be a net of this library, such as FullyConnectedNet([100]); came {type(net).__name__}."
            )
        weighted, lack = sample_weight is not None, "has no weights of rows; use engine='auto' with sample_weight."
        self.settings = SolverSettings.checked(
            net=net, rule=rule, lr=lr, epochs=epochs, batch_size=batch_size, schedule=schedule, weight_decay=weight_decay,
            clip_norm=clip_norm, clip_value=clip_value, sampler=sampler, restore=restore, early_stopping=early_stopping,
            train_samples=train_samples, engine=plain_for(engine, weighted, lack), threads=threads, slices=slices,
            array=array, device=device, seed=seed, options=options,
            solver_keywords=[name for name in inspect.signature(Solver).parameters if name != "options"],
        )  # fmt: skip
        self.net, self.data = net, load_data(data)
        self.callbacks, self.verbose = functions("callbacks", callbacks), verbose
        self.folder = None if folder is None else path_of(folder, owner="Solver", name="folder")
        self.checkpoint_every = None if checkpoint_every is None else count("checkpoint_every", checkpoint_every)
        self.interrupted = False
        weights = row_weights(sample_weight, len(self.data.X_train), net.dtype)
        self._fit_net_to_data()
        self.task = self._task(weights)
        metric = "accuracy" if self.data.y_train.ndim == 1 else "r2"
        self.history = History(list(net.params), hidden_activations(net), metric)
        self.best = Best()
        self._last: Snapshot | None = None
        self._pace = RUN_STEPS
        self.seconds = 0.0
        self._last_checkpoint = time.monotonic()

    def _fit_net_to_data(self) -> None:
        """Give the net its input transform, and fail now where net and data do not fit."""
        net, data, before = self.net, self.data, self.net.input
        if net.input.is_empty:
            net.input = data.input_transform()
        try:
            for part in ("train", "val"):
                if f"X_{part}" in data:
                    net.prepared(data[f"X_{part}"][:1], data[f"y_{part}"][:1])
                    if data[f"y_{part}"].ndim == 1:
                        check_labels("Solver", f"y_{part}", data[f"y_{part}"], net.num_classes)
        except ChainruleError:
            net.input = before
            raise

    def _task(self, weights: np.ndarray | None) -> Task:
        chosen, rows = self.settings, len(self.data.X_train)
        batch_size = rows if chosen.batch_size == "all" else min(int(chosen.batch_size), rows)
        steps_per_epoch = rows // batch_size
        return Task(
            net=self.net,
            X=self.data.X_train,
            y=self.data.y_train,
            rule=chosen.row,
            options=chosen.options,
            lr=chosen.lr,
            schedule=chosen.schedule,
            weight_decay=chosen.weight_decay,
            clip_norm=chosen.clip_norm,
            clip_value=chosen.clip_value,
            sampler=chosen.draw,
            batch_size=batch_size,
            seed=chosen.seed,
            steps_per_epoch=steps_per_epoch,
            total_steps=chosen.epochs * steps_per_epoch,
            slices=chosen.slices,
            array=chosen.array,
            device=chosen.device,
            weights=weights,
        )

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self.task.step // self.task.steps_per_epoch

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do: all steps taken, stopped early, or a value that was not finite."""
        return self.task.step >= self.task.total_steps or self.history.fault is not None or self._stopped_early

    @property
    def _stopped_early(self) -> bool:
        patience, best = self.settings.early_stopping, self.history.best_check
        return patience is not None and best is not None and len(self.history.val_acc) - 1 - best >= patience

    def train(self, epochs: int | None = None) -> History:
        """Train to the end of the planned epochs, or, called again, for as many more.

        Ctrl-C ends it between two steps, with the best net so far in place and (with a folder) a checkpoint written; a
        further `train` goes on from there. A value that is not finite ends it too, and is named in `history.fault`.

        Args:
            epochs: how many more; where None, those of the constructor.

        Returns:
            The history of all steps so far.
        """
        if self.finished or epochs is not None:
            more = self.settings.epochs if epochs is None else count("epochs", epochs, least=0)
            self.task.total_steps = self.task.step + more * self.task.steps_per_epoch
            self.history.fault = None
        self.interrupted = False
        if self._last is not None:
            self._last.put_in(self.net)
            self._last = None
        total, planned = self.task.total_steps, self.task.total_steps // self.task.steps_per_epoch
        self.settings.prepare(self.task)
        limit = blas_threads(self.settings.threads)
        with limit, interrupts() as pressed, Progress(total, self.task.step, planned, verbose=self.verbose) as progress:
            while self.task.step < total and not self._run(pressed, progress):
                self._checkpoint_if_due()
            self.interrupted = pressed() and not self.finished
        if self.interrupted:
            self._last = Snapshot.of(self.net)
            if self.folder:
                self.checkpoint()
        if self.best.net is not None and self.settings.restore is not None:
            self.best.net.put_in(self.net, self.settings.restore)
        return self.history

    def _run(self, pressed: Callable[[], bool], progress: Progress) -> bool:
        """Some steps, and a check where one is due; true where the training should end."""
        step, size = self.task.step, self.task.steps_per_epoch
        next_check = 1 if step == 0 else (step // size + 1) * size
        stops = [next_check, step + self._pace, self.task.total_steps]
        if self.folder is not None and self.checkpoint_every is not None:
            stops.append((step // self.checkpoint_every + 1) * self.checkpoint_every)
        began = time.perf_counter()
        records = self.settings.steps(
            self.task,
            min(stops) - step,
            val_history=[float(value) for value in self.history.val_acc],
            stop=pressed,
            measure=next_check == min(stops),
        )
        seconds = time.perf_counter() - began
        self.seconds += seconds
        self._pace = max(1, int(RUN_SECONDS * len(records.loss) / seconds))
        self.history.add_steps(records)
        progress.steps(self.task.step - step)
        if records.fault:
            return True
        ended = False
        if self.task.step == next_check:
            self._check(records)
            latest = self.history
            progress.check(self.epoch, latest.loss[-1], latest.train_acc[-1], latest.val_acc[-1])
            wishes = [callback(self) for callback in self.callbacks]  # all are called, whatever the first says
            ended = any(wishes) or self._stopped_early
        return ended or pressed()

    def _check(self, records: Records) -> None:
        """Measure the net on a sample of the training rows and on the validation rows; keep it if it is the best."""
        data, rows = self.data, len(self.data.X_train)
        sample: Any = slice(None)
        if self.settings.train_samples is not None and self.settings.train_samples < rows:
            stream = key(self.settings.seed, "check", self.task.step)
            sample = np.sort(permutation(stream, rows)[: self.settings.train_samples])
        slices = self.settings.compiled
        train = evaluate(self.net, data.X_train[sample], data.y_train[sample], slices=slices)
        val = evaluate(self.net, data.X_val, data.y_val, slices=slices) if "X_val" in data else None
        self.history.add_check(
            check_step=self.task.step,
            check_epoch=self.epoch,
            train_acc=train.score,
            val_acc=val.score if val else np.nan,
            train_loss=train.loss,
            val_loss=val.loss if val else np.nan,
            update_ratios=records.update_ratios,
            dead_share=train.dead_share,
            seconds=self.seconds,
        )
        if val is not None:
            self.best.offer(self.net, val.score)

    def _checkpoint_if_due(self) -> None:
        every, waited = self.checkpoint_every, time.monotonic() - self._last_checkpoint
        if self.folder is not None and (self.task.step % every == 0 if every else waited >= CHECKPOINT_SECONDS):
            self.checkpoint()

    def checkpoint(self) -> None:
        """Write the whole state of the training to the folder; `resume` goes on from it, bit by bit."""
        resume.write(self)
        self._last_checkpoint = time.monotonic()

    def resume(self) -> bool:
        """Take up the newest whole checkpoint of the folder, if there is one; true if there was.

        Raises:
            FileFormatError: it belongs to another net, other settings or other data, or cannot be read.
        """
        return resume.read(self)
