"""Saved figures: the same bytes every time, and nothing lost."""

import gc
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from plot_fakes import history

from chainrule import plots
from chainrule.core.errors import OutputError, SettingError
from chainrule.plots.files import render
from chainrule.plots.style import style


@pytest.mark.parametrize("suffix", ["png", "svg", "PNG"])
def test_equal_figures_give_equal_bytes_without_a_date(tmp_path, suffix):
    first = plots.save(plots.training_figure(history()), tmp_path / "new" / "folder" / f"a.{suffix}")
    second = plots.save(plots.training_figure(history()), tmp_path / f"b.{suffix}")
    assert first.read_bytes() == second.read_bytes()
    assert b"<dc:date" not in first.read_bytes()
    assert b"Software" not in first.read_bytes()


def test_a_file_is_not_overwritten_unless_asked(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("precious")
    figure = plots.curves(history(), "loss")
    with pytest.raises(OutputError, match="nothing is overwritten"):
        plots.save(figure, path)
    assert path.read_text() == "precious"
    plots.save(figure, path, overwrite=True)
    assert path.read_text().startswith("<?xml")
    assert [item.name for item in tmp_path.iterdir()] == ["a.svg"]


def test_an_unknown_format_is_named(tmp_path):
    with pytest.raises(SettingError, match=r"must end in \.png"):
        plots.save(plots.curves(history(), "loss"), tmp_path / "a.jpg")


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write"):
        plots.save(plots.curves(history(), "loss"), tmp_path / "file" / "a.svg")


@pytest.mark.parametrize("layout", ["constrained", "tight", None])
@pytest.mark.parametrize("format", ["svg", "png"])
def test_a_figure_is_written_as_matplotlib_would_write_it_and_left_as_it_was(layout, format):
    """matplotlib finds the layout by drawing everything twice; here it is found beforehand, to the same bytes."""

    def figure():
        with style():
            made = Figure(figsize=(5, 3), dpi=91, layout=layout)
            left, right = made.subplots(1, 2)
            left.plot([1, 2, 3e6], label="a line")
            left.set_ylabel("a tall\nlabel")
            left.legend(loc="upper center", bbox_to_anchor=(0.5, 0))
            made.colorbar(right.imshow(np.eye(4)))
            made.suptitle("both")
            return made

    metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}[format]
    wanted, drawn = io.BytesIO(), figure()
    with style():
        figure().savefig(
            wanted, format=format, dpi={"svg": 72, "png": 160}[format], metadata=metadata, transparent=True
        )
    engine, canvas = drawn.get_layout_engine(), drawn.canvas
    assert render(drawn, format, transparent=True) == wanted.getvalue()
    assert drawn.get_layout_engine() is engine
    assert drawn.canvas is canvas
    assert drawn.dpi == 91


def test_an_empty_figure_is_written_in_silence(recwarn):
    assert render(Figure(layout="constrained")).startswith(b"\x89PNG")
    assert not recwarn.list


def test_what_is_no_figure_but_can_save_itself_is_a_png():
    class Grid:
        def savefig(self, buffer, *, format, **options):
            buffer.write(format.encode())

    assert render(Grid()) == b"png"


def test_a_layout_that_cannot_be_made_is_none(monkeypatch):
    figure = plots.curves(history(), "loss")

    def fail(figure):
        raise ValueError("no room")

    monkeypatch.setattr(figure.get_layout_engine(), "execute", fail)
    assert render(figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_collected_after_drawing_as_before(collects):
    (gc.enable if collects else gc.disable)()
    try:
        with style():
            assert not gc.isenabled()
        assert gc.isenabled() is collects
    finally:
        gc.enable()
