"""What went wrong, in words: trainings made to fail in each way are named, sound ones get no word."""

from typing import Any

import numpy as np
import pytest

from chainrule.datasets import load_data
from chainrule.nets import FullyConnectedNet
from chainrule.training.diagnosis import SYMPTOMS, Finding, diagnose
from chainrule.training.evidence import Evidence, plain
from chainrule.training.solver import Solver

KINDS = {
    "symmetric-initialization", "initial-loss", "exploding-gradients", "vanishing-gradients", "divergence",
    "learning-rate-too-high", "learning-rate-too-low", "dead-units", "overfitting", "underfitting",
}  # fmt: skip
NET = ("activation", "norm", "keep", "init", "weight_scale", "reg", "loss", "dtype", "output_activation")


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


@pytest.fixture(scope="module")
def few(digits):
    """60 training rows of digits, scaled, as a plain dict."""
    parts = {"X_train": digits.X_train[:60], "X_val": digits.X_val}
    return {
        **{name: (X - digits.X_train.mean(axis=0)) / 4.3 for name, X in parts.items()},
        "y_train": digits.y_train[:60],
        "y_val": digits.y_val,
    }


@pytest.fixture(scope="module")
def waves():
    """Real targets: two smooth functions of eight inputs, with a little noise."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((1000, 8))
    y = np.stack([np.sin(X[:, 0]) + X[:, 1], X[:, 2] - 0.5 * X[:, 3]], axis=1) + 0.1 * rng.standard_normal((1000, 2))
    return {"X_train": X[200:], "y_train": y[200:], "X_val": X[:200], "y_val": y[:200]}


def solver(data, hidden=(32, 32), *, seed=0, change=None, **settings):
    """A solver; `change(params)` changes what the net starts with."""
    y = data["y_train"]
    net = FullyConnectedNet(
        list(hidden),
        input_dim=int(np.prod(data["X_train"].shape[1:])),
        num_classes=y.shape[1] if y.ndim == 2 else 10,
        seed=seed,
        **{name: settings.pop(name) for name in NET if name in settings},
    )
    if change:
        change(net.params)
    return Solver(net, data, seed=seed, verbose=False, threads=1, **{"epochs": 5, **settings})


def trained(*args, **settings):
    made = solver(*args, **settings)
    made.train()
    return made


def kinds(findings):
    return [finding.kind for finding in findings]


def constant(params):
    for name in ("W1", "W2", "W3"):
        params[name][:] = 0.1


def low_biases(params):
    params["b1"] -= 100


# -- trainings made to fail ------------------------------------------------------------------------------------------

TOO_HIGH = ["learning-rate-too-high", "dead-units"]
FAILING: dict[str, tuple[dict[str, Any], list[str], list[tuple[str, str]]]] = {
    "weights of standard deviation 1": (
        {"weight_scale": 1.0},
        ["initial-loss"],
        [("measured", "scores of zero would give 2.303"), ("advice", "init='he'")],
    ),
    "such weights under regularization": ({"weight_scale": 1.0, "reg": 0.1}, ["initial-loss"], []),
    "rate 100": (
        {"lr": 1e2},
        ["divergence"],
        [
            ("measured", "the output of affine"),
            ("measured", "is not finite at step"),
            ("advice", "1,000 times smaller, lr=0.1,"),
        ],
    ),
    "rate 3 without NaN": ({"lr": 3.0, "hidden": (64, 64)}, TOO_HIGH, [("advice", " times smaller, lr=0.")]),
    "rate 1 for adam": ({"rule": "adam", "lr": 1.0, "hidden": (64, 64)}, TOO_HIGH, [("advice", "lr=0.01;")]),
    "rate 100 behind a bounded output": (
        {"lr": 100.0, "loss": "mse", "output_activation": "sigmoid"},
        TOO_HIGH,
        [("measured", "The first step changed weights by")],
    ),
    "rate 1e-7": ({"lr": 1e-7}, ["learning-rate-too-low"], [("advice", "lr=0.01.")]),
    "rate 1e-6 for adam": ({"rule": "adam", "lr": 1e-6}, ["learning-rate-too-low"], [("advice", "lr=0.001.")]),
    "a rate lost in rounding": ({"lr": 1e-14}, ["learning-rate-too-low"], [("advice", "lr=0.01.")]),
    "ten sigmoid layers": (
        {"hidden": [32] * 10, "activation": "sigmoid", "init": "xavier"},
        ["vanishing-gradients"],
        [("measured", "affine1 "), ("measured", "affine4 "), ("advice", "activation='relu'")],
    ),
    "small weights in a deep net": (
        {"hidden": [64] * 5, "weight_scale": 1e-2},
        ["vanishing-gradients"],
        [("measured", "affine1 "), ("advice", "init='he' without weight_scale")],
    ),
    "large weights in a deep net": (
        {"hidden": [64] * 8, "weight_scale": 0.5},
        ["initial-loss", "exploding-gradients", "divergence"],
        [("measured", "affine1 "), ("advice", "clip_norm=1")],
    ),
    "large weights in a deep tanh net": (
        {"hidden": [64] * 10, "weight_scale": 1.0, "activation": "tanh"},
        ["initial-loss", "exploding-gradients"],
        [("measured", "affine1 ")],
    ),
    "dead from the start": (
        {"change": low_biases},
        ["dead-units"],
        [("measured", "relu1 100%"), ("advice", "biases")],
    ),
    "zero weights": (
        {"init": "zeros"},
        ["symmetric-initialization"],
        [("measured", "All weights are zero in affine1 (32 units), affine2 (32 units)")],
    ),
    "zero weights, sigmoid": (
        {"init": "zeros", "activation": "sigmoid", "lr": 1.0},
        ["symmetric-initialization"],
        [("measured", "affine1 (32 units)")],
    ),
    "equal weights": (
        {"change": constant, "rule": "adam", "lr": 1e-2},
        ["symmetric-initialization"],
        [("measured", "The columns of the weights are equal in affine1")],
    ),
    "strong regularization": (
        {"reg": 1.0, "lr": 0.1, "epochs": 8},
        ["underfitting"],
        [("advice", "reg=0.1, or none"), ("measured", "With reg=1 the weights' norm fell")],
    ),
    "strong weight decay": (
        {"weight_decay": 3.0, "lr": 0.1},
        ["underfitting"],
        [("advice", "weight_decay=0.3, or none")],
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_training_made_to_fail_is_named(digits, name):
    """Exactly the cause is named, with figures, and nothing that only follows from it."""
    settings, wanted, texts = FAILING[name]
    findings = diagnose(trained(digits, **settings))
    assert kinds(findings) == wanted
    for field, text in texts:
        assert any(text in getattr(finding, field) for finding in findings), (text, *map(str, findings))
    assert {finding.severity for finding in findings} == {"problem"}


def test_units_that_only_rounding_tells_apart_are_the_same(digits, rng):
    made = trained(digits, change=constant)
    for name in ("W1", "W2"):
        made.net.params[name] *= 1 + 1e-6 * rng.standard_normal(made.net.params[name].shape).astype(np.float32)
    assert kinds(diagnose(made)) == ["symmetric-initialization"]


def test_divergence_is_named_with_its_step_and_layer(digits):
    made = trained(digits, lr=1e2)
    (finding,) = diagnose(made)
    assert made.history.fault is not None
    assert made.history.fault in finding.measured
    assert f"{made.history.loss[0]:.3g} at first" in finding.measured


def test_the_rate_that_is_advised_after_divergence_learns(digits):
    (finding,) = diagnose(trained(digits, lr=1e2))
    advised = float(finding.advice.split("lr=")[1].split(",")[0])
    better = trained(digits, lr=advised)
    assert diagnose(better) == []
    assert better.history.best_val_acc > 0.85


@pytest.mark.parametrize(("rule", "lr"), [("sgd", 1e-7), ("adam", 1e-6), ("rmsprop", 1e-8)])
def test_the_rate_that_is_advised_for_a_low_one_learns(digits, rule, lr):
    (finding,) = diagnose(trained(digits, rule=rule, lr=lr))
    advised = float(finding.advice.split("lr=")[1].rstrip("."))
    better = trained(digits, rule=rule, lr=advised, epochs=10)
    assert diagnose(better) == []


def test_a_first_step_that_is_far_too_large_kills_units(digits):
    findings = diagnose(trained(digits, (64, 64), rule="adam", lr=10.0))
    assert kinds(findings) == TOO_HIGH
    assert "relu2" in findings[1].measured


def test_a_net_that_learnt_with_many_dead_units_gets_a_hint(digits):
    made = trained(digits, (64, 64), rule="adam", lr=0.1)
    assert made.history.train_acc[-1] > 0.8
    assert [(f.kind, f.severity) for f in diagnose(made)] == [("dead-units", "hint")]


def test_overfitting_is_seen_in_scores_that_part(few):
    (finding,) = diagnose(trained(few, (100, 100), rule="adam", epochs=40, batch_size=20))
    assert (finding.kind, finding.severity) == ("overfitting", "problem")
    assert "60 training rows" in finding.measured
    assert "keep=0.8" in finding.advice
    assert "early_stopping" in finding.advice


def test_underfitting_of_a_tiny_net_is_a_hint(digits):
    (finding,) = diagnose(trained(digits, (1,), rule="adam", lr=0.1, epochs=25))
    assert (finding.kind, finding.severity) == ("underfitting", "hint")
    assert "no longer gets better" in finding.title
    assert "wider hidden layers" in finding.advice


def test_a_training_that_ended_while_the_loss_fell_gets_a_hint(digits):
    (finding,) = diagnose(trained(digits, lr=3e-3, epochs=6))
    assert (finding.kind, finding.severity) == ("underfitting", "hint")
    assert "still falling" in finding.title
    assert "epochs=12" in finding.advice


def test_labels_without_a_pattern_are_a_problem_to_fit(digits, rng):
    noise = {"X_train": rng.standard_normal((2000, 5)), "y_train": rng.integers(0, 10, 2000)}
    (finding,) = diagnose(trained(noise, (4,), rule="momentum", epochs=12))
    assert (finding.kind, finding.severity) == ("underfitting", "problem")


def test_inputs_that_were_never_scaled_are_named(digits):
    raw = {"X_train": digits.X_train, "y_train": digits.y_train}
    (finding,) = diagnose(trained(raw, rule="adam"))
    assert finding.kind == "initial-loss"
    assert "Centre and scale the inputs to about 1: their root mean square is 7.7" in finding.advice


REAL: dict[str, tuple[dict[str, Any], str]] = {
    "low": ({"lr": 1e-7}, "learning-rate-too-low"),
    "high": ({"lr": 10.0}, "divergence"),
    "zeros": ({"init": "zeros"}, "symmetric-initialization"),
    "overfit": ({"rule": "adam", "epochs": 80, "hidden": (100, 100)}, "overfitting"),
}


@pytest.mark.parametrize("name", REAL)
def test_real_targets_too(waves, name, rng):
    settings, kind = REAL[name]
    data = dict(waves)
    if name == "overfit":
        data.update(X_train=waves["X_train"][:60], y_train=waves["y_train"][:60] + rng.standard_normal((60, 2)))
    findings = diagnose(trained(data, **{"loss": "mse", "batch_size": 20, **settings}))
    assert kinds(findings) == [kind]


def test_real_targets_that_were_never_scaled_are_named(waves):
    data = {**waves, "y_train": 80 * waves["y_train"] + 150, "y_val": 80 * waves["y_val"] + 150}
    for lr, kind in ((0.01, "divergence"), (0.1, "learning-rate-too-high")):
        finding = diagnose(trained(data, loss="mse", lr=lr))[0]
        assert finding.kind == kind
        assert "Centre and scale the targets: their mean is 150" in finding.advice


# -- sound trainings -------------------------------------------------------------------------------------------------

SOUND: dict[str, dict[str, Any]] = {
    "sgd": {"lr": 0.1},
    "momentum, linear": {"hidden": (), "rule": "momentum"},
    "nesterov, cosine": {"rule": "nesterov", "schedule": {"kind": "cosine"}},
    "adagrad": {"rule": "adagrad"},
    "rmsprop, leaky relu": {"rule": "rmsprop", "activation": "leaky_relu"},
    "adam, batch norm": {"rule": "adam", "norm": "batch", "lr": 5e-3},
    "adam, layer norm": {"rule": "adam", "norm": "layer", "lr": 5e-3},
    "adam, dropout": {"rule": "adam", "keep": 0.7, "lr": 5e-3},
    "adamw, decay": {"rule": "adamw", "weight_decay": 0.1, "lr": 5e-3},
    "regularization": {"rule": "momentum", "reg": 1e-2},
    "strong dropout, three layers": {"hidden": [64] * 3, "keep": 0.5, "rule": "adam", "lr": 5e-3, "epochs": 8},
    "six layers": {"hidden": [32] * 6, "rule": "adam", "lr": 3e-3},
    "ten layers, batch norm": {"hidden": [32] * 10, "norm": "batch", "rule": "adam", "lr": 5e-3},
    "tanh": {"hidden": [32] * 3, "activation": "tanh", "init": "xavier", "rule": "momentum"},
    "sigmoid": {"hidden": [32] * 3, "activation": "sigmoid", "init": "xavier", "rule": "adam", "lr": 1e-2},
    "svm": {"loss": "svm", "rule": "momentum"},
    "squared error": {"loss": "mse", "rule": "momentum", "init": "xavier", "epochs": 8},
    "small weights": {"weight_scale": 0.05, "rule": "adam", "lr": 5e-3},
    "single rows": {"batch_size": 1, "lr": 1e-2, "epochs": 1},
    "float64, clipping": {"dtype": "float64", "clip_norm": 1.0, "rule": "momentum", "lr": 3e-2},
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SOUND)
def test_a_sound_training_gets_no_word(digits, name, seed):
    made = trained(digits, seed=seed, **SOUND[name])
    assert made.history.best_val_acc > 0.7
    assert list(map(str, diagnose(made))) == []


@pytest.mark.parametrize("seed", range(3))
def test_sound_trainings_on_real_targets_get_no_word(waves, seed):
    assert diagnose(trained(waves, seed=seed, loss="mse", rule="adam", lr=5e-3, epochs=8)) == []
    assert diagnose(trained(waves, (), seed=seed, loss="mse", lr=0.05, epochs=8)) == []


def test_knowing_all_training_rows_is_no_overfitting(digits):
    made = trained(digits, (64, 64), rule="adam", lr=1e-2, epochs=12)
    assert made.history.train_acc[-1] == 1
    assert made.history.val_acc[-1] > 0.95
    assert diagnose(made) == []


def test_without_validation_rows_a_sound_training_gets_no_word(digits):
    data = digits.input_transform().apply(digits.X_train, np.float32)
    assert diagnose(trained({"X_train": data, "y_train": digits.y_train}, rule="momentum")) == []


def test_a_gap_that_few_validation_rows_explain_is_none(digits):
    """A score 0.15 lower says something on 180 rows, and nothing on 20."""
    gaps = []
    for rows in (180, 20):
        data = {name: digits[name] for name in ("X_train", "y_train")}
        made = trained({**data, "X_val": digits.X_val[:rows], "y_val": digits.y_val[:rows]}, rule="adam")
        made.history._rows["val_acc"][-1] = made.history.train_acc[-1] - 0.15
        gaps.append(Evidence(made).gap)
    assert gaps[0] > 0.05
    assert gaps[1] < 0


@pytest.mark.parametrize("reg", [0.1, 10.0])
def test_the_penalty_of_the_first_weights_is_no_fault_of_theirs(digits, reg):
    for seed in range(5):
        made = trained(digits, (64, 64), seed=seed, reg=reg, rule="adam", epochs=1)
        assert made.history.loss[0] > 10
        assert diagnose(made) == []


def test_scores_that_dropout_makes_large_are_no_fault_of_the_weights(digits):
    made = trained(digits, [64] * 3, keep=0.4, rule="adam", epochs=1)
    assert made.history.loss[0] > 2 * np.log(10)
    assert diagnose(made) == []


# -- short, interrupted and resumed trainings ------------------------------------------------------------------------


def test_nothing_is_said_of_no_step(digits):
    assert diagnose(solver(digits, init="zeros")) == []


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({}, []),
        ({"lr": 1e-9}, []),
        ({"init": "zeros"}, ["symmetric-initialization"]),
        ({"weight_scale": 1.0}, ["initial-loss"]),
        ({"hidden": [64] * 8, "weight_scale": 0.5, "lr": 1e-9}, ["initial-loss", "exploding-gradients"]),
        ({"change": low_biases}, ["dead-units"]),
    ],
)
def test_one_step_tells_of_the_start_alone(digits, settings, wanted):
    made = trained(digits, callbacks=[lambda _: True], **settings)
    assert len(made.history.loss) == 1
    assert kinds(diagnose(made)) == wanted


def test_a_first_step_that_is_not_finite_is_not_blamed_on_the_rate(digits):
    def huge(params):
        params["W2"][:] *= 1e38

    (finding,) = diagnose(trained(digits, change=huge))
    assert finding.kind == "divergence"
    assert "No step was taken yet" in finding.advice


def test_nine_steps_say_nothing_of_the_rate(digits):
    few_steps = {"batch_size": "all", "epochs": 3}
    assert diagnose(trained(digits, lr=1e-7, **few_steps)) == []
    assert kinds(diagnose(trained(digits, lr=1e-7, batch_size="all", epochs=12))) == ["learning-rate-too-low"]


def test_a_resumed_training_gets_the_same_findings(digits, tmp_path):
    settings = {"weight_scale": 0.5, "reg": 1e-3, "rule": "adam", "epochs": 4, "folder": tmp_path}
    whole = trained(digits, **{**settings, "folder": None})
    first = solver(digits, **settings, callbacks=[lambda s: s.epoch == 2])
    first.train()
    first.checkpoint()
    second = solver(digits, **settings)
    assert second.resume()
    second.train()
    assert len(second.history.loss) == len(whole.history.loss)
    assert diagnose(second) == diagnose(whole)
    assert kinds(diagnose(whole)) == ["initial-loss"]


def test_diagnosis_changes_nothing(digits):
    made = trained(digits, lr=1e2)
    before = {name: value.copy() for name, value in made.net.params.items()}
    assert diagnose(made) == diagnose(made)
    assert all(np.array_equal(value, before[name]) for name, value in made.net.params.items())


# -- the figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", [None, "batch", "layer"])
def test_the_signal_of_a_layer_is_its_biases_gradient(digits, norm):
    """With a norm, the biases before it get no gradient; its shifts do."""
    made = solver(digits, [16] * 3, norm=norm, epochs=1)
    rows = made.task.rows(0)
    _, grads = made.net.loss(digits.X_train[rows], digits.y_train[rows])
    made.train()
    shift = "beta" if norm else "b"
    sizes = {i: np.linalg.norm(grads[f"{shift}{i}"]) for i in (1, 2, 3)}
    top = max(np.linalg.norm(grads["b4"]), sizes[3])
    signal = Evidence(made).signal
    assert list(signal) == ["affine1", "affine2", "affine3"]
    for i, layer in enumerate(signal, start=1):
        np.testing.assert_allclose(signal[layer][0], sizes[i] / top, rtol=1e-5)


def test_a_linear_net_has_no_layers_to_lose_a_signal_in(digits):
    assert Evidence(trained(digits, (), epochs=1)).signal == {}
    assert Evidence(trained(digits, (), epochs=1, loss="mse", output_activation="tanh")).signal == {}


def test_the_first_penalty_is_that_of_the_first_weights(digits):
    made = solver(digits, (64, 64), reg=0.5)
    exact = made.net.regularized({name: np.zeros_like(value) for name, value in made.net.params.items()})[0]
    made.train()
    assert exact < Evidence(made).first_penalty < 1.15 * exact


def test_chance_is_that_of_zero_scores(digits, waves):
    assert Evidence(trained(digits, epochs=1)).chance == pytest.approx(np.log(10))
    assert Evidence(trained(digits, epochs=1, loss="svm")).chance == pytest.approx(9)
    assert Evidence(trained(waves, epochs=1, loss="mse")).chance == pytest.approx(
        0.5 * np.sum(waves["y_train"] ** 2) / 800
    )


def test_what_comes_first_explains_what_follows():
    """No symptom explains away one that is more important, but for kinds that two symptoms share."""
    explained = [kind for _, kinds_of in SYMPTOMS for kind in kinds_of]
    assert set(explained) <= KINDS
    assert not {"symmetric-initialization", "initial-loss", "divergence"} & set(explained[len(SYMPTOMS[0][1]) :])


def test_a_finding_prints_itself():
    finding = Finding("divergence", "The training diverged.", "loss < 1 & more.", "A smaller rate.")
    assert str(finding) == "The training diverged.\n  Measured: loss < 1 & more.\n  Try: A smaller rate."
    assert "loss &lt; 1 &amp; more." in finding._repr_html_()
    assert [plain(x) for x in (2163.0, 0.354, 4.4e-7, 100.0)] == ["2200", "0.35", "4.4e-07", "100"]
