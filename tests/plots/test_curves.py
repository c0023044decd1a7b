"""Curves: what is on the axes is what the histories hold."""

import sys
import threading

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from plot_fakes import empty_history, history

from chainrule import plots
from chainrule.core.errors import SettingError
from chainrule.plots import series
from chainrule.plots.style import DASHES, MARKERS, line, short, shorts


@pytest.mark.parametrize("quantity", series.PER_STEP + series.PER_CHECK)
@pytest.mark.parametrize("by", series.AXES)
def test_every_quantity_is_drawn_by_epoch_and_by_step(quantity, by):
    figure = plots.curves({"a": [history(0), history(1)], "b": history(2)}, quantity, by=by)
    assert isinstance(figure, Figure)
    ax = figure.axes[0]
    assert ax.get_xlabel() == by
    assert len(ax.lines) == 2
    assert len(ax.collections) == 1  # "a" has two seeds and a band, "b" one seed and none
    assert plots.render(figure, "svg").count(b"<svg") == 1


def test_the_line_is_the_mean_and_the_band_one_standard_deviation():
    runs = [history(seed) for seed in range(5)]
    ax = plots.curves({"a": runs}, "val_acc").axes[0]
    table = np.array([run.val_acc for run in runs])
    assert ax.lines[0].get_ydata() == pytest.approx(table.mean(axis=0), rel=1e-14)
    corners = ax.collections[0].get_paths()[0].vertices
    top = table.mean(axis=0) + table.std(axis=0, ddof=1)
    for x, y in zip(runs[0].check_epoch, top):
        assert np.abs(corners - [x, y]).sum(axis=1).min() < 1e-12


def test_a_given_axes_is_drawn_on_and_band_and_legend_can_be_left_out():
    figure = Figure()
    ax = figure.add_subplot()
    assert plots.curves({"a": [history(0), history(1)]}, "loss", ax=ax, band=None, legend=False) is figure
    assert len(ax.lines) == 1
    assert not ax.collections
    assert ax.get_legend() is None


def test_seeds_that_diverged_are_counted_in_the_legend():
    figure = plots.curves({"a": [history(0), history(1, diverge=100)], "b": history(2, diverge=0)}, "loss")
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["a (1 of 2 diverged)", "b (diverged)"]
    plots.render(figure)


def test_nothing_recorded_is_said():
    for histories in ({"a": [empty_history()]}, {"a": []}, {}, empty_history()):
        figure = plots.curves(histories, "loss")
        assert [text.get_text() for text in figure.axes[0].texts] == ["nothing recorded"]
        plots.render(figure)


def test_scales():
    steep = history(speed=3)
    assert plots.curves(steep, "grad_norm").axes[0].get_yscale() == "log"
    assert plots.curves(steep, "loss").axes[0].get_yscale() == "log"
    assert plots.curves(steep, "loss", scale="linear").axes[0].get_yscale() == "linear"
    assert plots.curves(steep, "val_acc").axes[0].get_yscale() == "linear"
    steep.loss[3] = -1.0
    assert plots.curves(steep, "loss", smooth=None).axes[0].get_yscale() == "linear"
    dead = history()
    dead.grad_norm[:] = 0.0
    plots.render(plots.curves(dead, "grad_norm"))
    dead.grad_norm[7] = 1e-300
    plots.render(plots.curves(dead, "grad_norm", smooth=None))


def test_wild_values_are_drawn_without_a_warning():
    wild = history()
    wild.loss[10:] = np.geomspace(1, 1e300, len(wild.loss) - 10)
    wild.loss[-1] = np.inf
    plots.render(plots.curves({"wild": [wild, history(1)]}, "loss"))
    r2 = history(metric="r2")
    r2.val_acc[0] = -1e9
    ax = plots.curves(r2, "val_acc").axes[0]
    assert ax.get_ylabel() == "validation R²"
    assert ax.get_ylim()[0] == -1


def test_every_line_of_ten_reads_without_colour():
    looks = [line(i) for i in range(10)]
    assert len({(str(look["linestyle"]), look["marker"]) for look in looks}) == 10
    assert len({str(look["marker"]) for look in looks}) == len(MARKERS) == 10
    assert len(DASHES) == 5


def test_ten_variants_and_long_names_keep_the_legend_below_the_axes():
    histories = {f"variant {i} with a name of a length that no legend holds, lr={i}": history(i) for i in range(10)}
    figure = plots.curves(histories, "loss")
    figure.draw_without_rendering()
    ax = figure.axes[0]
    boxes = [text.get_window_extent() for text in ax.get_legend().get_texts()]
    assert len(boxes) == 10
    assert max(box.y1 for box in boxes) < ax.get_window_extent().y0
    assert min(box.y0 for box in boxes) >= 0
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert ax.get_window_extent().height > 100


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quantity": "los"}, "Did you mean 'loss'"),
        ({"quantity": "loss", "by": "epochs"}, "Did you mean 'epoch'"),
        ({"quantity": "loss", "band": "sd"}, "known: std, range, none"),
        ({"quantity": "loss", "scale": "lin"}, "unknown scale"),
    ],
)
def test_unknown_names_are_told_the_known_ones(options, words):
    with pytest.raises(SettingError, match=words):
        plots.curves(history(), **options)


def test_names_are_shown_as_they_are():
    names = ["$x_1$", "$\\broken{", "_hidden", "<b>bold</b> & co", "字", "line\nbreak", "\x00\u202e", ""]
    figure = plots.curves({name: history(i) for i, name in enumerate(names)}, "val_acc")
    svg = plots.render(figure, "svg").decode()
    assert "$x_1$" in svg
    assert "_hidden" in svg
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in svg
    assert "字" in svg
    assert "line break" in svg
    assert "\x00" not in svg
    assert len(figure.axes[0].get_legend().get_texts()) == len(names)
    plots.render(figure, "png")


def test_short_labels():
    assert short("adam") == "adam"
    assert short("a" * 50 + "z", 11) == "aaaaa…aaaaz"
    long = [f"{'x' * 40}{i}{'y' * 40}" for i in range(3)]
    assert len(set(shorts(long))) == 3
    assert max(map(len, shorts(long))) <= 34


def test_the_users_settings_and_pyplot_are_left_alone():
    pyplot = "matplotlib.pyplot" in sys.modules
    matplotlib.rcParams["font.size"] = 17.5
    try:
        before = matplotlib.rcParams.copy()
        plots.render(plots.curves(history(), "loss"))
        assert matplotlib.rcParams.copy() == before
    finally:
        matplotlib.rcParams["font.size"] = matplotlib.rcParamsDefault["font.size"]
    assert ("matplotlib.pyplot" in sys.modules) == pyplot


def test_the_users_settings_do_not_change_a_figure():
    plain = plots.render(plots.curves(history(), "loss"), "svg")
    with matplotlib.rc_context({"font.size": 30, "axes.grid": False, "text.usetex": True, "svg.fonttype": "path"}):
        assert plots.render(plots.curves(history(), "loss"), "svg") == plain


def test_threads_draw_the_same_figures_and_leave_the_settings_alone():
    before = matplotlib.rcParams.copy()
    results = {}

    def draw(place):
        results[place] = plots.render(plots.curves(history(place % 2), "loss"), "svg")

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    assert len(set(results.values())) == 2
    assert matplotlib.rcParams.copy() == before


def test_a_notebook_shows_the_figure():
    assert plots.curves(history(), "loss")._repr_png_().startswith(b"\x89PNG")


def test_a_long_training_makes_a_small_picture():
    long = history(steps=100_000, epochs=3)
    svg = plots.render(plots.curves({str(i): [long, long] for i in range(10)}, "loss", by="step"), "svg")
    assert len(svg) < 700_000
