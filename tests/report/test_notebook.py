"""What notebooks show: every object with its words, numbers and figure, and nothing that runs."""

import re
from xml.etree import ElementTree

import pytest

import chainrule as cr

SMALL = {"hidden": [6], "num_train": 90, "epochs": 2, "batch_size": 30, "verbose": False}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return cr.train(**SMALL, threads=1, slices=1, out=tmp_path_factory.mktemp("view") / "run")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return cr.compare(**SMALL, rules=["sgd", "adam"], seeds=2, out=tmp_path_factory.mktemp("view") / "study")


def whole(html):
    """The elements' texts, after a look that the HTML is well formed."""
    root = ElementTree.fromstring(f"<all>{html}</all>")
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", html)
    return [" ".join(element.itertext()).strip() for element in root.iter()]


def test_a_net_shows_its_chain_and_its_summary():
    net = cr.FullyConnectedNet([7, 5], input_dim=4, num_classes=3, norm="batch")
    texts = whole(net._repr_html_())
    assert repr(net) in texts
    assert {"batch_norm1", "affine3", f"{net.summary().parameters:,}"} <= set(texts)


def test_a_history_shows_its_checks(run):
    texts = whole(run.history._repr_html_())
    assert {"validation accuracy", f"{run.history.val_loss[-1]:.4f}", "2"} <= set(texts)


def test_a_long_history_shows_its_first_and_last_checks(run):
    history = cr.History.restore(run.history.arrays())
    last = {name: history._rows[name][-1] for name in ("train_acc", "val_acc", "train_loss", "val_loss", "seconds")}
    rest = {name: history._rows[name][-1] for name in ("update_ratios", "dead_share", "check_step")}
    for epoch in range(3, 60):
        history.add_check(check_epoch=epoch, **last, **rest)
    html = history._repr_html_()
    assert html.count("<tr>") == 13
    assert "<td>59</td>" in html
    assert "<td>0</td>" in html


def test_a_run_shows_its_figure_and_its_words(run):
    html = run._repr_html_()
    assert whole(html)
    assert "<svg" in html
    assert f"{run.test.score:.4f}" in html
    assert "report.html" in html


def test_a_study_shows_verdict_table_and_curves(study):
    html = study._repr_html_()
    texts = whole(html)
    assert set(study.verdict) <= set(texts)
    assert {"sgd", "adam", "best val %"} <= set(texts)
    assert html.count("<svg") == 1


def test_two_views_on_one_page_share_no_names(run):
    def names(html):
        return set(re.findall(r'\bid="([^"]+)"', html))

    assert names(run._repr_html_()).isdisjoint(names(run._repr_html_()))
