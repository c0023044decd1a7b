"""Numeric gradients: right for functions with known derivatives, and strict about what they are given."""

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.core.numeric import complex_step_gradient, numeric_gradient, rel_error


@pytest.mark.parametrize(("order", "error"), [(2, 1e-9), (4, 1e-11)])
def test_known_derivatives(order, error, rng):
    x = rng.standard_normal((3, 4))
    for f, df in ((np.sin, np.cos), (np.exp, np.exp), (np.tanh, lambda x: 1 - np.tanh(x) ** 2)):
        upstream = rng.standard_normal(x.shape)
        kept = x.copy()
        got = numeric_gradient(f, x, upstream, order=order)
        assert np.abs(got - df(x) * upstream).max() <= error
        assert np.array_equal(x, kept)
        exact = complex_step_gradient(f, x, upstream)
        np.testing.assert_allclose(exact, df(x) * upstream, rtol=1e-14, atol=0)


def test_a_function_may_ignore_its_argument_and_return_one_buffer(rng):
    x, out = rng.standard_normal(5), np.empty(5)

    def f(_):
        out[:] = x**3
        return out

    np.testing.assert_allclose(numeric_gradient(f, x, np.ones(5)), 3 * x**2, rtol=1e-9)
    np.testing.assert_allclose(numeric_gradient(lambda _: np.sum(x**2), x), 2 * x, rtol=1e-9)


def test_strided_arrays_are_moved_in_place(rng):
    whole = rng.standard_normal((6, 6))
    np.testing.assert_allclose(
        numeric_gradient(lambda _: (whole**2).sum(), whole[::2, ::-1]), 2 * whole[::2, ::-1], rtol=1e-9
    )


def test_x_is_restored_when_f_fails(rng):
    x = rng.standard_normal(4)
    kept, calls = x.copy(), []

    def f(_):
        calls.append(1)
        if len(calls) == 6:
            raise RuntimeError("no")
        return x.sum()

    with pytest.raises(RuntimeError):
        numeric_gradient(f, x)
    assert np.array_equal(x, kept)


def test_wrong_arguments_get_a_sentence(rng):
    x = rng.standard_normal(3)
    with pytest.raises(ArrayTypeError, match="float32"):
        numeric_gradient(np.sum, x.astype(np.float32))
    with pytest.raises(ArrayTypeError, match="list"):
        numeric_gradient(np.sum, [1.0, 2.0])
    with pytest.raises(ArrayError, match="read-only"):
        numeric_gradient(np.sum, np.broadcast_to(x, (2, 3)))
    with pytest.raises(ArrayError, match="random, not ones"):
        numeric_gradient(np.sin, x)
    with pytest.raises(ArrayError, match="df has shape"):
        numeric_gradient(np.sin, x, np.ones((3, 1)))
    with pytest.raises(SettingError, match="order"):
        numeric_gradient(np.sum, x, order=3)
    with pytest.raises(SettingError, match="h must be a number above 0"):
        numeric_gradient(np.sum, x, h=0.0)


def test_rel_error_is_the_courses_figure():
    assert rel_error(5, 5.2) == 0.01960784313725492
    assert rel_error(np.zeros(3), np.zeros(3)) == 0.0
    assert rel_error([1.0, -1.0], [1.0, 1.0]) == 1.0
    assert rel_error(np.empty(0), np.empty(0)) == 0.0
    assert np.isnan(rel_error([1.0, np.nan], [1.0, 1.0]))
    with pytest.raises(ArrayError, match="must be equal"):
        rel_error(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ArrayTypeError, match="real numbers"):
        rel_error("a", 1)
