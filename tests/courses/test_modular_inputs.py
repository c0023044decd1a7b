"""Bad input to the courses' functions: the right result, or a sentence that names the course's own function and argument."""

import inspect

import numpy as np
import pytest
from hostile import REFUSED, Floats, Labels, same
from modular_courses import C147, CS182, CS231N, DATA_PARTS, small_data, small_net

from chainrule.core.errors import ChainruleError

RNG = np.random.default_rng(3)
X, W, B = RNG.standard_normal((5, 4)), RNG.standard_normal((4, 3)), RNG.standard_normal(3)
G, Y = RNG.standard_normal(4), np.array([0, 2, 1, 1, 0])
DOUT = RNG.standard_normal((5, 3))
L, U, RULES = CS231N.layers, CS231N.layer_utils, C147.optim
ROWS, WEIGHTS, VECTOR = Floats("n d", fixed="d"), Floats("d m", fixed="d"), Floats("m", fixed="m")


def after(forward, *arguments):
    return lambda: forward(*arguments)[1]


# function -> its valid arguments, by name: an array with its role, or a function that makes what is no array
CALLS = {
    L.affine_forward: {"x": (X, Floats("n d", fixed="d")), "w": (W, Floats("d m", fixed="d m")), "b": (B, VECTOR)},
    L.affine_backward: {"dout": (DOUT, Floats("n m", fixed="n m")), "cache": after(L.affine_forward, X, W, B)},
    L.relu_forward: {"x": (X, Floats(None))},
    L.relu_backward: {"dout": (X, Floats("n d", fixed="n d")), "cache": after(L.relu_forward, X)},
    L.batchnorm_forward: {
        "x": (X, ROWS),
        "gamma": (G, Floats("d", fixed="d")),
        "beta": (G, Floats("d", fixed="d")),
        "bn_param": lambda: {"mode": "train"},
    },
    L.batchnorm_backward: {
        "dout": (X, Floats("n d", fixed="n d")),
        "cache": after(L.batchnorm_forward, X, G, G, {"mode": "train"}),
    },
    L.layernorm_forward: {
        "x": (X, ROWS),
        "gamma": (G, Floats("d", fixed="d")),
        "beta": (G, Floats("d", fixed="d")),
        "ln_param": dict,
    },
    L.dropout_forward: {"x": (X, Floats(None)), "dropout_param": lambda: {"mode": "train", "p": 0.5, "seed": 1}},
    L.dropout_backward: {
        "dout": (X, Floats("n d", fixed="n d")),
        "cache": after(L.dropout_forward, X, {"mode": "train", "p": 0.5, "seed": 1}),
    },
    L.softmax_loss: {"x": (DOUT, Floats("n c", fixed="n")), "y": (Y, Labels(3))},
    L.svm_loss: {"x": (DOUT, Floats("n c", fixed="n")), "y": (Y, Labels(3))},
    U.affine_relu_forward: {"x": (X, ROWS), "w": (W, WEIGHTS), "b": (B, VECTOR)},
    **{
        getattr(RULES, rule): {
            "w": (X, Floats("n d", fixed="n d")),
            "dw": (X / 2, Floats("n d", fixed="n d")),
            "config": dict,
        }
        for rule in RULES.__all__
    },
}
CASES = [(f, name) for f, given in CALLS.items() for name in given if isinstance(given[name], tuple)]
ANY_SHAPE = {"one axis more", "one axis fewer", "no n", "no d", "0-d", "no c"}


@pytest.mark.parametrize(("function", "name"), CASES, ids=[f"{f.__name__}-{name}" for f, name in CASES])
def test_arrays(function, name, tmp_path):
    given = CALLS[function]
    good, role = given[name]

    def call(value):
        arguments = {n: g() if callable(g) else g[0].copy() for n, g in given.items()}
        with np.errstate(all="ignore"):
            return function(**{**arguments, name: value})

    for what, hostile, plain in role.kinds(good.copy(), tmp_path):
        plain = plain.copy() if isinstance(plain, np.ndarray) else plain
        try:
            result = call(hostile)
        except ChainruleError as error:
            came, said = error, str(error)
            assert name in said, f"{what}: {said}"
            assert function.__name__ in said or "affine_forward" in said, f"{what}: {said}"
            assert isinstance(came, ValueError | TypeError), what
            continue
        assert plain is not REFUSED or what in ANY_SHAPE, f"{function.__name__}({name}={what}) was taken"
        if plain is not REFUSED and good.dtype.kind == "f":
            wanted = call(plain.copy())  # sgd moves what it is given
            assert same(first(result).astype(float), first(wanted).astype(float)) or what == "float16", what


def first(result):
    return np.asarray(result[0] if isinstance(result, tuple) else result)


@pytest.mark.parametrize("function", [f for f in CALLS if "cache" in CALLS[f]], ids=lambda f: f.__name__)
def test_caches(function):
    for wrong in (None, 3, "text", (), (1,), [1, 2, 3], np.ones(2), L.affine_forward(X, W, B)):
        if function is L.affine_backward and isinstance(wrong, tuple) and len(wrong) == 3:
            continue
        with pytest.raises((ValueError, TypeError), match=function.__name__):
            function(CALLS[function]["dout"][0], wrong)


def test_the_sentence_about_a_wrong_weight_matrix():
    with pytest.raises(ValueError, match="affine_forward: w has 5 rows but x has 4 columns; w must be"):
        L.affine_forward(X, np.ones((5, 3)), B)
    with pytest.raises(ValueError, match=r"affine_backward: dout has shape .3, 5. but the output was .5, 3."):
        L.affine_backward(DOUT.T, L.affine_forward(X, W, B)[1])


@pytest.mark.parametrize("given", [None, 3, "train", [], {"mode": "trian"}, {}, {"mode": None}])
def test_settings_of_layers(given):
    with pytest.raises(ValueError, match="bn_param"):
        L.batchnorm_forward(X, G, G, given)
    with pytest.raises(ValueError, match="dropout_param"):
        L.dropout_forward(X, given if not isinstance(given, dict) else {**given, "p": 0.5})
    for name, value in (("eps", -1.0), ("eps", "small"), ("momentum", 2.0), ("running_mean", np.ones(3))):
        with pytest.raises((ValueError, TypeError), match=name):
            L.batchnorm_forward(X, G, G, {"mode": "train", name: value})


@pytest.mark.parametrize("rule", RULES.__all__)
def test_configs(rule):
    step = getattr(RULES, rule)
    for wrong in (3, "fast", [1e-3], object()):
        with pytest.raises(ValueError, match=f"{rule}: config must be a dict"):
            step(X, X, wrong)
    for rate in ("1e-3", None, np.nan, 1j, [1]):
        with pytest.raises(ValueError, match=f"{rule}: config\\['learning_rate'\\] must be"):
            step(X, X, {"learning_rate": rate})
    if rule != "sgd":
        state = {"rmsprop": "a", "adam": "a"}.get(rule, "velocity")
        with pytest.raises(ValueError, match=f"config\\['{state}'\\] has shape"):
            step(X, X, {state: np.ones(3)})


NET = {
    "hidden_dims": (None, 100, "text", [0], [2.5], [-1], [[3]]),
    "input_dim": (None, 0, -1, 2.5, "3"),
    "num_classes": (None, 0, 2.5),
    "dropout_keep_ratio": (0, -0.5, 1.5, "half", None),
    "normalization": ("batch", 3, ["batchnorm"]),
    "reg": (-1, "1", None, np.nan),
    "weight_scale": (-1, "1", None, np.nan),
    "dtype": (int, "text", None, np.float16),
}


@pytest.mark.parametrize("name", NET)
def test_arguments_of_nets(name):
    for wrong in NET[name]:
        with pytest.raises((ValueError, TypeError), match=name.replace("hidden_dims", "hidden_dim")) as error:
            CS231N.fc_net.FullyConnectedNet(**{"hidden_dims": [5], "input_dim": 6, name: wrong})
        assert isinstance(error.value, ChainruleError)
    with pytest.raises(ValueError, match="use_batchnorm"):
        CS182.fc_net.FullyConnectedNet([5], use_batchnorm="batchnorm")


def test_rows_and_labels_of_nets():
    model, rows = small_net(CS231N), RNG.standard_normal((5, 6))
    for bad in (None, "text", rows[:, :5], rows[:0], rows[0], 1.0, rows.astype(object) * 1j, np.full((2, 6), np.nan)):
        with pytest.raises((ValueError, TypeError), match="X"):
            model.loss(bad)
    for bad in ("text", [0, 1], Y + 9, -Y, Y[:, None], Y.astype(float) + 0.5, np.eye(4)[Y]):
        with pytest.raises((ValueError, TypeError), match="y"):
            model.loss(rows, bad)
    assert np.array_equal(model.loss(rows.tolist()), model.loss(rows))


SOLVER = {
    "optim_config": (None, 3, "adam", [1]),
    "lr_decay": ("half", None, np.nan, [1]),
    "batch_size": (0, -1, 2.5, "100", None),
    "num_epochs": (-1, 2.5, "10", None),
    "print_every": (0, "10", None, np.nan),
    "update_rule": (None, 3, "nonsense", "__doc__", CS231N.optim.sgd),
    "engine": (None, 3, "nonsense"),
    "num_train_samples": (0, -1, "1000", 1.5),
}


@pytest.mark.parametrize("name", SOLVER)
def test_arguments_of_the_solver(name):
    said = name.replace("_", "[_ ]")
    for wrong in SOLVER[name]:
        with pytest.raises((ValueError, TypeError), match=said) as error:
            CS231N.solver.Solver(small_net(CS231N), small_data(), **{name: wrong})
        assert isinstance(error.value, ChainruleError)


def test_data_of_the_solver():
    good = small_data()
    for wrong in (None, 3, [good], {}, *({k: v for k, v in good.items() if k != name} for name in good)):
        with pytest.raises(ValueError, match="data must be a dict with X_train, y_train, X_val, y_val"):
            CS231N.solver.Solver(small_net(CS231N), wrong)
    for name in DATA_PARTS:
        for wrong in (None, good[name][:-1], good[name][:0], np.array(1.0), good[name].astype(object) * 1j):
            with pytest.raises((ValueError, TypeError), match=name):
                CS231N.solver.Solver(small_net(CS231N), {**good, name: wrong})


def test_every_function_that_a_star_import_brings_is_tried():
    brought = {f for n in CS231N.fc_net.__all__ if inspect.isfunction(f := getattr(CS231N.fc_net, n))}
    sandwiches = {f for f in brought if f.__name__.startswith(("affine_relu", "affine_bn", "affine_ln"))}
    left = {f.__name__ for f in brought - sandwiches - set(CALLS)}
    assert left == {"batchnorm_backward_alt", "layernorm_backward"}  # as `batchnorm_backward`
