"""Bad input of the courses' classifiers gets a sentence with the courses' own names, or the result of a plain copy."""

import numpy as np
import pytest
from hostile import COUNT, COUNT_FROM_0, NOT_NEGATIVE, Floats, Labels, Number
from public_api import Record
from test_public_api import complaints_of

from chainrule.courses.cs145.hw3code import KNN
from chainrule.courses.cs145.hw3code.neural_net import TwoLayerNet
from chainrule.courses.cs231n.classifiers import KNearestNeighbor, LinearSVM
from chainrule.courses.cs231n.classifiers.linear_svm import svm_loss_naive
from chainrule.courses.cs231n.classifiers.softmax import softmax_loss_vectorized

N, D, H, C = 5, 4, 6, 3
NUMBER_FROM_0 = Number(wrong=(-1.0, float("inf"), True))


def rows(seed=0, shape=(N, D)):
    return np.random.default_rng(seed).standard_normal(shape)


def y():
    return np.arange(N) % C


def net():
    np.random.seed(0)
    return TwoLayerNet(D, H, C, std=0.1)


def new_net(**arguments):
    np.random.seed(0)
    return TwoLayerNet(**arguments).params


def neighbours(cls):
    model = cls()
    model.train(rows(1, (7, D)), np.arange(7) % C)
    return model


def training(model):
    def train(**arguments):
        np.random.seed(1)
        own = model()
        return own.train(num_iters=3, **arguments) if "num_iters" not in arguments else own.train(**arguments)

    return train


LOSS = {"X": Floats("n d", "n d"), "y": Labels(C), "reg": NUMBER_FROM_0}
LINEAR = {"W": Floats("d c", "d"), **LOSS}
STEPS = {"learning_rate": NUMBER_FROM_0, "reg": NUMBER_FROM_0, "num_iters": COUNT_FROM_0, "batch_size": COUNT}
QUERY = {"X": Floats("n d", "d", finite=True)}


def linear(function):
    return Record(lambda folder: (function, {"W": rows(2, (D, C)), "X": rows(), "y": y(), "reg": 0.1}, []), LINEAR)


def net_training(folder):
    return training(net), {"X": rows(), "y": y(), "X_val": rows(3), "y_val": y()}, []


RECORDS = {
    "TwoLayerNet": Record(
        lambda folder: (new_net, {"input_size": D, "hidden_size": H, "output_size": C}, []),
        {"input_size": COUNT, "hidden_size": COUNT, "output_size": COUNT, "std": NOT_NEGATIVE},
    ),
    "TwoLayerNet.loss": Record(
        lambda folder: (net().loss, {"X": rows(), "y": y(), "reg": 0.1}, []), {**LOSS, "y": Labels(C, optional=True)}
    ),
    "TwoLayerNet.predict": Record(
        lambda folder: (net().predict, {"X": rows()}, []),
        {"X": Floats("n d", "d", draws="the class of a row of NaN is 0, as in the course")},
    ),
    "TwoLayerNet.train": Record(
        net_training,
        {
            "X": Floats("n d", "n d", draws="a batch need not hold the row"),
            "y": Labels(C),
            "X_val": Floats("n d", "n d", draws="an accuracy shows no NaN"),
            "y_val": Labels(C),
            "learning_rate_decay": NUMBER_FROM_0,
            **STEPS,
        },
    ),
    "KNN.train": Record(
        lambda folder: (lambda X, y: trained(KNN, X, y), {"X": rows(), "y": y()}, []),
        {"X": Floats("n d", "n", finite=True), "y": Labels(None)},
    ),
    "KNN.compute_distances": Record(lambda folder: (neighbours(KNN).compute_distances, {"X": rows()}, []), QUERY),
    "KNN.compute_L2_distances_vectorized": Record(
        lambda folder: (neighbours(KNN).compute_L2_distances_vectorized, {"X": rows()}, []), QUERY
    ),
    "KNN.predict_labels": Record(
        lambda folder: (neighbours(KNN).predict_labels, {"dists": np.abs(rows(4, (2, 7))), "k": 3}, []),
        {"dists": Floats("n m", "m", finite=True), "k": Number(whole=True, wrong=(0, -1, 8, True))},
    ),
    "KNearestNeighbor.predict": Record(
        lambda folder: (neighbours(KNearestNeighbor).predict, {"X": rows(), "k": 3, "num_loops": 0}, []),
        {
            **QUERY,
            "k": Number(whole=True, wrong=(0, -1, 8, True)),
            "num_loops": Number(whole=True, wrong=(-1, 3, True)),
        },
    ),
    "LinearSVM.train": Record(
        lambda folder: (training(LinearSVM), {"X": rows(), "y": y()}, []),
        {"X": Floats("n d", "n", draws="a batch need not hold the row"), "y": Labels(None), **STEPS},
    ),
    "svm_loss_naive": linear(svm_loss_naive),
    "softmax_loss_vectorized": linear(softmax_loss_vectorized),
}


def trained(cls, X, y):
    model = cls()
    model.train(X=X, y=y)
    return {"X": np.asarray(model.X_train, dtype=float), "y": np.asarray(model.y_train, dtype=int)}


@pytest.mark.parametrize(("name", "argument"), [(name, a) for name, record in RECORDS.items() for a in record.roles])
def test_bad_input_gets_a_sentence_or_the_right_result(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaints = complaints_of(RECORDS[name], argument, tmp_path)
    assert not complaints, f"{name}({argument}=...):\n" + "\n".join(complaints)


@pytest.mark.parametrize("norm", ["l7", 0.5, object(), lambda difference: "far"])
def test_a_norm_that_is_none_gets_a_sentence(norm):
    with pytest.raises(ValueError, match="norm"):
        neighbours(KNN).compute_distances(X=rows(), norm=norm)


def test_images_are_flattened_by_the_caller_and_the_message_says_how():
    with pytest.raises(ValueError, match=r"TwoLayerNet\.loss: X has 4 axes.*np\.reshape\(X, \(len\(X\), -1\)\)"):
        net().loss(np.ones((2, 2, 2, 1)))
