"""The Solver as a task: it trains a model of the checker's, which sees every batch and every parameter that comes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.checker.mistakes.solver import MISTAKES
from chainrule.checker.play import Play, described
from chainrule.checker.subject import Failed, Handle, Subject
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.solver_books import STEPS, Trace
from chainrule.checker.tasks.solver_own_rule import own_rule
from chainrule.checker.tasks.solver_probe import CLASSES, FEATURES, Probe, draw_data, named

OPTIONS = {"rule": "update_rule", "decay": "lr_decay", "batch_size": "batch_size", "epochs": "num_epochs",
           "every": "print_every", "verbose": "verbose"}  # fmt: skip


def observe(play: Play, data, settings, start, seed):
    """One training, as the model has seen it and as the Solver's books tell it."""
    subject, probe = play.subject, Probe(data)
    model, given = subject.stand_in(named(start), probe.answer), subject.keep(data)
    config = {name: settings[name] for name in ("learning_rate", "momentum") if name in settings}
    own_config = subject.keep(config)
    options = {OPTIONS[name]: value for name, value in settings.items() if name in OPTIONS}
    subject.seed(seed)  # a Solver may draw, or begin a generator of its own, while it is made
    solver = subject.call(
        play.names["train"], [model, given], {**options, "optim_config": own_config}, kept=True
    ).result
    subject.seed(seed)
    before = len(subject.output)
    subject.call((solver, "train"))
    trace = Trace(probe.steps)
    books = {name: _numbers(subject, solver, name) for name in ("loss", "train_acc", "val_acc")}
    said = subject.output[before:]
    return {
        "trace": trace,
        **trace.observed(len(data["y_train"])),
        "losses": books["loss"],
        "train_acc": books["train_acc"],
        "val_acc": books["val_acc"],
        "best_val_acc": _optional(subject, solver, "best_val_acc"),
        "best_params": _vector(_optional(subject, solver, "best_params")),
        "final": _vector(subject.get(model, "params")),
        "epoch": _optional(subject, solver, "epoch"),
        "grad_norms": _optional(subject, solver, "log_grad_norm_history"),
        "config": "as it was" if subject.value(own_config) == config else "changed",
        "kept_data": "as they were" if _same(subject.value(given), data) else "changed",
        "quiet": "" if settings.get("verbose", True) else said,
        "lines": said if settings.get("verbose", True) else "",
        "refusal": _refusal(play, model, given),
    }


def _numbers(subject: Subject, solver: Handle, name: str) -> np.ndarray:
    """A history as an array."""
    found = subject.get(solver, f"{name}_history")
    try:
        return np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Failed("crash", f"{name}_history must be a list of numbers; it is {described(found)}") from None


def _optional(subject: Subject, solver: Handle, name: str) -> Any:
    """An attribute that a Solver may do without: None where there is none, or it is empty."""
    try:
        found = subject.get(solver, name)
    except Failed:
        return None
    if isinstance(found, list):
        return np.array(found, dtype=np.float64) if found else None
    return found


def _vector(params: Any) -> Any:
    """W and b as one vector; what is no such dict as it came."""
    if not isinstance(params, dict) or set(params) != {"W", "b"}:
        return None if params is None else f"a dict of {sorted(params)}" if isinstance(params, dict) else params
    return np.concatenate([np.ravel(params["W"]), np.ravel(params["b"])])


def _same(after: Any, before: dict[str, np.ndarray]) -> bool:
    return isinstance(after, dict) and all(np.array_equal(after.get(name, ()), value) for name, value in before.items())


def _refusal(play: Play, model: Handle, given: Handle) -> str:
    """What a Solver makes of a keyword that it does not know."""
    try:
        play.subject.call(play.names["train"], [model, given], {"no_such_keyword": 1}, kept=True)
    except Failed:
        return "refused"
    return "accepted"


KINDS = ("", "a batch larger than the data", "a rule with a state", "printing", "more than 1,000 rows", "defaults")


def cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Trainings that are short and all different; rates so high that accuracies go up and down."""
    return [_case(rng, KINDS[i % len(KINDS)]) for i in range(min(number, 12))]


def _case(rng: np.random.Generator, kind: str) -> Case:
    rows, batch_size = int(rng.integers(21, 25)), 5
    settings: dict[str, Any] = {"learning_rate": float(rng.uniform(0.5, 2.0)), "epochs": int(rng.integers(3, 6))}
    settings |= {"decay": float(rng.uniform(0.6, 0.9)), "batch_size": batch_size, "rule": "sgd", "verbose": False}
    val_rows = int(rng.integers(31, 39))
    if kind == "a batch larger than the data":
        rows = 4
    elif kind == "a rule with a state":
        settings |= {"rule": "sgd_momentum", "decay": 1.0, "momentum": float(rng.uniform(0.5, 0.8))}
    elif kind == "printing":
        settings |= {"verbose": True, "every": 3}
    elif kind == "more than 1,000 rows":
        rows, val_rows = 1203, 130
        settings |= {"batch_size": 400, "epochs": 2}
    elif kind == "defaults":
        rows = int(rng.integers(210, 290))
        settings = {"learning_rate": settings["learning_rate"], "verbose": False}
    inputs = {
        "data": draw_data(rng, rows, val_rows),
        "settings": settings,
        "start": 0.5 * rng.standard_normal(FEATURES * CLASSES + CLASSES),
        "seed": int(rng.integers(1 << 31)),
    }
    sizes = {"N": rows, "epochs": settings.get("epochs", 10), "lr_decay": settings.get("decay", 1.0)}
    return Case(inputs, kind, sizes)


def _quantities(rows: Sequence[tuple[str, str, str]]) -> tuple[Quantity, ...]:
    return tuple(Quantity(name, "train", formula, 1e-6, title=title) for name, title, formula in rows)


SOLVER = Task(
    name="solver",
    lesson="sgd",
    roles=(Role("train", {"Solver": "course"}, observe, part={"course": ".train"}, marks={"rule": ""}, optional=True),),
    quantities=_quantities(
        [
            ("refusal", "what an unknown keyword meets", "a ValueError"),
            ("iterations", "the number of iterations", "num_epochs * max(N // batch_size, 1)"),
            ("batch_sizes", "the rows of every batch", "batch_size"),
            ("labelled", "the labels of the batches", "y_train of the very rows of X_train"),
            ("sampling", "how batches are drawn", "at random, anew for every iteration or epoch"),
            ("draws", "the rows of the batches after a seed", "np.random.choice(num_train, batch_size)"),
            ("rates", "the learning rate of every iteration", "learning_rate * lr_decay ** (epochs that have ended)"),
            ("moves", "the step of the parameters in every iteration", "the update rule, with each parameter's config"),
            ("losses", "loss_history", "the loss of every iteration"),
            ("checks", "the iterations after which accuracies are measured", "the first, and each epoch's last"),
            ("train_sample", "the rows of the training accuracy", "1,000, or all where there are fewer"),
            ("val_sample", "the rows of the validation accuracy", "all"),
            ("train_acc", "train_acc_history", "the share of training rows whose highest score is their label's"),
            ("val_acc", "val_acc_history", "the share of validation rows whose highest score is their label's"),
            ("best_val_acc", "best_val_acc", "the highest validation accuracy"),
            ("best_params", "best_params", "copies of the parameters with the highest validation accuracy"),
            ("final", "model.params after training", "the best parameters"),
            ("epoch", "epoch", "num_epochs"),
            ("grad_norms", "log_grad_norm_history", "the mean of the lengths of all parameters' gradients"),
            ("config", "the optim_config that was passed", "a copy of it for every parameter"),
            ("kept_data", "the data that were passed", "unchanged"),
            ("quiet", "what is printed with verbose=False", "nothing"),
            ("lines", "what is printed", "(Iteration %d / %d) loss: %f, (Epoch %d / %d) train acc: %f; val_acc: %f"),
        ]
    ),
    steps=STEPS,
    cases=cases,
    example={},
    mistakes=MISTAKES,
    single=False,
    built_of=own_rule,
)
