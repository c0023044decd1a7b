"""The update rules against the figures that course notebooks print, and against recursions on plain numbers."""

import numpy as np
import pytest

from chainrule.core.numeric import rel_error
from chainrule.optim import OPTIMIZERS, adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd

W = np.linspace(-0.4, 0.6, 20).reshape(4, 5)
DW = np.linspace(-0.6, 0.4, 20).reshape(4, 5)
RISING = np.linspace(0.6, 0.9, 20).reshape(4, 5)


def printed(text):
    """Expected arrays as the notebooks list them: eight decimals, row by row."""
    return np.array(text.split(), dtype=float).reshape(4, 5)


MOMENTUM_W = printed("""
    0.1406  0.20738947  0.27417895  0.34096842  0.40775789
    0.47454737  0.54133684  0.60812632  0.67491579  0.74170526
    0.80849474  0.87528421  0.94207368  1.00886316  1.07565263
    1.14244211  1.20923158  1.27602105  1.34281053  1.4096""")
MOMENTUM_V = printed("""
    0.5406  0.55475789  0.56891579  0.58307368  0.59723158
    0.61138947  0.62554737  0.63970526  0.65386316  0.66802105
    0.68217895  0.69633684  0.71049474  0.72465263  0.73881053
    0.75296842  0.76712632  0.78128421  0.79544211  0.8096""")
OUTSIDE_W = printed("""
    -0.39994  -0.347375263  -0.294810526  -0.242245789  -0.189681053
    -0.137116316  -0.084551579  -0.031986842  0.020577895  0.073142632
    0.125707368  0.178272105  0.230836842  0.283401579  0.335966316
    0.388531053  0.441095789  0.493660526  0.546225263  0.59879""")
OUTSIDE_V = printed("""
    -0.06  0.006842105  0.073684211  0.140526316  0.207368421
    0.274210526  0.341052632  0.407894737  0.474736842  0.541578947
    0.608421053  0.675263158  0.742105263  0.808947368  0.875789474
    0.942631579  1.009473684  1.076315789  1.143157895  1.21""")
NESTEROV_W = printed("""
    0.08714  0.15246105  0.21778211  0.28310316  0.34842421
    0.41374526  0.47906632  0.54438737  0.60970842  0.67502947
    0.74035053  0.80567158  0.87099263  0.93631368  1.00163474
    1.06695579  1.13227684  1.19759789  1.26291895  1.32824""")
RMSPROP_W = printed("""
    -0.39223849  -0.34037513  -0.28849239  -0.23659121  -0.18467247
    -0.132737  -0.08078555  -0.02881884  0.02316247  0.07515774
    0.12716641  0.17918792  0.23122175  0.28326742  0.33532447
    0.38739248  0.43947102  0.49155973  0.54365823  0.59576619""")
RMSPROP_CACHE = printed("""
    0.5976  0.6126277  0.6277108  0.64284931  0.65804321
    0.67329252  0.68859723  0.70395734  0.71937285  0.73484377
    0.75037008  0.7659518  0.78158892  0.79728144  0.81302936
    0.82883269  0.84469141  0.86060554  0.87657507  0.8926""")
ADAM_W = printed("""
    -0.40094747  -0.34836187  -0.29577703  -0.24319299  -0.19060977
    -0.1380274  -0.08544591  -0.03286534  0.01971428  0.0722929
    0.1248705  0.17744702  0.23002243  0.28259667  0.33516969
    0.38774145  0.44031188  0.49288093  0.54544852  0.59801459""")
ADAM_V = printed("""
    0.69966  0.68908382  0.67851319  0.66794809  0.65738853
    0.64683452  0.63628604  0.6257431  0.61520571  0.60467385
    0.59414753  0.58362676  0.57311152  0.56260183  0.55209767
    0.54159906  0.53110598  0.52061845  0.51013645  0.49966""")
ADAM_M = printed("""
    0.48  0.49947368  0.51894737  0.53842105  0.55789474
    0.57736842  0.59684211  0.61631579  0.63578947  0.65526316
    0.67473684  0.69421053  0.71368421  0.73315789  0.75263158
    0.77210526  0.79157895  0.81105263  0.83052632  0.85""")


def test_momentum_prints_the_courses_errors():
    w, state = momentum.step(W, DW, {"velocity": RISING}, lr=1e-3)
    assert rel_error(w, MOMENTUM_W) == 8.882347033505819e-09
    assert rel_error(state["velocity"], MOMENTUM_V) == 4.269287743278663e-09


def test_momentum_with_the_rate_outside_prints_cs182s_errors():
    w, state = momentum.step(W, DW, {"velocity": RISING}, lr=1e-3, rate_inside=False)
    assert rel_error(w, OUTSIDE_W) == 6.3941900171621575e-09
    assert rel_error(state["velocity"], OUTSIDE_V) == 1.923077600561035e-08


def test_nesterov_prints_c147s_errors():
    w, state = nesterov.step(W, DW, {"velocity": RISING}, lr=1e-3)
    assert rel_error(w, NESTEROV_W) == 1.0875186845081027e-08
    assert rel_error(state["velocity"], MOMENTUM_V) == 4.269287743278663e-09


def test_rmsprop_prints_the_courses_errors():
    w, state = rmsprop.step(W, DW, {"cache": RISING}, lr=1e-2)
    assert rel_error(w, RMSPROP_W) == 9.524687511038133e-08
    assert rel_error(state["cache"], RMSPROP_CACHE) == 2.6477955807156126e-09


def test_adam_prints_the_courses_errors():
    state = {"m": RISING, "v": np.linspace(0.7, 0.5, 20).reshape(4, 5), "t": 5}
    w, state = adam.step(W, DW, state, lr=1e-2)
    assert rel_error(w, ADAM_W) == 1.1395691798535431e-07
    assert rel_error(state["v"], ADAM_V) == 4.208314038113071e-09
    assert rel_error(state["m"], ADAM_M) == 4.214963193114416e-09
    assert state["t"] == 6
    assert type(state["t"]) is int


@pytest.mark.parametrize(
    ("rule", "state", "error"), [("rmsprop", {"cache": RISING}, 9.5026e-08), ("adam", None, 1.13989e-07)]
)
def test_the_place_of_eps_shows_in_the_printed_error(rule, state, error):
    state = state or {"m": RISING, "v": np.linspace(0.7, 0.5, 20).reshape(4, 5), "t": 5}
    w, _ = OPTIMIZERS[rule].step(W, DW, state, lr=1e-2, eps_inside=True)
    assert rel_error(w, RMSPROP_W if rule == "rmsprop" else ADAM_W) == pytest.approx(error, rel=1e-5, abs=0)


def walk(rule, gradients, rates, w=1.0, **options):
    """The path of one number under a rule."""
    w = np.array([w])
    state = rule.init(w)
    path = []
    for gradient, lr in zip(gradients, rates):
        w, state = rule.step(w, np.array([gradient]), state, lr=lr, **options)
        path.append(float(w[0]))
    return np.array(path)


GRADIENTS = [0.3, -0.2, 1.0, 0.0, 2.5, -4.0]
RATES = [0.1, 0.1, 0.05, 0.05, 0.2, 0.01]


def test_momentum_and_nesterov_in_pytorchs_form_follow_a_recursion_on_numbers():
    plain, ahead, buffer = [], [], 0.0
    w_plain = w_ahead = 1.0
    for gradient, lr in zip(GRADIENTS, RATES):
        buffer = 0.8 * buffer + gradient
        w_plain -= lr * buffer
        w_ahead -= lr * (gradient + 0.8 * buffer)
        plain.append(w_plain)
        ahead.append(w_ahead)
    np.testing.assert_allclose(walk(momentum, GRADIENTS, RATES, momentum=0.8, rate_inside=False), plain, rtol=1e-14)
    np.testing.assert_allclose(walk(nesterov, GRADIENTS, RATES, momentum=0.8, rate_inside=False), ahead, rtol=1e-14)


@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_both_places_of_the_rate_agree_until_the_rate_changes(rule):
    inside, outside = (walk(rule, GRADIENTS, RATES, rate_inside=where) for where in (True, False))
    np.testing.assert_allclose(inside[:2], outside[:2], rtol=1e-14)
    assert np.all(np.abs(inside[2:] - outside[2:]) > 1e-3)


def test_momentum_under_a_constant_gradient_reaches_ten_times_sgds_step():
    path = walk(momentum, [1.0] * 400, [0.01] * 400)
    assert path[-1] - path[-2] == pytest.approx(-0.1, rel=1e-10)


def test_nesterovs_parameter_is_the_look_ahead_point():
    """The method in its first form: the gradient is taken at w + momentum * velocity."""
    w, velocity, seen = 2.0, 0.0, np.array([2.0])
    state = nesterov.init(seen)
    for _ in range(10):
        velocity = 0.9 * velocity - 0.1 * (w + 0.9 * velocity)  # gradient of w**2 / 2
        w += velocity
        seen, state = nesterov.step(seen, seen.copy(), state, lr=0.1)
        assert seen[0] == pytest.approx(w + 0.9 * velocity, rel=1e-13)


@pytest.mark.parametrize("rule", [adagrad, adam])
def test_the_first_step_is_the_rate_times_the_sign(rule):
    dw = np.array([1e3, -1.0, 1e-3, -1e-3, 0.0])
    w, _ = rule.step(np.zeros(5), dw, rule.init(dw), lr=0.01, eps=1e-12)
    np.testing.assert_allclose(w, -0.01 * np.sign(dw), rtol=2e-9)


def test_adams_first_step_without_eps_is_exact_to_rounding():
    dw = np.random.default_rng(0).standard_normal(1000) * 10.0 ** np.arange(-10, 10).repeat(50)
    w, _ = adam.step(np.zeros(1000), dw, adam.init(dw), lr=0.01, eps=0.0)
    np.testing.assert_allclose(w, -0.01 * np.sign(dw), rtol=1e-13)


def test_adagrad_follows_a_recursion_on_numbers():
    w, total, path = 1.0, 0.0, []
    for gradient, lr in zip(GRADIENTS, RATES):
        total += gradient**2
        w -= lr * gradient / (total**0.5 + 1e-8)
        path.append(w)
    np.testing.assert_allclose(walk(adagrad, GRADIENTS, RATES), path, rtol=1e-14)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamw"])
def test_a_gradient_of_zero_moves_nothing_and_makes_no_nan(name, inside):
    for dtype in (np.float32, np.float64):
        w, zero = np.zeros(3, dtype), np.zeros(3, dtype)
        state = OPTIMIZERS[name].init(w)
        for _ in range(3):
            w, state = OPTIMIZERS[name].step(w, zero, state, lr=1.0, eps_inside=inside)
        assert w.tolist() == [0.0, 0.0, 0.0]


def test_the_place_of_eps_matters_at_small_gradients():
    """The step ratio that tells the two apart at a gradient of 1e-6."""
    outside, inside = (walk(rmsprop, [1e-6], [1.0], w=0.0, eps_inside=where)[0] for where in (False, True))
    assert inside / outside == pytest.approx(1.1e-3, rel=1e-2)


def test_adamws_decay_stays_out_of_the_moments():
    gradients = np.array(GRADIENTS)
    w = np.array([1.0])
    state, adams_state = adamw.init(w), adam.init(w)
    for gradient in gradients:
        dw = np.array([gradient])
        stepped, adams_state = adam.step(w, dw, adams_state, lr=0.1)
        w_next, state = adamw.step(w, dw, state, lr=0.1, weight_decay=0.3)
        np.testing.assert_allclose(w_next, stepped - 0.1 * 0.3 * w, rtol=1e-14)
        assert state["m"] == adams_state["m"]
        assert state["v"] == adams_state["v"]
        w = w_next
    assert walk(adamw, GRADIENTS, RATES, weight_decay=0) == pytest.approx(walk(adam, GRADIENTS, RATES), rel=1e-14)


def test_sgd_leaves_the_parameter_that_it_was_given():
    w = np.array([1.0, 2.0])
    moved, state = sgd.step(w, np.array([1.0, 1.0]), sgd.init(w), lr=0.5)
    assert moved.tolist() == [0.5, 1.5]
    assert w.tolist() == [1.0, 2.0]
    assert state == {}
