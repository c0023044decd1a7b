"""Nets of every make: gradients, structure, scores, files, and a report that names what is wrong."""

import itertools

import numpy as np
import pytest

from chainrule import nets
from chainrule.core.errors import ArrayError, ArrayTypeError, FileFormatError, OutputError, SettingError
from chainrule.core.numeric import numeric_gradient, rel_error
from chainrule.layers import affine, batch_norm, dropout, relu
from chainrule.losses import LOSSES, softmax
from chainrule.nets import FullyConnectedNet, TwoLayerNet, load_net
from chainrule.nets.gradient_check import check_gradients
from chainrule.nets.input import Input

N, D, C = 7, 6, 4
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh")


@pytest.fixture
def rows(rng):
    return rng.standard_normal((N, D)), rng.integers(0, C, N)


def net_of(hidden=(5, 8), **settings):
    return FullyConnectedNet(
        list(hidden), **{"input_dim": D, "num_classes": C, "dtype": "float64", "seed": 3, **settings}
    )


@pytest.mark.parametrize(
    ("norm", "keep", "loss"), list(itertools.product((None, "batch", "layer"), (1.0, 0.7), LOSSES)), ids=str
)
def test_whole_nets_have_the_gradients_of_their_loss(rows, norm, keep, loss):
    for activation in ACTIVATIONS:
        net = net_of(norm=norm, keep=keep, loss=loss, activation=activation, reg=0.3)
        for name, value in net.params.items():  # away from the symmetric start: biases, gammas and betas too
            value += 0.1 * np.random.default_rng(len(name)).standard_normal(value.shape)
        report = check_gradients(net, *rows, entries=None, step=5)
        assert report.max_error <= 1e-8, report
        assert sum(row.kinks for row in report.rows) <= 3


def test_every_entry_by_the_plain_numeric_gradient(rows):
    net = net_of(norm="batch", activation="tanh", reg=0.1)
    _, grads = net.loss(*rows)
    for name, value in net.params.items():
        numeric = numeric_gradient(lambda _: net.loss(*rows)[0], value)
        gap = np.abs(grads[name] - numeric).max() / max(np.abs(numeric).max(), 1e-3 * np.abs(grads["W3"]).max())
        assert gap <= 1e-8, name


def test_real_targets_and_output_activation(rng, rows):
    targets = rng.standard_normal((N, C))
    net = net_of(loss="mse", output_activation="sigmoid")
    assert check_gradients(net, rows[0], targets).max_error <= 1e-8
    assert np.all((net.loss(rows[0]) > 0) & (net.loss(rows[0]) < 1))
    labels = net.loss(*rows)[0]
    assert labels == pytest.approx(net.loss(rows[0], np.eye(C)[rows[1]])[0], rel=1e-15)


def test_the_net_is_the_chain_that_its_name_says(rows):
    """affine – batch norm – relu – dropout – affine, written out by hand."""
    X, y = rows
    net = net_of((5,), norm="batch", keep=0.6, reg=0.2)
    p = net.params
    h, _ = affine.forward(X, p["W1"], p["b1"])
    h, _ = batch_norm.forward(h, p["gamma1"], p["beta1"])
    h, _ = relu.forward(h)
    h, _ = dropout.forward(h, net.masks(N, step=4)["dropout1"])
    scores, _ = affine.forward(h, p["W2"], p["b2"])
    want = softmax.forward(scores, y)[0] + 0.5 * 0.2 * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
    assert net.loss(X, y, step=4)[0] == want
    assert net.loss(X, y, step=5)[0] != want
    assert [stage.name for stage in net.stages] == ["affine1", "batch_norm1", "relu1", "dropout1", "affine2"]


def test_regularization_is_on_weights_only(rows):
    net = net_of(norm="layer")
    plain, grads = net.loss(*rows)
    net.reg = 0.5
    value, with_reg = net.loss(*rows)
    weights = [net.params[name] for name in net.params if name[0] == "W"]
    assert value - plain == pytest.approx(0.25 * sum(np.sum(W * W) for W in weights), rel=1e-12)
    for name in grads:
        want = 0.5 * net.params[name] if name[0] == "W" else 0
        np.testing.assert_allclose(with_reg[name] - grads[name], want, rtol=0, atol=1e-12)


def test_a_loss_changes_nothing_and_params_are_the_only_truth(rows):
    net = net_of(norm="batch", keep=0.5)
    before = {**{k: v.copy() for k, v in net.params.items()}, "mean": net.stats["batch_norm1"][0].copy()}
    first, second = net.loss(*rows), net.loss(*rows)
    assert first[0] == second[0]
    assert all(np.array_equal(net.params[k], before[k]) for k in net.params)
    assert np.array_equal(net.stats["batch_norm1"][0], before["mean"])
    net.params["W1"][0, 0] += 1.0
    assert net.loss(*rows)[0] != first[0]
    net.params["W1"] = np.zeros_like(net.params["W1"])
    assert set(net.loss(*rows)[1]) == set(net.params)


def test_trace_hides_nothing(rows):
    X, y = rows
    net = net_of(norm="batch", keep=0.7, reg=0.1)
    trace, (loss, grads) = net.trace(X, y, step=2), net.loss(X, y, step=2)
    assert [moment.name for moment in trace] == [stage.name for stage in net.stages]
    assert trace.loss == loss
    assert trace.loss > trace.data_loss
    assert all(np.array_equal(trace.grads[name], grads[name]) for name in grads)
    assert np.array_equal(trace[0].input, X)
    for before, after in itertools.pairwise(trace):
        assert before.output is after.input
        assert before.doutput is after.dinput
    first = trace["affine1"]
    np.testing.assert_allclose(first.dparams["W1"], X.T @ first.doutput, rtol=1e-12)
    assert np.array_equal(trace.scores, trace["affine3"].output)
    assert "batch_norm2" in repr(trace)
    evaluated = net.trace(X)
    assert np.array_equal(evaluated.scores, net.loss(X))
    assert evaluated.loss is None
    assert "dropout1" not in [moment.name for moment in evaluated]
    with pytest.raises(KeyError, match="the stages are"):
        trace["relu9"]


def test_weights_depend_on_seed_layer_and_shape_alone():
    a, b = net_of((5, 8)), net_of((5, 8, 9), norm="batch", keep=0.5, activation="tanh")
    assert np.array_equal(a.params["W1"], b.params["W1"])
    assert np.array_equal(a.params["W2"], b.params["W2"])
    assert not np.array_equal(a.params["W1"], net_of((5, 8), seed=4).params["W1"])
    assert {v.dtype for v in net_of(dtype="float32").params.values()} == {np.dtype("float32")}
    he = FullyConnectedNet([1000], input_dim=500, num_classes=10)
    assert he.params["W1"].std() == pytest.approx(np.sqrt(2 / 500), rel=0.01)
    scaled = FullyConnectedNet([1000], input_dim=500, weight_scale=0.03)
    assert scaled.params["W1"].std() == pytest.approx(0.03, rel=0.01)
    uniform = FullyConnectedNet([1000], input_dim=500, init={"kind": "xavier", "distribution": "uniform"})
    assert np.abs(uniform.params["W1"]).max() <= np.sqrt(6 / 1500)


def test_depth_zero_is_a_linear_classifier(rows):
    net = net_of(())
    assert list(net.params) == ["W1", "b1"]
    np.testing.assert_allclose(net.loss(rows[0]), rows[0] @ net.params["W1"] + net.params["b1"])
    assert check_gradients(net, *rows).ok


def test_two_layer_net_is_one_hidden_layer(rows):
    net = TwoLayerNet(input_dim=D, hidden_dim=5, num_classes=C, dtype="float64")
    assert check_gradients(net, *rows).max_error <= 1e-8
    again = TwoLayerNet(**net.settings())
    assert np.array_equal(again.params["W1"], net.params["W1"])


def test_predictions(rows):
    X, y = rows
    net = net_of()
    scores, probabilities = net.loss(X), net.predict_proba(X)
    assert np.array_equal(net.predict(X), scores.argmax(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-14)
    assert net.score(X, y) == np.mean(net.predict(X) == y)
    many = np.tile(X, (400, 1))
    np.testing.assert_allclose(net.scores(many), np.tile(scores, (400, 1)), rtol=1e-13, atol=1e-14)
    with pytest.raises(SettingError, match="log-probabilities"):
        net_of(loss="svm").predict_proba(X)
    targets = np.stack([scores[:, 0]] * C, axis=1)
    assert net_of(loss="mse").score(X, targets) < 1


def test_images_are_flattened_and_lists_taken(rng):
    net = FullyConnectedNet([4], input_dim=12, num_classes=3)
    images = rng.integers(0, 256, (5, 3, 2, 2), dtype=np.uint8)
    assert np.array_equal(net.loss(images), net.loss(images.reshape(5, -1).astype(np.float32)))
    assert np.array_equal(net.loss(images.tolist()), net.loss(images))
    assert net.loss(images, [0, 1, 2, 0, 1])[0] > 0


def test_summary_counts(rows):
    summary = net_of((5, 8), norm="batch", keep=0.5, dtype="float32").summary()
    net = net_of((5, 8), norm="batch")
    assert summary.parameters == sum(value.size for value in net.params.values())
    assert summary.memory == 4 * summary.parameters
    affine_ops = D * 5 + 5 * 8 + 8 * C
    assert summary.multiply_adds == affine_ops + 3 * (5 + 8)
    assert "affine3" in str(summary)
    assert summary._repr_html_().count("<tr>") == len(summary.rows) + 2


@pytest.mark.parametrize(
    "settings", [{}, {"norm": "batch", "keep": 0.5}, {"norm": "layer", "loss": "mse", "output_activation": "tanh"}]
)
def test_saved_and_loaded_nets_are_equal(rows, tmp_path, settings):
    net = net_of(**settings)
    net.input = Input(center=np.arange(D), scale=np.full(D, 2.0), classes=tuple("abcd"), target="kind")
    for name in net.stats:
        net.stats[name] = (np.full_like(net.stats[name][0], 0.3), np.full_like(net.stats[name][1], 1.7))
    net.save(tmp_path / "net.safetensors")
    again = load_net(tmp_path / "net.safetensors")
    assert np.array_equal(again.loss(rows[0]), net.loss(rows[0]))
    assert again.settings() == net.settings()
    assert again.input.classes == net.input.classes
    assert repr(again) == repr(net)
    with pytest.raises(OutputError, match="overwrite=True"):
        net.save(tmp_path / "net.safetensors")
    net.save(tmp_path / "net.safetensors", overwrite=True)
    from safetensors.numpy import load_file

    assert np.array_equal(load_file(tmp_path / "net.safetensors")["params.W1"], net.params["W1"])


def test_files_that_do_not_fit_leave_the_net_alone(tmp_path):
    net = net_of()
    net.save(tmp_path / "a")
    other = net_of((5, 9))
    kept = {name: value.copy() for name, value in other.params.items()}
    from chainrule.core import tensorfile

    tensors, meta = tensorfile.read(tmp_path / "a")
    with pytest.raises(FileFormatError, match="W2"):
        nets.restore(other, tensors, meta["input"], tmp_path / "a")
    assert all(np.array_equal(other.params[name], kept[name]) for name in kept)
    tensorfile.write(tmp_path / "b", tensors, {**meta, "kind": "checkpoint"})
    with pytest.raises(FileFormatError, match="holds no net"):
        load_net(tmp_path / "b")
    tensorfile.write(tmp_path / "c", tensors, {**meta, "settings": {**meta["settings"], "warmth": 1}})
    with pytest.raises(FileFormatError, match="describe no net"):
        load_net(tmp_path / "c")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_dims": 100}, r"\[100\]"),
        ({"hidden_dims": [0]}, "hidden_dims"),
        ({"activation": "rleu"}, "Did you mean 'relu'"),
        ({"activation": ["relu"]}, "came 1 for 2 hidden layers"),
        ({"norm": "instance"}, "batch"),
        ({"keep": 0.0}, "keep must be above 0"),
        ({"keep": 1.5}, "keep must be"),
        ({"reg": -1}, "reg must be"),
        ({"reg": float("nan")}, "reg must be"),
        ({"init": "hee"}, "Did you mean 'he'"),
        ({"init": {"kind": "he", "gain": 2}}, "gain"),
        ({"init": "he", "weight_scale": 0.1}, "weight_scale"),
        ({"loss": "hinge"}, "svm"),
        ({"dtype": "float16"}, "float16"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_get_a_sentence(settings, message):
    with pytest.raises(SettingError, match=message):
        FullyConnectedNet(**{"hidden_dims": [4, 4], "input_dim": D, **settings})


def test_wrong_rows_get_a_sentence(rows):
    X, y = rows
    net = net_of()
    for bad in (X[:, :-1], X[:0], X[0]):
        with pytest.raises(ArrayError, match="X"):
            net.loss(bad, y)
    for bad in (y[:-1], y + C, y - C, np.eye(C)[y][:, :2].argmax(1)[:, None]):
        with pytest.raises(ArrayError, match="y"):
            net.loss(X, bad)
    for bad in (y.astype(float), np.eye(C)[y], y.astype(str)):
        with pytest.raises(ArrayTypeError, match="y"):
            net.loss(X, bad)


class Wrong:
    """A learner's net whose backward forgets the bias of the first layer's rows: a mean where a sum belongs."""

    def __init__(self, net, name, bug):
        self.net, self.params, self.name, self.bug = net, net.params, name, bug

    def loss(self, X, y):
        value, grads = self.net.loss(X, y)
        grads[self.name] = self.bug(grads[self.name])
        return value, grads


@pytest.mark.parametrize("name", ["W1", "b1", "W3", "b3"])
@pytest.mark.parametrize("bug", [lambda g: g / N, lambda g: -g, lambda g: g * 1.001, lambda g: np.roll(g, 1, axis=-1)])
def test_the_report_names_a_wrong_gradient(rows, name, bug):
    report = check_gradients(Wrong(net_of(), name, bug), *rows)
    assert not report.ok
    assert [row.name for row in report.rows if row.error > report.tolerance] == [name]
    assert f"✗ {name}" in str(report)
    assert "the loss itself" in str(report)


def test_kinks_are_counted_and_left_out(rows):
    net = net_of((5,))
    net.params["b1"][:] = 0
    X = np.zeros((N, D))
    X[:, 0] = 1.0
    net.params["W1"][0, :] = 0.0  # every unit sits exactly at its kink
    report = check_gradients(net, X, rows[1], entries=None)
    assert report.ok
    assert sum(row.kinks for row in report.rows) > 0
    assert "at a kink left out" in str(report)


def test_float32_nets_are_checked_in_float64(rows):
    net = net_of(dtype="float32")
    report = check_gradients(net, rows[0].astype(np.float32), rows[1])
    assert report.max_error <= 1e-8
    assert net.params["W1"].dtype == np.float32
    with pytest.raises(SettingError, match="params"):
        check_gradients(object(), *rows)
    assert rel_error(report.max_error, report.max_error) == 0
