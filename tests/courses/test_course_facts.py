"""What the courses' notebooks rely on, fact by fact: import lines, signatures, orders, formulas that tell slips apart."""

import inspect
import json
import random
from importlib import import_module

import numpy as np
import pytest
from modular_courses import CS231N, CS682, each_course, rel_error, small_data, small_net
from threadpoolctl import threadpool_info

from chainrule import courses
from chainrule.courses.cs145.data.gradient_check import eval_numerical_gradient
from chainrule.courses.cs145.hw3code.neural_net import TwoLayerNet
from chainrule.courses.modular import checkpoint

DATA = small_data()

# -- names -------------------------------------------------------------------------------------------------------------

GRADIENT_CHECK = "gradient_check import eval_numerical_gradient, eval_numerical_gradient_array"
IMPORTS = {
    "cs231n": (
        "from cs231n.classifiers.fc_net import *",
        "from cs231n.data_utils import get_CIFAR10_data",
        f"from cs231n.{GRADIENT_CHECK}",
        "from cs231n.solver import Solver",
        "from cs231n.optim import sgd_momentum, rmsprop, adam",
    ),
    "cs682": (
        "from cs682.classifiers.fc_net import *",
        "from cs682.layer_utils import affine_relu_forward, affine_relu_backward",
        "from cs682.data_utils import get_CIFAR10_data",
        f"from cs682.{GRADIENT_CHECK}",
        "from cs682.solver import Solver",
        "from cs682.optim import sgd_momentum",
    ),
    "cs182": (
        "from deeplearning.classifiers.fc_net import *",
        "from deeplearning.data_utils import get_CIFAR10_data",
        f"from deeplearning.{GRADIENT_CHECK}",
        "from deeplearning.solver import Solver",
        "from deeplearning.optim import sgd_momentum, rmsprop, adam",
    ),
    "c147": (
        "from nndl.fc_net import *",
        "from utils.data_utils import get_CIFAR10_data",
        f"from utils.{GRADIENT_CHECK}",
        "from utils.solver import Solver",
        "from nndl.layer_tests import *",
        "from nndl.optim import sgd_momentum, sgd_nesterov_momentum, rmsprop, adam",
    ),
    "cs145": (
        "from data.data_utils import load_CIFAR10",
        "from hw3code import KNN",
        "from hw3code.neural_net import TwoLayerNet",
        "from data.gradient_check import eval_numerical_gradient",
        "from data.vis_utils import visualize_grid",
    ),
}
STAR = {
    "cs231n": {"FullyConnectedNet", "np"},
    "cs682": {
        "affine_forward", "affine_backward", "relu_forward", "relu_backward", "svm_loss", "softmax_loss", "TwoLayerNet",
        "FullyConnectedNet", "affine_relu_forward", "np",
    },
    "cs182": {"FullyConnectedNet", "np"},
    "c147": {
        "FullyConnectedNet", "affine_forward_test", "affine_backward_test", "relu_forward_test", "relu_backward_test",
        "affine_relu_test", "fc_net_test", "np",
    },
    "cs145": set(),
}  # fmt: skip


@pytest.mark.parametrize("course", IMPORTS)
def test_the_import_lines_of_the_notebooks(course):
    names = {}
    with courses.activate(course):
        for line in IMPORTS[course]:
            exec(line, names)
    assert STAR[course] <= set(names)
    named = {name.strip() for line in IMPORTS[course] for name in line.split(" import ")[1].split(",")} - {"*"}
    assert named <= set(names)
    assert not {"data", "model", "solver", "Any"} & set(names)  # nothing that a notebook calls its own


def test_the_star_of_the_layer_tests_keeps_what_the_notebook_has():
    names = {"data": 1, "Solver": 2, "rel_error": rel_error}
    with courses.activate("c147"):
        exec("from nndl.layer_tests import *", names)
    assert (names["data"], names["Solver"]) == (1, 2)
    assert names["rel_error"](5, 5.2) == 0.01960784313725492


TRAIN = "learning_rate=0.001, reg=1e-05, num_iters=100, batch_size=200, verbose=False"
SIGNATURES = {
    "gradient_check.eval_numerical_gradient": "(f, x, verbose=True, h=1e-05)",
    "gradient_check.eval_numerical_gradient_array": "(f, x, df, h=1e-05)",
    "gradient_check.grad_check_sparse": "(f, x, analytic_grad, num_checks=10, h=1e-05)",
    "layers.affine_forward": "(x, w, b)",
    "layers.affine_backward": "(dout, cache)",
    "layers.relu_forward": "(x)",
    "layers.relu_backward": "(dout, cache)",
    "layers.batchnorm_forward": "(x, gamma, beta, bn_param)",
    "layers.batchnorm_backward": "(dout, cache)",
    "layers.batchnorm_backward_alt": "(dout, cache)",
    "layers.layernorm_forward": "(x, gamma, beta, ln_param)",
    "layers.layernorm_backward": "(dout, cache)",
    "layers.dropout_forward": "(x, dropout_param)",
    "layers.dropout_backward": "(dout, cache)",
    "layers.svm_loss": "(x, y)",
    "layers.softmax_loss": "(x, y)",
    "layer_utils.affine_relu_forward": "(x, w, b)",
    "layer_utils.affine_relu_backward": "(dout, cache)",
    "vis_utils.visualize_grid": "(Xs, ubound=255.0, padding=1)",
    "vis_utils.vis_grid": "(Xs)",
    "vis_utils.vis_nn": "(rows)",
    "data_utils.load_CIFAR_batch": "(filename)",
    "data_utils.load_CIFAR10": "(ROOT)",
    "data_utils.get_CIFAR10_data": "(num_training=49000, num_validation=1000, num_test=1000, subtract_mean=True)",
    "optim.sgd": "(w, dw, config=None)",
    "optim.sgd_momentum": "(w, dw, config=None)",
    "optim.rmsprop": "(w, dw, config=None)",
    "optim.adam": "(w, dw, config=None)",
    "features.extract_features": "(imgs, feature_fns, verbose=False)",
    "features.rgb2gray": "(rgb)",
    "features.hog_feature": "(im)",
    "features.color_histogram_hsv": "(im, nbin=10, xmin=0, xmax=255, normalized=True)",
    "classifiers.KNearestNeighbor": "()",
    "classifiers.KNearestNeighbor.train": "(self, X, y)",
    "classifiers.KNearestNeighbor.predict": "(self, X, k=1, num_loops=0)",
    "classifiers.KNearestNeighbor.predict_labels": "(self, dists, k=1)",
    "classifiers.KNearestNeighbor.compute_distances_two_loops": "(self, X)",
    "classifiers.LinearSVM": "()",
    "classifiers.LinearSVM.train": f"(self, X, y, {TRAIN})",
    "classifiers.Softmax.train": f"(self, X, y, {TRAIN})",
    "classifiers.Softmax.loss": "(self, X_batch, y_batch, reg)",
    "classifiers.linear_svm.svm_loss_naive": "(W, X, y, reg)",
    "classifiers.softmax.softmax_loss_vectorized": "(W, X, y, reg)",
    "solver.Solver.check_accuracy": "(self, X, y, num_samples=None, batch_size=100)",
}
OWN_SIGNATURES = {
    "c147.nndl.optim.sgd_nesterov_momentum": "(w, dw, config=None)",
    "cs182.solver.Solver.record_histories_as_npz": "(self, filename)",
    "cs145.hw3code.KNN.train": "(self, X, y)",
    "cs145.hw3code.KNN.compute_distances": "(self, X, norm=None)",
    "cs145.hw3code.KNN.compute_L2_distances_vectorized": "(self, X)",
    "cs145.hw3code.KNN.predict_labels": "(self, dists, k=1)",
    "cs145.hw3code.neural_net.TwoLayerNet": "(input_size, hidden_size, output_size, std=0.0001)",
    "cs145.hw3code.neural_net.TwoLayerNet.loss": "(self, X, y=None, reg=0.0)",
    "cs145.hw3code.neural_net.TwoLayerNet.train": "(self, X, y, X_val, y_val, learning_rate=0.001, "
    "learning_rate_decay=0.95, reg=1e-05, num_iters=100, batch_size=200, verbose=False)",
    "cs145.data.vis_utils.visualize_grid": "(Xs, ubound=255.0, padding=1)",
    "cs145.data.data_utils.load_CIFAR10": "(ROOT)",
}
HOMES = {"c147": {"data_utils": "utils.", "solver": "utils.", "gradient_check": "utils.", "vis_utils": "utils."}}
NOT_IN_C147 = ("features", "classifiers")


def found(path):
    """A module's function, class or method."""
    parts = f"chainrule.courses.{path}".split(".")
    for end in range(len(parts), 0, -1):
        try:
            thing = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for name in parts[end:]:
            thing = getattr(thing, name)
        return thing
    raise AssertionError(path)


def bare(thing):
    """The arguments and defaults, without types and without keyword-only additions of this library."""
    signature = inspect.signature(thing)
    kept = [p.replace(annotation=p.empty) for p in signature.parameters.values() if p.kind is not p.KEYWORD_ONLY]
    return str(signature.replace(parameters=kept, return_annotation=signature.empty))


@pytest.mark.parametrize("course", ["cs231n", "cs682", "cs182", "c147"])
def test_signatures_and_defaults(course):
    for path, expected in SIGNATURES.items():
        part = path.split(".")[0]
        if course == "c147":
            if part in NOT_IN_C147:
                continue
            path = HOMES["c147"].get(part, "nndl.") + path
        assert bare(found(f"{course}.{path}")) == expected, path


@pytest.mark.parametrize("path", OWN_SIGNATURES)
def test_signatures_of_one_course_alone(path):
    assert bare(found(path)) == OWN_SIGNATURES[path]


# -- nets --------------------------------------------------------------------------------------------------------------


@each_course
def test_the_two_layer_net_is_float64_with_weights_as_inputs_by_outputs(course):
    params = course.fc_net.TwoLayerNet(5, 50, 7).params
    shapes = {"W1": (5, 50), "b1": (50,), "W2": (50, 7), "b2": (7,)}
    assert {name: value.shape for name, value in params.items()} == shapes
    assert {value.dtype for value in params.values()} == {np.dtype(np.float64)}


def switched_on(course):
    """Batch normalization and dropout of a half, under the course's names."""
    if course in (CS231N, CS682):
        return {"normalization": "batchnorm", "dropout" if course is CS682 else "dropout_keep_ratio": 0.5}
    return {"use_batchnorm": True, "dropout": 0.5}


@each_course
def test_affine_then_norm_then_relu_then_dropout_for_every_hidden_width(course):
    model = small_net(course, reg=0.3, **switched_on(course))
    X, y = np.random.randn(9, 6), np.arange(9) % 4
    for i, width in enumerate((8, 7), start=1):
        assert np.array_equal(model.params[f"gamma{i}"], np.ones(width))
        assert np.array_equal(model.params[f"beta{i}"], np.zeros(width))
        model.params[f"gamma{i}"] = np.random.randn(width)
        model.params[f"beta{i}"] = np.random.randn(width)
    np.random.seed(5)
    loss, _ = model.loss(X, y)
    np.random.seed(5)
    out, p = X, model.params
    for i in (1, 2):
        a = out @ p[f"W{i}"] + p[f"b{i}"]
        normed = p[f"gamma{i}"] * (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + 1e-5) + p[f"beta{i}"]
        out = np.maximum(normed, 0) * (np.random.rand(*a.shape) < 0.5) / 0.5
    scores = out @ p["W3"] + p["b3"]
    scores -= scores.max(axis=1, keepdims=True)
    probability = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    penalty = 0.15 * sum(np.sum(p[f"W{i}"] ** 2) for i in (1, 2, 3))  # no biases, gamma or beta in it
    assert loss == pytest.approx(-np.log(probability[np.arange(9), y]).mean() + penalty, rel=1e-12)


@each_course
def test_the_second_backward_of_batch_norm_equals_the_first(course):
    layers = course.layers
    x, gamma, dout = np.random.randn(200, 300), np.random.randn(300), np.random.randn(200, 300)
    _, cache = layers.batchnorm_forward(x, gamma, np.zeros(300), {"mode": "train"})
    first, second = layers.batchnorm_backward(dout, cache), layers.batchnorm_backward_alt(dout, cache)
    assert all(np.array_equal(a, b) for a, b in zip(first, second))


# -- update rules ------------------------------------------------------------------------------------------------------


def test_the_place_of_epsilon_can_be_told_from_the_printed_errors():
    """Wrong forms give other figures than those that the notebooks print and our rules reproduce."""
    w, dw = np.linspace(-0.4, 0.6, 20), np.linspace(-0.6, 0.4, 20)
    m, v, cache = 0.9 * np.linspace(0.6, 0.9, 20) + 0.1 * dw, np.linspace(0.7, 0.5, 20), np.linspace(0.6, 0.9, 20)
    v, cache, lr, eps, t = 0.999 * v + 0.001 * dw**2, 0.99 * cache + 0.01 * dw**2, 1e-2, 1e-8, 6
    mhat, vhat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    from test_modular_optim import ADAM, RMSPROP

    forms = {
        "rmsprop, inside": (w - lr * dw / np.sqrt(cache + eps), RMSPROP, 9.5026e-08),
        "adam, inside": (w - lr * mhat / np.sqrt(vhat + eps), ADAM, 1.13989e-07),
        "adam, alpha_t": (
            w - lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + eps),
            ADAM,
            1.13558e-07,
        ),
        "adam, eps subtracted": (w - lr * mhat / (np.sqrt(vhat) - eps), ADAM, 1.1402387769253723e-07),
    }
    for name, (next_w, expected, error) in forms.items():
        assert rel_error(next_w, expected.ravel()) == pytest.approx(error, rel=5e-6), name


# -- the Solver --------------------------------------------------------------------------------------------------------


@each_course
def test_a_validation_accuracy_of_0_is_never_the_best(course):
    """Best is strictly above what was best before, and that starts at 0: then nothing is kept or put back."""
    model = small_net(course)
    data = {**DATA, "y_val": (model.loss(DATA["X_val"]).argmax(axis=1) + 1) % 4}
    solver = course.solver.Solver(
        model, data, num_epochs=2, batch_size=30, verbose=False, optim_config={"learning_rate": 0}
    )
    solver.train()
    assert solver.val_acc_history == [0.0] * 3
    assert (solver.best_val_acc, solver.best_params) == (0, {})
    json.dumps([solver.best_val_acc, solver.check_accuracy(data["X_val"], data["y_val"])])


@each_course
def test_products_have_one_thread_while_a_solver_trains_or_scores(course):
    seen, model = set(), small_net(course)
    loss = model.loss

    def noted(X, y=None):
        seen.update(info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas")
        return loss(X, y)

    model.loss = noted
    solver = course.solver.Solver(model, DATA, num_epochs=1, verbose=False)
    solver.train()
    solver.check_accuracy(DATA["X_val"], DATA["y_val"])
    assert seen == {1}


@each_course
@pytest.mark.parametrize("rows", [999, 1000, 1001])
def test_a_training_accuracy_is_of_all_rows_up_to_1000(course, rows):
    """Beyond that 1000 are drawn, with replacement."""
    model = small_net(course)
    data = {"X_train": np.random.randn(rows, 6), "y_train": np.random.randint(4, size=rows)}
    data |= {"X_val": data["X_train"][:5], "y_val": data["y_train"][:5]}
    solver = course.solver.Solver(model, data, num_epochs=1, batch_size=rows, verbose=False)
    np.random.seed(3)
    solver.train()
    after = np.random.rand()
    np.random.seed(3)
    np.random.choice(rows, rows)
    if rows > 1000:
        np.random.choice(rows, 1000)  # after iteration 1, which ends the epoch too: one check
    assert np.random.rand() == after
    assert len(solver.train_acc_history) == 1


def test_checkpoints_have_the_keys_of_the_courses(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    solver = CS231N.solver.Solver(small_net(CS231N), DATA, checkpoint_name="net", num_epochs=1, batch_size=60)
    solver.train()
    assert "Saving checkpoint to " in capsys.readouterr().out
    assert set(checkpoint.read("net_epoch_1.safetensors")) >= {
        "model", "update_rule", "lr_decay", "optim_config", "batch_size", "num_train_samples", "num_val_samples", "epoch",
        "loss_history", "train_acc_history", "val_acc_history",
    }  # fmt: skip
    assert not list(tmp_path.glob("*.pkl"))


# -- streams -----------------------------------------------------------------------------------------------------------


def test_two_ways_to_draw_that_courses_have_are_one_stream():
    for one, other in (
        (lambda: np.random.choice(50, 20), lambda: np.random.randint(0, 50, 20)),
        (lambda: 0.1 * np.random.randn(3, 5), lambda: np.random.normal(0, 0.1, (3, 5))),
    ):
        np.random.seed(7)
        first = one(), np.random.randn()
        np.random.seed(7)
        second = other(), np.random.randn()
        assert np.array_equal(first[0], second[0])
        assert first[1] == second[1]


def test_sparse_checks_draw_one_number_an_axis_from_pythons_own_generator(capsys):
    x = np.random.randn(3, 4)
    random.seed(4)
    CS231N.gradient_check.grad_check_sparse(lambda x: (x**2).sum(), x, 2 * x, num_checks=5)
    after = random.random()
    random.seed(4)
    entries = [2 * x[random.randrange(3), random.randrange(4)] for _ in range(5)]
    assert random.random() == after
    for line, entry in zip(capsys.readouterr().out.splitlines(), entries, strict=True):
        assert line.startswith(f"numerical: {entry:f} analytic: {entry:f}, ")


# -- CS145 -------------------------------------------------------------------------------------------------------------


def toy():
    np.random.seed(0)
    net = TwoLayerNet(4, 10, 3, std=1e-1)
    np.random.seed(1)
    return net, 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])


def test_the_toys_gradient_errors_are_the_printed_ones_but_for_rounding():
    net, X, y = toy()
    grads = net.loss(X, y, reg=0.05)[1]
    printed = {
        "W2": 4.950799338590475e-10,
        "b2": 2.4554844805570154e-11,
        "W1": 1.7476683484843372e-09,
        "b1": 7.382451041178829e-10,
    }
    for name, error in printed.items():
        numeric = eval_numerical_gradient(lambda _: net.loss(X, y, reg=0.05)[0], net.params[name], verbose=False)
        assert rel_error(numeric, grads[name]) == pytest.approx(error, rel=1e-6 if name[0] == "b" else 3), name


def test_with_every_row_each_step_the_toy_training_ends_elsewhere(monkeypatch):
    _, X, y = toy()
    np.random.seed(0)
    net = TwoLayerNet(4, 10, 3, std=1e-1)
    monkeypatch.setattr(np.random, "choice", lambda n, size: np.arange(n))
    history = net.train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100)
    assert history["loss_history"][-1] == pytest.approx(0.0356926, abs=1e-7)
