"""What the courses' notebooks print on CIFAR-10 itself; only with CHAINRULE_DATA.

At most one copy is in memory at a time.
"""

import numpy as np
import pytest

from chainrule.courses.cs145.data.data_utils import load_CIFAR10
from chainrule.courses.cs145.hw3code import KNN
from chainrule.courses.cs145.hw3code.neural_net import TwoLayerNet
from chainrule.courses.cs182.classifiers.fc_net import FullyConnectedNet
from chainrule.courses.cs182.data_utils import get_CIFAR10_data
from chainrule.courses.cs182.solver import Solver

VAL_SHARES = [0.087, 0.119, 0.079, 0.112, 0.078, 0.098, 0.102, 0.107, 0.113, 0.105]
TEST_SHARES = [0.103, 0.089, 0.100, 0.103, 0.090, 0.086, 0.112, 0.102, 0.106, 0.109]
NORM = 7906696.077040902  # Frobenius norm of 500 x 5000 distances
ERRORS = {  # of k neighbours: with the official files, and with ones whose pictures went through JPEG
    7906696: {3: 0.728},
    7892746: {1: 0.736, 3: 0.726, 10: 0.728},
}


@pytest.fixture
def at_home(cifar10_folder, monkeypatch, tmp_path):
    """A working directory without data, and CIFAR-10 where CHAINRULE_DATA says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CIFAR10_DIR", raising=False)
    return cifar10_folder / "cifar-10-batches-py"


def test_get_CIFAR10_data_without_arguments(at_home, capsys):
    data = get_CIFAR10_data()
    lines = capsys.readouterr().out.splitlines()
    assert lines == [str(at_home / f"data_batch_{i}") for i in range(1, 6)] + [str(at_home / "test_batch")]
    rows = {"X_train": 49_000, "y_train": 49_000, "X_val": 1000, "y_val": 1000, "X_test": 1000, "y_test": 1000}
    assert list(data) == list(rows)
    for name, count in rows.items():
        assert data[name].shape == ((count, 3, 32, 32) if name.startswith("X") else (count,))
        assert data[name].dtype.kind == ("f" if name.startswith("X") else "i")
    assert data["X_train"].dtype == np.float64
    assert np.array_equal(np.bincount(data["y_val"]) / 1000, VAL_SHARES)
    assert np.array_equal(np.bincount(data["y_test"]) / 1000, TEST_SHARES)
    lost = FullyConnectedNet([5])
    lost.params["b2"][:] = np.nan
    assert Solver(lost, data, verbose=False).check_accuracy(data["X_val"], data["y_val"]) == 0.087  # all NaN: class 0
    assert np.array_equal(data["y_train"][:10], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    assert np.abs(data["X_train"].mean(axis=0)).max() < 1e-10
    assert 60 < data["X_train"][:1000].std() < 65  # grey levels: nothing is scaled


@pytest.fixture(scope="module")
def cifar(cifar10_folder):
    """All of it with channels last; the tests below leave it as it is but for the last one."""
    return load_CIFAR10(cifar10_folder / "cifar-10-batches-py")


def test_load_CIFAR10(cifar):
    X_train, y_train, X_test, y_test = cifar
    assert X_train.shape == (50_000, 32, 32, 3)
    assert X_test.shape == (10_000, 32, 32, 3)
    assert X_train.dtype == X_test.dtype == np.float64
    assert np.array_equal(y_train[:10], [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    assert np.array_equal(y_test[:5], [3, 8, 8, 0, 6])
    first = np.array([[59, 62, 63], [43, 46, 45], [16, 20, 20]])  # pixels (0, 0), (0, 1), (1, 0)
    assert np.abs([X_train[0, 0, 0], X_train[0, 0, 1], X_train[0, 1, 0]] - first).max() <= 30
    assert np.abs(X_test[0, 0, :3] - [[158, 112, 49], [159, 111, 47], [152, 112, 51]]).max() <= 30


def test_nearest_neighbours_of_5000_rows(cifar):
    X_train, y_train, X_test, y_test = cifar
    knn = KNN()
    knn.train(X=X_train[:5000].reshape(5000, -1), y=y_train[:5000])
    test = X_test[:500].reshape(500, -1)
    dists = knn.compute_L2_distances_vectorized(X=test)
    assert dists.shape == (500, 5000)
    assert np.linalg.norm(knn.compute_distances(X=test[:5]) - dists[:5], ord="fro") == 0.0
    norm = np.linalg.norm(dists, ord="fro")
    assert norm == pytest.approx(NORM, rel=2e-3)
    errors = {k: np.mean(knn.predict_labels(dists, k=k) != y_test[:500]) for k in (1, 3, 10)}
    assert all(0.70 < error < 0.74 for error in errors.values())
    known = ERRORS.get(int(norm), {})
    assert {k: errors[k] for k in known} == known


def pixels(cifar):
    """Training rows and labels, validation rows and labels, the mean image subtracted in place, as the notebook does."""
    X, y, _, _ = cifar
    X = X.reshape(50_000, -1)
    mean = X[:49_000].mean(axis=0)
    if np.abs(mean).max() > 1:
        X -= mean
    return X[:49_000], y[:49_000], X[49_000:], y[49_000:]


@pytest.mark.parametrize(
    ("seeds", "iterations", "least"), [(1, 150, 0.3), pytest.param(3, 1000, 0.45, marks=pytest.mark.long)]
)
def test_the_two_layer_net_learns(cifar, seeds, iterations, least):
    X, y, X_val, y_val = pixels(cifar)
    found = []
    for seed in range(seeds):
        np.random.seed(seed)
        net = TwoLayerNet(32 * 32 * 3, 50, 10)
        history = net.train(X, y, X_val, y_val, num_iters=iterations, learning_rate=1e-3, reg=0.01)
        assert len(history["val_acc_history"]) == -(-iterations // 245)
        assert 0.4999 < history["loss_history"][0] < 0.5002
        found.append(np.mean(net.predict(X_val) == y_val))
    assert np.mean(found) >= least, found


@pytest.mark.long
def test_the_search_of_the_notebook(cifar):
    """By learning rate: 0.45 to 0.47, 0.31 to 0.32, 0.15 to 0.17, whatever the penalty (figures of a seed unknown)."""
    X, y, X_val, y_val = pixels(cifar)
    for rate, printed in ((1e-3, (0.47, 0.454, 0.473, 0.47)), (1e-4, (0.32, 0.321)), (1e-5, (0.15, 0.168))):
        np.random.seed(0)
        net = TwoLayerNet(32 * 32 * 3, 50, 10)
        net.train(X, y, X_val, y_val, num_iters=1000, learning_rate=rate, reg=0.01)
        assert np.mean(net.predict(X_val) == y_val) == pytest.approx(np.mean(printed), abs=0.03)


@pytest.mark.long
def test_the_run_that_is_stuck(cifar):
    """Learning rate 1e-5 and reg 0.1: the loss falls from 0.5001 to 0.4952 in 1000 steps, validation stays below 0.2."""
    X, y, X_val, y_val = pixels(cifar)
    printed = (0.50008, 0.49990, 0.49966, 0.49941, 0.49912, 0.49868, 0.49831, 0.49748, 0.49671, 0.49525)
    np.random.seed(0)
    net = TwoLayerNet(32 * 32 * 3, 50, 10)
    history = net.train(X, y, X_val, y_val, num_iters=1000, learning_rate=1e-5, reg=0.1)
    assert 0.50004 < history["loss_history"][0] < 0.50012
    assert history["loss_history"][::100] == pytest.approx(printed, abs=2e-3)
    assert [len(history[name]) for name in ("train_acc_history", "val_acc_history")] == [5, 5]
    assert 0.14 < np.mean(net.predict(X_val) == y_val) < 0.2
