"""Confusion matrices, weights, images, whole trainings and studies."""

import numpy as np
import pytest
from plot_fakes import Study, empty_history, history

from chainrule import plots
from chainrule.core.errors import ArrayError
from chainrule.plots import series
from chainrule.plots.images import as_picture, stretch
from chainrule.plots.studies import MOST_VARIANTS, finals, shown
from chainrule.plots.weights import mosaic, signed

RNG = np.random.default_rng(0)


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_confusion_counts_stand_in_their_cells():
    figure = plots.confusion_matrix([[5, 0], [2, 7]], ["cat", "<b>dog</b>"])
    ax = figure.axes[0]
    cells = {(text.get_position()[1], text.get_position()[0]): text.get_text() for text in ax.texts}
    assert cells == {(0, 0): "5", (1, 0): "2", (1, 1): "7"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "<b>dog</b>"]
    opacity = ax.images[0].get_array()[..., 3]
    assert opacity[0, 0] == 1
    assert opacity[0, 1] == 0
    assert opacity[1, 0] == pytest.approx((2 / 9) ** 0.6)


@pytest.mark.parametrize("classes", [1, 2, 20, 21, 31, 100, 1000])
def test_confusion_matrices_of_any_size_have_legible_names(classes):
    counts = RNG.integers(0, 4, (classes, classes))
    counts[0] = 0  # a class without examples
    figure = plots.confusion_matrix(counts, [f"class number {i} of a very long name" for i in range(classes)])
    png = plots.render(figure, dpi=72)
    assert len(png) > 1000
    ax = figure.axes[0]
    assert len(ax.get_xticks()) <= 30
    assert bool(ax.texts) == (1 < classes <= 20)
    assert min(label.get_fontsize() for label in ax.get_yticklabels()) >= 4.5
    assert ax.get_window_extent().height > 80


@pytest.mark.parametrize("bad", [np.ones((2, 3)), np.ones(4), np.empty((0, 0)), [[-1]], [[np.nan]]])
def test_confusion_refuses_what_is_no_matrix_of_counts(bad):
    with pytest.raises(ArrayError, match="confusion_matrix"):
        plots.confusion_matrix(bad)


def test_confusion_refuses_a_wrong_number_of_names():
    with pytest.raises(ArrayError, match="classes has 1 entries; there must be 2"):
        plots.confusion_matrix(np.eye(2, dtype=int), ["a"])


def test_pictures_of_all_layouts_become_uint8():
    channels_first = RNG.integers(0, 256, (3, 5, 4), dtype=np.uint8)
    assert np.array_equal(as_picture(channels_first), channels_first.transpose(1, 2, 0))
    assert as_picture(RNG.random((5, 4, 1))).shape == (5, 4)
    assert np.array_equal(stretch(np.array([[-1.0, 0.0], [1.0, np.nan]])), [[0, 128], [255, 0]])
    assert stretch(np.array([[-1e308, 1e308]])).tolist() == [[0, 255]]
    assert stretch(np.full((2, 2), 3.0)).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ArrayError, match="came shape"):
        as_picture(np.ones(4))


def test_image_grid_holds_every_picture_and_title():
    images = RNG.integers(0, 256, (11, 6, 6), dtype=np.uint8)
    figure = plots.image_grid(images, [f"a name that is far too long, {i}" for i in range(11)], columns=4)
    assert len(figure.axes) == 11
    assert np.array_equal(figure.axes[3].images[0].get_array(), images[3])
    plots.render(figure, dpi=50)
    with pytest.raises(ArrayError, match="titles has 2 entries; there must be 11"):
        plots.image_grid(images, ["a", "b"])
    with pytest.raises(ArrayError, match="at least one picture is needed"):
        plots.image_grid([])


def test_grey_weights_keep_their_sign():
    colors = signed(np.array([[-2.0, 0.0, 2.0]]))[0].astype(int)
    assert colors[0, 2] > colors[0, 0] + 50  # blue
    assert colors[2, 0] > colors[2, 2] + 50  # red
    assert colors[1].min() > 240  # white


def test_weight_grid_puts_unit_h_in_tile_h():
    W = RNG.normal(size=(12, 5))
    wall = plots.weight_grid(W, (3, 4)).axes[0].images[0].get_array()
    assert np.array_equal(wall[:3, :4, :3], signed(W[:, 0].reshape(3, 4)))
    assert np.array_equal(wall[4:7, :4, :3], signed(W[:, 4].reshape(3, 4)))  # four across: the fifth starts a row
    color = RNG.normal(size=(48, 2))
    first, last = (plots.weight_grid(color, shape).axes[0].images[0].get_array() for shape in ((3, 4, 4), (4, 4, 3)))
    assert np.array_equal(first[:4, :4, :3], as_picture(color[:, 0].reshape(3, 4, 4)))
    assert np.array_equal(last[:4, :4, :3], as_picture(color[:, 0].reshape(4, 4, 3)))


def test_weight_grid_of_many_units_says_how_many_it_shows():
    figure = plots.weight_grid(RNG.normal(size=(16, 512)), (4, 4))
    assert figure.axes[0].get_title(loc="left") == "100 of 512 units"
    plots.render(plots.weight_grid(np.full((16, 1), np.nan), (4, 4)))
    assert mosaic(np.ones((1, 2, 2, 3), dtype=np.uint8)).shape == (2, 2, 4)


@pytest.mark.parametrize(
    ("W", "shape"), [(np.ones((5, 2)), (2, 2)), (np.ones(4), (2, 2)), (np.ones((8, 2)), (2, 2, 2))]
)
def test_weight_grid_refuses_shapes_that_do_not_fit(W, shape):
    with pytest.raises(ArrayError, match="weight_grid"):
        plots.weight_grid(W, shape)


def test_samples_per_class_shows_the_class():
    y = np.array([0, 1, 0, 2, 1])
    X = (np.arange(5)[:, None] * np.ones(16)).astype(np.uint8)
    figure = plots.samples_per_class(X, y, ["a", "b", "none of these"], (4, 4), each=2)
    first_column = [ax.images[0].get_array()[0, 0] for ax in figure.axes if ax.get_subplotspec().colspan.start == 0]
    assert first_column == [0, 2]
    plots.render(figure)
    with pytest.raises(ArrayError, match="one label for each"):
        plots.samples_per_class(X, y[:3], ["a"], (4, 4))


def test_training_figure_shows_the_four_panels():
    figure = plots.training_figure(history(steps=1000, params=[f"{a}{i}" for i in range(20) for a in "Wb"]))
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["Loss", "Accuracy", "Gradient norm", "Update ratio"]
    assert len(figure.axes[2].lines) == 8
    plots.render(figure)


@pytest.mark.parametrize(
    "made",
    [
        empty_history(),
        history(steps=1, epochs=1),
        history(steps=3, epochs=1, diverge=0),
        history(diverge=30, metric="r2"),
        history(params=("gamma1", "beta1")),
        history(steps=2000, params=("W1",)),
    ],
)
def test_training_figure_takes_any_history(made):
    if made.best_epoch == 0:
        made.best_epoch = None
    plots.render(plots.training_figure(made))
    assert list(plots.training_panels(made)) == ["loss", "accuracy", "gradients", "updates"]


def test_divergence_is_marked_with_its_step():
    figure = plots.training_figure(history(diverge=30))
    assert "not finite from step 31" in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_study_figures_by_epoch_and_by_step():
    study = Study(["adam", "sgd"], seeds=2)
    quantities = ("loss", "train_acc", "val_acc", "grad_norm")
    figures = plots.study_figures(study)
    assert list(figures) == ["ranking", *(f"{quantity}_by_epoch" for quantity in quantities)]
    assert figures["grad_norm_by_epoch"].axes[0].get_yscale() == "log"
    study.variants[0].runs[0].history.check_epoch *= 0.5  # as with batches half as large
    figures = plots.study_figures(study)
    assert list(figures) == ["ranking", *(f"{q}_by_{by}" for by in ("epoch", "step") for q in quantities)]


def test_the_length_of_an_epoch_is_told_by_those_that_have_seen_one():
    made, early = history(steps=200, epochs=5), history(steps=200, epochs=5)
    early.check_step, early.check_epoch = early.check_step[:1], early.check_epoch[:1]
    assert series.steps_per_epoch([made, early]) == 40
    assert series.steps_per_epoch([early]) is None


def test_ranking_orders_variants_by_their_mean():
    study = Study(["slow", "fast"], seeds=3)
    study.variants.reverse()
    ax = plots.ranking(study).axes[0]
    means = {variant.label: finals(variant).mean() for variant in study.variants}
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == sorted(means, key=means.get)
    worst = next(variant for variant in study.variants if variant.label == labels[0])
    assert ax.lines[0].get_xdata() == pytest.approx([run.history.val_acc[-1] for run in worst.runs])


def test_a_large_study_draws_its_ten_best():
    study = Study([f"v{i}" for i in range(14)], seeds=1, steps=20)
    for place, variant in enumerate(study.variants):
        variant.runs[0].history.val_acc[-1] = place / 20
    study.variants[13].runs[0].history = None
    assert [variant.label for variant in shown(study)] == [f"v{i}" for i in range(3, 13)]
    assert len(shown(study)) == MOST_VARIANTS


def test_a_study_without_results_is_drawn():
    study = Study(["adam"], seeds=1)
    study.variants[0].runs[0].history = None
    for figure in plots.study_figures(study).values():
        assert texts(figure) == ["nothing recorded"]
        plots.render(figure)
