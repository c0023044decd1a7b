"""Features of images, and images as one picture: against values worked out by hand."""

import colorsys

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, ChainruleError, SettingError
from chainrule.courses.cs231n.features import color_histogram_hsv, extract_features, hog_feature, rgb2gray
from chainrule.courses.cs231n.vis_utils import vis_grid, vis_nn, visualize_grid


def gray(pattern):
    """A grey pattern as a colour image."""
    return np.repeat(np.asarray(pattern, dtype=float)[:, :, None], 3, axis=2)


# -- grey values -------------------------------------------------------------------------------------------------------


def test_luma_weighs_green_most_and_adds_up_to_one():
    assert np.allclose(rgb2gray(np.eye(3)), [0.299, 0.587, 0.114])
    assert rgb2gray(np.full((2, 2, 3), 200.0)) == pytest.approx(200)
    assert rgb2gray(np.array([[[10, 20, 30, 255]]]))[0, 0] == pytest.approx(2.99 + 11.74 + 3.42)


# -- oriented gradients ------------------------------------------------------------------------------------------------


def test_a_colour_image_of_32_pixels_gives_144_numbers(rng):
    feature = hog_feature(rng.integers(0, 256, (32, 32, 3)))
    assert feature.shape == (144,)
    assert feature.dtype == np.float64
    assert (feature >= 0).all()
    assert hog_feature(rng.integers(0, 256, (20, 17))).shape == (2 * 2 * 9,)


def test_a_flat_image_has_no_gradients():
    assert not hog_feature(np.full((16, 16, 3), 77)).any()


@pytest.mark.parametrize(
    ("slope", "orientation"),
    [
        ((0, 2.0), 0),
        ((2.0, 0), 4),
        ((2.0, 2.0), 2),
        ((2.0, -2.0), 6),
        ((-2.0, 0), 4),
        ((0, -2.0), 0),
        ((-2.0, -2.0), 2),
    ],
    ids=["right", "down", "down right", "down left", "up", "left", "up left"],
)
def test_a_slope_votes_for_its_direction_in_every_cell(slope, orientation):
    y, x = np.mgrid[:16, :16]
    cells = hog_feature(100 + slope[0] * y + slope[1] * x).reshape(4, 9)
    wanted = np.zeros((4, 9))
    wanted[:, orientation] = np.hypot(*slope)  # 0, 90, 45 and 135 degrees over ranges of 20
    assert np.allclose(cells, wanted, rtol=0, atol=1e-12)


def test_an_edge_counts_in_the_cells_that_it_crosses():
    pattern = np.zeros((16, 16))
    pattern[:, 8:] = 64
    cells = hog_feature(gray(pattern)).reshape(2, 2, 9)
    assert np.allclose(cells[:, :, 0], 4.0)  # each side of the edge: 8 pixels of slope 32, over 64 pixels
    assert not cells[:, :, 1:].any()


def test_dark_to_bright_counts_like_bright_to_dark(rng):
    image = rng.integers(0, 256, (16, 16)).astype(float)
    assert np.allclose(hog_feature(image), hog_feature(255 - image))


def test_a_cell_sees_its_own_pixels_and_their_neighbours_alone(rng):
    image = rng.integers(0, 256, (24, 24)).astype(float)
    other = image.copy()
    other[:7, :7] += 9
    change = (hog_feature(image) != hog_feature(other)).reshape(3, 3, 9).any(axis=2)
    assert change[0, 0]
    assert change.sum() == 1


# -- hues --------------------------------------------------------------------------------------------------------------


def test_hues_are_those_of_colorsys(rng):
    image = rng.integers(0, 256, (20, 30, 3))
    hues = [255 * colorsys.rgb_to_hsv(*(pixel / 255))[0] for pixel in image.reshape(-1, 3)]
    counts, _ = np.histogram(hues, bins=10, range=(0, 255))
    assert np.allclose(color_histogram_hsv(image), counts / 600)
    assert np.allclose(color_histogram_hsv(image, normalized=False), counts * 25.5)


@pytest.mark.parametrize(
    ("colour", "place"),
    [((255, 0, 0), 0), ((255, 255, 0), 1), ((0, 255, 0), 3), ((0, 255, 255), 5), ((0, 0, 255), 6), ((9, 9, 9), 0)],
)
def test_pure_colours_fall_into_their_range(colour, place):
    histogram = color_histogram_hsv(np.tile(np.array(colour), (4, 4, 1)), nbin=10)
    assert np.array_equal(histogram, np.eye(10)[place])


def test_the_ends_of_the_histogram(rng):
    image = rng.random((8, 8, 3))
    assert color_histogram_hsv(image, nbin=4, xmin=0, xmax=1).sum() == pytest.approx(1)
    upper = color_histogram_hsv(image, nbin=4, xmin=0.5, xmax=1)
    assert upper.shape == (4,)
    assert upper.sum() == pytest.approx(1)


# -- all of them -------------------------------------------------------------------------------------------------------


def test_features_stand_side_by_side_and_progress_is_printed(rng, capsys):
    images = rng.integers(0, 256, (2003, 8, 8, 3)).astype(float)
    functions = [hog_feature, lambda image: color_histogram_hsv(image, nbin=5), np.mean]
    features = extract_features(images, functions, verbose=True)
    assert features.shape == (2003, 9 + 5 + 1)
    assert np.array_equal(features[7, :9], hog_feature(images[7]))
    assert np.array_equal(features[7, 9:14], color_histogram_hsv(images[7], nbin=5))
    assert features[7, 14] == images[7].mean()
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"Done extracting features for {n} / 2003 images" for n in (1000, 2000)]
    extract_features(images[:1], functions)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: rgb2gray(np.ones((4, 4))[:, :2]), ArrayError, r"rgb has shape \(4, 2\)"),
        (lambda: rgb2gray("red"), ArrayTypeError, "rgb must"),
        (lambda: hog_feature(np.ones((7, 32, 3))), ArrayError, r"im has shape \(7, 32, 3\).*8 x 8"),
        (lambda: hog_feature(np.full((8, 8), np.nan)), ArrayError, "im holds 64 NaN"),
        (lambda: hog_feature(None), ArrayTypeError, "im must"),
        (lambda: color_histogram_hsv(np.ones((8, 8))), ArrayError, r"im has shape \(8, 8\)"),
        (lambda: color_histogram_hsv(-np.ones((8, 8, 3))), ArrayError, "Was a mean image subtracted"),
        (lambda: color_histogram_hsv(np.full((2, 2, 3), np.nan)), ArrayError, "im goes from nan"),
        (lambda: color_histogram_hsv(np.ones((8, 8, 3)), nbin=0), SettingError, "nbin must"),
        (lambda: color_histogram_hsv(np.ones((8, 8, 3)), xmin=9, xmax=3), SettingError, "xmin and xmax must"),
        (lambda: extract_features(np.ones((0, 8, 8, 3)), [hog_feature]), ArrayError, "imgs has shape"),
        (lambda: extract_features(np.ones((2, 8, 8, 3)), hog_feature), ArrayTypeError, "feature_fns must be a list"),
        (
            lambda: extract_features(np.arange(4.0).reshape(2, 1, 2), [np.unique, np.flatnonzero]),
            ArrayError,
            "feature_fns",
        ),
        (lambda: visualize_grid(np.ones((4, 8, 8))), ArrayError, r"Xs has shape \(4, 8, 8\)"),
        (lambda: visualize_grid(np.ones((4, 8, 8, 3)), padding=-1), SettingError, "padding must"),
        (lambda: visualize_grid(np.ones((4, 8, 8, 3)), ubound="255"), SettingError, "ubound must"),
        (lambda: vis_grid(np.ones((0, 8, 8, 3))), ArrayError, "Xs has shape"),
        (lambda: vis_nn([[np.ones((2, 2, 3))], []]), ArrayTypeError, "rows must"),
        (lambda: vis_nn(np.ones((2, 2, 3))), ArrayError, "rows have shape"),
    ],
)
def test_bad_input_gets_a_sentence(call, error, words):
    with pytest.raises(error, match=words) as caught:
        call()
    assert isinstance(caught.value, ChainruleError)


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_vis_grid_stretches_all_images_together(rng):
    images = rng.standard_normal((5, 4, 6, 3))
    wall = vis_grid(images)
    assert wall.shape == (3 * 5, 3 * 7, 3)
    unit = (images - images.min()) / (images.max() - images.min())
    for place in range(5):
        y, x = 5 * (place // 3), 7 * (place % 3)
        assert np.allclose(wall[y : y + 4, x : x + 6], unit[place])
    assert not wall[4::5].any()
    assert not wall[:, 6::7].any()


def test_vis_nn_lays_out_rows_of_images(rng):
    images = rng.integers(0, 256, (2, 3, 4, 6, 3))
    wall = vis_nn([[image.astype(float) for image in row] for row in images])
    assert wall.shape == (2 * 5, 3 * 7, 3)
    unit = (images - images.min()) / np.ptp(images)
    assert np.allclose(wall[5:9, 14:20], unit[1, 2])
    assert (wall.min(), wall.max()) == (0, 1)
