"""How a Solver goes wrong in what it does: its count of iterations, its batches, rates and steps."""

from typing import Any

import numpy as np

from chainrule.checker.recipe import Steps
from chainrule.checker.task import Mistake

OF_W = np.repeat([1.0, 0.0], [12, 3])  # of the model that a Solver trains in a trial
MODULAR = ("cs231n", "cs682", "cs182", "c147")
OTHERS = ("other solvers",)
LOOK_COUNT = (
    "How many batches make one epoch, and how many epochs are there?",
    "An epoch has max(N // batch_size, 1) iterations; there are num_epochs epochs.",
)
LOOK_BATCH = (
    "Print the row numbers of the first batches.",
    "Every iteration draws new rows at random, and takes X and y of the same rows.",
)
LOOK_DECAY = (
    "Print the learning rate of every parameter after every iteration.",
    "At the end of an epoch, and only there, each parameter's learning rate is multiplied by lr_decay once.",
)
LOOK_CONFIG = (
    "Which dict holds the state of W1, and which that of b1?",
    "Every parameter has a copy of optim_config of its own, which lasts from one iteration to the next.",
)
LOOK_STEP = (
    "Compare a parameter before and after one iteration with its gradient.",
    "Every parameter is replaced by what the update rule returns for it, once in every iteration.",
)


def mistake(name: str, says: str, steps: Steps, hints: tuple[str, ...], *also: Steps, **more: Any) -> Mistake:
    """A row of the catalogue; `also` are other ways to make it."""
    return Mistake(name, says, steps, hints, also=also, **more)


def _draws(seed, N, size, iterations, per_epoch) -> np.ndarray:
    """The courses' order of draws: a batch; after the first iteration and at an epoch's end, rows of the accuracy."""
    stream, rows = np.random.RandomState(seed), []
    for t in range(iterations):
        rows.append(stream.choice(N, size))
        if N > 1000 and (t == 0 or (t + 1) % per_epoch == 0):
            stream.choice(N, 1000)
    return np.concatenate(rows)


COUNTS = (
    mistake(
        "one_epoch_less",
        "there is one epoch too few",
        {"total": lambda s, per_epoch: (s["epochs"] - 1) * per_epoch},
        LOOK_COUNT,
    ),
    mistake(
        "one_epoch_more",
        "there is one epoch too many",
        {"total": lambda s, per_epoch: (s["epochs"] + 1) * per_epoch},
        LOOK_COUNT,
    ),
    mistake("one_iteration_less", "the last iteration is missing", {"iterations": lambda total: total - 1}, LOOK_COUNT),
    mistake(
        "one_iteration_more", "there is one iteration too many", {"iterations": lambda total: total + 1}, LOOK_COUNT
    ),
    mistake(
        "epochs_are_iterations",
        "there are num_epochs iterations, not epochs",
        {"total": lambda s: s["epochs"]},
        LOOK_COUNT,
    ),
    mistake(
        "rows_are_iterations",
        "an epoch has as many iterations as there are rows, whatever the batch size",
        {"per_epoch": lambda N: N},
        LOOK_COUNT,
    ),
    mistake(
        "no_iteration_for_large_batches",
        "a batch larger than the data makes epochs without an iteration",
        {"per_epoch": lambda N, size: N // size},
        LOOK_COUNT,
    ),
    mistake(
        "last_batch_kept",
        "an epoch has one more, smaller batch for the rows that are left over",
        {
            "per_epoch": lambda N, size: -(-N // size),
            "batch_sizes": lambda N, size, iterations, per_epoch: np.array(
                [min(size, N - size * (t % per_epoch)) for t in range(iterations)]
            ),
        },
        LOOK_COUNT,
        convention=OTHERS,
    ),
    mistake(
        "batch_of_all_rows",
        "where there are fewer rows than batch_size, a batch has all of them once",
        {"batch_sizes": lambda N, size, iterations: np.full(iterations, min(N, size))},
        LOOK_COUNT,
        convention=OTHERS,
    ),
    mistake(
        "batch_size_ignored",
        "batch_size is not used: a batch has 100 rows",
        {"size": lambda: 100},
        LOOK_COUNT,
        {"batch_sizes": lambda iterations: np.full(iterations, 100)},
        {"batch_sizes": lambda iterations, N: np.full(iterations, N)},
    ),
)
BATCHES = (
    mistake("not_shuffled", "batches come in the order of the data, never shuffled",
             {"sampling": lambda: "in the order of the data"}, LOOK_BATCH),
    mistake("same_batch", "every iteration trains on the same rows",
             {"sampling": lambda: "the same rows in every iteration"}, LOOK_BATCH,
             {"sampling": lambda N, size: "the same rows in every iteration" if size < N else "at random"}),
    mistake("shuffled_once", "the rows are shuffled once, and every epoch repeats the same batches",
             {"sampling": lambda: "the same batches in every epoch"}, LOOK_BATCH,
             {"sampling": lambda N, size: "the same batches in every epoch" if size < N else "at random"},
             {"sampling": lambda N, size, per_epoch: "at random" if size >= N or per_epoch < 2 else
              "the same batches in every epoch"}, convention=OTHERS),
    mistake("labels_of_other_rows", "a batch's X and y are of different rows",
             {"labelled": lambda: "other rows' labels"}, LOOK_BATCH),
    mistake("course_draws", "batches are drawn as the courses draw them: np.random.choice, with replacement",
             {"draws": _draws}, LOOK_BATCH, convention=MODULAR, others=OTHERS,
             otherwise="batches are drawn at random, but not by np.random.choice(num_train, batch_size)"),
)  # fmt: skip
RATES = (
    mistake("decay_every_iteration", "the learning rate decays after every iteration, not every epoch",
             {"decays": lambda trace: range(len(trace.steps))}, LOOK_DECAY),
    mistake("decay_never", "the learning rate never decays", {"decays": lambda: ()}, LOOK_DECAY),
    mistake("shared_config", "all parameters share one config, so that its learning rate decays once for each of them",
             {"power": lambda: 2}, LOOK_CONFIG, {"power": lambda: 2, "config": lambda: "changed"}),
    mistake("decay_of_one", "only one parameter's learning rate decays",
             {"power": lambda: np.array([1, 0])}, LOOK_DECAY, {"power": lambda: np.array([0, 1])}),
    mistake("decay_at_the_start", "the learning rate decays at the beginning of every epoch, the first one too",
             {"decays": lambda per_epoch, trace: range(0, len(trace.steps), per_epoch)}, LOOK_DECAY,
             {"decays": lambda per_epoch, trace: range(-1, len(trace.steps), per_epoch)}),
    mistake("decay_late", "the learning rate decays an iteration late",
             {"decays": lambda ends: [end + 1 for end in ends]}, LOOK_DECAY),
    mistake("decay_divides", "the learning rate is divided by lr_decay, and grows", {"factor": lambda s: 1 / s["decay"]},
             LOOK_DECAY),
    mistake("decay_powers", "the learning rate is multiplied by lr_decay to the power of the epoch, on top of what it was",
             {"rate": lambda trace, start_rate, factor, ends: _powers(trace, start_rate, factor, ends)}, LOOK_DECAY),
    mistake("config_ignored", "optim_config is not used: the update rule takes its default learning rate",
             {"start_rate": lambda: 1e-2, "momentum": lambda s: 0.9 if "momentum" in s else 0.0}, LOOK_CONFIG,
             {"start_rate": lambda: 1e-2, "momentum": lambda s: 0.9 if "momentum" in s else 0.0, "decays": lambda: ()},
             {"start_rate": lambda: 1e-2, "momentum": lambda: 0.0, "decays": lambda: ()}),
    mistake("state_lost", "the update rule's state does not last from one iteration to the next, or update_rule is not used",
             {"momentum": lambda: 0.0, "decays": lambda: ()}, LOOK_CONFIG, {"momentum": lambda: 0.0}),
    mistake("wrong_sign", "the parameters go up the gradient, not down", {"push": lambda trace: -trace.grads}, LOOK_STEP),
    mistake("one_parameter", "only one of the parameters is updated", {"only": lambda trace: OF_W}, LOOK_STEP,
             {"only": lambda trace: 1 - OF_W}),
    mistake("not_updated", "the parameters never change", {"moves": lambda trace: 0 * trace.before}, LOOK_STEP),
    mistake("updated_twice", "every iteration takes its step twice as far", {"push": lambda trace: 2 * trace.grads},
             LOOK_STEP),
    mistake("gradients_accumulate", "gradients add up from one iteration to the next",
             {"push": lambda trace: np.cumsum(trace.grads, axis=0)}, LOOK_STEP),
    mistake("gradients_of_before", "every iteration uses the gradients of the one before",
             {"push": lambda trace: np.concatenate([trace.grads[:1], trace.grads[:-1]])}, LOOK_STEP),
    mistake("config_changed", "the optim_config that was passed is changed",
             {"config": lambda: "changed"}, LOOK_CONFIG),
    mistake("data_changed", "the data that were passed are changed in place",
             {"kept_data": lambda: "changed"}, ("Which line assigns to a part of X_train or y_train?",
             "A Solver only reads its data: others use them too.")),
)  # fmt: skip


def _powers(trace, start_rate, factor, ends):
    """Rates after an epoch's end: lr * decay, then that times decay**2, and so on."""
    ended = np.array([sum(end < t for end in ends) for t in range(len(trace.steps))])
    return np.repeat((start_rate * factor ** (ended * (ended + 1) / 2))[:, None], 2, axis=1)


STEPS = (*COUNTS, *BATCHES, *RATES)
