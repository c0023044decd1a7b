"""`cr.knn`: the folder, the figures, which k is chosen by what, and nothing left behind by what fails."""

import json

import numpy as np
import pytest
from run_folders import contents, flowers

import chainrule as cr
from chainrule.core.errors import ChainruleError, DataError, OutputError
from chainrule.neighbors import cross_validate

FILES = {"accuracy.png", "confusion.png", "neighbors.png", "report.html", "result.json", "settings.json"}
SMALL = {"num_train": 300, "num_test": 60, "verbose": False}

ALL = {"num_train": None, "num_test": None}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("knn") / "run"
    return cr.knn("digits", ks=[1, 3, 20], folds=3, out=out, command="chainrule knn ...", **SMALL)


@pytest.fixture(scope="module")
def data():
    return cr.load_data("digits", num_train=300, num_test=60)


def test_the_folder_holds_everything(run):
    assert {path.name for path in run.folder.iterdir()} == FILES
    assert json.loads((run.folder / "result.json").read_text()) == run.result
    settings = json.loads((run.folder / "settings.json").read_text())
    assert settings["kind"] == "knn"
    assert settings["neighbors"]["ks"] == [1, 3, 20]
    assert settings["data"]["load"]["num_train"] == 300


def test_the_figures_are_those_of_the_classifier(run, data):
    model = cr.KNN().fit(data.X_train, data.y_train)
    for row in run.result["table"]:
        assert row["test"] == model.score(data.X_test, data.y_test, row["k"])
        assert row["val"] == model.score(data.X_val, data.y_val, row["k"])
    found = cross_validate(data.X_train, data.y_train, ks=[1, 3, 20], folds=3)
    assert np.array_equal(found.accuracy, run.cross_validation.accuracy)
    assert run.result["k"] == found.best_k == run.model.k
    assert run.result["accuracy"] == run.model.score(data.X_test, data.y_test)
    predicted, confusion = run.model.predict(data.X_test), np.array(run.result["confusion"])
    assert confusion[3, 3] == np.sum((predicted == 3) & (data.y_test == 3))
    assert confusion.sum(axis=1).tolist() == np.bincount(data.y_test, minlength=10).tolist()
    assert np.trace(confusion) / 60 == run.result["accuracy"]


def test_examples_are_right_and_wrong_rows_with_their_neighbours(run, data):
    _, rows = run.model.kneighbors(data.X_test, 8)
    for item in run.result["examples"]:
        assert [near["row"] for near in item["neighbors"]] == rows[item["row"]].tolist()
        assert item["true"] == str(data.y_test[item["row"]])
        assert item["predicted"] == str(run.model.predict(data.X_test[item["row"]][None])[0])
        assert [near["true"] for near in item["neighbors"]] == [str(data.y_train[r]) for r in rows[item["row"]]]
    right = [item["true"] == item["predicted"] for item in run.result["examples"]]
    assert right == sorted(right, reverse=True)
    assert sum(right) == 4


def test_the_page_stands_alone_and_tells_the_figures(run):
    page = (run.folder / "report.html").read_text()
    assert f"{100 * run.result['accuracy']:.1f}\u00a0%" in page
    assert "Example neighbours" in page
    assert "chainrule knn ..." in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")


def test_the_same_call_gives_the_same_bytes(run, tmp_path):
    again = cr.knn("digits", ks=[1, 3, 20], folds=3, out=tmp_path / "again", command="chainrule knn ...", **SMALL)
    for name in FILES - {"result.json"}:
        assert (again.folder / name).read_bytes() == (run.folder / name).read_bytes()


def test_validation_rows_choose_k_and_test_rows_never(tmp_path):
    X = np.arange(40.0)[:, None]
    y = np.repeat([0, 1], 20)
    y[[5, 30]] = [1, 0]  # one odd label in each half
    parts = {"X_train": X, "y_train": y, "X_val": X[[5, 30]] + 0.1, "y_val": [0, 1]}
    parts |= {"X_test": X[[5, 30]] + 0.1, "y_test": [1, 0]}
    found = cr.knn(parts, ks=[1, 3], out=tmp_path / "a", verbose=False)
    assert (found.result["k"], found.result["chosen_by"]) == (3, "the best on the validation rows")
    assert found.result["accuracy"] == 0
    alone = cr.knn(parts, ks=[1], out=tmp_path / "b", verbose=False)
    assert (alone.result["k"], alone.result["accuracy"]) == (1, 1.0)
    assert "neighbors.png" not in {path.name for path in alone.folder.iterdir()}


def test_columns_of_a_table_are_standardized(tmp_path):
    table = flowers(tmp_path / "flowers.csv", leave_out=["price"])
    found = cr.knn(table, target="species", ks=[5], out=tmp_path / "run", verbose=False)
    data = cr.load_data(table, target="species")
    features = data.input_transform()
    model = cr.KNN(5).fit(features.apply(data.X_train, "float64"), data.y_train)
    assert found.result["accuracy"] == model.score(features.apply(data.X_test, "float64"), data.y_test)
    assert found.result["classes"] == ["rose", "tulip"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ks": [0]}, ChainruleError, "k must be.*came 0"),
        ({"ks": [301]}, ChainruleError, "k must be at most 300"),
        ({"ks": [300], "folds": 2}, ChainruleError, "k must be at most 150"),
        ({"folds": 1}, ChainruleError, "folds must be.*came 1"),
        ({"norm": "l9"}, ChainruleError, "unknown norm"),
        ({"weights": "x"}, ChainruleError, "unknown weights"),
        ({"data": (np.ones((30, 2)), np.linspace(0, 1, 30)), **ALL}, DataError, "real numbers"),
        ({"data": {"X_train": np.ones((3, 2)), "y_train": [0, 1, 0]}, **ALL}, DataError, "test or validation rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_leaves_nothing(options, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        cr.knn(**{"data": "digits", "ks": [1], **SMALL, **options})
    assert contents(tmp_path) == {}


def test_nothing_is_overwritten(run):
    before = contents(run.folder)
    with pytest.raises(OutputError, match="exists"):
        cr.knn("digits", out=run.folder, **SMALL)
    assert contents(run.folder) == before


def test_ctrl_c_leaves_nothing(tmp_path, monkeypatch):
    from chainrule.study import neighbors as module

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "write_neighbors", stop)
    with pytest.raises(KeyboardInterrupt):
        cr.knn("digits", ks=[1], out=tmp_path / "run", **SMALL)
    assert contents(tmp_path) == {}
