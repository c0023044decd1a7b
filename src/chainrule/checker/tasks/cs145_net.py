"""CS145's TwoLayerNet as tasks: weights as (outputs, inputs), the squared loss, and the training that it does itself."""

from typing import Any

import numpy as np

from chainrule.checker.mistakes.cs145_net import LOSS_MISTAKES, TRAIN_MISTAKES
from chainrule.checker.mistakes.net_start import MISTAKES as START_MISTAKES
from chainrule.checker.play import Play, parts
from chainrule.checker.recipe import Steps, run
from chainrule.checker.subject import Failed, Handle
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks.draws import labels, one_hot, sizes
from chainrule.checker.tasks.net_start import WIDTHS, seen_start, start_steps, start_task

PARAMS = ("W1", "b1", "W2", "b2")
GRADS = ("dW2", "db2", "dW1", "db1")
MARKS = {"input_size": "cs145"}


def _net(play: Play, role: str, params: dict[str, np.ndarray]) -> Handle:
    """A net with these parameters."""
    H, D = params["W1"].shape
    net = play.subject.call(play.names[role], [D, H, len(params["b2"])], kept=True).result
    own = play.subject.get(net, "params", kept=True)
    for name, value in params.items():
        play.subject.set_item(own, name, value)
    return net


def _loss(play: Play, X, y, reg, params):
    net = _net(play, "loss", params)
    scores = play.subject.call((net, "loss"), [X]).result
    loss, grads = parts(play.subject.call((net, "loss"), [X, y], {"reg": reg}).result, 2, "the loss and gradients")
    if not isinstance(grads, dict):
        raise Failed("crash", f"the gradients must be a dict; came {type(grads).__name__}")
    missing = {name: Failed("missing", f"there is no {name!r} among the gradients") for name in PARAMS}
    return {"scores": scores, "loss": loss, **{f"d{name}": {**missing, **grads}[name] for name in PARAMS}}


def _predict(play: Play, X, params):
    found = play.subject.call((_net(play, "predict", params), "predict"), [X]).result
    return {"labels": np.asarray(found, dtype=float) if isinstance(found, list | np.ndarray) else found}


def _train(play: Play, rows, settings, seed, params):
    """A training on rows that are all alike, so that its batches are known, and one on rows that are not."""
    found: dict[str, Any] = {}
    for kind, X, y in (("alike", rows["X"][:1], rows["y"][:1]), ("drawn", rows["X"], rows["y"])):
        X, y = np.repeat(X, settings["N"] // len(X), axis=0), np.repeat(y, settings["N"] // len(y))
        net = _net(play, "train", params)
        play.subject.seed(seed)
        options = {name: value for name, value in settings.items() if name != "N"}
        told = play.subject.call((net, "train"), [X, y, rows["X_val"], rows["y_val"]], options).result
        names = ("loss_history", "train_acc_history", "val_acc_history")
        if not isinstance(told, dict) or not all(isinstance(told.get(name), list | np.ndarray) for name in names):
            raise Failed("crash", f"train must return a dict with {', '.join(names)}")
        books = [np.array(told[name], dtype=float) for name in names]
        after = play.subject.get(net, "params")
        found |= {f"{kind}_{name}": book for name, book in zip(("losses", "train_acc", "val_acc"), books)}
        found[f"{kind}_params"] = np.concatenate([np.ravel(after[name]) for name in PARAMS])
    return found


LOSS_STEPS: Steps = {
    "n1": lambda X, W1, b1: X @ W1.T + b1,
    "relu": lambda: lambda n: np.maximum(n, 0),
    "h": lambda relu, n1: relu(n1),
    "scores": lambda h, W2, b2: h @ W2.T + b2,
    "target": lambda scores, y: one_hot(y, scores.shape[1]),
    "difference": lambda scores, target: scores - target,
    "rows": lambda X: len(X),
    "data_loss": lambda difference, rows: np.sum(difference**2) / (2 * rows),
    "squares": lambda W1, W2: [np.sum(W1 * W1), np.sum(W2 * W2)],
    "half": lambda: 0.5,
    "penalty": lambda half, reg, squares: half * reg * sum(squares),
    "loss": lambda data_loss, penalty: data_loss + penalty,
    "pull": lambda reg: reg,
    "dscores": lambda difference, rows: difference / rows,
    "dW2": lambda dscores, h, pull, W2: dscores.T @ h + pull * W2,
    "db2": lambda dscores: dscores.sum(axis=0),
    "dh": lambda dscores, W2: dscores @ W2,
    "dn1": lambda dh, n1: dh * (n1 > 0),
    "dW1": lambda dn1, X, pull, W1: dn1.T @ X + pull * W1,
    "db1": lambda dn1: dn1.sum(axis=0),
    "labels": lambda scores: np.argmax(scores, axis=1).astype(float),
}


def trained(X: np.ndarray, y: np.ndarray, batches: Any, rows: Any, s: dict[str, Any], params: Any, how: Any) -> dict:
    """The course's training: `how` says what a step, a check and a decay are, `batches(it)` which rows come."""
    now, rate = {name: value.copy() for name, value in params.items()}, s["learning_rate"]
    books: tuple[list[Any], ...] = ([], [], [])
    for it in range(s["num_iters"]):
        batch = batches(it)
        values = run(LOSS_STEPS, {"X": X[batch], "y": y[batch], "reg": how["reg"], **now})
        books[0].append(values["loss"])
        now = {name: value - how["sign"] * rate * values[f"d{name}"] for name, value in now.items()}
        if how["checks"](it, max(s["N"] / s["batch_size"], 1)):
            for place, (inputs, wanted) in enumerate(((X[batch], y[batch]), (rows["X_val"], rows["y_val"])), start=1):
                said = run(LOSS_STEPS, {"X": inputs, **now})["labels"]
                books[place].append(np.mean(said == wanted))
        if how["decays"](it, max(s["N"] / s["batch_size"], 1)):
            rate *= s["learning_rate_decay"]
    ends = np.concatenate([np.ravel(now[name]) for name in PARAMS])
    return dict(zip(("losses", "train_acc", "val_acc", "params"), (*map(np.array, books), ends)))


def _repeated(rows: dict[str, Any], N: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are not alike, each as often as it takes for N."""
    times = N // len(rows["X"])
    return np.repeat(rows["X"], times, axis=0), np.repeat(rows["y"], times)


def _draws(seed: int, settings: dict[str, Any]) -> Any:
    """The course's draws, one a step."""
    stream = np.random.RandomState(seed)
    return lambda it: stream.choice(settings["N"], settings["batch_size"])


TRAIN_STEPS: Steps = {
    "reg": lambda settings: settings["reg"],
    "sign": lambda: 1.0,
    "checks": lambda: lambda it, epoch: it % epoch == 0,
    "decays": lambda checks: checks,
    "how": lambda reg, sign, checks, decays: {"reg": reg, "sign": sign, "checks": checks, "decays": decays},
    "alike": lambda rows, settings, params, how: trained(
        rows["X"][:1], rows["y"][:1], lambda it: np.zeros(settings["batch_size"], int), rows, settings, params, how
    ),
    "alike_losses": lambda alike: alike["losses"],
    "alike_train_acc": lambda alike: alike["train_acc"],
    "alike_val_acc": lambda alike: alike["val_acc"],
    "alike_params": lambda alike: alike["params"],
    "drawn": lambda rows, settings, params, how, seed: trained(
        *_repeated(rows, settings["N"]), _draws(seed, settings), rows, settings, params, how
    )["losses"],
    "drawn_losses": lambda seen: seen["drawn_losses"],
}


def loss_cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Nets of different sizes, with and without a penalty."""
    made = []
    for i in range(min(number, 12)):
        n, d, h, c = sizes(rng, 4, low=4, high=10)
        reg = float(rng.uniform(0.3, 1.0)) if i % 2 else 0.0
        inputs = {"X": rng.standard_normal((n, d)), "y": labels(rng, n, c), "reg": reg, **_params(rng, d, h, c)}
        made.append(Case(inputs, "reg above 0" if reg else "", {"N": n, "C": c, **({"reg": reg} if reg else {})}))
    return made


def _params(rng: np.random.Generator, d: int, h: int, c: int) -> dict[str, Any]:
    params = {
        "W1": rng.standard_normal((h, d)) / np.sqrt(d),
        "b1": 0.3 * rng.standard_normal(h),
        "W2": rng.standard_normal((c, h)) / np.sqrt(h),
        "b2": 0.3 * rng.standard_normal(c),
    }
    return {"params": params, **params}


def train_cases(rng: np.random.Generator, number: int) -> list[Case]:
    """Short trainings; N / batch_size is 1 or more, or less than 1, or no whole number."""
    made = []
    for N, size, kind in ((12, 4, ""), (12, 24, "a batch larger than the data"), (30, 12, "N / batch_size = 2.5")) * 2:
        d, h, c = sizes(rng, 3, low=4, high=8)
        rows = {"X": rng.standard_normal((6, d)), "y": labels(rng, 6, c)}
        rows |= {"X_val": rng.standard_normal((17, d)), "y_val": labels(rng, 17, c)}
        settings = {"N": N, "batch_size": size, "num_iters": 9, "learning_rate": float(rng.uniform(0.05, 0.1))}
        settings |= {"learning_rate_decay": float(rng.uniform(0.5, 0.9)), "reg": float(rng.uniform(0.05, 0.2))}
        params = _params(rng, d, h, c)
        made.append(Case({"rows": rows, "settings": settings, "seed": int(rng.integers(1 << 31)), **params}, kind))
    return made[:number]


def _role(name: str, observe: Any, part: str) -> Role:
    return Role(name, {"TwoLayerNet": ""}, observe, part={"cs145": part}, marks=MARKS, optional=True)


def _observe_start(play: Play, weight_scale, seed):
    sizes_ = {"input_size": WIDTHS[0], "hidden_size": WIDTHS[1], "output_size": WIDTHS[-1], "std": weight_scale}
    return seen_start(play, "start", sizes_, seed)


START = start_task(
    "cs145_start",
    _role("start", _observe_start, ".__init__"),
    {
        **start_steps((WIDTHS[0], WIDTHS[1], WIDTHS[-1])),
        "shapes": lambda: f"W1{(WIDTHS[1], WIDTHS[0])} W2{(WIDTHS[-1], WIDTHS[1])} b1{(WIDTHS[1],)} b2{(WIDTHS[-1],)}",
        "dtypes": lambda: "float64",
    },
    lambda rng, number: [
        Case({"weight_scale": float(10.0 ** rng.uniform(-3, -1)), "seed": int(rng.integers(1 << 31))}) for _ in range(6)
    ],
    tuple(
        m for m in START_MISTAKES if m.name not in ("he", "he_without_root", "xavier", "dtype_ignored", "scale_squared")
    ),
    "std in both layers",
)
LOSS = Task(
    name="cs145_net",
    lesson="mse",
    roles=(_role("loss", _loss, ".loss"), _role("predict", _predict, ".predict")),
    quantities=(
        Quantity("scores", "loss", "maximum(0, X W1' + b1) W2' + b2"),
        Quantity("loss", "loss", "sum((scores - one_hot(y))**2) / (2 N) + 0.5 * reg * the sum of all squared weights"),
        *(Quantity(name, "loss", "the chain rule from the scores back, and reg * W", floor=1e-2) for name in GRADS),
        Quantity("labels", "predict", "the class with the highest score"),
    ),
    steps=LOSS_STEPS,
    cases=loss_cases,
    example={},
    mistakes=LOSS_MISTAKES,
    single=False,
)
TRAIN = Task(
    name="cs145_train",
    lesson="sgd",
    roles=(_role("train", _train, ".train"),),
    quantities=(
        Quantity("alike_losses", "train", "the loss of every step, with the rates so far", 1e-6, title="loss_history"),
        Quantity(
            "alike_val_acc", "train", "after each step it with it % (N / batch_size) == 0", title="val_acc_history"
        ),
        Quantity("alike_train_acc", "train", "on the batch of that step", title="train_acc_history"),
        Quantity("alike_params", "train", "params after plain gradient steps", 1e-6, title="params after training"),
        Quantity("drawn_losses", "train", "np.random.choice(N, batch_size)", 1e-6, title="loss_history after a seed"),
    ),
    steps=TRAIN_STEPS,
    cases=train_cases,
    example={},
    mistakes=TRAIN_MISTAKES,
    single=False,
)
