"""load_data: arrays, dicts, files; targets; and a sentence for everything that is wrong."""

import subprocess
import sys

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, DataError, SettingError
from chainrule.datasets import Dataset, load_data

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.arange(40) % 4


def parts(**changes):
    return {"X_train": X, "y_train": Y, "X_val": X[:5], "y_val": Y[:5], "X_test": X[:6], "y_test": Y[:6]} | changes


def test_a_pair_is_split():
    data = load_data((X, Y))
    assert [len(data[key]) for key in data] == [32, 32, 4, 4, 4, 4]
    for part in ("train", "val", "test"):
        for row, label in zip(data[f"X_{part}"], data[f"y_{part}"]):
            at = np.flatnonzero((row == X).all(axis=1))
            assert Y[at] == [label]
    assert not np.shares_memory(data.X_train, X)
    assert not np.array_equal(load_data((X, Y), split_seed=1).X_train, data.X_train)


def test_a_dict_passes_through_uncopied_and_never_centred():
    data = load_data(parts(X_train=X.astype(np.uint8), X_val=X[:5].astype(np.uint8)))
    assert data.input_transform().is_empty
    given = parts()
    data = load_data(given)
    assert all(data[key] is given[key] for key in data)
    assert data.input_transform().is_empty
    assert data.classes == ("0", "1", "2", "3")
    assert load_data({"X_train": X, "y_train": Y}).keys() == ("X_train", "y_train")
    assert load_data(data) is data


def test_targets():
    assert load_data((X, Y + 5)).classes == ("5", "6", "7", "8")
    assert load_data((X, Y * 1.0)).classes == ("0", "1", "2", "3")
    assert load_data((X, Y > 1)).classes == ("False", "True")
    names = np.array(["b", "a", "c", "a"])[Y]
    texts = load_data((X, names))
    assert texts.classes == ("a", "b", "c")
    assert load_data((X, names.tolist())).classes == ("a", "b", "c")
    assert load_data((X, np.array([10, 9, 100, 1])[Y])).classes == ("1", "9", "10", "100")
    real = load_data((X, X[:, 0]))
    assert (real.classes, real.y_train.shape, real.num_classes) == ((), (32, 1), 1)
    assert load_data((X, X[:, :2])).num_classes == 2
    assert load_data((X, Y), task="regression").y_train.shape == (32, 1)
    assert load_data(parts(), task="regression").y_val.dtype == np.float64
    assert load_data(parts(y_train=names, y_val=names[:5], y_test=names[:6])).classes == ("a", "b", "c")
    many = np.arange(40)
    with pytest.raises(DataError, match="task='regression', or task='classification'"):
        load_data((X, many))
    assert len(load_data((X, many), task="classification").classes) == 40


def test_images_in_a_pair_are_images():
    images = RNG.integers(0, 256, (30, 4, 5), dtype=np.uint8)
    data = load_data((images, np.arange(30) % 3))
    assert data.image_shape == (4, 5)
    assert data.input_transform().scale.shape == ()


@pytest.mark.promise("P5.data")
@pytest.mark.parametrize(
    "form",
    [
        lambda a: a.tolist(),
        np.asfortranarray,
        lambda a: a[::-1][::-1],
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a.astype(a.dtype.newbyteorder(">")),
        lambda a: np.lib.stride_tricks.as_strided(a, writeable=False),
    ],
)
def test_every_form_of_the_same_arrays_gives_the_same(form):
    plain, other = load_data((X, Y)), load_data((form(X), form(Y)))
    for key in plain:
        np.testing.assert_array_equal(plain[key], other[key])
    plain, other = load_data(parts()), load_data({key: form(array) for key, array in parts().items()})
    for key in plain:
        np.testing.assert_array_equal(plain[key], other[key])


@pytest.mark.promise("P5.data")
@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        (None, ArrayTypeError, "NoneType"),
        (3, ArrayTypeError, "int"),
        (X, ArrayTypeError, "ndarray"),
        ((X, Y, Y), ArrayTypeError, "3 things"),
        ((X, Y[:-1]), ArrayError, "39"),
        ((Y, X), ArrayError, r"\(y, X\)"),
        ((X[:, 0], Y), ArrayError, "shape"),
        ((X.astype(object), Y), ArrayTypeError, "object"),
        ((X.astype(complex), Y), ArrayTypeError, "complex"),
        ((X.astype(str), Y), ArrayTypeError, "codes"),
        ((np.ma.masked_array(X), Y), ArrayTypeError, "masked"),
        ((np.where(X > 2, np.nan, X), Y), ArrayError, "NaN"),
        ((np.where(X > 2, np.inf, X), Y), ArrayError, "infinite"),
        ((X, np.where(Y > 2, np.nan, Y)), ArrayError, "NaN"),
        ((X, np.eye(4, dtype=int)[Y]), ArrayError, "argmax"),
        ((X, np.eye(4)[Y]), ArrayError, "argmax"),
        ((X, Y[:, None]), ArrayError, "ravel"),
        ((X, None), ArrayTypeError, "NoneType"),
        ((X, np.array(3)), ArrayError, "shape"),
        ((X[:2], Y[:2]), DataError, "2 rows"),
        ((X[:0], Y[:0]), ArrayError, "shape"),
        ((np.broadcast_to(1.0, (1 << 40, 3)), Y), ArrayError, "broadcast"),
        ((X, np.broadcast_to(1, 1 << 40)), ArrayError, "broadcast"),
        ({}, ArrayError, "X_train and y_train"),
        (parts(X_trian=X), SettingError, "X_train"),
        (parts(y_train=Y - 1), ArrayError, "-1"),
        (parts(y_val=np.array([0, 1, 2, 3, 10**6])), ArrayError, "1000000"),
        (parts(y_train=Y[:-1]), ArrayError, "40 rows but y_train has shape .39,"),
        (parts(X_val=X[:5].T), ArrayError, "X_val"),
        (parts(y_train=np.eye(4, dtype=int)[Y]), ArrayError, "argmax"),
        (parts(X_test=None), ArrayTypeError, "X_test"),
        ("digit", SettingError, "digits"),
        ("nowhere.csv", DataError, "nowhere.csv"),
        ("nowhere.npz", DataError, "nowhere.npz"),
        (".", DataError, "folder"),
    ],
)
def test_what_is_no_data_gets_a_sentence(source, error, words):
    with pytest.raises(error, match=words):
        load_data(source)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": "x"}, "target= has no meaning"),
        ({"impute": 1}, "impute= has no meaning"),
        ({"task": "classfication"}, "classification"),
        ({"split_seed": "0"}, "split_seed"),
        ({"num_train": 33}, "1 to 32"),
    ],
)
def test_options_without_meaning(options, words):
    with pytest.raises(SettingError, match=words):
        load_data((X, Y), **options)
    with pytest.raises(SettingError, match="there is no X_val"):
        load_data({"X_train": X, "y_train": Y}, num_val=1)


def test_real_targets_are_not_labels():
    with pytest.raises(DataError, match="whole numbers"):
        load_data((X, X[:, 0]), task="classification")
    with pytest.raises(DataError, match="texts"):
        load_data((X, Y.astype(str)), task="regression")


def test_npz_and_npy(tmp_path):
    np.savez(tmp_path / "split.npz", **parts())
    data = load_data(tmp_path / "split.npz")
    np.testing.assert_array_equal(data.X_val, X[:5])
    assert not data.input_transform().is_empty
    np.savez(tmp_path / "pair.npz", X=X, y=Y, other=Y[::-1])
    np.testing.assert_array_equal(load_data(tmp_path / "pair.npz").X_train, load_data((X, Y)).X_train)
    assert load_data(str(tmp_path / "pair.npz"), target="other").target == "other"
    np.savez(tmp_path / "columns.npz", a=X[:, 0], b=np.array(["u", "v"])[Y % 2], y=Y)
    table = load_data(tmp_path / "columns.npz", target="y")
    assert [column.name for column in table.columns] == ["a", "b"]
    assert table.input_dim == 3
    np.save(tmp_path / "table.npy", np.column_stack([X, Y]))
    assert load_data(tmp_path / "table.npy", target=3).classes == load_data(tmp_path / "table.npy", target=-1).classes
    fields = np.array([(1.5, i % 2) for i in range(20)], dtype=[("f", "f8"), ("t", "i8")])
    np.save(tmp_path / "fields.npy", fields)
    assert load_data(tmp_path / "fields.npy", target="t").classes == ("0", "1")
    for path, words in (("columns", "target=NAME"), ("pair", None)):
        if words:
            with pytest.raises(SettingError, match=words):
                load_data(tmp_path / f"{path}.npz")
    np.savez(tmp_path / "odd.npz", a=X, b=Y)
    with pytest.raises(DataError, match="expected X and y"):
        load_data(tmp_path / "odd.npz", target="b")
    np.save(tmp_path / "cube.npy", np.zeros((2, 2, 2)))
    with pytest.raises(DataError, match="must hold a table"):
        load_data(tmp_path / "cube.npy")


def test_importing_is_quick():
    code = (
        "import sys, chainrule.datasets, chainrule.datasets.catalogue;"
        "heavy = {'sklearn', 'polars', 'pandas', 'pooch', 'tqdm', 'matplotlib', 'pyarrow', 'requests'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert isinstance(load_data(), Dataset)
