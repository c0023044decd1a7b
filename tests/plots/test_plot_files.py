"""Saved figures: the same bytes every time, and nothing lost."""

import pytest
from plot_fakes import history

from chainrule import plots
from chainrule.core.errors import OutputError, SettingError


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
