"""How a Solver goes wrong: in its steps, and in what it measures, writes down, keeps and prints."""

import numpy as np

from chainrule.checker.mistakes.solver_steps import MODULAR, OTHERS, STEPS, mistake

LOOK_LOSS = (
    "How long is loss_history after one epoch?",
    "Every iteration appends the loss of its own batch, whether anything is printed or not.",
)
LOOK_CHECK = (
    "After which iterations are accuracies measured, on which rows, and with which parameters?",
    "After the first iteration and at each epoch's end, with the parameters after the step: training rows for "
    "train_acc_history, validation rows for val_acc_history.",
)
LOOK_BEST = (
    "Does what was stored as the best change when training goes on?",
    "Whenever the validation accuracy is above the best so far, copies of all parameters are stored; at the end "
    "model.params are these.",
)
LOOK_PRINT = ("What is printed with verbose=False?", "Only verbose=True prints, the loss every print_every iterations.")


def _lines(s, seen, losses, iterations, train_acc, val_acc, per_epoch) -> str:
    """What the courses' Solvers print."""
    if not s["verbose"]:
        return ""
    lines, checks = [], 0
    for t in range(iterations):
        if t % s["every"] == 0:
            lines.append(f"(Iteration {t + 1} / {iterations}) loss: {losses[t]:f}")
        if t == 0 or (t + 1) % per_epoch == 0:
            figures = f"train acc: {train_acc[checks]:f}; val_acc: {val_acc[checks]:f}"
            lines.append(f"(Epoch {(t + 1) // per_epoch} / {s['epochs']}) {figures}")
            checks += 1
    return "\n".join(lines) + "\n"


def _best(val_acc) -> float:
    return float(np.max(val_acc))


BOOKS = (
    mistake("loss_of_epochs", "loss_history has one loss an epoch, its last",
            {"losses": lambda trace, ends: np.array([trace.steps[t].loss for t in ends])}, LOOK_LOSS,
            {"losses": lambda trace, ends, per_epoch: np.array(
                [np.mean([step.loss for step in trace.steps[t + 1 - per_epoch : t + 1]]) for t in ends])}),
    mistake("loss_when_printed", "loss_history has only the losses that are printed",
            {"losses": lambda trace, s: np.array([step.loss for step in trace.steps[:: s["every"]]])}, LOOK_LOSS,
            {"losses": lambda trace, s: np.array(
                [step.loss for step in trace.steps[:: s["every"]]] if s["verbose"] else [])}),
    mistake("loss_summed", "loss_history has the sum of all losses so far",
            {"losses": lambda trace: np.cumsum([step.loss for step in trace.steps])}, LOOK_LOSS),
    mistake("loss_averaged", "loss_history has the mean of all losses so far",
            {"losses": lambda trace: np.cumsum([s.loss for s in trace.steps]) / np.arange(1, len(trace.steps) + 1)},
            LOOK_LOSS),
    mistake("loss_scaled", "the losses in loss_history are multiplied by the batch size",
            {"losses": lambda trace: np.array([step.loss * len(step.rows) for step in trace.steps])}, LOOK_LOSS,
            {"losses": lambda trace: np.array([step.loss / len(step.rows) for step in trace.steps])}),
    mistake("loss_not_kept", "loss_history stays empty", {"losses": lambda: np.zeros(0)}, LOOK_LOSS),
)  # fmt: skip
CHECKS = (
    mistake("no_first_check", "accuracies are not measured after the first iteration", {"first_check": lambda: False},
            LOOK_CHECK, convention=("other solvers",)),
    mistake("checked_every_iteration", "accuracies are measured after every iteration",
            {"checks": lambda trace: np.arange(len(trace.steps))}, LOOK_CHECK),
    mistake("checked_at_epoch_starts", "accuracies are measured at the beginning of every epoch, never at the end",
            {"checks": lambda trace, per_epoch: np.arange(0, len(trace.steps), per_epoch)}, LOOK_CHECK),
    mistake("checked_at_the_end", "accuracies are measured at the end of the training only",
            {"checks": lambda trace: np.array([len(trace.steps) - 1])}, LOOK_CHECK),
    mistake("checked_before_the_step", "accuracies are measured with the parameters before the iteration's step",
            {"evaluated": lambda trace: trace.before}, LOOK_CHECK),
    mistake("val_on_train", "the validation accuracy is measured on the training set",
            {"val_acc": lambda acc_of_train: acc_of_train, "val_sample": lambda: 0}, LOOK_CHECK,
            {"val_acc": lambda acc_of_train: acc_of_train}),
    mistake("train_on_val", "the training accuracy is measured on the validation set",
            {"train_acc": lambda acc_of_val: acc_of_val, "train_sample": lambda: 0}, LOOK_CHECK,
            {"train_acc": lambda acc_of_val: acc_of_val}),
    mistake("histories_swapped", "train_acc_history and val_acc_history are exchanged",
            {"train_acc": lambda acc_of_val: acc_of_val, "val_acc": lambda acc_of_train: acc_of_train}, LOOK_CHECK),
    mistake("train_on_batch", "the training accuracy is measured on the batch alone",
            {"train_acc": lambda trace, evaluated, checks, data: np.array(
                [_share(evaluated[t], data, trace.steps[t].rows) for t in checks]),
             "train_sample": lambda trace: max(len(step.rows) for step in trace.steps)}, LOOK_CHECK),
    mistake("last_rows_not_scored", "accuracies leave out the rows of a last, smaller batch",
            {"val_sample": lambda data: len(data["y_val"]) // 100 * 100 or len(data["y_val"])}, LOOK_CHECK,
            {"val_sample": lambda data: len(data["y_val"]) // 100 * 100,
             "train_sample": lambda N: min(N, 1000) // 100 * 100}),
    mistake("percent", "accuracies are in percent", {"train_acc": lambda acc_of_train: 100 * acc_of_train,
            "val_acc": lambda acc_of_val: 100 * acc_of_val}, LOOK_CHECK),
    mistake("counts", "accuracies are counts of right rows, not shares",
            {"train_acc": lambda acc_of_train, seen: acc_of_train * seen["train_sample"],
             "val_acc": lambda acc_of_val, data: acc_of_val * len(data["y_val"])}, LOOK_CHECK),
    mistake("error_rates", "accuracies are shares of wrong rows", {"train_acc": lambda acc_of_train: 1 - acc_of_train,
            "val_acc": lambda acc_of_val: 1 - acc_of_val}, LOOK_CHECK),
    mistake("accuracy_not_kept", "train_acc_history or val_acc_history stays empty",
            {"train_acc": lambda: np.zeros(0)}, LOOK_CHECK, {"val_acc": lambda: np.zeros(0)},
            {"train_acc": lambda: np.zeros(0), "val_acc": lambda: np.zeros(0)}),
    mistake("course_sample", "the training accuracy is measured on 1,000 rows, where there are more",
            {"train_sample": lambda N: min(N, 1000)}, LOOK_CHECK, convention=MODULAR, others=OTHERS,
            otherwise="the training accuracy is measured on all rows"),
)  # fmt: skip
BEST = (
    mistake("not_restored", "model.params are the last parameters after training, not the best",
            {"final": lambda last: last}, LOOK_BEST),
    mistake("best_by_reference", "the best parameters are kept by reference, so that they change with the training",
            {"best_params": lambda last: last, "final": lambda last: last}, LOOK_BEST),
    mistake("best_never_raised", "the best accuracy so far is not written down, so that every check counts as the best",
            {"kept": lambda last: last, "best_val_acc": lambda: 0}, LOOK_BEST, {"kept": lambda last: last}),
    mistake("lowest_kept", "the parameters with the lowest validation accuracy are kept",
            {"best_at": lambda val_acc: int(np.argmin(val_acc))}, LOOK_BEST),
    mistake("best_by_train", "the best parameters are those with the highest training accuracy",
            {"best_at": lambda train_acc: int(np.argmax(train_acc)), "best_val_acc": lambda train_acc: _best(train_acc)},
            LOOK_BEST, {"best_at": lambda train_acc: int(np.argmax(train_acc))}),
    mistake("best_by_loss", "the best parameters are those with the lowest loss of a batch",
            {"best_at": lambda checks, losses: int(np.argmin(losses[checks]))}, LOOK_BEST),
    mistake("last_of_equals", "of equally good parameters the last are kept, not the first",
            {"best_at": lambda val_acc: int(np.flatnonzero(val_acc == val_acc.max())[-1])}, LOOK_BEST,
            convention=("other solvers",)),
    mistake("best_before_the_step", "the best parameters are stored as they were before the iteration's step",
            {"kept": lambda trace, checks, best_at: trace.before[checks[best_at]]}, LOOK_BEST),
    mistake("epoch_from_one", "the epoch counter ends one too high", {"epoch": lambda s: s["epochs"] + 1},
            ("What is solver.epoch after training?", "It counts the epochs that have ended, from 0 on.")),
    mistake("epoch_not_counted", "the epoch counter stays at 0", {"epoch": lambda: 0},
            ("What is solver.epoch after training?", "It counts the epochs that have ended, from 0 on.")),
)  # fmt: skip
PRINTING = (
    mistake("never_quiet", "verbose=False prints all the same", {"quiet": lambda trace, seen: seen["quiet"]}, LOOK_PRINT),
    mistake("course_lines", "what is printed has the courses' form", {"lines": _lines}, LOOK_PRINT, convention=MODULAR,
            otherwise="the lines that are printed are not those of the courses", others=OTHERS),
    mistake("course_refusal", "an unknown keyword raises an error", {"refusal": lambda: "refused"},
            ("What happens to a misspelt keyword?", "What is left over of the keywords raises a ValueError."),
            convention=MODULAR, otherwise="an unknown keyword is let pass", others=OTHERS),
)  # fmt: skip


def _share(vector: np.ndarray, data, rows) -> float:
    """The accuracy of W (4, 3) and b (3,) in one vector."""
    scores = data["X_train"][rows] @ vector[:12].reshape(4, 3) + vector[12:]
    return float(np.mean(np.argmax(scores, axis=1) == data["y_train"][rows]))


MISTAKES = (*STEPS, *BOOKS, *CHECKS, *BEST, *PRINTING)
