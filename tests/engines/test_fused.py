"""The fused engine takes the plain engine's steps: over every part of the library, however the work is cut."""

import itertools
import sys
import threading

import numpy as np
import pytest

from chainrule.core.errors import ArrayError
from chainrule.core.registry import Layer
from chainrule.core.threads import blas_threads
from chainrule.engines import engine, fused, plain
from chainrule.engines.fused import slices as slicing
from chainrule.engines.fused.program import LAYER_CODES, LOSS_CODES, RULE_CODES
from chainrule.layers import LAYERS, relu
from chainrule.losses import LOSSES
from chainrule.nets import FullyConnectedNet, TwoLayerNet
from chainrule.nets.chain import Stage
from chainrule.nets.fully_connected import ACTIVATIONS, NORMS
from chainrule.nets.input import Column, Input
from chainrule.optim import OPTIMIZERS
from chainrule.optim.schedules import SCHEDULES
from chainrule.training.evaluation import evaluate
from chainrule.training.solver import Solver

ROWS, D, C = 60, 12, 4
NET = ("activation", "norm", "keep", "loss", "reg", "output_activation", "dtype", "hidden", "init", "weight_scale")


@pytest.fixture(autouse=True)
def one_blas_thread():
    """The engines' callers see to it."""
    with blas_threads(1):
        yield


def solver(*, slices=1, X=None, y=None, input=None, classes=C, **settings):
    """A solver over random rows; the fused engine's where nothing else is said."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((ROWS, D)) if X is None else X
    y = rng.integers(0, classes, len(X)) if y is None else y
    net_settings = {"dtype": "float64", **{name: settings.pop(name) for name in NET if name in settings}}
    width = (input and input.num_features) or X[0].size
    net = FullyConnectedNet(
        net_settings.pop("hidden", [9, 7]), input_dim=width, num_classes=classes, seed=3, **net_settings
    )
    if input is not None:
        net.input = input
    given = {"rule": "sgd", "lr": 0.01, "batch_size": 10, "engine": "plain", "verbose": False, **settings}
    trained = Solver(net, {"X_train": X, "y_train": y}, **given)
    trained.task.slices = slices
    return trained


def steps(run, trained, n, **options):
    return run(trained.task, n, **{"val_history": [], "stop": lambda: False, "measure": False, **options})


def agree(n=200, tolerance=1e-10, cuts=(1, 2, 3), **settings):
    """The same steps by both engines: losses, rates, gradient norms, parameters, statistics, state, update ratios."""
    by_hand = solver(**settings)
    wanted = steps(plain.run, by_hand, n, measure=True)
    for cut in cuts:
        trained = solver(slices=cut, **settings)
        found = steps(fused.run, trained, n, measure=True)
        close = {"rtol": tolerance, "atol": tolerance}
        np.testing.assert_allclose(found.loss, wanted.loss, rtol=tolerance, atol=1e-300)
        assert found.lr == wanted.lr
        assert found.fault == wanted.fault
        assert trained.task.step == by_hand.task.step
        np.testing.assert_allclose(found.grad_norms, wanted.grad_norms, **close)
        if (
            settings.get("norm") != "batch"
        ):  # a bias before batch norm has no gradient but rounding, which rules amplify
            np.testing.assert_allclose(found.update_ratios, wanted.update_ratios, **close)
            for name, value in by_hand.net.params.items():
                np.testing.assert_allclose(trained.net.params[name], value, **close)
                for part, there in by_hand.task.state[name].items():
                    np.testing.assert_allclose(trained.task.state[name][part], there, **close)
        for name, pair in by_hand.net.stats.items():
            assert trained.net.stats[name][0].dtype == pair[0].dtype
            np.testing.assert_allclose(trained.net.stats[name][1], pair[1], **close)
        assert all(trained.net.params[name].dtype == trained.net.dtype for name in trained.net.params)


# -- agreement -------------------------------------------------------------------------------------------------------


def test_every_part_of_the_library_has_a_kernel():
    assert set(LAYER_CODES) == set(LAYERS)
    assert {name for name, _ in LOSS_CODES} == set(LOSSES)
    assert set(RULE_CODES) == set(OPTIMIZERS)


@pytest.mark.parametrize("keep", [1.0, 0.7])
@pytest.mark.parametrize("norm", [None, *NORMS])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_norm_and_dropout(activation, norm, keep):
    agree(activation=activation, norm=norm, keep=keep, rule="momentum")


@pytest.mark.parametrize("output_activation", [None, *ACTIVATIONS])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss, output_activation):
    agree(loss=loss, output_activation=output_activation, reg=0.01)


def conventions():
    """Every rule with every choice of the options that name a convention."""
    for name, rule in OPTIMIZERS.items():
        for values in itertools.product(*rule.conventions.values()):
            yield name, dict(zip(rule.conventions, values))


@pytest.mark.parametrize(("rule", "options"), list(conventions()), ids=str)
@pytest.mark.parametrize(
    "extra", [{}, {"weight_decay": 0.02, "clip_value": 0.02}, {"clip_norm": 0.1, "reg": 0.02}], ids=str
)
def test_every_rule_with_decay_and_clipping(rule, options, extra):
    agree(100, rule=rule, lr=1e-3, activation="tanh", **options, **extra)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_every_schedule(kind):
    agree(40, cuts=(2,), schedule={"kind": kind, "warmup_steps": 3}, epochs=7)


@pytest.mark.parametrize("hidden", [[], [1], [5, 1, 8], [6] * 9], ids=str)
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_every_shape(hidden, batch_size):
    agree(30, hidden=hidden, batch_size=batch_size, cuts=(1, 2, 3, 5))


@pytest.mark.parametrize("hidden", [[300, 70], [65, 600]], ids=str)
def test_layers_and_batches_larger_than_what_is_worked_on_at_a_time(hidden):
    X = np.random.default_rng(2).standard_normal((420, 450))
    agree(3, X=X, hidden=hidden, batch_size=210, cuts=(1, 2), rule="adam", lr=1e-3)


@pytest.mark.parametrize("keep", [1.0, 0.6])
@pytest.mark.parametrize("norm", [None, *NORMS])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_pads_rows_changes_nothing_and_stays_zero(activation, norm, keep):
    """250 columns of float64 are computed as 256, in rows of 264; 31 as 32."""
    given = {"hidden": [250, 31], "activation": activation, "norm": norm, "keep": keep, "rule": "adamw", "reg": 0.01}
    agree(20, cuts=(1, 2), lr=1e-3, clip_norm=0.5, **given)
    trained = solver(slices=2, dtype="float64", **given)
    steps(fused.run, trained, 20)
    layout, memory = trained.task.memory.layout, trained.task.memory.memory
    assert layout.program.stages["weight_row"][0] == 264
    for buffer in (memory.params, memory.first, memory.second):
        weights = buffer[: D * 264].reshape(D, 264)
        assert weights[:, :250].any()
        assert not weights[:, 250:].any()


def test_nothing_of_a_run_that_diverged_is_left_in_what_pads_rows():
    trained = solver(slices=2, dtype="float64", hidden=[250], activation="tanh", lr=1e308)
    assert steps(fused.run, trained, 20).fault
    assert not trained.task.memory.memory.params.any()


@pytest.mark.parametrize("scale", [1e-25, 1.0, 1e25])
def test_norms_of_gradients_whose_squares_float32_cannot_hold(scale):
    X = (scale * np.random.default_rng(2).standard_normal((ROWS, D))).astype(np.float32)
    given = {"X": X, "dtype": "float32", "weight_scale": 1e-30, "hidden": [], "lr": 1e-60}
    wanted, found = (steps(run, solver(**given), 5) for run in (plain.run, fused.run))
    np.testing.assert_allclose(found.grad_norms, wanted.grad_norms, rtol=1e-5)
    assert np.asarray(found.grad_norms).min() > 0


def test_real_targets():
    rng = np.random.default_rng(1)
    agree(loss="mse", y=rng.standard_normal((ROWS, C)), rule="adam", lr=1e-3, norm="layer")


COMBINATIONS = list(itertools.product(ACTIVATIONS, [None, *NORMS], [1.0, 0.6], LOSSES, OPTIMIZERS))


@pytest.mark.parametrize("dtype", [pytest.param("float32"), pytest.param("float64")])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_single_step_in_both_dtypes_over_all_combinations(activation, dtype):
    """Gradients (by an sgd step of 1), loss and statistics from equal state."""
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    for norm, keep, loss in itertools.product([None, *NORMS], [1.0, 0.6], LOSSES):
        settings = {"activation": activation, "norm": norm, "keep": keep, "loss": loss, "dtype": dtype, "lr": 1.0}
        by_hand = solver(**settings)
        _, grads = by_hand.net.gradients(
            *by_hand.net.prepared(by_hand.task.X[by_hand.task.rows(0)], by_hand.task.y[by_hand.task.rows(0)]),
            by_hand.net.masks(10, step=0, seed=0),
        )[:2]
        for cut in (1, 2):
            trained = solver(slices=cut, **settings)
            steps(fused.run, trained, 1)
            for name, grad in grads.items():
                moved = by_hand.net.params[name] - trained.net.params[name]
                np.testing.assert_allclose(moved, grad, rtol=tolerance, atol=tolerance)


@pytest.mark.long
@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_200_steps_of_every_combination(combination):
    activation, norm, keep, loss, rule = combination
    agree(activation=activation, norm=norm, keep=keep, loss=loss, rule=rule, lr=1e-3)


def test_compiled_code_lets_every_array_go():
    """Its buffers, the data and what it measures: one that was held would stay in memory for good."""
    trained = solver(keep=0.5, norm="batch", hidden=[37], slices=2)
    steps(fused.run, trained, 1)
    made = trained.task.memory
    arrays = [one for group in (made.memory, made.data, made.layout.program, made.update) for one in group]
    arrays = [one for one in arrays if isinstance(one, np.ndarray)]
    before = [sys.getrefcount(one) for one in arrays]
    made.steps(trained.task, 1, [])
    fused.evaluate(trained.net, np.zeros((3, 12), np.uint8), slices=2, asleep=0.0)
    assert len(arrays) > 20
    assert [sys.getrefcount(one) for one in arrays] == before


def test_masks_are_those_of_the_plain_engine():
    trained = solver(keep=0.5, hidden=[37], slices=2)
    steps(fused.run, trained, 1)
    mask = trained.net.masks(10, step=0, seed=0)["dropout1"]
    stage = next(row for row in trained.task.memory.layout.program.stages if row["code"] == LAYER_CODES["dropout"])
    row = stage["y_row"]
    held = trained.task.memory.memory.caches[stage["cache"] : stage["cache"] + 10 * row].reshape(10, row)
    assert row > 37
    assert np.array_equal(held[:, :37], mask)


# -- data ------------------------------------------------------------------------------------------------------------

RNG = np.random.default_rng(2)
IMAGES = RNG.integers(0, 256, (ROWS, 2, 2, 3), dtype=np.uint8)
TABLE = np.stack([RNG.standard_normal(ROWS), RNG.integers(0, 3, ROWS), RNG.standard_normal(ROWS)], axis=1)
COLUMNS = (Column("a"), Column("b", ("x", "y", "z")), Column("c"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("X", "input"),
    [
        (IMAGES, Input()),
        (IMAGES, Input(center=np.arange(12.0) * 9, scale=np.array(50.0))),
        (IMAGES.astype(np.float32), Input(center=np.arange(12.0), scale=np.arange(30.0, 42.0))),
        (IMAGES.astype(np.float64) + 1e7, Input(center=np.full(12, 1e7 + 100), scale=np.array(60.0))),
        (IMAGES.astype(np.int16), Input(center=np.full(12, 128.0), scale=np.array(64.0))),
        (IMAGES.astype(">f4"), Input(center=np.full(12, 128.0), scale=np.array(64.0))),
        (np.asfortranarray(IMAGES.astype(np.float32)), Input(scale=np.array(255.0))),
        (IMAGES[::2], Input(scale=np.array(255.0))),
        (TABLE, Input(columns=COLUMNS)),
        (TABLE, Input(columns=COLUMNS, center=np.arange(5.0), scale=np.arange(1.0, 6.0))),
    ],
    ids=["bytes", "scaled", "singles", "doubles", "integers", "big-endian", "fortran", "strided", "codes", "codes scaled"],
)  # fmt: skip
def test_every_kind_of_rows(X, input, dtype):
    X.flags.writeable = False
    agree(30, 1e-10 if dtype == "float64" else 2e-4, X=X, input=input, dtype=dtype, lr=0.01)


def test_rows_from_a_memory_mapped_file(tmp_path):
    np.save(tmp_path / "X.npy", IMAGES)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    agree(30, X=mapped, lr=1e-4)


def halves(*, seed, step, rows, batch_size):
    """A sampler of its own kind: batches of changing size, numbers from the end."""
    return -1 - np.arange(step % batch_size + 1) * 5


def in_order(*, seed, step, rows, batch_size):
    """A sampler that shuffles nothing."""
    return np.arange(step * batch_size, (step + 1) * batch_size) % rows


def test_samplers_of_all_kinds():
    agree(40, sampler="replacement", cuts=(2,))
    agree(40, sampler=halves, norm="layer")
    agree(20, sampler=lambda *, seed, step, rows, batch_size: np.arange(rows) % 7 == step % 7, cuts=(2,))


def test_rows_that_are_not_finite_are_refused_as_by_the_plain_engine():
    X = RNG.standard_normal((ROWS, D))
    trained = solver(X=X)
    steps(fused.run, trained, 1)
    X[trained.task.rows(3)[0], 2] = np.nan
    with pytest.raises(ArrayError, match="1 NaN"):
        steps(fused.run, trained, 10)
    assert trained.task.step == 3


# -- what happens at the edges ---------------------------------------------------------------------------------------


def test_what_is_not_finite_is_named_as_by_the_plain_engine():
    def spoilt(**settings):
        trained = solver(rule="adam", lr=1e-3, **settings)
        trained.net.params["W2"][0, 0] = 1e200
        trained.net.params["W3"][:] *= 1e150
        return trained

    wanted = steps(plain.run, spoilt(), 20)
    assert wanted.fault is not None
    for cut in (1, 2):
        trained = spoilt(slices=cut)
        found = steps(fused.run, trained, 20)
        assert found.fault == wanted.fault
        assert trained.task.step == found.fault.step - 1


def test_after_a_fault_state_and_steps_are_those_before_it():
    X = RNG.standard_normal((300, D))
    X[130:140] *= 1e170
    by_hand, trained = (solver(X=X, loss="mse", hidden=[9], sampler=in_order) for _ in range(2))
    wanted, found = steps(plain.run, by_hand, 30), steps(fused.run, trained, 30)
    assert found.fault == wanted.fault
    assert found.fault.step == 14
    np.testing.assert_allclose(found.loss[:13], wanted.loss[:13], rtol=1e-10)
    for name, value in by_hand.net.params.items():
        np.testing.assert_allclose(trained.net.params[name], value, rtol=1e-10)


def test_runs_of_any_length_end_with_the_same_bits():
    settings = {"norm": "batch", "keep": 0.7, "rule": "adam", "slices": 2, "clip_norm": 1.0}
    together, single = solver(**settings), solver(**settings)
    losses = steps(fused.run, together, 12).loss
    assert [steps(fused.run, single, 1).loss[0] for _ in range(12)] == losses
    for name, value in together.net.params.items():
        assert np.array_equal(value, single.net.params[name])


@pytest.mark.promise("P3.2")
def test_the_same_slices_give_the_same_bits_beside_a_busy_thread():
    settings = {"norm": "batch", "keep": 0.7, "rule": "adam", "hidden": [64, 64], "slices": 2}
    alone = solver(**settings)
    steps(fused.run, alone, 50)
    other = threading.Thread(target=lambda: [steps(fused.run, solver(**settings), 20) for _ in range(5)])
    other.start()
    beside = solver(**settings)
    steps(fused.run, beside, 50)
    other.join()
    for name, value in alone.net.params.items():
        assert np.array_equal(value, beside.net.params[name])


def test_parameters_are_the_truth_between_runs():
    """Whole arrays may be assigned and entries changed; an array that someone kept stays as it was."""
    by_hand, trained = solver(rule="adam"), solver(rule="adam", slices=2)
    kept = []
    for each, run in ((by_hand, plain.run), (trained, fused.run)):
        steps(run, each, 5)
        kept.append((each.net.params["W2"], each.net.params["W2"].copy()))
        steps(run, each, 5)
        each.net.params["W1"][0, 0] += 0.5
        each.net.params["b2"] = np.full(7, 0.25)
        steps(run, each, 5)
    for array, copy in kept:
        assert np.array_equal(array, copy)
    for name, value in by_hand.net.params.items():
        np.testing.assert_allclose(trained.net.params[name], value, rtol=1e-10, atol=1e-12)


def test_a_parameter_of_another_dtype_goes_to_the_plain_engine():
    trained = solver(dtype="float32")
    trained.net.params["b1"] = trained.net.params["b1"].astype(np.float64)
    steps(fused.run, trained, 3)
    assert trained.net.params["b1"].dtype == np.float64


def test_stop_ends_a_run_and_a_failing_slice_ends_all():
    trained = solver(slices=2)
    answers = iter([False, True])
    assert 0 < len(steps(fused.run, trained, 10_000, stop=lambda: next(answers)).loss) < 10_000
    assert len(steps(fused.run, trained, 10, stop=lambda: True).loss) == 0
    flags = slicing.flags(2)

    def fail(me):
        if me == 1:
            raise OSError("no more threads")

    with pytest.raises(OSError, match="no more"):
        slicing.together(2, fail, flags)
    assert flags[-1] == 1


# -- coverage --------------------------------------------------------------------------------------------------------


class Own(FullyConnectedNet):
    """A net that computes in a way of its own."""

    def masks(self, rows, *, step, seed=None):
        """Nothing is ever dropped."""
        return {}


def test_what_is_covered():
    sgd = OPTIMIZERS["sgd"]
    covered = FullyConnectedNet([5], input_dim=4, norm="batch", keep=0.5)
    assert fused.covers(covered, sgd)
    assert fused.covers(TwoLayerNet(input_dim=4), sgd)
    foreign = FullyConnectedNet([5], input_dim=4)
    foreign.stages[1] = Stage("mine1", Layer("mine", relu, kind="activation", sample=lambda rng: {}))
    assert not fused.covers(foreign, sgd)
    assert not fused.covers(Own([5], input_dim=4), sgd)
    assert not fused.covers(covered, type(sgd)("sgd", sgd.module, default_lr=1.0, conventions={}))
    assert engine("auto", foreign, sgd) == "plain"
    with pytest.raises(Exception, match="no kernel"):
        engine("fused", foreign, sgd)


# -- evaluation ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", [plain, fused])
@pytest.mark.parametrize("hidden", [[9, 7], [250, 31]], ids=str)
@pytest.mark.parametrize("norm", [None, *NORMS])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_evaluation(activation, norm, hidden, engine):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (700, 12), dtype=np.uint8), rng.integers(0, C, 700)
    given = {"hidden": hidden, "activation": activation, "norm": norm, "keep": 0.7}
    trained = solver(X=X, y=y, input=Input(center=np.full(12, 128.0)), **given)
    steps(engine.run, trained, 3)  # after which parameters lie as the engine has put them
    trained.net.params["b2" if norm is None else "beta2"][:2] = -1e6
    wanted = evaluate(trained.net, X, y)
    for cut in (1, 2, 3):
        found = evaluate(trained.net, X, y, slices=cut)
        np.testing.assert_allclose(found.scores, wanted.scores, rtol=1e-10, atol=1e-10)
        assert found.dead_share == wanted.dead_share
        assert (found.score, found.loss) == (wanted.score, pytest.approx(wanted.loss, rel=1e-12))


def test_evaluation_of_codes_and_of_rows_that_are_not_finite():
    trained = solver(X=TABLE, input=Input(columns=COLUMNS))
    found = evaluate(trained.net, TABLE, trained.task.y, slices=2)
    np.testing.assert_allclose(found.scores, trained.net.loss(TABLE), rtol=1e-10)
    bad = solver()
    bad.task.X[5, 5] = np.inf
    with pytest.raises(ArrayError, match="infinite"):
        evaluate(bad.net, bad.task.X, bad.task.y, slices=2)
