"""The page of a search: self-contained, whole, and right about what it shows."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from chainrule.plots import render, search_space, searches
from chainrule.report import write_sweep
from chainrule.study.result import Study, StudyRun, Variant
from chainrule.study.sweeps.records import Trial
from chainrule.study.sweeps.result import Sweep
from chainrule.training.history import History

SPACE = {
    "weight_scale": {"log": [1e-3, 1.0]}, "lr": {"log": [1e-4, 0.3]}, "depth": {"int": [1, 3]},
    "rule": ["momentum", "adam"], "momentum": {"float": [0.5, 0.95]}, "hidden": [[20], [20, 20]],
}  # fmt: skip


def sweep(tmp_path, trials=30, space=SPACE, metric="accuracy"):
    rng = np.random.default_rng(5)
    from chainrule.study.sweeps.space import Space

    known = Space.of(space, {})
    found = []
    for number in range(trials):
        params = known.at(rng.random(len(known.dimensions)))
        value = float(rng.random())
        state = ["complete", "pruned", "complete"][number % 3]
        curve = {epoch: value * epoch / 4 for epoch in range(1, 5 if state == "complete" else 3)}
        found.append(Trial(number, params, 0, state, value, curve, len(curve), 0.5, None, {"lr": params.get("lr")}))
    if trials:
        found[-1] = Trial(trials - 1, found[-1].params, 0, "failed", None, {}, 0, 0.1, "<b>it broke</b>", {})
    history = History([], [], metric)
    for epoch in (0, 1):
        zeros = dict.fromkeys(("train_acc", "train_loss", "val_loss", "update_ratios", "dead_share", "seconds"), 0.0)
        history.add_check(check_step=epoch + 1, check_epoch=epoch, val_acc=0.5 + epoch / 10, **zeros)
    finals = Study(
        "finals", {}, [Variant("a & b", {}, [StudyRun(s, history, np.nan, 1.0, [], None) for s in (1, 2)])], 0.9
    )
    best = max((t for t in found if t.value is not None), key=lambda t: t.value, default=None)
    definition = {"name": "a <study>", "space": space, "settings": {}, "seed": 0}
    return Sweep(
        tmp_path, definition, list(space), found, finals if trials else None, "a & b", best, 0.625, metric, 12.0, True
    )


def test_the_page_shows_everything_and_needs_nothing(tmp_path):
    study = sweep(tmp_path)
    path = write_sweep(tmp_path / "p.html", study, settings={"command": "chainrule sweep <s>.toml"})
    page = path.read_text()
    assert "62.5\u00a0%" in page
    assert "a &lt;study&gt;" in page
    assert "&lt;b&gt;it broke&lt;/b&gt;" in page
    assert "chainrule sweep &lt;s&gt;.toml" in page
    for name in ("Best settings", "Finals", "How it went", "What mattered", "All trials", "How to reproduce"):
        assert f"<h2>{name}</h2>" in page
    assert "How weight scale and learning rate go together" in page
    assert page.count("<svg") == 3 + 1 + 1 + len(SPACE) + 2  # course, parallel, importance, slices, a map for each net
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)
    assert "<script" not in page
    assert "mathdefault" not in page
    assert write_sweep(tmp_path / "q.html", study, settings={"command": "chainrule sweep <s>.toml"}).read_text() == page


@pytest.mark.parametrize(("trials", "space"), [(0, SPACE), (1, SPACE), (12, {"lr": [0.1, 1e-3]})])
def test_small_searches_have_a_page_too(tmp_path, trials, space):
    page = write_sweep(tmp_path / "p.html", sweep(tmp_path, trials, space, "r2")).read_text()
    assert "All trials" in page or not trials


def test_the_heat_map_has_the_best_of_each_cell():
    trials = [SimpleNamespace(params={"a": 1, "b": b}, value=v) for b, v in (("x", 0.2), ("x", 0.4), ("y", 0.3))]
    a = SimpleNamespace(name="a", choices=None, low=1.0, high=2.0, whole=True, log=False)
    b = SimpleNamespace(name="b", choices=("x", "y"))
    figure = search_space.interaction_figure(trials, a, b, "accuracy")
    assert [text.get_text() for text in figure.axes[0].texts] == ["40", "30", "–", "–"]


def test_values_fall_into_the_parts_of_a_range():
    dimension = SimpleNamespace(name="lr", choices=None, low=1e-4, high=1e2, whole=False, log=True)
    words, place = search_space._parts(dimension)
    assert words == ["0.00032", "0.0032", "0.032", "0.32", "3.2", "32"]
    assert [place(value) for value in (1e-4, 2e-3, 0.02, 0.5, 5, 1e2)] == [0, 1, 2, 3, 4, 5]


def test_axes_say_what_is_on_them():
    trials = [SimpleNamespace(params={"depth": n, "rule": "adam"}, value=n / 10, state="complete") for n in (1, 2, 3)]
    depth = SimpleNamespace(name="depth", choices=None, low=1.0, high=3.0, whole=True, log=False)
    ticks = search_space.slice_figure(trials, depth, "accuracy").axes[0].get_xticks()
    assert all(float(tick).is_integer() for tick in ticks)
    rule = SimpleNamespace(name="rule", choices=("sgd", "adam", "momentum"), log=False)
    lines = search_space.parallel_figure(trials, [rule, depth], "accuracy").axes[0]
    assert {"sgd", "adam", "momentum"} <= {text.get_text() for text in lines.texts}


def test_figures_of_scores_that_are_odd(tmp_path):
    odd = [
        SimpleNamespace(number=0, params={"lr": 1.0}, value=-1e6, state="pruned", curve={1: -1e6}, seconds=1e4),
        SimpleNamespace(number=1, params={}, value=0.5, state="complete", curve={1: 0.4, 2: 0.5}, seconds=1.0),
        SimpleNamespace(number=2, params={}, value=None, state="failed", curve={}, seconds=0.0),
    ]
    dimension = SimpleNamespace(name="lr", choices=None, low=1.0, high=2.0, whole=False, log=True)
    for figure in (
        searches.progress_figure(odd, "r2"),
        searches.cost_figure(odd, "r2"),
        searches.learning_figure(odd, "r2"),
        search_space.slice_figure(odd, dimension, "r2"),
        search_space.parallel_figure(odd, [dimension], "r2"),
        search_space.importance_figure({}),
    ):
        assert render(figure, "svg")
    assert (
        searches.progress_figure(odd, "r2").axes[0].get_ylim()[0] > -1e6
    )  # one that diverged does not squeeze the rest
