"""How CS145's TwoLayerNet goes wrong: its loss, its gradients, its training."""

from typing import Any

import numpy as np

from chainrule.checker.mistakes.nets import LOOK_RELU, net_mistakes
from chainrule.checker.recipe import Steps
from chainrule.checker.task import Mistake

PENALTY = {"half", "pull", "penalty"}  # the steps that all nets have in common
LOOK_LOSS = (
    "Work the loss of one row out by hand: its scores against a row of 0 with a 1 at its label.",
    "The loss is the sum of all squared differences from the one-hot labels, divided by 2 N.",
)
LOOK_BACK = (
    "Compare each gradient with the numeric one, for a net with different sizes everywhere.",
    "From (scores - one_hot) / N backwards: each gradient has the shape of its own parameter.",
)
LOOK_RATE = (
    "Print the learning rate of every step.",
    "Whenever accuracies are measured the learning rate is multiplied by learning_rate_decay afterwards.",
)
LOOK_TRAIN = (
    "Follow one parameter through one step.",
    "Every step draws a batch, takes loss and gradients with reg, and moves each parameter against its gradient.",
)


def _mistake(name: str, says: str, steps: Steps, hints: tuple[str, ...], *also: Steps, **more: Any) -> Mistake:
    return Mistake(name, says, steps, hints, also=also, **more)


LOSS_MISTAKES = (
    *(m for m in net_mistakes(2, None) if m.steps.keys() <= PENALTY),
    _mistake("not_halved", "the loss is divided by N, not by 2 N", {"data_loss": lambda difference, rows:
             np.sum(difference**2) / rows}, LOOK_LOSS,
             {"data_loss": lambda difference, rows: np.sum(difference**2) / rows,
              "dscores": lambda difference, rows: 2 * difference / rows}),
    _mistake("not_averaged", "the loss is not divided by N", {"data_loss": lambda difference: np.sum(difference**2) / 2},
             LOOK_LOSS, {"data_loss": lambda difference: np.sum(difference**2) / 2,
              "dscores": lambda difference: difference}),
    _mistake("mean_of_all", "the loss is divided by the number of classes too", {"data_loss": lambda difference:
             np.mean(difference**2) / 2}, LOOK_LOSS, {"data_loss": lambda difference: np.mean(difference**2)},
             {"data_loss": lambda difference: np.mean(difference**2),
              "dscores": lambda difference: 2 * difference / difference.size},
             {"data_loss": lambda difference: np.mean(difference**2) / 2,
              "dscores": lambda difference: difference / difference.size}),
    _mistake("labels_not_one_hot", "the labels themselves are subtracted from the scores, not one-hot rows",
             {"target": lambda y: y[:, None]}, LOOK_LOSS),
    _mistake("softmax_used", "the loss is the softmax loss, where the course takes squared differences",
             {"data_loss": lambda scores, y: _softmax(scores, y)[0], "dscores": lambda scores, y: _softmax(scores, y)[1]},
             LOOK_LOSS),
    _mistake("gradient_doubled", "the gradient has a factor 2, which the 2 in the loss cancels",
             {"dscores": lambda difference, rows: 2 * difference / rows}, LOOK_BACK),
    _mistake("gradient_not_averaged", "the gradient of the scores is not divided by N",
             {"dscores": lambda difference: difference}, LOOK_BACK),
    _mistake("sign", "the gradient of the scores has the wrong sign", {"dscores": lambda difference, rows:
             -difference / rows}, LOOK_BACK),
    _mistake("relu_after_last", "a ReLU follows the last affine layer", {"scores": lambda h, W2, b2:
             np.maximum(h @ W2.T + b2, 0)}, LOOK_RELU,
             {"scores": lambda h, W2, b2: np.maximum(h @ W2.T + b2, 0), "dscores": lambda difference, rows, scores:
              difference / rows * (scores > 0)}),
    _mistake("no_relu", "the hidden layer has no ReLU", {"relu": lambda: lambda n: n}, LOOK_RELU,
             {"relu": lambda: lambda n: n, "dn1": lambda dh: dh}),
    _mistake("relu_not_in_backward", "backward does not pass through the ReLU", {"dn1": lambda dh: dh}, LOOK_RELU),
    _mistake("first_bias_missing", "a bias is not added", {"n1": lambda X, W1: X @ W1.T}, LOOK_BACK,
             {"scores": lambda h, W2: h @ W2.T}),
    _mistake("transposed", "the gradients of the weights are transposed", {"dW1": lambda dn1, X, pull, W1:
             (dn1.T @ X + pull * W1).T, "dW2": lambda dscores, h, pull, W2: (dscores.T @ h + pull * W2).T}, LOOK_BACK),
    _mistake("db_averaged", "the gradients of the biases are averaged, not summed", {"db1": lambda dn1: dn1.mean(axis=0),
             "db2": lambda dscores: dscores.mean(axis=0)}, LOOK_BACK, {"db2": lambda dscores: dscores.mean(axis=0)},
             {"db1": lambda dn1: dn1.mean(axis=0)}),
    _mistake("smallest_score", "predict returns the class with the lowest score", {"labels": lambda scores:
             np.argmin(scores, axis=1).astype(float)}, ("Which entry of a row of scores is the answer?",
             "predict gives the place of the highest score of each row.")),
    _mistake("highest_score_itself", "predict returns the highest scores, not their places",
             {"labels": lambda scores: scores.max(axis=1)}, ("What does predict give for one row?",
             "predict gives the place of the highest score of each row.")),
    _mistake("predict_over_rows", "predict looks for the highest score over the rows, not over the classes",
             {"labels": lambda scores: np.argmax(scores, axis=0).astype(float)}, ("How many labels does predict return?",
             "One for each row: the place of the highest score in it.")),
)  # fmt: skip
TRAIN_MISTAKES = (
    _mistake("decay_never", "the learning rate never decays", {"decays": lambda: lambda it, epoch: False}, LOOK_RATE),
    _mistake("decay_every_step", "the learning rate decays after every step", {"decays": lambda: lambda it, epoch: True},
             LOOK_RATE),
    _mistake("first_check_missing", "nothing is measured and nothing decays after the first step",
             {"checks": lambda: lambda it, epoch: it > 0 and it % epoch == 0}, LOOK_RATE),
    _mistake("no_decay_at_first", "the learning rate does not decay after the first step",
             {"decays": lambda: lambda it, epoch: it > 0 and it % epoch == 0}, LOOK_RATE),
    _mistake("at_the_epochs_end", "accuracies are measured, and the rate decays, at the end of an epoch, not after its "
             "first step", {"checks": lambda: lambda it, epoch: (it + 1) % int(epoch) == 0}, LOOK_RATE,
             {"checks": lambda: lambda it, epoch: (it + 1) % epoch == 0}, convention=("other trainings",)),
    _mistake("whole_epochs", "an epoch is rounded to a whole number of steps",
             {"checks": lambda: lambda it, epoch: it % int(epoch) == 0}, LOOK_RATE, convention=("other trainings",)),
    _mistake("wrong_sign", "the parameters go up the gradient, not down", {"sign": lambda: -1.0}, LOOK_TRAIN),
    _mistake("reg_not_used", "reg does not reach the loss", {"reg": lambda: 0.0}, LOOK_TRAIN),
    _mistake("not_updated", "the parameters never change", {"sign": lambda: 0.0}, LOOK_TRAIN),
    _mistake("accuracies_swapped", "train_acc_history and val_acc_history are exchanged",
             {"alike_train_acc": lambda alike: alike["val_acc"], "alike_val_acc": lambda alike: alike["train_acc"]},
             LOOK_TRAIN),
    _mistake("val_acc_of_batch", "the validation accuracy is measured on the batch",
             {"alike_val_acc": lambda alike: alike["train_acc"]}, LOOK_TRAIN),
    _mistake("course_draws", "batches are drawn as the course draws them", {"drawn_losses": lambda drawn: drawn},
             LOOK_TRAIN, convention=("cs145",), others=("other trainings",),
             otherwise="batches are not drawn by one np.random.choice(N, batch_size) in every step"),
)  # fmt: skip


def _softmax(scores: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = float(-np.mean(np.log(p[np.arange(len(y)), y])))
    p[np.arange(len(y)), y] -= 1
    return loss, p / len(y)
