"""Figures of nearest neighbours: what is drawn is what came, right and wrong are told apart without colour."""

import numpy as np
import pytest

from chainrule import plots
from chainrule.core.errors import ArrayError, ArrayTypeError


def example(true, predicted, neighbors, rng):
    def picture():
        return rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)

    near = [{"image": picture(), "true": name} for name in neighbors]
    return {"image": picture(), "true": true, "predicted": predicted, "neighbors": near}


def test_each_example_is_a_row_with_its_query_first(rng):
    examples = [example("cat", "cat", ["cat", "dog", "cat"], rng), example("dog", "cat", ["cat", "dog"], rng)]
    (ax,) = plots.neighbor_examples(examples).axes
    titles = ["cat?", "cat", "dog", "cat", "cat?", "no, dog", "cat", "dog"]
    assert [text.get_text() for text in ax.texts] == titles
    wanted = [item["image"] for e in examples for item in (e, *e["neighbors"])]
    assert all(np.array_equal(np.asarray(a.get_array()), b) for a, b in zip(ax.images, wanted, strict=True))
    corners = [(image.get_extent()[0], image.get_extent()[3]) for image in ax.images]
    assert len(set(corners)) == 7
    assert {top for _, top in corners[:4]} == {0}
    right = [True, True, False, True, False, False, True]
    assert [frame.get_linestyle() in ("-", "solid") for frame in ax.patches] == right
    assert [(frame.get_x(), frame.get_y()) for frame in ax.patches] == corners
    assert len({frame.get_edgecolor() for frame in ax.patches}) == 2


def test_accuracies_of_folds_are_points_with_their_mean():
    folds = np.array([[0.5, 0.7], [0.2, 0.4], [0.9, 0.7]])
    ax = plots.accuracy_by_k([3, 1, 10], {"test": [0.6, 0.5, 0.7], "cross-validation": folds}).axes[0]
    test = ax.lines[0].get_xydata()
    assert test.tolist() == [[1, 0.5], [3, 0.6], [10, 0.7]]
    drawn = [line.get_xydata() for line in ax.lines]
    np.testing.assert_allclose(drawn[1], [[1, 0.3], [3, 0.6], [10, 0.8]])
    points = {tuple(np.round(point, 12)) for line in drawn[2:] for point in line}
    assert {(1, 0.2), (1, 0.4), (3, 0.5), (3, 0.7), (10, 0.9)} <= points
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["test", "cross-validation"]


def test_names_of_many_ks_do_not_run_into_each_other():
    ks = [1, 3, 5, 8, 10, 11, 12, 13, 14, 15, 20, 50, 100]
    ticks = plots.accuracy_by_k(ks, {"a": np.linspace(0, 1, len(ks))}).axes[0].get_xticks()
    assert set(ticks) <= set(ks)
    assert (ticks[1:] / ticks[:-1]).min() > 1.3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: plots.accuracy_by_k([1, 3], {"a": [0.5]}), ArrayError, r"'a' have shape \(1,\); it must be \(2,\)"),
        (lambda: plots.accuracy_by_k([1], [0.5]), ArrayTypeError, "accuracies must be a dict"),
        (lambda: plots.neighbor_examples([]), ArrayError, "at least one is needed"),
        (lambda: plots.neighbor_examples([{"true": 1}]), ArrayError, "must each have 'neighbors'"),
        (lambda: plots.neighbor_examples([3]), ArrayTypeError, "examples must be a list of dicts; came 3"),
    ],
)
def test_what_cannot_be_drawn_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call()
