"""NumPy's files: equal bytes for equal input, agreement with NumPy, and nothing hostile that gets through."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from chainrule.core import npz
from chainrule.core.errors import ArrayTypeError, DataError, FileFormatError

ARRAYS = {"loss": np.arange(5.0), "steps": np.arange(3), "names": np.array(["a", "bcä"]), "one": np.array(2.5, "f4")}


def npy(descr="<f8", shape="(2,)", payload=bytes(16), fortran="False", version=b"\x01\x00", extra=""):
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, {extra}}}\n".encode("latin-1")
    size = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
    return b"\x93NUMPY" + version + size + text + payload


def read(data, **options):
    return npz.read_npy(io.BytesIO(data), len(data), "here", **options)


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return path


def rewrite(path, data):
    """Write a file anew: to shorten an existing one makes some file systems wait for the disk."""
    path.unlink()
    path.write_bytes(data)


def assert_same(found, wanted):
    assert list(found) == list(wanted)
    for name, array in wanted.items():
        array = np.asarray(array)
        assert found[name].dtype == array.dtype.newbyteorder("=")
        assert found[name].shape == array.shape
        assert found[name].tolist() == array.tolist() or array.dtype.kind in "fc"
        if array.dtype.kind in "fc":
            assert np.array_equal(found[name], array, equal_nan=True)


DTYPES = [
    st_np.boolean_dtypes(),
    st_np.integer_dtypes(endianness="?"),
    st_np.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    st_np.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    st_np.byte_string_dtypes(endianness="?", max_len=5),
    st_np.unicode_string_dtypes(endianness="?", max_len=5),
]
ANY = st_np.arrays(st.one_of(DTYPES), st_np.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("npz")


@settings(max_examples=60, deadline=None)
@given(ANY, st.booleans())
def test_round_trips_and_numpy_agrees(folder, array, turned):
    array = array.T if turned else array
    arrays = {"x": array, "y z": np.arange(2)}
    npz.save_npz(folder / "own.npz", arrays)
    assert_same(npz.load_npz(folder / "own.npz"), arrays)
    with np.load(folder / "own.npz") as theirs:
        assert_same(dict(theirs), arrays)
    for save in (np.savez, np.savez_compressed):
        save(folder / "theirs.npz", x=array)
        assert_same(npz.load_npz(folder / "theirs.npz"), {"x": array})
    stream = io.BytesIO()
    np.save(stream, array)
    assert_same({"x": read(stream.getvalue())}, {"x": array})


def test_equal_input_gives_equal_bytes_on_any_day(tmp_path):
    npz.save_npz(tmp_path / "one", ARRAYS)
    npz.save_npz(tmp_path / "two", {name: array.copy() for name, array in ARRAYS.items()})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with zipfile.ZipFile(tmp_path / "one") as made:
        assert {member.date_time for member in made.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_version_of_the_header_and_fortran_order_are_read(rng):
    x = rng.standard_normal((3, 4))
    for version in ((1, 0), (2, 0), (3, 0)):
        stream = io.BytesIO()
        np.lib.format.write_array(stream, np.asfortranarray(x), version=version)
        found = read(stream.getvalue())
        assert np.array_equal(found, x)
        assert found.flags.f_contiguous


@pytest.mark.parametrize(
    ("array", "match"),
    [
        (np.array([None]), "is object"),
        (np.zeros(2, "M8[s]"), "is datetime64"),
        (np.zeros(2, "i4,f4"), "must hold numbers"),
        ([1.0, 2.0], "is a list"),
        (np.ma.masked_array([1.0], [True]), "MaskedArray"),
        (np.zeros(2, np.longdouble), "must hold numbers"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, array, match):
    with pytest.raises(ArrayTypeError, match=match):
        npz.save_npz(tmp_path / "x.npz", {"x": array})
    with pytest.raises(ArrayTypeError, match="cannot name an array"):
        npz.save_npz(tmp_path / "x.npz", {1: np.zeros(2)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("P1.30")
@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "does not start"),
        (b"\x93NUMPY\x09\x00", "does not start"),
        (npy(shape="(4294967296,)", payload=b""), "needs 34359738368 bytes, but 0"),
        (npy(shape="(-2,)"), "describes no array"),
        (npy(shape="(2, 3)"), "needs 48 bytes, but 16"),
        (npy(payload=bytes(17)), "but 17 are there"),
        (npy(payload=bytes(15)), "but 15 are there"),
        (npy(shape="(0, 99999999999999999)", payload=b""), "no array has shape"),
        (npy(shape="(" + "1," * 40 + ")", payload=bytes(8)), "no array has shape"),
        (npy("|O"), "never Python objects"),
        (npy("<M8[s]"), "only numbers"),
        (npy("|V8"), "only numbers"),
        (npy("|S0", "(1099511627776,)", b""), "only numbers"),
        (npy("<f16", "(1,)"), "only numbers"),
        (npy("<f8', 'x': '"), "describes no array"),
        (npy(fortran="__import__('os')"), "describes no array"),
        (npy(extra="'a': 1"), "describes no array"),
        (npy(shape="(" * 5000), "describes no array"),
        (npy(shape="(" + "9" * 6000 + ",)"), "is no shape"),
        (npy(shape="(1 2)"), "is no shape"),
        (npy(shape="(2,,)"), "is no shape"),
        (npy(shape="(,)"), "is no shape"),
        (npy(version=b"\x02\x00", extra=" " * 20_000), "too long"),
        (npy("|b1", "(2,)", b"\1\2"), "other bytes than 0 and 1"),
        (npy("<U1", "(1,)", b"\xff" * 4), "a character that does not exist"),
        (npy()[:30], "too long|describes no array"),
    ],
)
def test_hostile_arrays_are_refused_with_the_class_asked_for(data, match):
    with pytest.raises(DataError, match=match) as caught:
        read(data, error=DataError)
    assert "here" in str(caught.value)


@pytest.mark.promise("P1.30")
def test_a_stream_shorter_than_its_size_is_refused():
    with pytest.raises(FileFormatError, match="8 of 16 bytes"):
        npz.read_npy(io.BytesIO(npy()[:-8]), len(npy()), "here")


def hostile_archives(path):
    """(file, what the error says) of archives that are damaged, or meant to do harm."""
    good = npy()
    yield archive(path / "text", {"x.txt": b""}), "no .npy"
    yield archive(path / "object", {"x.npy": npy("|O")}), "never Python objects"
    yield (
        archive(path / "bomb", {"x.npy": npy("|u1", "(200000000,)", bytes(200_000_000))}, zipfile.ZIP_DEFLATED),
        "would grow",
    )
    yield archive(path / "lzma", {"x.npy": good}, zipfile.ZIP_LZMA), "compressed in a way"
    whole = archive(path / "whole", {"x.npy": good}).read_bytes()
    for name, data, match in [
        ("crc", whole.replace(good, good[:-1] + b"\1"), "CRC"),
        ("encrypted", whole.replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0"), "encrypted"),
        ("renamed", whole.replace(b"x.npy", b"y.npy", 1), "differ"),
        ("short", whole[:-1], "no .npz"),
        ("empty", b"", "no .npz"),
        ("plain", good, "no .npz"),
    ]:
        assert data != whole
        (path / name).write_bytes(data)
        yield path / name, match
    claimed = len(good).to_bytes(4, "little") * 2
    (path / "claims").write_bytes(whole.replace(claimed, (1 << 30).to_bytes(4, "little") * 2))
    yield path / "claims", "claim 1073741824"


@pytest.mark.promise("P1.31")
def test_hostile_archives_are_refused(tmp_path):
    count = 0
    for path, match in hostile_archives(tmp_path):
        with pytest.raises(FileFormatError, match=match) as caught:
            npz.load_npz(path)
        assert str(path) in str(caught.value)
        count += 1
    assert count == 11
    with pytest.raises(DataError, match="no such file"):
        npz.load_npz(tmp_path / "absent", error=DataError)


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "twice", "w") as out:
        out.writestr("x.npy", npy())
        with pytest.warns(UserWarning, match="Duplicate"):
            out.writestr("x.npy", npy())
    with pytest.raises(FileFormatError, match="there twice"):
        npz.load_npz(tmp_path / "twice")


@pytest.mark.promise("P1.31")
def test_damage_gives_the_same_arrays_or_one_kind_of_error(tmp_path, rng):
    for compress in (np.savez, np.savez_compressed):
        path = tmp_path / "x.npz"
        compress(path, **ARRAYS)
        whole = path.read_bytes()
        for length in range(0, len(whole), 3):
            rewrite(path, whole[:length])
            with pytest.raises(FileFormatError):
                npz.load_npz(path)
        refused = 0
        for _ in range(1500):
            damaged = bytearray(whole)
            for position in rng.integers(0, len(whole), rng.integers(1, 4)):
                damaged[position] = rng.integers(0, 256)
            rewrite(path, damaged)
            try:
                npz.load_npz(path)
            except FileFormatError:
                refused += 1
        assert refused > 700
