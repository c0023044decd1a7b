"""Tables: CSV and Parquet, categories, what is missing, what is wrong; new rows read as the old ones."""

import sys

import numpy as np
import pytest

from chainrule.core.errors import DataError, MissingExtraError, SettingError
from chainrule.datasets import load_data, read_rows, tables
from chainrule.nets.input import Input

HEAD = "age,city,size,bought"
CITIES = ("Bonn", "Paris", "Rome")


def line(i):
    return f"{20 + i},{CITIES[i % 3]},{i * 0.5},{'yes' if i % 2 else 'no'}"


def csv(path, lines, head=HEAD):
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path):
    return csv(tmp_path / "shop.csv", [line(i) for i in range(60)])


def test_a_table_is_coded_and_standardized(table):
    data = load_data(table, target="bought")
    assert data.classes == ("no", "yes")
    assert [(c.name, c.categories) for c in data.columns] == [("age", None), ("city", CITIES), ("size", None)]
    assert (data.input_dim, data.target, data.name) == (5, "bought", "shop.csv")
    assert [len(data[key]) for key in ("X_train", "X_val", "X_test")] == [48, 6, 6]
    transform = data.input_transform()
    out = transform.apply(data.X_train, "float64")
    assert out.shape == (48, 5)
    np.testing.assert_allclose(out[:, [0, 4]].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(out[:, [0, 4]].std(axis=0), 1, rtol=1e-12)
    np.testing.assert_array_equal(out[:, 1:4].sum(axis=1), 1)
    for row, label in zip(data.X_train, data.y_train):
        i = int(row[0]) - 20
        assert (row[1], row[2], label) == (i % 3, i * 0.5, i % 2)
    np.testing.assert_array_equal(transform.center[1:4], 0)
    np.testing.assert_array_equal(transform.scale[1:4], 1)


def test_parquet_gives_the_same_as_csv(table, tmp_path):
    pl = pytest.importorskip("polars")
    pl.read_csv(table).with_columns(pl.col("city").cast(pl.Categorical)).write_parquet(tmp_path / "shop.parquet")
    first, second = load_data(table, target="bought"), load_data(tmp_path / "shop.parquet", target="bought")
    for key in first:
        np.testing.assert_array_equal(first[key], second[key])
    assert (first.columns, first.classes) == (second.columns, second.classes)
    new, y = read_rows(tmp_path / "shop.parquet", second.input_transform())
    np.testing.assert_array_equal(new, read_rows(table, first.input_transform())[0])
    assert y.tolist() == [i % 2 for i in range(60)]


def test_parquet_kinds(tmp_path):
    pl = pytest.importorskip("polars")
    path = tmp_path / "kinds.parquet"
    frame = pl.DataFrame({"flag": [True, False] * 6, "n": [1, None, 3] * 4, "y": ["a", "b"] * 6})
    frame.write_parquet(path)
    data = load_data(path, target="y", impute=0)
    assert set(data.X_train[:, 0]) == {0, 1}
    assert set(data.X_train[:, 1]) <= {0, 1, 3}
    frame.with_columns(pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 12)).alias("when")).write_parquet(path)
    with pytest.raises(DataError, match="'when' holds Date"):
        load_data(path, target="y")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="damaged"):
        load_data(path, target="y")
    frame.clear().write_parquet(path)
    with pytest.raises(DataError, match="no row"):
        load_data(path, target="y")


def test_parquet_without_polars_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match=r'pip install "chainrule\[tables\]"'):
        load_data(tmp_path / "a.parquet", target="y")
    assert load_data(csv(tmp_path / "a.csv", [line(i) for i in range(20)]), target="bought").classes == ("no", "yes")


def test_late_texts_late_numbers_and_many_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "CHUNK", 7)
    lines = [f"{i},{i % 3},{'' if i == 5 else i}" for i in range(30)]
    lines[25] = "25,x,25"
    read = tables.read_csv(csv(tmp_path / "a.csv", lines, "a,b,c"))
    np.testing.assert_array_equal(read["a"], np.arange(30.0))
    assert read["b"].tolist() == [str(i % 3) if i != 25 else "x" for i in range(30)]
    assert np.isnan(read["c"][5])
    assert list(read) == ["a", "b", "c"]
    assert tables.read_csv(tmp_path / "a.csv", texts=["a"])["a"].tolist() == [str(i) for i in range(30)]


def test_quotes_blank_lines_marks_and_spaces(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfname , n\r\n"a, b", 1\r\n\r\n"c ""d""",2e1\r\n')
    read = tables.read_csv(path)
    assert read["name"].tolist() == ["a, b", 'c "d"']
    np.testing.assert_array_equal(read["n"], [1, 20])


@pytest.mark.promise("P5.data")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("a,b\n", "no row"),
        ("a,a\n1,2\n", "'a' comes twice"),
        ("a,,b\n1,2,3\n", "column 2 has no name"),
        ("a,b\n1,2\n1\n", "line 3: 1 cells, but the header has 2"),
        ("a,b\n1,2,3\n", "line 2: 3 cells"),
        ('a,b\n1,"2\n', "no CSV"),
        ("a,b\n1,2\n" + "x" * 200_000 + ",1\n", "no CSV"),
        (b"a,b\n\xff\xfe,1\n", "UTF-8"),
        (b"PAR1\x00\xff\x80", "UTF-8"),
    ],
)
def test_files_that_are_no_tables(text, words, tmp_path):
    path = tmp_path / "odd.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError, match=rf"odd\.csv.*{words}"):
        load_data(path, target="b")


@pytest.mark.promise("P5.data")
def test_columns_that_cannot_be_used(tmp_path):
    rows = range(60)
    with pytest.raises(SettingError, match="target=NAME, one of age, city, size, bought"):
        load_data(csv(tmp_path / "a.csv", map(line, rows)))
    with pytest.raises(SettingError, match="Did you mean 'bought'"):
        load_data(tmp_path / "a.csv", target="bougth")
    with pytest.raises(DataError, match="60 different texts in 60 rows, such as 'id0'"):
        load_data(csv(tmp_path / "b.csv", [f"id{i},{i % 2}" for i in rows], "id,y"), target="y")
    with pytest.raises(DataError, match="'a' is infinite in 1 rows"):
        load_data(csv(tmp_path / "c.csv", [f"{'inf' if i == 7 else i},{i % 2}" for i in rows], "a,y"), target="y")
    with pytest.raises(DataError, match="no column to predict it from"):
        load_data(csv(tmp_path / "d.csv", [f"{i % 2}" for i in rows], "y"), target="y")
    with pytest.raises(DataError, match="target 'y' is missing in 2 of 60 rows"):
        load_data(csv(tmp_path / "e.csv", [f"{i},{'' if i > 57 else i % 2}" for i in rows], "a,y"), target="y")


@pytest.fixture
def gaps(tmp_path):
    """Numbers missing in every tenth row, a city in one row."""
    lines = []
    for i in range(60):
        age, city, size, bought = line(i).split(",")
        lines.append(",".join([age, "NA" if i == 9 else city, "" if i % 10 == 3 else size, bought]))
    return csv(tmp_path / "gaps.csv", lines)


def test_missing_values_are_refused_with_an_offer(gaps):
    with pytest.raises(DataError) as caught:
        load_data(gaps, target="bought")
    for part in ("'city' in 1", "'size' in 6", "60 rows", 'impute="mean", "median", "most_frequent" or a number'):
        assert part in str(caught.value)


@pytest.mark.parametrize("impute", ["mean", "median", "most_frequent", -1, 2.5])
def test_imputing_is_measured_on_the_training_rows(impute, gaps):
    data = load_data(gaps, target="bought", impute=impute)
    rows = np.concatenate([data[f"X_{part}"] for part in ("train", "val", "test")])
    numbers = rows[:, 0].astype(int) - 20
    gone = numbers % 10 == 3
    np.testing.assert_array_equal(rows[~gone, 2], numbers[~gone] * 0.5)
    train = data.X_train[(data.X_train[:, 0] - 20) % 10 != 3]
    known = train[:, 2]
    wanted = {"mean": known.mean(), "median": np.median(known), "most_frequent": known.min()}.get(impute, impute)
    np.testing.assert_allclose(rows[gone, 2], wanted, rtol=1e-13)
    cities = train[train[:, 0] != 29, 1]
    trained = data.X_train[data.X_train[:, 0] != 29, 1]
    assert cities.size
    assert rows[numbers == 9, 1] == np.bincount(trained.astype(int)).argmax()


@pytest.mark.parametrize("impute", ["means", True, np.nan, [1], np.inf])
def test_unknown_ways_to_impute(impute, gaps):
    with pytest.raises(SettingError, match="impute"):
        load_data(gaps, target="bought", impute=impute)


def test_regression_from_a_table(table):
    data = load_data(table, target="size")
    assert (data.classes, data.y_train.shape) == ((), (48, 1))
    assert data.input_dim == 1 + 3 + 2
    assert load_data(table, target="age", task="regression").y_train.dtype == np.float64


def test_new_rows_are_coded_as_the_old_ones(table, tmp_path):
    like = load_data(table, target="bought").input_transform()
    like = Input.restore(like.arrays(), like.describe())  # as a saved net has it
    new = csv(tmp_path / "new.csv", ["3.5,Rome,40", "1,Bonn,41"], "size,city,age")
    X, y = read_rows(new, like)
    np.testing.assert_array_equal(X, [[40, 2, 3.5], [41, 0, 1]])
    assert y is None
    assert like.apply(X, "float32").shape == (2, 5)
    X, y = read_rows(csv(tmp_path / "n.csv", ["30,Paris,1,yes"]), like)
    assert y.tolist() == [1]


def test_digits_as_texts_stay_texts(tmp_path):
    lines = [f"{'x' if i == 0 else i % 3},{i % 2}" for i in range(30)]
    like = load_data(csv(tmp_path / "a.csv", lines, "code,y"), target="y").input_transform()
    assert like.columns[0].categories == ("0", "1", "2", "x")
    X, y = read_rows(csv(tmp_path / "b.csv", ["1,0", "2,1"], "code,y"), like)
    assert (X.tolist(), y.tolist()) == ([[1], [2]], [0, 1])


@pytest.mark.promise("P5.data")
@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("age,city", "1,Rome", "missing: 'size'"),
        ("age,city,size,id", "1,Rome,2,3", "extra: 'id'"),
        ("age,town,size", "1,Rome,2", "missing: 'city'; extra: 'town'"),
        ("age,city,size", "1,Oslo,2", "'city' holds 'Oslo'; the net knows Bonn, Paris, Rome"),
        ("age,city,size", "old,Rome,2", "'age' must hold numbers; found 'old'"),
        ("age,city,size,bought", "1,Rome,2,maybe", "unknown class maybe; the net knows no, yes"),
        ("age,city,size,bought", "1,Rome,2,", "target is missing in 1 of 1"),
        ("age,city,size", "1,,2", "'city' in 1 of 1 rows"),
        ("age,city,size", ",Rome,2", r"'age' in 1 of 1 rows.*impute=\"mean\""),
        ("age,city,size", "1,Rome,inf", "infinite"),
    ],
)
def test_new_rows_that_do_not_fit(head, row, words, table, tmp_path):
    like = load_data(table, target="bought").input_transform()
    with pytest.raises(DataError, match=words):
        read_rows(csv(tmp_path / "new.csv", [row], head), like)


def test_new_rows_with_gaps(table, tmp_path):
    like = load_data(table, target="bought").input_transform()
    new = csv(tmp_path / "new.csv", [",Rome,2", "30,Rome,"], "age,city,size")
    X, _ = read_rows(new, like, impute="mean")
    np.testing.assert_array_equal(X, [[like.center[0], 2, 2], [30, 2, like.center[4]]])
    np.testing.assert_array_equal(read_rows(new, like, impute=7)[0][:, 0], [7, 30])
    with pytest.raises(SettingError, match="means alone"):
        read_rows(new, like, impute="median")


def test_new_rows_of_arrays(tmp_path):
    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2 + 5
    np.savez(tmp_path / "a.npz", X=X, y=y)
    like = load_data(tmp_path / "a.npz").input_transform()
    back, labels = read_rows(tmp_path / "a.npz", like)
    np.testing.assert_array_equal(back, X)
    assert labels.tolist() == (y - 5).tolist()
    np.savez(tmp_path / "b.npz", X=X)
    assert read_rows(tmp_path / "b.npz", like)[1] is None
    numbers = csv(tmp_path / "c.csv", ["1,2,3"], "a,b,c")
    np.testing.assert_array_equal(read_rows(numbers, like)[0], [[1, 2, 3]])
    np.savez(tmp_path / "d.npz", Z=X)
    with pytest.raises(DataError, match="an array X was expected; found Z"):
        read_rows(tmp_path / "d.npz", like)
    with pytest.raises(SettingError, match="kind of file"):
        read_rows(tmp_path / "a.txt", like)
