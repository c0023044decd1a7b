"""Numbers and pictures of a page."""

import io
import re

import numpy as np
import pytest
from plot_fakes import history

from chainrule import plots
from chainrule.report import parts
from chainrule.report.pictures import inline, png


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1234567, "1\u202f234\u202f567"), (-2.5, "−2.5"), (0.000123456, "0.0001235"), (3.0, "3"), (None, "–")],
)
def test_numbers(value, shown):
    assert parts.number(value) == shown


def test_scores_and_spreads():
    assert parts.score(0.9512, "accuracy") == "95.1\u00a0%"
    assert parts.score(-0.25, "r2") == "−0.250"
    assert parts.score(float("nan"), "accuracy") == parts.score(None, "accuracy") == "–"
    assert parts.spread(0.9512, 0.004, "accuracy") == "95.1\u00a0±\u00a00.4\u00a0%"
    assert parts.spread(0.9512, float("nan"), "accuracy") == "95.1\u00a0%"
    assert parts.spread(0.5, 0.01, "r2") == "0.500\u00a0±\u00a00.010"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.1234, "0.12 s"), (9.5, "9.5 s"), (75, "75 s"), (119.9, "120 s"), (600, "10 min"), (90000, "25 h"), (None, "–")],
)
def test_durations(seconds, shown):
    assert parts.duration(seconds).replace("\u00a0", " ") == shown


@pytest.mark.parametrize(("size", "shown"), [(0, "0 B"), (999, "999 B"), (40400, "40.4 kB"), (2.5e12, "2.5e+03 GB")])
def test_memory(size, shown):
    assert parts.memory(size).replace("\u00a0", " ") == shown


def test_settings_are_made_flat():
    rows = parts.flatten({"a": {"b": {"c": 1}, "d": None}, "e": [1, "x"], "f": "text", "g": {}})
    assert rows == [("a.b.c", "1"), ("a.d", "none"), ("e", '[1, "x"]'), ("f", "text"), ("g", "{}")]


def test_escaping():
    assert parts.esc("<a href='x'>&\x00\"") == "&lt;a href=&#x27;x&#x27;&gt;&amp;\ufffd&quot;"
    assert ">net.<wbr>weight_<wbr>scale<" in parts.settings_table("s", {"net": {"weight_scale": 1}})
    assert "<b>" not in parts.settings_table("s", {"net": {"<b>": "<b>"}})


def test_empty_sections_are_left_out():
    assert parts.section("Heading", "", "") == ""
    assert parts.numbers([("a", parts.NOTHING)]) == ""


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (1, 1)])
def test_png_is_read_back_by_another_library(shape):
    from PIL import Image

    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with Image.open(io.BytesIO(png(picture))) as read:
        assert np.array_equal(np.asarray(read), picture)
    turned = picture.T if picture.ndim == 2 else picture[::-1, ::-1]
    with Image.open(io.BytesIO(png(turned))) as read:
        assert np.array_equal(np.asarray(read), turned)


def test_inline_figures_take_the_pages_ink_and_font_and_keep_their_ids_apart():
    figures = [inline(plots.curves({"a": history(), "b": history(1)}, "loss"), name, "x") for name in ("one", "two")]
    for svg, name in zip(figures, ("one", "two")):
        assert "currentColor" in svg
        assert "DejaVu" not in svg
        assert "#24292f" not in svg
        assert "<metadata" not in svg
        assert f'id="{name}-' in svg
        assert f"url(#{name}-" in svg
    assert figures[0].replace("one-", "two-") == figures[1]


def test_rounding_moves_no_point_by_more_than_half_a_hundredth():
    figure = plots.curves(history(), "loss", smooth=None)
    exact, rounded = (
        [float(n) for d in re.findall(r' d="([^"]*)"', svg) for n in re.findall(r"-?[\d.]+", d)]
        for svg in (plots.render(figure, "svg", transparent=True).decode(), inline(figure, "f", "x"))
    )
    assert len(exact) == len(rounded) > 500
    assert np.abs(np.array(exact) - np.array(rounded)).max() <= 0.0050001
