"""Numbers against a reference of 50 digits, over inputs of every size."""

import mpmath
import numpy as np
import pytest

from chainrule.layers import batch_norm, layer_norm, sigmoid, tanh
from chainrule.losses import softmax

mpmath.mp.dps = 50
SCALES = (1e-300, 1e-8, 1.0, 30.0, 700.0, 1e5, 1e300)


def scores_of(rng, scale, rows=6, classes=5):
    """Random scores, rows of ties, rows with one far ahead, and rows moved by 2000."""
    scores = scale * rng.standard_normal((rows, classes))
    scores[1] = scale
    scores[2, 0] = 3 * abs(scores[2]).max()
    scores[3] += 2000
    return scores


def ulps(value, exact):
    """The distance in units of the last place of the exact value."""
    return abs(mpmath.mpf(float(value)) - exact) / mpmath.mpf(float(np.spacing(max(abs(float(exact)), 1e-300))))


def spread(row):
    """1 + max|x - max x|, the condition of a softmax."""
    return 1 + float(np.max(np.abs(row - np.max(row))))


@pytest.mark.promise("P4.3")
@pytest.mark.parametrize("scale", SCALES)
def test_the_softmax_loss_and_its_gradient(scale, rng):
    scores = scores_of(rng, scale)
    for i, row in enumerate(scores):
        label = i % len(row)
        value, cache = softmax.forward(row[None], np.array([label]))
        gradient = softmax.backward(cache)[0]
        shifted = [mpmath.mpf(float(x)) - mpmath.mpf(float(row.max())) for x in row]
        total = mpmath.fsum(mpmath.exp(x) for x in shifted)
        assert np.isfinite(value)
        loss = mpmath.log(total) - shifted[label]
        assert abs(mpmath.mpf(float(value)) - loss) <= 4 * np.spacing(1.0) * spread(row) * max(
            1, abs(loss) / spread(row)
        )
        for k, x in enumerate(shifted):
            p = mpmath.exp(x) / total
            exact = p - (k == label)
            assert abs(mpmath.mpf(float(gradient[k])) - exact) <= 4 * np.spacing(1.0) * spread(row)


@pytest.mark.promise("P4.3")
@pytest.mark.parametrize("scale", SCALES)
def test_probabilities(scale, rng):
    for row in scores_of(rng, scale):
        p = softmax.probabilities(row[None])[0]
        shifted = [mpmath.mpf(float(x)) - mpmath.mpf(float(row.max())) for x in row]
        total = mpmath.fsum(mpmath.exp(x) for x in shifted)
        for value, x in zip(p, shifted):
            exact = mpmath.exp(x) / total
            if exact > mpmath.mpf(10) ** -300:
                assert ulps(value, exact) <= 4 * spread(row)
            else:
                assert value <= 1e-299


@pytest.mark.promise("P4.4")
@pytest.mark.parametrize("scale", SCALES)
def test_sigmoid_and_tanh(scale, rng):
    x = np.concatenate([scale * rng.standard_normal(40), [0.0, scale, -scale]])[None]
    y, cache = sigmoid.forward(x)
    dx = sigmoid.backward(rng.standard_normal(x.shape), cache)
    t, _ = tanh.forward(x)
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()
    for value, squashed, input_ in zip(y[0], t[0], x[0]):
        exact = 1 / (1 + mpmath.exp(-mpmath.mpf(float(input_))))
        if exact > mpmath.mpf(10) ** -300:
            assert ulps(value, exact) <= 4
        else:
            assert value <= 1e-299
        assert ulps(squashed, mpmath.tanh(mpmath.mpf(float(input_)))) <= 4


@pytest.mark.promise("P4.5")
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6, 1e150])
@pytest.mark.parametrize("module", [batch_norm, layer_norm])
def test_norms(module, scale, rng):
    x = scale * rng.standard_normal((5, 5))
    ones, zeros = np.ones(5), np.zeros(5)
    y, _ = module.forward(x, ones, zeros)
    assert np.isfinite(y).all()
    lines, outputs = (x.T, y.T) if module is batch_norm else (x, y)
    for line, output in zip(lines, outputs):
        exact = [mpmath.mpf(float(value)) for value in line]
        mean = mpmath.fsum(exact) / 5
        std = mpmath.sqrt(mpmath.fsum((value - mean) ** 2 for value in exact) / 5 + mpmath.mpf("1e-5"))
        for value, got in zip(exact, output):
            assert abs(mpmath.mpf(float(got)) - (value - mean) / std) <= 16 * np.spacing(1.0) * max(
                1, float(abs(mean) / std)
            )
