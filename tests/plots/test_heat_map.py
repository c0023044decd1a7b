"""Heat maps: every number in its cell, as deep in colour as it is large."""

import numpy as np
import pytest

from chainrule import plots
from chainrule.core.errors import ArrayError, ArrayTypeError

RNG = np.random.default_rng(7)


def cells(ax):
    return {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts}


def test_cells_hold_their_numbers_and_axes_their_values():
    figure = plots.heat_map(
        [[1.0, 2.0, 3.0], [5.0, 96.44, 4.0]],
        [0.01, 0.1],
        ["a", "b", 3],
        row_name="scale",
        column_name="rate",
        title="in %",
    )
    ax = figure.axes[0]
    assert cells(ax) == {(0, 0): "1", (0, 1): "2", (0, 2): "3", (1, 0): "5", (1, 1): "96.4", (1, 2): "4"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0.01", "0.1"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b", "3"]
    assert (ax.get_ylabel(), ax.get_xlabel(), ax.get_title("left")) == ("scale", "rate", "in %")


def test_colour_deepens_with_the_number():
    numbers = RNG.permutation(12.0 * np.arange(12) - 50).reshape(3, 4)
    opacity = plots.heat_map(numbers).axes[0].images[0].get_array()[..., 3]
    assert np.array_equal(np.argsort(opacity, axis=None), np.argsort(numbers, axis=None))
    assert opacity.min() > 0
    assert opacity.max() < 1
    huge = plots.heat_map([[-1.7e308, 0.0, 1.7e308]]).axes[0].images[0].get_array()[..., 3]
    assert np.allclose(huge, opacity.min() + (opacity.max() - opacity.min()) * np.array([0, 0.5, 1]))


def test_what_is_not_finite_stays_empty():
    ax = plots.heat_map([[np.nan, 2.0], [np.inf, 4.0]]).axes[0]
    assert cells(ax) == {(0, 0): "–", (0, 1): "2", (1, 0): "–", (1, 1): "4"}
    assert (ax.images[0].get_array()[:, 0, 3] == 0).all()
    assert plots.heat_map([[np.nan]]).axes[0].images[0].get_array()[0, 0, 3] == 0


def test_equal_numbers_have_one_colour():
    opacity = plots.heat_map(np.full((2, 3), 7)).axes[0].images[0].get_array()[..., 3]
    assert len(np.unique(opacity)) == 1
    assert opacity[0, 0] > 0


@pytest.mark.parametrize("shape", [(1, 1), (3, 12), (3, 13), (40, 2), (100, 200)])
def test_heat_maps_of_any_size_can_be_drawn(shape):
    figure = plots.heat_map(RNG.random(shape), row_name="a name that is longer than any axis " * 3)
    assert plots.render(figure, dpi=40) == plots.render(figure, dpi=40)
    ax = figure.axes[0]
    assert len(ax.texts) == (shape[0] * shape[1] if shape in ((1, 1), (3, 12)) else 0)
    assert max(len(ax.get_xticks()), len(ax.get_yticks())) <= 30


def test_it_draws_on_axes_that_it_is_given():
    first = plots.heat_map([[1.0]])
    ax = first.add_subplot()
    assert plots.heat_map([[2.0]], ax=ax) is first
    assert cells(ax) == {(0, 0): "2"}


@pytest.mark.parametrize("table", [np.ones(3), np.ones((2, 0)), np.ones((2, 2, 2))])
def test_a_table_has_rows_and_columns(table):
    with pytest.raises(ArrayError, match="heat_map: table has shape"):
        plots.heat_map(table)


def test_values_fit_the_table():
    with pytest.raises(ArrayError, match="heat_map: rows has 1 entries; there must be 2, one for each row of table"):
        plots.heat_map(np.ones((2, 3)), [1])
    with pytest.raises(ArrayError, match="heat_map: columns has 2 entries; there must be 3"):
        plots.heat_map(np.ones((2, 3)), [1, 2], [1, 2])
    with pytest.raises(ArrayTypeError, match="heat_map: rows must be a list"):
        plots.heat_map(np.ones((2, 3)), "ab")
