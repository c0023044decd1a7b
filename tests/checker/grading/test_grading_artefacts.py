"""CS182's files: right ones pass, every fault is named, and nothing of them is trusted."""

import json
import math

import numpy as np
import pytest

from chainrule.checker.grading import artefacts, submission
from chainrule.checker.grading.priced import ARTEFACTS
from chainrule.checker.grading.rubric import Line

STDS = {"he": [math.sqrt(2 / 3072)] + [0.2] * 10, "random": [0.01] * 11, "zero": [0.0] * 11}
RESULTS = {
    "val_acc": 0.484, "test_acc": 0.471,
    "lr": 1e-3, "num_epochs": 15, "batch_size": 200, "lr_decay": 0.95, "update_rule": "adam",
}  # fmt: skip
ACCURACIES = np.linspace(0.1, 0.5, 5)
HISTORY = {"train_losses": np.linspace(3, 1, 40), "train_accs": ACCURACIES, "val_accs": ACCURACIES}


def write(folder, stds=STDS, results=RESULTS, **histories):
    """What CS182's notebook leaves, in a folder."""
    logs = folder / "submission_logs"
    logs.mkdir(parents=True)
    for name, values in stds.items():
        (logs / f"w_stds_{name}.json").write_text(json.dumps(values))
    (folder / "results.json").write_text(json.dumps(results))
    for name, arrays in (histories or {"adam": HISTORY}).items():
        np.savez(logs / f"{name}.npz", **arrays)
    return folder


def looked(folder, artefact):
    """Points of every part, and what is wrong."""
    came = submission.read(folder)
    line = Line(artefact=artefact, points=9, quantities=dict.fromkeys(ARTEFACTS[artefact], 1.0))
    with came.laid_out() as place:
        parts, said = artefacts.check(line, place, came)
    return {part.name: part.points for part in parts}, said


@pytest.mark.parametrize("artefact", ARTEFACTS)
def test_right_ones_have_all_points(artefact, tmp_path):
    points, said = looked(write(tmp_path / "a"), artefact)
    assert said == []
    assert set(points.values()) == {1.0}


@pytest.mark.parametrize("artefact", ARTEFACTS)
def test_where_there_are_none(artefact, tmp_path):
    (tmp_path / "a").mkdir()
    points, said = looked(tmp_path / "a", artefact)
    assert "There is no" in said[0]
    assert set(points.values()) == {0.0}


@pytest.mark.parametrize(
    ("name", "value", "wrong", "said"),
    [
        ("val_acc", 0.41, "val_acc", "at least 0.45 was wanted"),
        ("val_acc", 0.48455, "val_acc", "no share of 1,000 images"),
        ("val_acc", 48.4, "val_acc", "a share from 0 to 1; came 48.4"),
        ("test_acc", "0.5", "test_acc", "a share from 0 to 1"),
        ("test_acc", True, "test_acc", "a share from 0 to 1; came true"),
        ("lr", None, "settings", "lr must be there"),
        ("update_rule", "adamm", "settings", "update_rule must be there"),
        ("num_epochs", -1, "settings", "num_epochs"),
    ],
)
def test_results_that_cannot_be(name, value, wrong, said, tmp_path):
    points, sentences = looked(write(tmp_path / "a", results={**RESULTS, name: value}), "results")
    assert said in sentences[0]
    assert [part for part, value in points.items() if not value] == [wrong]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("he", lambda stds: [0.0255] * 11, "standard deviation of W2 is 0.0255; wanted 0.2"),
        ("random", lambda stds: [0.011, *stds[1:]], "W1 is 0.011; wanted 0.01, within 3%"),
        ("zero", lambda stds: [1e-12, *stds[1:]], "W1 is 1e-12; wanted 0"),
        ("he", lambda stds: stds[:10], "must hold eleven numbers"),
        ("he", lambda stds: [*stds[:10], None], "must hold eleven numbers"),
        ("random", lambda stds: "0.01", "must hold eleven numbers"),
    ],
)
def test_standard_deviations_that_are_wrong(name, change, said, tmp_path):
    points, sentences = looked(write(tmp_path / "a", stds={**STDS, name: change(STDS[name])}), "w_stds")
    assert said in sentences[0]
    assert points == {**dict.fromkeys(STDS, 1.0), name: 0.0}


def test_drawn_weights_are_within_the_bounds(tmp_path):
    rng = np.random.default_rng(1)
    for place in range(20):
        shapes = zip(artefacts.FANS, artefacts.OUTPUTS)
        stds = [float((rng.standard_normal(shape) * math.sqrt(2 / shape[0])).std()) for shape in shapes]
        assert looked(write(tmp_path / str(place), stds={**STDS, "he": stds}), "w_stds")[1] == []


@pytest.mark.parametrize(
    ("arrays", "wrong", "said"),
    [
        ({**HISTORY, "val_accs": HISTORY["val_accs"] * 3}, "val_accs", "shares from 0 to 1; came 0.3 to 1.5"),
        ({**HISTORY, "train_losses": np.full(40, np.nan)}, "train_losses", "finite numbers"),
        ({**HISTORY, "train_losses": np.ones((4, 10))}, "train_losses", "shape (4, 10)"),
        ({**HISTORY, "val_accs": HISTORY["val_accs"][:4]}, "val_accs", "train_accs has 5 entries and val_accs 4"),
        ({**HISTORY, "train_losses": np.ones(41)}, "train_losses", "41 losses are no whole number"),
        ({"train_losses": np.ones(4), "val_accs": np.ones(3)}, "train_accs", "there is no train_accs"),
    ],
)
def test_histories_that_are_wrong(arrays, wrong, said, tmp_path):
    points, sentences = looked(write(tmp_path / "a", sgd=HISTORY, adam=arrays), "histories")
    assert said in sentences[0]
    assert sentences[0].startswith("adam.npz")
    assert points[wrong] == 0


def test_objects_in_an_archive_are_never_made(tmp_path):
    folder = write(tmp_path / "a", adam={**HISTORY, "train_accs": np.array([print, {}], dtype=object)})
    points, said = looked(folder, "histories")
    assert "adam.npz cannot be read" in said[0]
    assert "submission-" not in said[0]
    assert set(points.values()) == {0.0}
    (folder / "submission_logs" / "adam.npz").write_bytes(b"PK\x03\x04 not a zip")
    assert "cannot be read" in looked(folder, "histories")[1][0]
    (folder / "results.json").write_bytes(b'{"val_acc": NaN}')
    assert "NaN is no JSON" in looked(folder, "results")[1][0]
