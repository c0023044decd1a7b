"""The courses' Solver: lines, histories, draws, best parameters, a second train(), divergence, own models and rules."""

import numpy as np
import pytest
from modular_courses import C147, COURSES, CS182, CS231N, CS682, each_course, small_data, small_net

from chainrule.core.errors import OutputError, SettingError
from chainrule.core.npz import load_npz
from chainrule.courses.modular import checkpoint
from chainrule.engines import ENGINES, plain

DATA = small_data()


def solved(course, model=None, **options):
    """A Solver for the small data: 60 rows, 6 iterations an epoch."""
    model = small_net(course) if model is None else model
    given = {"num_epochs": 3, "batch_size": 10, "verbose": False, "optim_config": {"learning_rate": 0.1}}
    return course.solver.Solver(model, DATA, **{**given, **options})


def trained(course, model=None, **options):
    solver = solved(course, model, **options)
    solver.train()
    return solver


@each_course
def test_lines_in_their_order(course, capsys):
    solver = trained(course, verbose=True, print_every=4)
    shown = capsys.readouterr().out.splitlines()
    loss, train, val = solver.loss_history, solver.train_acc_history, solver.val_acc_history
    epochs = [f"(Epoch {e} / 3) train acc: {train[e]:f}; val_acc: {val[e]:f}" for e in range(4)]
    lines = {t: f"(Iteration {t + 1} / 18) loss: {loss[t]:f}" for t in range(0, 18, 4)}
    assert shown == [
        lines[0], epochs[0], lines[4], epochs[1], lines[8], epochs[2], lines[12], lines[16], epochs[3],
    ]  # fmt: skip
    assert (len(loss), len(train), len(val)) == (18, 4, 4)


@each_course
def test_an_iteration_line_stands_before_an_epoch_line_and_silence_is_silent(course, capsys):
    trained(course, verbose=True, print_every=5, num_epochs=1)
    assert [line[:6] for line in capsys.readouterr().out.splitlines()] == ["(Itera", "(Epoch", "(Itera", "(Epoch"]
    trained(course, print_every=-1)
    assert capsys.readouterr().out == ""
    trained(course, print_every=-1, verbose=True, num_epochs=1)
    assert len(capsys.readouterr().out.splitlines()) == 8


@each_course
def test_defaults(course):
    solver = course.solver.Solver(small_net(course), DATA)
    assert solver.update_rule is course.optim.sgd
    assert (solver.optim_config, solver.lr_decay, solver.batch_size) == ({}, 1.0, 100)
    assert (solver.num_epochs, solver.print_every, solver.verbose, solver.engine) == (10, 10, True, "plain")
    assert solver.per_epoch == 1  # fewer rows than a batch


@each_course
def test_unknown_keywords_and_rules(course):
    with pytest.raises(ValueError, match=r"keyword of Solver 'lr_decy'.*Did you mean 'lr_decay'"):
        solved(course, lr_decy=0.9)
    with pytest.raises(ValueError, match=r"update rule of Solver 'adm'.*Did you mean 'adam'"):
        solved(course, update_rule="adm")
    for name, courses in {
        "num_train_samples": (CS231N, CS682),
        "checkpoint_name": (CS231N, CS682),
        "log_acc_iteration": (CS182,),
    }.items():
        if course in courses:
            solved(course, **{name: None})
        else:
            with pytest.raises(ValueError, match=name):
                solved(course, **{name: None})


class Recorder:
    """A model of a learner's own that notes which rows it saw, by their first number."""

    def __init__(self):
        self.params, self.seen = {"W": np.zeros(3)}, []

    def loss(self, X, y=None):
        self.seen.append(X.reshape(len(X), -1)[:, 0].astype(int).tolist())
        return np.eye(3)[np.zeros(len(X), int)] if y is None else (0.5, {"W": np.ones(3)})


@each_course
def test_draws_of_batches_and_checks(course):
    rows = 1500
    data = {"X_train": np.arange(rows, dtype=float)[:, None], "y_train": np.zeros(rows, int)}
    data |= {"X_val": np.arange(5.0)[:, None], "y_val": np.zeros(5, int)}
    model = Recorder()
    solver = course.solver.Solver(model, data, num_epochs=2, batch_size=500, verbose=False)
    solver.train()
    after = np.random.rand()
    np.random.seed(231)
    expected = []
    for t in range(6):
        expected.append(np.random.choice(rows, 500).tolist())
        if t == 0 or (t + 1) % 3 == 0:
            sample = np.random.choice(rows, 1000)
            expected += [sample[i : i + 100].tolist() for i in range(0, 1000, 100)] + [list(range(5))]
    assert model.seen == expected
    assert np.random.rand() == after
    assert np.allclose(model.params["W"], -1e-2)  # the first check was never bettered; sgd's default rate
    assert solver.train_acc_history == solver.val_acc_history == [1.0] * 3


@each_course
def test_accuracy_is_over_all_rows_or_a_sample(course):
    solver = solved(course)
    X, y = DATA["X_train"], DATA["y_train"]
    expected = np.mean(solver.model.loss(X).argmax(axis=1) == y)
    state = np.random.get_state()[2]
    assert solver.check_accuracy(X, y) == solver.check_accuracy(X, y, num_samples=60, batch_size=7) == expected
    assert np.random.get_state()[2] == state
    np.random.seed(3)
    few = solver.check_accuracy(X, y, num_samples=30)
    np.random.seed(3)
    rows = np.random.choice(60, 30)
    assert few == np.mean(solver.model.loss(X[rows]).argmax(axis=1) == y[rows])
    solver.model.params["b3"][:] = np.nan
    assert solver.check_accuracy(X, y) == np.mean(y == 0)


@each_course
def test_learning_rates_decay_at_every_epochs_end(course):
    solver = trained(course, lr_decay=0.5, update_rule="sgd_momentum")
    assert {config["learning_rate"] for config in solver.optim_configs.values()} == {0.1 / 8}
    assert solver.optim_config == {"learning_rate": 0.1}  # copied for every parameter
    assert len({id(config) for config in solver.optim_configs.values()}) == 6
    assert solver.optim_configs["W1"]["velocity"].shape == (6, 8)


@each_course
def test_the_best_parameters_come_back_as_copies(course):
    model = small_net(course)
    solver = trained(course, model, num_epochs=8, optim_config={"learning_rate": 0.5})
    assert solver.best_val_acc == max(solver.val_acc_history)
    assert solver.check_accuracy(DATA["X_val"], DATA["y_val"]) == solver.best_val_acc
    assert all(np.array_equal(model.params[name], solver.best_params[name]) for name in model.params)
    model.params["W1"][:] = 0
    assert solver.best_params["W1"].any()


def test_running_statistics_stay_those_of_the_last_iteration():
    model = small_net(C147, use_batchnorm=True)
    solver = solved(C147, model, num_epochs=6, optim_config={"learning_rate": 1.0})
    kept = []
    solver.step = lambda rows, step=solver.step: (step(rows), kept.append(model.bn_params[0]["running_mean"].copy()))
    solver.train()
    assert np.array_equal(model.bn_params[0]["running_mean"], kept[-1])
    assert len(kept) == 36


@each_course
def test_a_second_train_goes_on(course):
    solver = trained(course, update_rule="adam", num_epochs=20, batch_size=30)
    assert (len(solver.loss_history), len(solver.train_acc_history), solver.epoch) == (40, 21, 20)
    solver.train()
    assert (len(solver.loss_history), len(solver.train_acc_history), solver.epoch) == (80, 42, 40)
    assert solver.optim_configs["W1"]["t"] == 80
    assert solver.best_val_acc == max(solver.val_acc_history)


@each_course
@pytest.mark.parametrize("norm", [False, True])
def test_a_training_that_diverges_runs_to_its_end(course, norm, recwarn):
    switch = {"normalization": "batchnorm"} if course in (CS231N, CS682) else {"use_batchnorm": True}
    model = small_net(course, **(switch if norm else {}), reg=10.0, dtype=np.float32)
    solver = trained(course, model, optim_config={"learning_rate": 1e12}, num_epochs=5)
    assert len(solver.loss_history) == 30
    assert not np.isfinite(solver.loss_history[-1])
    assert not recwarn.list
    if not norm:
        assert solver.val_acc_history[-1] == np.mean(DATA["y_val"] == 0)


# -- rules and models of one's own -------------------------------------------------------------------------------------


@each_course
def test_rules_are_looked_up_in_the_courses_module(course, monkeypatch):
    calls = []

    def lazy(w, dw, config=None):
        calls.append(config)
        return w, config

    monkeypatch.setattr(course.optim, "lazy", lazy, raising=False)
    monkeypatch.setattr(course.optim, "sgd", lazy)
    before = small_net(course).params
    for rule in ("lazy", "sgd"):
        np.random.seed(231)
        solver = trained(course, update_rule=rule)
        assert solver.update_rule is lazy
        assert all(np.array_equal(solver.model.params[name], before[name]) for name in before) or rule == "lazy"
    assert len(calls) == 2 * 18 * 6
    with pytest.raises(SettingError, match="engine='plain'"):
        solved(course, update_rule="lazy", engine="fused")


def test_what_a_model_must_have():
    for model in (None, object(), CS231N.fc_net.FullyConnectedNet):
        with pytest.raises(SettingError, match="model must have a dict `params`"):
            solved(CS231N, model if model is not None else 3)
    wrong = Recorder()
    wrong.loss = lambda X, y=None: (1.0, {"b": 0})
    with pytest.raises(SettingError, match="'W'"):
        trained(CS231N, wrong)
    with pytest.raises(SettingError, match="engine='plain'"):
        solved(CS231N, Recorder(), engine="fused")
    assert solved(CS231N, Recorder(), engine="auto").engine == "plain"


# -- CS182 ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("batch_size", "expected"), [(10, [0, 5, 11, 17]), (30, [0, 1, 3, 5])])
def test_iterations_of_the_checks(batch_size, expected):
    solver = trained(CS182, log_acc_iteration=True, batch_size=batch_size)
    assert solver.log_acc_iteration_history == expected
    assert len(expected) == len(solver.train_acc_history)
    assert trained(CS182).log_acc_iteration_history == []


def test_gradient_norms_are_means_over_all_parameters():
    model, norms = small_net(CS182), []
    loss = model.loss

    def noted(X, y=None):
        result = loss(X, y)
        if y is not None:
            norms.append(np.mean([np.sqrt((grad**2).sum()) for grad in result[1].values()]))
        return result

    model.loss = noted
    assert trained(CS182, model).log_grad_norm_history == pytest.approx(norms, rel=1e-14)


@pytest.mark.parametrize("name", ["run", "run.npz", "a.b"])
def test_histories_as_npz(tmp_path, name):
    solver = trained(CS182)
    solver.record_histories_as_npz(str(tmp_path / name))
    path = tmp_path / (name if name.endswith(".npz") else name + ".npz")
    for arrays in (np.load(path), load_npz(path)):
        assert set(arrays) == {"train_losses", "train_accs", "val_accs"}
        assert np.array_equal(arrays["train_losses"], solver.loss_history)
        assert np.array_equal(arrays["train_accs"], solver.train_acc_history)
        assert np.array_equal(arrays["val_accs"], solver.val_acc_history)


def test_histories_for_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OutputError, match="submission_logs does not exist") as error:
        trained(CS182).record_histories_as_npz(tmp_path / "submission_logs" / "run")
    assert isinstance(error.value, OSError)


# -- checkpoints -------------------------------------------------------------------------------------------------------


def test_checkpoints_are_safe_files_and_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = small_net(CS682, normalization="batchnorm")
    solver = solved(CS682, model, checkpoint_name="deep", verbose=True, print_every=100, lr_decay=0.5)
    solver.train()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"deep_epoch_{e}.safetensors" for e in range(4)]
    assert 'Saving checkpoint to "deep_epoch_3.safetensors" (safetensors: no pickle' in capsys.readouterr().out
    found = checkpoint.read("deep_epoch_3.safetensors")
    assert found["loss_history"] == solver.loss_history
    assert found["val_acc_history"] == solver.val_acc_history
    assert (found["epoch"], found["update_rule"], found["lr_decay"], found["batch_size"]) == (3, "sgd", 0.5, 10)
    assert found["optim_config"] == {"learning_rate": 0.1}
    assert set(found["params"]) == set(model.params)
    assert np.array_equal(found["bn_params"][1]["running_var"], model.bn_params[0]["running_var"])


# -- engines -----------------------------------------------------------------------------------------------------------


def compared(course, engine, rule, **options):
    """Two trainings from one state, by the solver's own iterations and by an engine."""
    results = []
    for name in ("plain", engine):
        np.random.seed(11)
        solver = trained(
            course, small_net(course, **options), engine=name, update_rule=rule, lr_decay=0.9, num_epochs=4
        )
        solver.train()
        results.append((solver, np.random.rand()))
    (own, after_own), (other, after_other) = results
    assert after_own == after_other
    assert np.allclose(other.loss_history, own.loss_history, rtol=1e-10)
    assert other.val_acc_history == own.val_acc_history
    for name, w in own.model.params.items():
        assert np.allclose(other.model.params[name], w, rtol=1e-8, atol=1e-10)
        for key, value in own.optim_configs[name].items():
            assert np.allclose(other.optim_configs[name][key], value, rtol=1e-8, atol=1e-10), (name, key)
    for mine, its in zip(own.model.bn_params, other.model.bn_params):
        assert np.allclose(mine["running_var"], its["running_var"], rtol=1e-9)
    return own, other


RULES = [(c, r) for c in COURSES for r in COURSES[c].optim.__all__]


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_runs_of_an_engine_take_the_same_iterations(name, rule, monkeypatch):
    monkeypatch.setitem(ENGINES, "fused", plain)  # the adapter alone; the next test has the compiled engine
    course = COURSES[name]
    norm = {"normalization": "batchnorm"} if course in (CS231N, CS682) else {"use_batchnorm": True}
    own, other = compared(course, "fused", rule, reg=0.1, **norm)
    if course is CS182:
        assert np.allclose(own.log_grad_norm_history, other.log_grad_norm_history, rtol=1e-9)


@pytest.mark.parametrize("rule", ["sgd", "adam"])
def test_the_fused_engine_takes_the_same_iterations(rule):
    compared(CS182, "fused", rule, reg=0.1)


def test_an_engines_run_with_dropout_and_one_that_diverges():
    solver = trained(CS231N, small_net(CS231N, dropout_keep_ratio=0.9), engine="fused", num_epochs=30)
    assert len(solver.loss_history) == 180
    assert np.mean(solver.loss_history[-10:]) < 0.9 * solver.loss_history[0]
    wild = trained(CS231N, small_net(CS231N, reg=10.0), engine="fused", optim_config={"learning_rate": 1e200})
    assert len(wild.loss_history) == 18
    assert not np.isfinite(wild.loss_history[-1])


def test_unknown_engines():
    with pytest.raises(SettingError, match="unknown engine of Solver 'fast'; known: auto, plain, fused"):
        solved(CS231N, engine="fast")
