"""Precision, recall, F1 and calibration, beside scikit-learn's, and where nothing is there to divide by."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

import chainrule as cr
from chainrule.study.classification import by_class, calibration


def test_figures_of_classes_are_scikit_learns(rng):
    y, predicted = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    found = by_class(confusion_matrix(y, predicted), tuple("abcd"))
    wanted = precision_recall_fscore_support(y, predicted)
    for name, values in zip(("precision", "recall", "f1", "rows"), wanted):
        np.testing.assert_allclose([getattr(row, name) for row in found], values, rtol=1e-12)


def test_what_a_class_was_taken_for():
    first, second, third = by_class(np.array([[5, 0, 2], [1, 3, 1], [0, 0, 4]]), ("a", "b", "c"))
    assert (first.taken_for, first.taken) == ("c", 2)
    assert (second.taken_for, second.taken) == ("a", 1)  # of equally many the first
    assert (third.taken_for, third.taken) == (None, 0)


def test_a_class_without_rows_or_predictions_has_no_share():
    empty, full = by_class(np.array([[0, 0], [0, 3]]), ("none", "all"))
    assert np.isnan([empty.precision, empty.recall, empty.f1]).all()
    assert (full.precision, full.recall, full.f1) == (1, 1, 1)


def test_calibration_is_scikit_learns(rng):
    confidence = rng.uniform(0.2, 1, 500)
    right = rng.uniform(size=500) < confidence**2
    found = calibration(confidence, right)
    accuracy, mean = calibration_curve(right, confidence, n_bins=10)
    np.testing.assert_allclose(found.accuracy, accuracy, rtol=1e-12)
    np.testing.assert_allclose(found.confidence, mean, rtol=1e-12)
    assert found.rows.sum() == 500
    assert found.error == pytest.approx(np.sum(np.abs(accuracy - mean) * found.rows) / 500, rel=1e-12)


def test_confidence_of_one_belongs_to_the_last_group_and_perfection_has_no_error():
    found = calibration(np.ones(4), np.ones(4, bool))
    np.testing.assert_array_equal(found.rows, [4])
    assert found.error == 0


def test_a_judgement_has_them_where_they_mean_something():
    data = cr.load_data("digits", num_train=300)
    for loss in ("softmax", "svm"):
        net = cr.FullyConnectedNet([16], input_dim=64, loss=loss)
        cr.Solver(net, data, rule="adam", epochs=3, batch_size=30, engine="plain", threads=1, verbose=False).train()
        found = cr.judge(net, data.X_val, data.y_val)
        assert len(found.by_class) == 10
        assert (found.calibration is not None) == (loss == "softmax")
        np.testing.assert_allclose(
            np.average([row.recall for row in found.by_class], weights=[row.rows for row in found.by_class]),
            found.score,
        )
