"""What the estimators of nets refuse, beyond what scikit-learn's own checks try: a sentence each, in `fit`."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.datasets import load_iris

import chainrule as cr
from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError


@pytest.fixture(scope="module")
def flowers():
    data = load_iris()
    return data.data, data.target_names[data.target]


@pytest.mark.parametrize("share", [-0.1, 1.0, 2, "a tenth", float("nan")])
def test_a_share_that_is_none_is_refused(share, flowers):
    with pytest.raises(SettingError, match="validation_fraction must be None or a number from 0 to below 1"):
        cr.FullyConnectedClassifier(validation_fraction=share).fit(*flowers)


def test_rows_that_cannot_be_split_are_named_with_the_argument(flowers):
    X, y = (part[[0, 1, 50, 51, 100, 101]] for part in flowers)
    with pytest.raises(ArrayError, match=r"6 rows cannot be split with validation_fraction=0\.1: The test_size = 1"):
        cr.FullyConnectedClassifier(early_stopping=2).fit(X, y)


def test_a_wrong_setting_is_named_in_fit_not_before(flowers):
    model = cr.FullyConnectedClassifier(rule="adma")
    with pytest.raises(ValueError, match=r"unknown update rule 'adma'.*Did you mean 'adam'"):
        model.fit(*flowers)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"callbacks": None}, "callbacks must be a list of functions; came None"),
        ({"callbacks": print}, "callbacks must be a list of functions"),
        ({"epochs": "3"}, "epochs must be a whole number; came '3'"),
        ({"options": 0.9}, "options must be a dict of the rule's hyper-parameters"),
        ({"options": {"lr": 0.1}}, "What has an argument of its own goes there"),
    ],
)
def test_a_wrong_kind_of_setting_gets_a_sentence(wrong, said, flowers):
    with pytest.raises((SettingError, ArrayTypeError), match=said):
        cr.FullyConnectedClassifier(**wrong).fit(*flowers)


@pytest.mark.parametrize("kind", [cr.FullyConnectedClassifier, cr.FullyConnectedRegressor])
def test_validation_rows_and_their_targets_go_together(kind, flowers):
    X, y = flowers[0], np.arange(150) % 2
    for lone, lacking in [({"X_val": X}, "y_val"), ({"y_val": y}, "X_val")]:
        with pytest.raises(ArrayError, match=f"go together; came {next(iter(lone))} without {lacking}"):
            kind().fit(X, y, **lone)


@pytest.mark.parametrize("make", [scipy.sparse.csr_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize("kind", [cr.FullyConnectedClassifier, cr.FullyConnectedRegressor, cr.KNNClassifier])
def test_sparse_rows_are_refused_with_the_way_out(kind, make, flowers):
    X, y = flowers[0], np.arange(150) % 2
    with pytest.raises(
        TypeError, match=r"Sparse data was passed for X, but dense data is required. Use '.toarray\(\)'"
    ):
        kind().fit(make(X), y)
    with pytest.raises(TypeError, match="Sparse data was passed"):
        kind().fit(X, y).predict(make(X))


def test_weights_of_rows_are_of_the_plain_engine_and_the_refusal_says_so(flowers):
    with pytest.raises(SettingError, match="fused engine has no weights of rows; use engine='auto'"):
        cr.FullyConnectedClassifier(engine="fused", class_weight="balanced").fit(*flowers)
