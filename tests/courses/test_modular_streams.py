"""The figures that follow from the random streams, on CIFAR-10: first losses of the notebooks' trainings, means of weights.

The data set of these tests is near CIFAR-10, not equal to it; the figures of the reference on it are reproduced to the
printed digits, and those printed in the notebooks are near. The draws of a training are taken by the Solver itself, with a
model whose loss is computed once; with `long`, all the trainings are real.
"""

import numpy as np
import pytest
from modular_courses import C147, CS182, CS231N, CS682

from chainrule.courses.cs231n.data_utils import get_CIFAR10_data


@pytest.fixture(scope="module")
def data(cifar10_folder):
    """The arrays that every notebook begins with."""
    return get_CIFAR10_data()


def first_rows(data, n):
    return {**data, "X_train": data["X_train"][:n], "y_train": data["y_train"][:n]}


class FirstLoss:
    """A model whose first loss is a net's; afterwards only draws are made."""

    def __init__(self, net):
        self.net, self.params, self.first = net, {"w": np.zeros(1)}, None

    def loss(self, X, y=None):
        if y is None:
            return np.zeros((len(X), 10))
        if self.first is None:
            self.first = self.net.loss(X, y)[0]
        return self.first, {"w": np.zeros(1)}


class NoLoss:
    """In the place of a net, where only draws are wanted."""

    def loss(self, X, y):
        return 0.0, {}


def first_loss(course, net, data, *, real=False, **options):
    """The first loss of a training, whose draws are all made."""
    solver = course.solver.Solver(net if real else FirstLoss(net), data, verbose=False, **options)
    solver.train()
    return solver.loss_history[0]


def near(figures, reference, *, digits=6):
    """Whether figures are the reference's to the printed digits, one unit of the last allowed for another BLAS."""
    return np.allclose(figures, reference, rtol=0, atol=1.6 * 10**-digits)


CS231N_PRINTED = [
    44.720838, 13.054907, 2.559978, 3.153778, 3.476928, 2.589166,
    2.302439, 2.647917, 4.625208, 2.302509, 2.723605, 4.488248, 2.302368, 2.893815, 4.006023,
]  # fmt: skip
CS231N_REFERENCE = [
    44.708874, 13.058408, 2.573437, 3.162961, 3.459052, 2.590553,
    2.302409, 2.631830, 4.661556, 2.302512, 2.712836, 4.472275, 2.302422, 2.900721, 3.956385,
]  # fmt: skip


def cs231n_trainings(data):
    """(hidden widths, weight scale, data, options) of the fifteen trainings."""
    few, some = first_rows(data, 50), first_rows(data, 4000)
    small = {"batch_size": 25, "num_epochs": 20, "update_rule": "sgd", "optim_config": {"learning_rate": 1e-3}}
    yield [100] * 2, 5e-2, few, small
    yield [100] * 4, 6e-2, few, small
    for rule, rate in (("sgd", 1e-2), ("sgd_momentum", 1e-2), ("adam", 1e-3), ("rmsprop", 1e-4)):
        settings = {"update_rule": rule, "optim_config": {"learning_rate": rate}}
        yield [100] * 5, 5e-2, some, {"batch_size": 100, "num_epochs": 5, **settings}
    for rate in (1e-3, 1e-4, 1e-5):
        for scale in (2e-2, 5e-2, 6e-2):
            settings = {"update_rule": "adam", "optim_config": {"learning_rate": rate}}
            yield [100] * 5, scale, data, {"batch_size": 200, "num_epochs": 30, **settings}


@pytest.mark.parametrize("count", [8, pytest.param(15, marks=pytest.mark.long)])
def test_cs231n_first_losses_follow_the_stream_of_seed_231(data, count):
    np.random.seed(231)
    np.random.randn(2, 15)
    np.random.randint(10, size=2)
    net = CS231N.fc_net.FullyConnectedNet
    for reg in (0, 3.14):
        net([20, 30], input_dim=15, num_classes=10, reg=reg, weight_scale=5e-2, dtype=np.float64)
    losses = []
    # which rows are drawn does not depend on what is in them: rows of one number make the draws quick
    tiny = {name: value[:, 0, 0, :1] if name[0] == "X" else value for name, value in data.items()}
    for i, (hidden, scale, rows, options) in enumerate(list(cs231n_trainings(data))[:count]):
        model = net(hidden, weight_scale=scale, dtype=np.float64 if i < 2 else np.float32)
        state = np.random.get_state()
        batch = np.random.choice(len(rows["X_train"]), options["batch_size"])
        losses.append(model.loss(rows["X_train"][batch], rows["y_train"][batch])[0])
        np.random.set_state(state)
        if i + 1 < count:
            first_loss(CS231N, NoLoss(), first_rows(tiny, len(rows["X_train"])), **options)
    assert near(losses, CS231N_REFERENCE[:count])
    assert np.allclose(losses, CS231N_PRINTED[:count], rtol=0.02)


@pytest.mark.long
def test_cs231n_trainings_for_real(data):
    np.random.seed(231)
    np.random.randn(2, 15)
    np.random.randint(10, size=2)
    net = CS231N.fc_net.FullyConnectedNet
    for _ in range(2):
        net([20, 30], input_dim=15)
    for i, (hidden, scale, rows, options) in enumerate(cs231n_trainings(data)):
        model = net(hidden, weight_scale=scale, dtype=np.float64 if i < 2 else np.float32)
        assert near(first_loss(CS231N, model, rows, real=True, **options), CS231N_REFERENCE[i])


def test_cs182_first_losses_follow_the_stream_of_seed_7(data):
    few, some = first_rows(data, 50), first_rows(data, 4000)
    net = CS182.fc_net.FullyConnectedNet
    np.random.seed(7)
    first = first_loss(CS182, net([100] * 4, weight_scale=1e-1, dtype=np.float64), few, batch_size=25, num_epochs=20)
    assert near(first, 94.201366)
    assert first == pytest.approx(94.233583, rel=1e-3)
    state = np.random.get_state()
    for replayed, expected in ((True, (2.617723, 2.752258)), (False, (2.860862, 2.617723))):
        np.random.set_state(state)
        losses = [
            first_loss(CS182, net([100] * 5, weight_scale=5e-2), some, batch_size=100, num_epochs=5)
            for _ in range(3 if replayed else 2)
        ]
        assert near(losses[-2:], expected)


def test_cs182_effective_batch_size_by_seed(data):
    rows, net = first_rows(data, 6000), CS182.fc_net.FullyConnectedNet
    for batch_size, reference, printed in (
        (600, (2.581370, 2.404418, 2.774673), (2.584026, 2.405659, 2.769993)),
        (100, (2.534193, 2.354949, 2.683402), (2.530025, 2.360223, 2.680606)),
    ):
        losses = []
        for seed in (100, 200, 300):
            np.random.seed(seed)
            model = net([100] * 5, weight_scale=5e-2)
            losses.append(first_loss(CS182, model, rows, batch_size=batch_size, num_epochs=1))
        assert near(losses, reference)
        assert np.allclose(losses, printed, rtol=5e-3)


def test_cs182_four_rules_begin_alike(data):
    losses = []
    for rule in ("sgd", "sgd_momentum", "rmsprop", "adam"):
        np.random.seed(0)
        model = CS182.fc_net.FullyConnectedNet([100] * 5, weight_scale=5e-2)
        losses.append(first_loss(CS182, model, first_rows(data, 4000), update_rule=rule, num_epochs=1))
    assert len(set(losses)) == 1


def test_cs182_initializations_by_their_gradients(data):
    """Mean gradient norms: about 6.0 (he), 0.0044 (random), 0.0042 (zero); first loss ln 10 for the last two.

    Final training accuracy about 0.235 for he, near 0.10 for the others.
    """
    few_val = {"X_val": data["X_val"][:100], "y_val": data["y_val"][:100]}
    for kind, norm, share in (("he", 6.0, 0.4), ("random", 0.0044, 0.3), ("zero", 0.0042, 0.3)):
        np.random.seed(0)
        model = CS182.fc_net.FullyConnectedNet([50] * 10, initialization=kind)
        solver = CS182.solver.Solver(
            model,
            {**first_rows(data, 4000), **few_val},
            num_epochs=5,
            optim_config={"learning_rate": 1e-3},
            verbose=False,
        )
        solver.train()
        assert np.mean(solver.log_grad_norm_history) == pytest.approx(norm, rel=share)
        if kind != "he":
            assert f"{solver.loss_history[0]:f}"[:6] == "2.3025"
        least, most = (0.2, 0.28) if kind == "he" else (0.07, 0.14)
        assert least < solver.train_acc_history[-1] < most


def test_cs682_overfitting_run_after_the_initial_loss_cell(data):
    np.random.seed(231)
    np.random.randn(2, 15)
    np.random.randint(10, size=2)
    net = CS682.fc_net.FullyConnectedNet
    for _ in range(2):
        net([20, 30], input_dim=15)
    model = net([100, 100], weight_scale=2e-2, dtype=np.float64)
    options = {"batch_size": 25, "num_epochs": 20, "optim_config": {"learning_rate": 1e-2}}
    solver = CS682.solver.Solver(model, first_rows(data, 50), verbose=False, **options)
    solver.train()
    assert near(solver.loss_history[0], 3.603932)
    assert solver.loss_history[0] == pytest.approx(3.604568, rel=1e-3)
    assert solver.train_acc_history[-1] == 1.0


def test_cs682_hidden_sizes_of_the_grid():
    np.random.seed(231)
    np.random.randn(3, 5)
    np.random.randint(7, size=3)
    CS682.fc_net.TwoLayerNet(5, 50, 7)
    CS682.fc_net.TwoLayerNet()
    regs = np.random.randint(2, 7, 5)
    sizes = np.random.randint(20, 200, 10)
    assert sorted(sizes) == [26, 42, 70, 74, 80, 82, 127, 136, 145, 175]
    assert set(regs) == {2, 3, 6}  # 0.02, 0.003 and 6e-06: a number over ten to its own power


MEANS = {
    1e-4: (2.3379918178315844e-07, -6.705410105077629e-07, 1.5553581603551757e-06, 1.8505657795072092e-06,
           -3.7048341144137637e-06),
    2e-3: (-2.8462080893222337e-06, -1.6908855194341173e-05, -1.7889561799614805e-05, 2.840172751611848e-05,
           0.000122150005797344),
    1e-2: (-4.992114784818131e-06, 1.1821244610160595e-05, 8.878385014081328e-06, 7.876492945960907e-05,
           0.0001426579830202422),
}  # fmt: skip
BOUNDS = {1e-4: 5e-10, 2e-3: 2e-5, 1e-2: 2.1e-3}


@pytest.mark.parametrize("scales", [1, pytest.param(3, marks=pytest.mark.long)])
def test_cs682_means_of_the_weights_after_the_search(data, scales):
    np.random.seed(1)
    for scale, means in list(MEANS.items())[:scales]:
        model = CS682.fc_net.FullyConnectedNet([100] * 4, weight_scale=scale, dtype=np.float64)
        options = {"batch_size": 25, "num_epochs": 20, "optim_config": {"learning_rate": 1e-2}}
        solver = CS682.solver.Solver(model, first_rows(data, 50), verbose=False, **options)
        solver.train()
        got = [model.params[f"W{i}"].mean() for i in range(1, 6)]
        assert got == pytest.approx(means, rel=BOUNDS[scale])
        assert got[4] == pytest.approx(means[4], rel=1e-12)
        assert solver.train_acc_history[-1] == 0.16


def test_c147_first_loss_over_seeds(data):
    losses = []
    for seed in range(3):
        np.random.seed(seed)
        model = C147.fc_net.FullyConnectedNet([500, 500, 500], weight_scale=1e-2, use_batchnorm=True)
        rows = np.random.choice(49000, 100)
        losses.append(model.loss(data["X_train"][rows], data["y_train"][rows])[0])
    assert all(2.28 < loss < 2.36 for loss in losses)


@pytest.mark.long
def test_stated_accuracies(data):
    """At least 45 % training accuracy in 5 epochs by adam and rmsprop; fifty images learnt by heart."""
    few, some = first_rows(data, 50), first_rows(data, 4000)
    for rule, rate in (("adam", 1e-3), ("rmsprop", 1e-4)):
        np.random.seed(0)
        model = CS182.fc_net.FullyConnectedNet([100] * 5, weight_scale=5e-2)
        solver = CS182.solver.Solver(
            model, some, num_epochs=5, update_rule=rule, optim_config={"learning_rate": rate}, verbose=False
        )
        solver.train()
        assert solver.train_acc_history[-1] >= 0.45
    np.random.seed(0)
    solver = CS682.solver.Solver(
        CS682.fc_net.FullyConnectedNet([100, 100], weight_scale=2e-2), few, num_epochs=20, batch_size=25,
        optim_config={"learning_rate": 1e-2}, verbose=False,
    )  # fmt: skip
    solver.train()
    assert max(solver.train_acc_history) == 1.0


@pytest.mark.long
def test_cs182_net_of_the_last_cells(data):
    """Ten layers of 200, he, adam at 1e-3, decay 0.95, batch 200: 0.369 after 3 epochs, 0.464 after 10, 0.484 after 15."""
    np.random.seed(2023)
    model = CS182.fc_net.FullyConnectedNet([200] * 9, initialization="he")
    solver = CS182.solver.Solver(
        model, data, update_rule="adam", optim_config={"learning_rate": 1e-3}, lr_decay=0.95, batch_size=200,
        num_epochs=15, verbose=False, engine="fused",
    )  # fmt: skip
    solver.train()
    best = np.maximum.accumulate(solver.val_acc_history)
    assert best[[3, 10, 15]] == pytest.approx([0.369, 0.464, 0.484], abs=0.035)
    assert solver.best_val_acc >= 0.45


@pytest.mark.long
def test_c147_net_after_two_epochs(data):
    """Validation 0.50 to 0.51 after 2 epochs of the batch-norm net."""
    np.random.seed(0)
    model = C147.fc_net.FullyConnectedNet([500, 500, 500], weight_scale=1e-2, use_batchnorm=True)
    solver = C147.solver.Solver(
        model, data, update_rule="adam", optim_config={"learning_rate": 1e-3}, lr_decay=0.9, batch_size=100,
        num_epochs=2, verbose=False, engine="fused",
    )  # fmt: skip
    solver.train()
    assert 0.48 < solver.best_val_acc < 0.55


@pytest.mark.long
def test_cs182_large_batches_are_like_momentum(data):
    """Final training accuracies after 300 steps, means of three seeds, differ by at most 0.04 (rates: benchmarks)."""
    rows, means = first_rows(data, 6000), []
    for rule, rate, batch_size in (("sgd", 1.2e-2, 600), ("sgd_momentum", 2e-3, 100)):
        found = []
        for seed in (100, 200, 300):
            np.random.seed(seed)
            solver = CS182.solver.Solver(
                CS182.fc_net.FullyConnectedNet([100] * 5, weight_scale=5e-2), rows, update_rule=rule, verbose=False,
                num_epochs=batch_size // 20, batch_size=batch_size, optim_config={"learning_rate": rate}, engine="fused",
            )  # fmt: skip
            solver.train()
            found.append(solver.train_acc_history[-1])
        means.append(np.mean(found))
    assert abs(means[0] - means[1]) <= 0.04, means
