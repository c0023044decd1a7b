"""A saved net on data: figures, pictures, predictions, and what it says of rows that it cannot read."""

import csv
import json
import shutil

import numpy as np
import pytest
from run_folders import contents, flowers, without_pages

import chainrule as cr
from chainrule.core.errors import DataError, FileFormatError, OutputError, SettingError
from chainrule.study.inspect import evaluate_net, predict_rows


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A run on digits, one on a table of classes, one on a table of real targets, one on arrays in a file."""
    place = tmp_path_factory.mktemp("inspect")
    options = {"epochs": 12, "batch_size": 10, "lr": 0.01, "hidden": [20], "verbose": False, "threads": 1}
    table = flowers(place / "flowers.csv", 200, leave_out=["price"])
    with pytest.MonkeyPatch.context() as patch:
        without_pages(patch)
        cr.train(table, target="species", out=place / "species", **options)
        cr.train(
            flowers(place / "prices.csv", 200, leave_out=["species"]), target="price", out=place / "price", **options
        )
        cr.train("digits", num_train=400, num_test=100, out=place / "digits", **options | {"epochs": 4})
        rng = np.random.default_rng(0)
        X = rng.normal(size=(80, 4)).astype(np.float32)
        np.savez(place / "pair.npz", X=X, y=(X[:, 0] > 0).astype(np.int64))
        np.savez(place / "alone.npz", X=X[:7])
        cr.train(place / "pair.npz", out=place / "pair", **options)
    return place


def rows_of(path):
    with open(path, newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_run_is_measured_on_its_own_data_where_none_are_named(place, tmp_path):
    found = evaluate_net(place / "digits", out=tmp_path / "out")
    result = json.loads((place / "digits" / "result.json").read_text())
    assert found.figures["accuracy"] == result["test_acc"]
    assert found.figures["rows"] == 100
    assert "on the test rows of digits (100 rows)" in found.text
    val = evaluate_net(place / "digits", part="val", out=tmp_path / "val")
    assert val.figures["accuracy"] == result["best_val_acc"]
    assert "validation rows" in val.text


def test_figures_and_pictures_are_written(place, tmp_path):
    found = evaluate_net(place / "digits", "digits", out=tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "calibration.png", "confusion.png", "evaluation.json", "mistakes.png",
    ]  # fmt: skip
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text()) == found.figures
    net, data = cr.load_net(place / "digits" / "net.safetensors"), cr.load_data("digits")
    predicted = net.predict(data.X_test)
    assert found.figures["accuracy"] == np.mean(predicted == data.y_test)
    confusion = np.array(found.figures["confusion"])
    assert confusion.sum() == 180
    assert all(confusion[t, p] == np.sum((data.y_test == t) & (predicted == p)) for t in range(10) for p in range(10))
    worst = found.figures["worst"]
    sure = net.predict_proba(data.X_test).max(axis=1)
    wrong = np.flatnonzero(predicted != data.y_test)
    assert [row["row"] for row in worst] == [int(i) for i in wrong[np.argsort(-sure[wrong], kind="stable")][:12]]
    assert [row["true"] for row in worst] == [str(data.y_test[row["row"]]) for row in worst]
    assert worst[0]["confidence"] == pytest.approx(sure[worst[0]["row"]])


def test_the_text_says_what_each_class_is_taken_for(place, tmp_path):
    found = evaluate_net(place / "species", place / "flowers.csv", out=tmp_path / "out")
    lines = found.text.splitlines()
    assert lines[0].startswith(f"accuracy {found.figures['accuracy']:.4f}, loss ")
    assert lines[2].split()[:4] == ["class", "rows", "precision", "%"]
    assert [line.split()[0] for line in lines[4:6]] == ["rose", "tulip"]
    assert lines[-1] == f"Written to {tmp_path / 'out'}"


def test_real_targets_are_measured_in_r2(place, tmp_path):
    found = evaluate_net(place / "price", place / "prices.csv", out=tmp_path / "out")
    assert found.figures["r2"] > 0.9
    assert found.text.startswith("R² ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["evaluation.json"]


def test_predictions_are_those_of_the_net(place, tmp_path):
    table = flowers(tmp_path / "new.csv", 30, seed=3, leave_out=["species", "price"])
    told = predict_rows(place / "species", table, tmp_path / "out.csv")
    assert told == {"rows": 30, "out": str(tmp_path / "out.csv"), "columns": ["species", "probability"]}
    rows = rows_of(tmp_path / "out.csv")
    labelled = flowers(tmp_path / "labelled.csv", 30, seed=3, leave_out=["price"])
    right = [row["species"] for row in rows_of(labelled)]
    score = np.mean([row["species"] == truth for row, truth in zip(rows, right)])
    found = evaluate_net(place / "species", labelled, out=tmp_path / "evaluation")
    assert score == found.figures["accuracy"] > 0.8
    assert all(0.5 <= float(row["probability"]) <= 1 for row in rows)


def test_predictions_do_not_depend_on_the_order_of_columns_or_on_a_target(place, tmp_path):
    flowers(tmp_path / "new.csv", 20, seed=3, leave_out=["species", "price"])
    table = rows_of(tmp_path / "new.csv")
    with open(tmp_path / "other.csv", "w", newline="") as stream:
        writer = csv.DictWriter(stream, ["weight", "species", "size", "colour"])
        writer.writeheader()
        writer.writerows({**row, "species": "rose"} for row in table)
    for name in ("new", "other"):
        predict_rows(place / "species", tmp_path / f"{name}.csv", tmp_path / f"{name}-out.csv")
    assert (tmp_path / "new-out.csv").read_bytes() == (tmp_path / "other-out.csv").read_bytes()


def test_real_predictions_have_their_targets_name(place, tmp_path):
    table = flowers(tmp_path / "new.csv", 40, seed=5, leave_out=["species"])
    told = predict_rows(place / "price", table, tmp_path / "out.csv")
    assert told["columns"] == ["price"]
    pairs = [(float(a["price"]), float(b["price"])) for a, b in zip(rows_of(tmp_path / "out.csv"), rows_of(table))]
    assert np.corrcoef(np.array(pairs).T)[0, 1] > 0.95


def test_rows_of_arrays_and_named_data(place, tmp_path):
    assert predict_rows(place / "pair", place / "alone.npz", tmp_path / "a.csv")["rows"] == 7
    assert rows_of(tmp_path / "a.csv")[0].keys() == {"y", "probability"}
    assert predict_rows(place / "digits", "digits", tmp_path / "d.csv")["rows"] == 180
    assert predict_rows(place / "digits" / "net.safetensors", "digits", tmp_path / "e.csv")["rows"] == 180
    assert (tmp_path / "d.csv").read_bytes() == (tmp_path / "e.csv").read_bytes()


def test_missing_numbers_are_filled_where_that_is_asked_for(place, tmp_path):
    table = flowers(tmp_path / "gap.csv", 9, leave_out=["species", "price"], gap=4)
    with pytest.raises(DataError, match="values are missing: column 'weight' in 1 of 9 rows"):
        predict_rows(place / "species", table, tmp_path / "out.csv")
    assert predict_rows(place / "species", table, tmp_path / "out.csv", impute="mean")["rows"] == 9


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ({"colours": ["red", "violet"]}, "column 'colour' holds 'violet'; the net knows blue, green, red"),
        ({"leave_out": ["species", "price", "weight"]}, r"missing: 'weight'\)"),
        ({"leave_out": ["species"]}, r"extra: 'price'\)"),
    ],
)
@pytest.mark.promise("P5.4")
def test_rows_that_the_net_cannot_read(place, tmp_path, make, message):
    table = flowers(tmp_path / "new.csv", 10, **{"leave_out": ["species", "price"]} | make)
    with pytest.raises(DataError, match=message):
        predict_rows(place / "species", table, tmp_path / "out.csv")
    with pytest.raises(DataError):
        evaluate_net(place / "species", table, out=tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


@pytest.mark.promise("P5.4")
def test_questions_without_an_answer(place, tmp_path):
    bare = flowers(tmp_path / "bare.csv", 10, leave_out=["species", "price"])
    out = tmp_path / "out"
    for error, message, arguments in [
        (DataError, "no column 'species', so nothing to measure against", (place / "species", bare)),
        (DataError, "digits: its rows have 64 features, but the net reads 5", (place / "species", "digits")),
        (DataError, "cifar10: its rows have 3072 features, but the net reads 64", (place / "digits", "cifar10")),
        (DataError, "no such file", (place / "digits", "nowhere.csv")),
        (FileFormatError, "no such file", (place / "nowhere", "digits")),
        (FileFormatError, "flowers.csv", (place / "flowers.csv", "digits")),
        (SettingError, "name them with data=", (place / "digits" / "net.safetensors",)),
    ]:
        with pytest.raises(error, match=message):
            evaluate_net(*arguments, out=out)
        assert not out.exists()
    with pytest.raises(SettingError, match="unknown part of the data"):
        evaluate_net(place / "digits", part="all", out=out)
    with pytest.raises(SettingError, match="part='val' has no meaning here"):
        evaluate_net(place / "species", place / "flowers.csv", part="val", out=out)


def test_a_runs_own_data_must_be_what_they_were(place, tmp_path):
    table = flowers(tmp_path / "f.csv", 60, leave_out=["price"])
    run = cr.train(table, target="species", out=tmp_path / "run", epochs=1, hidden=[], verbose=False)
    flowers(table, 60, leave_out=["price"], seed=1)
    with pytest.raises(DataError, match="changed since the net was trained"):
        evaluate_net(run.folder, out=tmp_path / "out")


def test_nothing_is_overwritten(place, tmp_path):
    before = contents(place / "digits")
    with pytest.raises(OutputError, match="exists"):
        evaluate_net(place / "digits", out=place / "digits")
    assert contents(place / "digits") == before
    predict_rows(place / "digits", "digits", tmp_path / "out.csv")
    with pytest.raises(OutputError, match="exists; nothing is overwritten"):
        predict_rows(place / "digits", "digits", tmp_path / "out.csv")


def test_a_damaged_net_is_refused(place, tmp_path):
    folder = shutil.copytree(place / "digits", tmp_path / "run")
    data = bytearray((folder / "net.safetensors").read_bytes())
    data[len(data) // 2] ^= 4
    (folder / "net.safetensors").write_bytes(data)
    with pytest.raises(FileFormatError, match=r"net\.safetensors"):
        predict_rows(folder, "digits", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
