"""The input transform: what comes out, what is refused, saving and restoring."""

import json

import numpy as np
import pytest

from chainrule.core.errors import ArrayError, ArrayTypeError, FileFormatError
from chainrule.nets.input import Column, Input

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (6, 2, 3), dtype=np.uint8)
CENTER = RNG.normal(100, 20, 6)
FLOATS = RNG.normal(size=(6, 4))
TABLE = Input(
    center=[10.0, 0, 0, 0, 5.0],
    scale=[2.0, 1, 1, 1, 4.0],
    columns=(Column("age"), Column("city", ("Bonn", "Paris", "Rome")), Column("size")),
    classes=("no", "yes"),
    target="bought",
)
ROWS = np.array([[12.0, 2, 1], [8, 0, 9]])


@pytest.mark.parametrize("dtype", ["float32", "float64", np.float32, np.dtype("float64")])
def test_images_are_flattened_centred_and_scaled(dtype):
    out = Input(center=CENTER, scale=50.0).apply(IMAGES, dtype)
    wanted = (IMAGES.reshape(6, 6).astype(float) - CENTER) / 50
    assert out.dtype == np.dtype(dtype)
    np.testing.assert_allclose(out, wanted, rtol=0, atol=4 * np.finfo(out.dtype).eps * 255 / 50)


def test_bytes_are_computed_in_the_nets_own_dtype():
    wanted = (IMAGES.reshape(6, 6).astype(np.float32) - CENTER.astype(np.float32)) / np.float32(50)
    np.testing.assert_array_equal(Input(center=CENTER, scale=50.0).apply(IMAGES, "float32"), wanted)


def test_large_numbers_keep_their_differences():
    seconds = 1.7e9 + np.arange(8.0)[:, None]
    out = Input(center=[1.7e9], scale=[2.0]).apply(seconds, "float32")
    np.testing.assert_array_equal(out[:, 0], np.arange(8, dtype=np.float32) / 2)


def test_an_empty_transform_flattens_and_casts():
    assert Input().is_empty
    assert Input(classes=("a", "b"), target="t").is_empty
    out = Input().apply(IMAGES, "float32")
    np.testing.assert_array_equal(out, IMAGES.reshape(6, 6).astype(np.float32))
    assert out.dtype == np.float32


def test_tables_become_one_hot_and_standardized():
    np.testing.assert_array_equal(TABLE.apply(ROWS, "float64"), [[1, 0, 0, 1, -1], [-1, 1, 0, 0, 1]])
    assert TABLE.num_features == TABLE.dim_from((3,)) == 5
    assert TABLE.has_categories


def test_nothing_given_is_changed_and_twice_is_the_same():
    for transform, X in ((Input(center=CENTER, scale=3.0), IMAGES), (TABLE, ROWS), (Input(center=np.ones(4)), FLOATS)):
        before = X.copy()
        first = transform.apply(X, "float64")
        np.testing.assert_array_equal(transform.apply(X, "float64"), first)
        np.testing.assert_array_equal(X, before)
    center = np.ones(4)
    transform = Input(center=center)
    center[:] = 7
    np.testing.assert_array_equal(transform.center, np.ones(4))


def test_dim_from():
    assert Input().dim_from((3, 32, 32)) == 3072
    assert Input(center=CENTER).dim_from((2, 3)) == 6
    with pytest.raises(ArrayError, match="5 values but the net was given data with 6"):
        Input(center=CENTER).dim_from((5,))
    with pytest.raises(ArrayError, match=r"4 values .* with 3 \(age, city, size\)"):
        TABLE.dim_from((4,))


@pytest.mark.promise("P5.input")
@pytest.mark.parametrize("transform", [Input(), Input(center=np.ones(4), scale=np.full(4, 2.0)), Input(scale=2.0)])
@pytest.mark.parametrize(
    "form",
    [
        lambda X: X.tolist(),
        lambda X: np.asfortranarray(X),
        lambda X: X[::-1][::-1],
        lambda X: X.astype(">f8"),
        lambda X: np.lib.stride_tricks.as_strided(X, writeable=False),
        lambda X: np.repeat(X, 2, axis=1)[:, ::2],
        lambda X: X.reshape(6, 2, 2),
    ],
)
def test_every_form_of_the_same_numbers_gives_the_same(transform, form):
    np.testing.assert_array_equal(transform.apply(form(FLOATS), "float64"), transform.apply(FLOATS.copy(), "float64"))


@pytest.mark.promise("P5.input")
@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint16, np.float16, np.float32, ">i4", ">f4"])
def test_every_real_dtype_is_cast(dtype):
    X = (np.arange(12).reshape(3, 4) % 2).astype(dtype)
    transform = Input(center=np.full(4, 0.5), scale=np.full(4, 0.5))
    np.testing.assert_array_equal(transform.apply(X, "float32"), X.astype(np.float32) * 2 - 1)
    np.testing.assert_array_equal(Input().apply(X, "float32"), X.astype(np.float32))


@pytest.mark.promise("P5.input")
def test_broadcast_views_and_memory_maps(tmp_path):
    view = np.broadcast_to(np.arange(4.0), (5, 4))
    np.testing.assert_array_equal(Input(center=np.ones(4)).apply(view, "float64"), np.tile(np.arange(4.0) - 1, (5, 1)))
    np.save(tmp_path / "x.npy", FLOATS)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(Input(center=np.ones(4)).apply(mapped, "float64"), FLOATS - 1)


@pytest.mark.promise("P5.input")
@pytest.mark.parametrize("transform", [Input(), Input(center=np.zeros(4)), TABLE])
@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        (FLOATS.astype(object), ArrayTypeError, "object"),
        (np.array([["a"]]), ArrayTypeError, "codes"),
        (FLOATS.astype(complex), ArrayTypeError, "complex"),
        (np.ma.masked_array(FLOATS, FLOATS > 0), ArrayTypeError, "masked"),
        (None, ArrayTypeError, "NoneType"),
        ("text", ArrayTypeError, "str"),
        ([[1, 2], [3]], ArrayTypeError, "equal length"),
        (np.float64(3), ArrayError, "shape"),
        (FLOATS[0], ArrayError, r"X\[None\]"),
        (FLOATS[:0], ArrayError, "rows"),
        (FLOATS[:, :0], ArrayError, "rows"),
        (np.broadcast_to(1.0, (1 << 38, 4)), ArrayError, "broadcast"),
        (np.array(["2020-01-01"], dtype="M8[D]"), ArrayTypeError, "datetime"),
    ],
)
def test_what_is_no_batch_is_refused(transform, X, error, words):
    with pytest.raises(error, match=words):
        transform.apply(X, "float32")


@pytest.mark.promise("P5.input")
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("transform", [Input(), Input(center=np.zeros(4), scale=2.0)])
def test_what_is_not_finite_is_refused_and_found(bad, transform):
    X = FLOATS.copy()
    X[2, 1] = bad
    with pytest.raises(ArrayError, match=r"first at \(2, 1\)"):
        transform.apply(X, "float64")
    with pytest.raises(ArrayError, match="float64"):
        transform.apply(np.full((2, 4), 1e300), "float32")


@pytest.mark.parametrize("code", [-1.0, 3.0, 0.5, np.nan])
def test_codes_of_no_category_are_refused(code):
    with pytest.raises(ArrayError, match="'city'"):
        TABLE.apply(np.array([[1.0, code, 2.0]]), "float32")


@pytest.mark.parametrize(
    "wrong",
    [
        {"center": [[1.0]]},
        {"center": [np.nan]},
        {"scale": 0.0},
        {"scale": [-1.0]},
        {"center": [1.0, 2.0], "scale": [1.0]},
        {"center": [1.0, 2.0], "columns": (Column("one"),)},
    ],
)
def test_parts_that_do_not_fit_are_refused(wrong):
    with pytest.raises(ArrayError):
        Input(**wrong)


@pytest.mark.parametrize("transform", [TABLE, Input(), Input(center=CENTER, scale=2.5), Input(scale=[1.0, 2.0])])
def test_saved_and_restored_it_is_the_same(transform):
    back = Input.restore(transform.arrays(), json.loads(json.dumps(transform.describe())))
    assert back.columns == transform.columns
    assert (back.classes, back.target) == (transform.classes, transform.target)
    assert set(back.arrays()) == set(transform.arrays())
    for name, array in transform.arrays().items():
        np.testing.assert_array_equal(back.arrays()[name], array)
        assert back.arrays()[name].shape == array.shape


GOOD = TABLE.describe()


@pytest.mark.parametrize(
    ("arrays", "description"),
    [
        ({"centre": np.ones(5)}, GOOD),
        ({"center": np.ones(4)}, GOOD),
        ({"center": np.ones(5, dtype=np.float32)}, GOOD),
        ({"center": [1.0] * 5}, GOOD),
        ({"scale": np.zeros(5)}, GOOD),
        ({"scale": np.full(5, np.nan)}, GOOD),
        ({"center": np.ones((5, 1))}, GOOD),
        ({}, None),
        ({}, {}),
        ({}, GOOD | {"extra": 1}),
        ({}, GOOD | {"classes": "yes"}),
        ({}, GOOD | {"classes": ["a", 1]}),
        ({}, GOOD | {"classes": ["a", "a"]}),
        ({}, GOOD | {"target": 3}),
        ({}, GOOD | {"columns": {"name": "a"}}),
        ({}, GOOD | {"columns": [{"name": "a"}]}),
        ({}, GOOD | {"columns": [{"name": 1, "categories": None}]}),
        ({}, GOOD | {"columns": [{"name": "a", "categories": []}]}),
        ({}, GOOD | {"columns": [{"name": "a", "categories": "xyz"}]}),
    ],
)
def test_damaged_descriptions_are_refused(arrays, description):
    with pytest.raises(FileFormatError, match="input transform"):
        Input.restore(arrays, description)


def test_torch_arrays_pass_an_empty_transform():
    torch = pytest.importorskip("torch")
    X = torch.arange(12, dtype=torch.uint8).reshape(2, 2, 3)
    out = Input().apply(X, "float32")
    assert out.dtype == torch.float32
    np.testing.assert_array_equal(out.numpy(), np.arange(12.0).reshape(2, 6))
    with pytest.raises(ArrayTypeError, match="NumPy"):
        Input(scale=2.0).apply(X, "float32")
