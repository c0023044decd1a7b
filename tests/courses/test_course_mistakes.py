"""Typical slips in a notebook, each with the words that its message must have: the course's own names, and what to do."""

import numpy as np
import pytest
from modular_courses import C147, CS182, CS231N, CS682

from chainrule.core.errors import ChainruleError
from chainrule.courses.cs145.hw3code import KNN
from chainrule.courses.cs145.hw3code.neural_net import TwoLayerNet
from chainrule.courses.cs231n.classifiers import KNearestNeighbor, LinearSVM, Softmax

L, OPTIM, CHECK = CS231N.layers, CS231N.optim, CS231N.gradient_check
RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3, 4, 4)), np.arange(20) % 10
F = X.reshape(20, -1)
W, B, ONES = np.ones((48, 5)), np.ones(5), np.ones((20, 10))
DATA = {"X_train": X, "y_train": Y, "X_val": X[:5], "y_val": Y[:5]}
NAN = np.where(X[3, 1, 2, 2] == X, np.nan, X)


def net(course=CS231N, **options):
    return course.fc_net.FullyConnectedNet([8], input_dim=48, **options)


def assigned(name, value):
    """The loss of a net with one parameter assigned, or taken out."""
    model = net()
    model.params[name] = value
    if value is None:
        del model.params[name]
    return model.loss(X, Y)


def train(data=DATA, course=CS231N, **options):
    solver = course.solver.Solver(net(course), data, verbose=False, num_epochs=1, **{"batch_size": 10, **options})
    solver.train()
    return solver


def neighbours(cls=KNearestNeighbor):
    model = cls()
    model.train(F, Y)
    return model


def small():
    return TwoLayerNet(48, 6, 10)


SLIPS = {
    "weights transposed": (lambda: L.affine_forward(F, W.T, B), "affine_forward: w has 5 rows .* Did you pass w.T?"),
    "a bias too short": (lambda: L.affine_forward(F, W, np.ones(4)), "affine_forward: b has 4 entries"),
    "texts": (lambda: L.affine_forward([["a"]], W, B), "affine_forward: x must hold real numbers"),
    "rows of unequal length": (lambda: L.affine_forward([[1, 2], [3]], W, B), "x must be .* rows of equal length"),
    "None": (lambda: L.affine_forward(None, W, B), "affine_forward: x .* NoneType"),
    "no cache": (
        lambda: L.affine_backward(np.ones((20, 5)), F),
        "affine_backward: cache .* Did you keep only the first",
    ),
    "an upstream gradient transposed": (
        lambda: L.affine_backward(np.ones((5, 20)), L.affine_forward(F, W, B)[1]),
        r"affine_backward: dout has shape \(5, 20\) but the output was \(20, 5\)",
    ),
    "another layer's cache": (
        lambda: L.relu_backward(np.ones((20, 5)), L.affine_forward(F, W, B)[1]),
        "relu_backward: cache .* tuple of affine_forward.* reverse order",
    ),
    "float labels": (lambda: L.softmax_loss(ONES, Y * 1.0), r"softmax_loss: y must be integer .* y\.astype\(int\)"),
    "labels from 1": (lambda: L.softmax_loss(ONES, Y + 1), "y holds the label 10; .* Do the labels start at 1"),
    "labels below 0": (lambda: L.svm_loss(ONES, Y - 1), "svm_loss: y holds the label -1"),
    "one-hot labels": (lambda: L.softmax_loss(ONES, np.eye(10)[Y]), r"argmax\(axis=1\)"),
    "a column of labels": (lambda: L.softmax_loss(ONES, Y[:, None]), r"y has shape \(20, 1\)"),
    "names for labels": (
        lambda: L.softmax_loss(ONES, np.array(["cat"] * 20)),
        "softmax_loss: y must hold real numbers",
    ),
    "no mode": (lambda: L.batchnorm_forward(F, F[0], F[0], {}), "batchnorm_forward: bn_param has no 'mode'"),
    "a mode misspelt": (lambda: L.batchnorm_forward(F, F[0], F[0], {"mode": "training"}), "Did you mean 'train'"),
    "images for batch norm": (
        lambda: L.batchnorm_forward(X, F[0], F[0], {"mode": "train"}),
        "batchnorm_forward: x has 4 axes.*Flatten",
    ),
    "dropout in per cent": (lambda: L.dropout_forward(F, {"mode": "train", "p": 50}), r"\['p'\] must be .* at most 1"),
    "dropout without p": (lambda: L.dropout_forward(F, {"mode": "train"}), "dropout_param has no 'p'.* stay"),
    "CS182's dropout without p": (lambda: CS182.layers.dropout_forward(F, {"mode": "train"}), "units that drop"),
    "a width for a list": (
        lambda: CS682.fc_net.FullyConnectedNet(100),
        r"FullyConnectedNet: hidden_dims must be a list .* pass \[100\]",
    ),
    "half a unit": (
        lambda: CS682.fc_net.FullyConnectedNet([10.5]),
        r"FullyConnectedNet: hidden_dims\[0\] must be a whole",
    ),
    "a hidden_dim of 0": (lambda: CS682.fc_net.TwoLayerNet(hidden_dim=0), "TwoLayerNet: hidden_dim must be"),
    "a scale in words": (lambda: CS682.fc_net.TwoLayerNet(weight_scale="small"), "TwoLayerNet: weight_scale must be"),
    "another course's word for norm": (lambda: net(normalization="batch"), "Did you mean 'batchnorm'"),
    "a penalty below 0": (lambda: net(reg=-1), "FullyConnectedNet: reg must be"),
    "whole numbers to compute in": (lambda: net(dtype=np.int32), "FullyConnectedNet: dtype must be 'float32' or"),
    "an initialization that is none": (lambda: net(CS182, initialization="xavier"), "known: random, he, zero"),
    "batch norm in words": (lambda: net(C147, use_batchnorm="yes"), "FullyConnectedNet: use_batchnorm must be True or"),
    "rows of another net": (lambda: net().loss(X[:, :2], Y), r"FullyConnectedNet\.loss: each row of X has 32 features"),
    "an image alone": (lambda: net().loss(X[0]), r"FullyConnectedNet\.loss: each row of X has 16 features"),
    "NaN among the pixels": (lambda: net().loss(NAN, Y), r"FullyConnectedNet\.loss: X holds 1 NaN"),
    "no rows": (lambda: net().loss(X[:0], Y[:0]), r"FullyConnectedNet\.loss: X must hold rows"),
    "labels of other classes": (lambda: net().loss(X, Y + 10), r"FullyConnectedNet\.loss: y holds the label"),
    "weights of another shape": (lambda: assigned("W1", np.ones((48, 9))), r"params\['W1'\] .* must be .* \(48, 8\)"),
    "a list for a bias": (lambda: assigned("b1", [1.0, 2.0]), r"params\['b1'\] is list of shape \(2,\)"),
    "a parameter taken out": (lambda: assigned("b1", None), r"params\['b1'\] is missing"),
    "no X_train": (lambda: train({k: DATA[k] for k in list(DATA)[1:]}), "Solver: data .* X_train is missing"),
    "a small x": (lambda: train({"x_train": X, **{k: DATA[k] for k in list(DATA)[1:]}}), "came a dict with 'x_train'"),
    "a tuple for the data": (lambda: train((X, Y)), "Solver: data must be a dict with X_train, y_train, X_val, y_val"),
    "fewer labels than rows": (lambda: train({**DATA, "y_train": Y[:5]}), "y_train has 5 rows but X_train has 20"),
    "float labels for a Solver": (lambda: train({**DATA, "y_val": Y[:5] * 1.0}), "Solver: y_val must be integer"),
    "a label too high": (
        lambda: train({**DATA, "y_val": Y[:5] + 8}),
        "Solver: y_val holds the label 1[0-2]; labels of 10",
    ),
    "a rule with a capital": (lambda: train(update_rule="Adam"), "update rule of Solver 'Adam'.*Did you mean 'adam'"),
    "a rule's setting for a keyword": (lambda: train(learning_rate=1), r"optim_config=\{'learning_rate': \.\.\.\}"),
    "an unknown keyword": (
        lambda: train(optimizer="adam"),
        "unknown keyword of Solver 'optimizer'; known: update_rule",
    ),
    "lr for learning_rate": (
        lambda: train(optim_config={"lr": 1e-3}),
        "unknown key of optim_config 'lr'; known: learning_rate",
    ),
    "a rate for a dict": (lambda: train(optim_config=1e-3), "Solver: optim_config must be a dict such as"),
    "a rate in quotes": (
        lambda: train(optim_config={"learning_rate": "1e-3"}),
        r"\['learning_rate'\] must be a finite",
    ),
    "half a row": (lambda: train(batch_size=10.5), "Solver: batch_size must be a whole number"),
    "the class for a net": (
        lambda: CS231N.solver.Solver(CS231N.fc_net.FullyConnectedNet, DATA),
        "Did you pass the class instead of a net",
    ),
    "another course's keyword": (lambda: train(log_acc_iteration=True), "keyword of Solver 'log_acc_iteration'"),
    "histories for no folder": (
        lambda: train(course=CS182).record_histories_as_npz("/nowhere/x"),
        "the folder /nowhere does not exist",
    ),
    "another parameter's gradient": (lambda: OPTIM.sgd(np.ones(3), np.ones(4)), r"sgd: dw has shape \(4,\) but w has"),
    "a list for a config": (lambda: OPTIM.adam(B, B, [1e-3]), "adam: config must be a dict"),
    "another parameter's config": (
        lambda: OPTIM.sgd_momentum(np.ones(3), np.ones(3), {"velocity": np.ones(5)}),
        r"sgd_momentum: config\['velocity'\] has shape \(5,\)",
    ),
    "numeric gradients of whole numbers": (
        lambda: CHECK.eval_numerical_gradient(np.sum, np.arange(3)),
        "eval_numerical_gradient: x must be an array of floats",
    ),
    "neighbours before training": (
        lambda: KNearestNeighbor().predict(F),
        r"KNearestNeighbor.predict: .* train\(X, y\)",
    ),
    "no neighbour": (lambda: neighbours().predict(F, k=0), "k must be a whole number of at least 1"),
    "three loops": (lambda: neighbours().predict(F, num_loops=3), r"KNearestNeighbor\.predict: num_loops must be"),
    "other features": (lambda: neighbours(KNN).compute_distances(F[:, :5]), r"KNN\.compute_distances: X has shape"),
    "distances transposed": (
        lambda: neighbours(KNN).predict_labels(np.ones((20, 3))),
        r"predict_labels: .*Did you pass dists\.T",
    ),
    "weights before training": (lambda: LinearSVM().predict(F), r"LinearSVM\.predict: there are no weights yet"),
    "a column of labels for Softmax": (
        lambda: Softmax().train(F, Y[:, None]),
        r"Softmax\.train: y has shape \(20, 1\)",
    ),
    "images for CS145's net": (lambda: small().loss(X, Y), r"TwoLayerNet\.loss: X has 4 axes.*Flatten"),
    "labels of CS145's net": (lambda: small().train(F, Y + 3, F, Y), r"TwoLayerNet\.train: y holds the label"),
    "a rate in words": (
        lambda: small().train(F, Y, F, Y, learning_rate="fast"),
        r"train: learning_rate must be a number",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_gets_one_clear_sentence(slip):
    call, words = SLIPS[slip]
    with pytest.raises(ChainruleError, match=words) as caught:
        call()
    assert isinstance(caught.value, ValueError | TypeError | OSError)
    assert "\n" not in str(caught.value)
    assert not str(caught.value).startswith("net")  # the library's word for it; a course's notebook has none


def test_what_is_no_slip_is_taken():
    """Lists for arrays, settings of another rule, states in a config, a parameter that only its net knows."""
    lists = {name: value.tolist() for name, value in DATA.items()}
    assert len(train(lists, optim_config={"learning_rate": 1e-3, "momentum": 0.9, "beta1": 0.5}).loss_history) == 2
    assert train(batch_size=np.int64(10), optim_config={"learning_rate": np.float32(0.1)}).epoch == 1
    model = net()
    model.params["W1"] = model.params["W1"].astype(np.float64)
    assert model.loss(X, Y)[0] > 0
