"""The courses' update rules: expected arrays, printed errors, and configs that are filled in and moved in place."""

import numpy as np
import pytest
from modular_courses import C147, CS182, CS231N, CS682, each_course, rel_error

W, DW = np.linspace(-0.4, 0.6, 20).reshape(4, 5), np.linspace(-0.6, 0.4, 20).reshape(4, 5)
RATE_INSIDE = pytest.mark.parametrize("course", [CS231N, CS682, C147])


def line(start, stop):
    return np.linspace(start, stop, 20).reshape(4, 5)


def table(text):
    return np.array(text.split(), float).reshape(4, 5)


MOMENTUM = table(
    """0.1406 0.20738947 0.27417895 0.34096842 0.40775789 0.47454737 0.54133684 0.60812632 0.67491579 0.74170526
    0.80849474 0.87528421 0.94207368 1.00886316 1.07565263 1.14244211 1.20923158 1.27602105 1.34281053 1.4096"""
)
VELOCITY = table(
    """0.5406 0.55475789 0.56891579 0.58307368 0.59723158 0.61138947 0.62554737 0.63970526 0.65386316 0.66802105
    0.68217895 0.69633684 0.71049474 0.72465263 0.73881053 0.75296842 0.76712632 0.78128421 0.79544211 0.8096"""
)
MOMENTUM_OUTSIDE = table(
    """-0.39994 -0.347375263 -0.294810526 -0.242245789 -0.189681053
    -0.137116316 -0.084551579 -0.031986842 0.020577895 0.073142632
    0.125707368 0.178272105 0.230836842 0.283401579 0.335966316
    0.388531053 0.441095789 0.493660526 0.546225263 0.59879"""
)
VELOCITY_OUTSIDE = table(
    """-0.06 0.006842105 0.073684211 0.140526316 0.207368421 0.274210526 0.341052632 0.407894737 0.474736842 0.541578947
    0.608421053 0.675263158 0.742105263 0.808947368 0.875789474 0.942631579 1.009473684 1.076315789 1.143157895 1.21"""
)
NESTEROV = table(
    """0.08714 0.15246105 0.21778211 0.28310316 0.34842421 0.41374526 0.47906632 0.54438737 0.60970842 0.67502947
    0.74035053 0.80567158 0.87099263 0.93631368 1.00163474 1.06695579 1.13227684 1.19759789 1.26291895 1.32824"""
)
RMSPROP = table(
    """-0.39223849 -0.34037513 -0.28849239 -0.23659121 -0.18467247 -0.132737 -0.08078555 -0.02881884 0.02316247 0.07515774
    0.12716641 0.17918792 0.23122175 0.28326742 0.33532447 0.38739248 0.43947102 0.49155973 0.54365823 0.59576619"""
)
CACHE = table(
    """0.5976 0.6126277 0.6277108 0.64284931 0.65804321 0.67329252 0.68859723 0.70395734 0.71937285 0.73484377
    0.75037008 0.7659518 0.78158892 0.79728144 0.81302936 0.82883269 0.84469141 0.86060554 0.87657507 0.8926"""
)
ADAM = table(
    """-0.40094747 -0.34836187 -0.29577703 -0.24319299 -0.19060977 -0.1380274 -0.08544591 -0.03286534 0.01971428 0.0722929
    0.1248705 0.17744702 0.23002243 0.28259667 0.33516969 0.38774145 0.44031188 0.49288093 0.54544852 0.59801459"""
)
SECOND = table(
    """0.69966 0.68908382 0.67851319 0.66794809 0.65738853 0.64683452 0.63628604 0.6257431 0.61520571 0.60467385
    0.59414753 0.58362676 0.57311152 0.56260183 0.55209767 0.54159906 0.53110598 0.52061845 0.51013645 0.49966"""
)
FIRST = table(
    """0.48 0.49947368 0.51894737 0.53842105 0.55789474 0.57736842 0.59684211 0.61631579 0.63578947 0.65526316
    0.67473684 0.69421053 0.71368421 0.73315789 0.75263158 0.77210526 0.79157895 0.81105263 0.83052632 0.85"""
)


@RATE_INSIDE
def test_momentum_with_the_rate_inside_the_velocity(course):
    config = {"learning_rate": 1e-3, "velocity": line(0.6, 0.9)}
    next_w, _ = course.optim.sgd_momentum(W, DW, config=config)
    assert rel_error(next_w, MOMENTUM) == 8.882347033505819e-09
    assert rel_error(config["velocity"], VELOCITY) == 4.269287743278663e-09


def test_momentum_of_cs182_with_the_rate_outside():
    config = {"learning_rate": 1e-3, "velocity": line(0.6, 0.9)}
    next_w, _ = CS182.optim.sgd_momentum(W, DW, config=config)
    assert rel_error(next_w, MOMENTUM_OUTSIDE) == 6.3941900171621575e-09
    assert rel_error(config["velocity"], VELOCITY_OUTSIDE) == 1.923077600561035e-08


def test_nesterov_of_c147():
    config = {"learning_rate": 1e-3, "velocity": line(0.6, 0.9)}
    next_w, _ = C147.optim.sgd_nesterov_momentum(W, DW, config=config)
    assert rel_error(next_w, NESTEROV) == 1.0875186845081027e-08
    assert rel_error(config["velocity"], VELOCITY) == 4.269287743278663e-09


@each_course
def test_rmsprop_has_eps_outside_the_root(course):
    key = "a" if course is C147 else "cache"
    config = {"learning_rate": 1e-2, key: line(0.6, 0.9)}
    next_w, _ = course.optim.rmsprop(W, DW, config=config)
    assert rel_error(next_w, RMSPROP) == 9.524687511038133e-08
    assert rel_error(config[key], CACHE) == 2.6477955807156126e-09


@each_course
def test_adam_raises_t_first_and_has_eps_outside_the_root(course):
    first, second = ("v", "a") if course is C147 else ("m", "v")
    config = {"learning_rate": 1e-2, first: line(0.6, 0.9), second: line(0.7, 0.5), "t": 5}
    next_w, _ = course.optim.adam(W, DW, config=config)
    assert config["t"] == 6
    assert rel_error(next_w, ADAM) == 1.1395691798535431e-07
    assert rel_error(config[second], SECOND) == 4.208314038113071e-09
    assert rel_error(config[first], FIRST) == 4.214963193114416e-09


DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
}
STATE = {"sgd": (), "sgd_momentum": ("velocity",), "rmsprop": ("cache",), "adam": ("m", "v", "t")}
STATE_OF_C147 = {**STATE, "rmsprop": ("a",), "adam": ("v", "a", "t")}


@each_course
@pytest.mark.parametrize("rule", DEFAULTS)
def test_a_config_is_filled_in_place_and_a_second_call_goes_on(course, rule):
    step, state = getattr(course.optim, rule), (STATE_OF_C147 if course is C147 else STATE)[rule]
    config = {}
    first, same = step(W.copy(), DW, config)
    assert same is config
    assert set(config) == {*DEFAULTS[rule], *state}
    assert {name: config[name] for name in DEFAULTS[rule]} == DEFAULTS[rule]
    fresh, _ = step(W.copy(), DW)  # without a config
    assert np.array_equal(fresh, first)
    going_on, _ = step(first.copy(), DW**2, config)
    anew, _ = step(first.copy(), DW**2)
    assert np.allclose(going_on, anew) == (rule == "sgd")


@each_course
def test_sgd_moves_w_itself_and_the_others_do_not(course):
    for rule in DEFAULTS:
        w = W.copy()
        next_w, _ = getattr(course.optim, rule)(w, DW)
        assert (next_w is w) == (rule == "sgd")
        assert np.array_equal(w, W) == (rule != "sgd")
        assert not np.array_equal(next_w, W)


@each_course
def test_rates_of_numpy_keep_float32(course):
    for rule in DEFAULTS:
        w, dw = W.astype(np.float32), DW.astype(np.float32)
        next_w, _ = getattr(course.optim, rule)(w, dw, {"learning_rate": np.float64(1e-3)})
        assert next_w.dtype == np.float32


@each_course
def test_which_rules_there_are(course):
    rules = {"sgd", "sgd_momentum", "rmsprop", "adam"} | ({"sgd_nesterov_momentum"} if course is C147 else set())
    assert set(course.optim.__all__) == rules
    for rule in rules:
        assert getattr(course.optim, rule).__name__ == rule
        assert getattr(course.optim, rule).__doc__
