"""scikit-learn's perceptrons as nets: the same outputs to rounding."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures, StandardScaler

import chainrule as cr
from chainrule.core.errors import ArrayTypeError, SettingError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
FLOWERS = load_iris(return_X_y=True)


def fitted(kind, X, y, **settings):
    return kind(**{"hidden_layer_sizes": (7, 5), "max_iter": 30, "random_state": 1, **settings}).fit(X, y)


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("classes", [2, 3])
def test_a_classifiers_probabilities(activation, classes):
    X, y = (part[: 50 * classes] for part in FLOWERS)
    model = fitted(MLPClassifier, X, np.array(["setosa", "versicolor", "virginica"])[y], activation=activation)
    net = cr.from_sklearn(model)
    np.testing.assert_allclose(net.predict_proba(X), model.predict_proba(X), rtol=1e-9, atol=1e-13)
    assert net.input.classes == tuple(model.classes_)
    np.testing.assert_array_equal(model.classes_[net.predict(X)], model.predict(X))


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("targets", [1, 2])
def test_a_regressors_predictions(activation, targets):
    X, y = load_diabetes(return_X_y=True)
    y = y if targets == 1 else np.stack([y, -2 * y], axis=1)
    model = fitted(MLPRegressor, X, y, activation=activation)
    scores = cr.from_sklearn(model).scores(X)
    np.testing.assert_allclose(scores, model.predict(X).reshape(len(X), targets), rtol=1e-9, atol=1e-10)


def test_several_labels_a_row_become_sigmoid_outputs():
    X, Y = make_multilabel_classification(n_samples=60, random_state=0)
    model = fitted(MLPClassifier, X, Y)
    np.testing.assert_allclose(cr.from_sklearn(model).scores(X), model.predict_proba(X), rtol=1e-9, atol=1e-13)


def test_no_hidden_layer():
    model = fitted(MLPClassifier, *FLOWERS, hidden_layer_sizes=())
    np.testing.assert_allclose(cr.from_sklearn(model).predict_proba(FLOWERS[0]), model.predict_proba(FLOWERS[0]))


@pytest.mark.parametrize(
    "scaler", [StandardScaler(), StandardScaler(with_mean=False), StandardScaler(with_std=False), MinMaxScaler((-1, 3))]
)
def test_a_scaler_before_it_becomes_the_input_transform(scaler, tmp_path):
    X, y = FLOWERS
    model = make_pipeline(scaler, "passthrough", MLPClassifier((6,), max_iter=20, random_state=0)).fit(X, y)
    net = cr.from_sklearn(model)
    np.testing.assert_allclose(net.predict_proba(X), model.predict_proba(X), rtol=1e-9, atol=1e-13)
    net.save(tmp_path / "net.safetensors")
    again = cr.load_net(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))


def test_float32_and_a_further_training():
    X, y = FLOWERS
    model = fitted(MLPClassifier, X, y)
    net = cr.from_sklearn(model, dtype="float32")
    np.testing.assert_allclose(net.predict_proba(X), model.predict_proba(X), rtol=1e-4, atol=1e-6)
    kept = [w.copy() for w in model.coefs_]
    history = cr.Solver(
        net, {"X_train": X, "y_train": y}, rule="adam", epochs=5, batch_size=50, engine="plain", verbose=False
    ).train()
    assert history.train_loss[-1] < history.train_loss[0]
    for before, after in zip(kept, model.coefs_):
        np.testing.assert_array_equal(before, after)  # the net's arrays are its own


def test_what_is_no_perceptron_is_refused():
    X, y = FLOWERS
    for model, error, said in [
        (LogisticRegression(), ArrayTypeError, "MLPClassifier or MLPRegressor"),
        (MLPClassifier(), ArrayTypeError, "must be fitted"),
        (make_pipeline(PolynomialFeatures(), fitted(MLPClassifier, X, y)), SettingError, "came PolynomialFeatures"),
        (fitted(MLPRegressor, X, y, loss="poisson"), SettingError, "poisson"),
    ]:
        with pytest.raises(error, match=said):
            cr.from_sklearn(model)
