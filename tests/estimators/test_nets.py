"""Nets with scikit-learn's interface, where people use them."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, cross_validate, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import chainrule as cr
from chainrule.core.errors import ArrayError
from chainrule.training.history import History


@pytest.fixture(scope="module")
def flowers():
    data = load_iris()
    return StandardScaler().fit_transform(data.data), data.target_names[data.target]


def quick(**changes):
    return cr.FullyConnectedClassifier(**{"hidden_dims": (8,), "epochs": 30, "lr": 1e-2, "random_state": 0, **changes})


def test_it_learns_digits_better_than_chance_allows():
    X, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(X / 16, y, stratify=y, random_state=0)
    model = cr.FullyConnectedClassifier((32,), epochs=15).fit(train, y_train)
    assert model.score(test, y_test) > 0.93
    assert model.n_iter_ == 15
    assert len(model.loss_curve_) == 15
    assert model.validation_scores_ is None
    assert isinstance(model.history_, History)


def test_it_stands_in_a_pipeline_a_grid_and_a_calibration():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), quick(epochs=10))
    grid = GridSearchCV(pipeline, {"fullyconnectedclassifier__hidden_dims": [(4,), (8, 8)]}, cv=2).fit(X, y)
    assert grid.best_score_ > 0.9
    scores = cross_validate(pipeline, X, y, cv=3, scoring=["accuracy", "roc_auc"])
    assert scores["test_roc_auc"].mean() > 0.97
    for loss in ("softmax", "svm"):
        model = make_pipeline(StandardScaler(), quick(epochs=10, loss=loss))
        calibrated = CalibratedClassifierCV(model, cv=2).fit(X, y)
        assert calibrated.score(X, y) > 0.9


def test_permuting_the_column_that_matters_costs_most(rng):
    X = rng.standard_normal((200, 3))
    y = X[:, 1] > 0
    found = permutation_importance(quick().fit(X, y), X, y, random_state=0, n_repeats=3)
    assert found.importances_mean.argmax() == 1


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_are_taken_and_their_names_are_checked(kind, flowers):
    frames = pytest.importorskip(kind, reason=f"frames of {kind} need it")
    X, y = flowers
    frame = frames.DataFrame(dict(zip("abcd", X.T)))
    model = quick().fit(frame, y)
    assert model.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_array_equal(model.predict(frame), quick().fit(X, y).predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["b", "a", "c", "d"]])


def test_texts_are_labels_and_come_back(flowers):
    X, y = flowers
    model = quick().fit(X, y)
    assert set(model.predict(X)) <= {"setosa", "versicolor", "virginica"}
    assert model.score(X, y) > 0.9
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(model.decision_function(X).argmax(axis=1), model.predict_proba(X).argmax(axis=1))


def test_equal_seeds_give_equal_nets_and_fit_changes_no_argument(flowers):
    X, y = flowers
    model = quick(norm="batch", keep=0.8)
    before = copy.deepcopy(model.get_params())
    one, other = clone(model).fit(X, y), model.fit(X, y)
    assert model.get_params() == before
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    assert not np.array_equal(one.predict_proba(X), quick(random_state=1).fit(X, y).predict_proba(X))


def test_it_is_pickled_with_all_it_learnt(flowers):
    X, y = flowers
    model = quick(norm="batch").fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_early_stopping_keeps_the_best_net(flowers):
    X, y = flowers
    model = quick(epochs=300, early_stopping=5).fit(X, y)
    history = model.history_
    assert model.n_iter_ < 300
    assert history.best_check == len(history.val_acc) - 6
    assert model.best_validation_score_ == history.val_acc.max()
    assert len(model.validation_scores_) == model.n_iter_


def test_validation_rows_of_ones_own(flowers):
    X, y = flowers
    model = quick().fit(X[::2], y[::2], X_val=X[1::2], y_val=y[1::2])
    assert model.score(X[1::2], y[1::2]) == pytest.approx(model.best_validation_score_)
    with pytest.raises(ArrayError, match="y holds 'tulip', which is none of the classes"):
        quick().fit(X, y, X_val=X[:1], y_val=["tulip"])


def test_warm_start_goes_on_where_the_last_fit_ended(flowers):
    X, y = flowers
    model = quick(warm_start=True, epochs=3).fit(X, y)
    first = model.loss_
    assert model.fit(X, y).loss_ < first
    with pytest.raises(ArrayError, match="warm_start"):
        model.fit(X[:50], y[:50])
    weights = model.net_.params["W1"].copy()
    for change, rows, said in [
        ({"hidden_dims": (3,)}, X, r"hidden_dims was \[8\], now \[3\]"),
        ({"hidden_dims": (8,)}, X[:, :3], "input_dim was 4, now 3"),
    ]:
        with pytest.raises(ArrayError, match=f"what shapes it must stay; {said}"):
            model.set_params(**change).fit(rows, y)
    np.testing.assert_array_equal(model.net_.params["W1"], weights)
    assert model.fit(X.astype(np.float32), y).net_.dtype == np.float64


def test_partial_fit_moves_on_with_the_rules_state(flowers):
    X, y = flowers
    model = quick()
    losses = [model.partial_fit(X, y, classes=np.unique(y)).loss_ for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]
    assert model.n_iter_ == len(model.loss_curve_) == 20
    assert model.loss_curve_[0] > model.loss_curve_[-1] > 0
    assert model._state["W1"]["t"] == 20 * 4  # 150 // 32 steps a pass
    with pytest.raises(ArrayError, match="classes were"):
        model.partial_fit(X, y, classes=["a", "b"])


def test_class_weights_move_the_border(rng):
    X = np.concatenate([rng.standard_normal((90, 2)), rng.standard_normal((10, 2)) + 1])
    y = np.repeat(["many", "few"], [90, 10])
    plain, balanced = quick().fit(X, y), quick(class_weight="balanced").fit(X, y)
    assert (balanced.predict(X) == "few").sum() > (plain.predict(X) == "few").sum()
    weights = np.where(y == "few", 5.0, 100 / 180)
    by_hand = quick().fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(balanced.predict_proba(X), by_hand.predict_proba(X), rtol=1e-9)


def test_probabilities_come_with_softmax_alone(flowers):
    model = quick(loss="svm").fit(*flowers)
    assert not hasattr(model, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba") as told:
        model.predict_proba(flowers[0])
    assert "CalibratedClassifierCV" in str(told.value.__cause__)


def test_every_setting_reaches_the_net_and_the_solver(flowers):
    X, y = flowers
    model = cr.FullyConnectedClassifier(
        [6, 5], activation=["tanh", "relu"], norm="layer", keep=0.9, init="xavier", reg=0.01, rule="rmsprop",
        options={"decay": 0.95}, lr=3e-3, epochs=2, batch_size=50, schedule={"kind": "cosine"}, clip_norm=1.0,
        dtype="float32", random_state=3,
    ).fit(X, y)  # fmt: skip
    settings = model.net_.settings()
    assert [stage.name for stage in model.net_.stages][:4] == ["affine1", "layer_norm1", "tanh1", "dropout1"]
    assert (settings["keep"], settings["reg"], settings["dtype"]) == (0.9, 0.01, "float32")
    assert len(model.history_.loss) == 6  # 2 epochs of 150 // 50 steps
    assert model.history_.lr[-1] < model.history_.lr[0] == 3e-3


def test_callbacks_can_end_it(flowers):
    model = quick(callbacks=[lambda solver: solver.epoch >= 4]).fit(*flowers)
    assert model.n_iter_ == 4


def test_images_stay_bytes(rng):
    X = rng.integers(0, 256, (60, 48), dtype=np.uint8)
    model = quick(epochs=2).fit(X, X[:, 0] > 127)
    assert model.net_.dtype == np.float32


def test_the_regressor_learns_one_and_several_targets():
    X, y = load_diabetes(return_X_y=True)
    y = (y - y.mean()) / y.std()
    X = StandardScaler().fit_transform(X)
    model = cr.FullyConnectedRegressor((16,), lr=1e-2, epochs=20, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.5
    both = cr.FullyConnectedRegressor((16,), lr=1e-2, epochs=20, random_state=0).fit(X, np.stack([y, -y], axis=1))
    assert both.predict(X).shape == (len(y), 2)
    assert both.score(X, np.stack([y, -y], axis=1)) > 0.5
    with pytest.raises(ArrayError, match="2 targets a row"):
        model.partial_fit(X, np.stack([y, y], axis=1))


def test_a_regressors_early_stopping_looks_at_r2():
    X, y = load_diabetes(return_X_y=True)
    X, y = StandardScaler().fit_transform(X), (y - y.mean()) / y.std()
    model = cr.FullyConnectedRegressor((16,), lr=1e-2, epochs=200, early_stopping=3, random_state=0).fit(X, y)
    assert model.history_.metric == "r2"
    assert model.n_iter_ < 200


@pytest.mark.parametrize("rows", ["all at once", "one pass after the other"])
def test_several_labels_a_row(rows):
    X, Y = make_multilabel_classification(n_samples=150, n_classes=4, random_state=0)
    X = StandardScaler().fit_transform(X)
    model = quick(hidden_dims=(40,), epochs=60)
    if rows == "all at once":
        model.fit(X, Y)
    else:
        for _ in range(60):
            model.partial_fit(X, Y, classes=range(4))
    assert model.predict(X).shape == model.predict_proba(X).shape == model.decision_function(X).shape == (150, 4)
    assert model.score(X, Y) > 0.8  # all four right
    np.testing.assert_array_equal(model.predict_proba(X) > 0.5, model.predict(X))
    stopped = quick(early_stopping=3, epochs=200).fit(X, Y)
    assert stopped.n_iter_ < 200
    with pytest.raises(ArrayError, match="zeros and ones"):
        quick().fit(X, 2 * Y + np.arange(4))


def test_a_training_that_ends_in_infinity_says_so(flowers):
    X, y = flowers
    with pytest.warns(ConvergenceWarning, match="Training ended early: .* not finite"):
        model = quick(rule="sgd", lr=1e30).fit(X, y)
    assert all(np.isfinite(value).all() for value in model.net_.params.values())


def test_one_row_is_no_validation_set_for_real_targets(rng):
    X = rng.standard_normal((8, 2))
    with pytest.raises(ArrayError, match="validation set is too small"):
        cr.FullyConnectedRegressor(early_stopping=2).fit(X, X[:, 0])
