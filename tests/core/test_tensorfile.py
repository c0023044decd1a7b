"""Tensor files: read by safetensors too, equal bytes for equal input, and no damage that goes unseen."""

import hashlib
import json

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from chainrule.core import tensorfile
from chainrule.core.errors import ArrayError, ArrayTypeError, FileFormatError, OutputError, SettingError

SMALL = {"W1": np.arange(6, dtype="f4").reshape(2, 3), "on": np.array([True, False])}
META = {"kind": "net", "note": "ä"}


def assert_equal(found, wanted):
    assert list(found) == sorted(wanted)
    for name, array in wanted.items():
        array = np.asarray(array)
        assert found[name].dtype == array.dtype.newbyteorder("=")
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.astype(array.dtype.newbyteorder("="), order="C").tobytes()


def rewrite(path, data):
    """Write a file anew: to shorten an existing one makes some file systems wait for the disk."""
    path.unlink()
    path.write_bytes(data)


def raw_file(table, payload=b"", tail=b""):
    """A file with any header, whatever it says."""
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return len(text).to_bytes(8, "little") + text + payload + tail


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


ARRAYS = st.sampled_from(sorted(tensorfile.CODES, key=str)).flatmap(
    lambda dtype: st_np.arrays(
        st.sampled_from([dtype, dtype.newbyteorder(">")]),
        st_np.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8).filter(lambda name: name != "__metadata__")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tensors")


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(NAMES, ARRAYS, max_size=4), st.dictionaries(st.text(), VALUES, max_size=3))
def test_round_trip_and_safetensors_agrees(folder, tensors, meta):
    path = folder / "any"
    tensorfile.write(path, tensors, meta)
    found, found_meta = tensorfile.read(path)
    assert_equal(found, tensors)
    assert repr(found_meta) == repr(meta)  # NaN equals itself here
    assert_equal(dict(sorted(safetensors.numpy.load_file(path).items())), tensors)
    assert all(array.flags.writeable for array in found.values())


def test_memory_layouts_are_written_right(tmp_path):
    base = np.arange(24.0).reshape(4, 6)
    read_only = base.copy()
    read_only.flags.writeable = False
    layouts = {
        "fortran": np.asfortranarray(base), "turned": base.T, "steps": base[::2, ::-3], "big": base.astype(">f8"),
        "view": np.broadcast_to(base[0], (3, 6)), "read_only": read_only, "scalar": np.float32(3), "none": base[:0],
    }  # fmt: skip
    tensorfile.write(tmp_path / "t", layouts, {})
    assert_equal(tensorfile.read(tmp_path / "t")[0], layouts)
    assert np.array_equal(safetensors.numpy.load_file(tmp_path / "t")["turned"], base.T)


def test_equal_input_gives_equal_bytes(tmp_path):
    tensors = {"b": np.ones(3, "u1"), "a": np.eye(2), "c": np.arange(4.0, dtype="f4")}
    tensorfile.write(tmp_path / "one", tensors, META)
    tensorfile.write(tmp_path / "two", {name: tensors[name].copy(order="F") for name in "cab"}, META)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_metadata_that_looks_like_the_digest(tmp_path):
    meta = {"zeros": "0" * 64, "none": tensorfile.NO_DIGEST, "sha256": "f" * 64}
    tensorfile.write(tmp_path / "t", SMALL, meta)
    assert tensorfile.read(tmp_path / "t")[1] == meta


@pytest.mark.parametrize(
    ("tensors", "match"),
    [
        ({"x": np.array([None])}, "'x' is object"),
        ({"x": np.zeros(2, "f2")}, "'x' is float16"),
        ({"x": np.zeros(2, "c16")}, "'x' is complex128"),
        ({"x": np.array(["a"])}, "'x' is <U1"),
        ({"x": np.zeros(2, "M8[s]")}, "'x' is datetime64"),
        ({"x": [1.0]}, "'x' is a list"),
        ({"x": np.ma.masked_array([1.0], [True])}, "MaskedArray"),
        ({"__metadata__": np.zeros(1)}, "cannot name a tensor"),
        ({"a\nb": np.zeros(1)}, "cannot name a tensor"),
        ({"\udc80": np.zeros(1)}, "cannot name a tensor"),
        ({1: np.zeros(1)}, "cannot name a tensor"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path, tensors, match):
    with pytest.raises(ArrayTypeError, match=match):
        tensorfile.write(tmp_path / "t", tensors, {})
    with pytest.raises(ArrayError, match="broadcast view"):
        tensorfile.write(tmp_path / "t", {"x": np.broadcast_to(np.float32(0), (1 << 40,))}, {})
    with pytest.raises(SettingError, match="JSON"):
        tensorfile.write(tmp_path / "t", {}, {"x": object()})
    with pytest.raises(OutputError, match="does not exist"):
        tensorfile.write(tmp_path / "absent" / "t", {}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.promise("P2.6")
def test_every_changed_byte_and_every_truncation_is_seen(tmp_path, rng):
    path = tmp_path / "t"
    tensorfile.write(path, SMALL, META)
    whole = path.read_bytes()
    for position in range(len(whole)):
        for change in {1, 128, 32, int(rng.integers(1, 256))}:
            damaged = bytearray(whole)
            damaged[position] ^= change
            rewrite(path, damaged)
            with pytest.raises(FileFormatError):
                tensorfile.read(path)
    for length in range(len(whole)):
        rewrite(path, whole[:length])
        with pytest.raises(FileFormatError, match="t"):
            tensorfile.read(path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(FileFormatError, match="cut short or damaged"):
        tensorfile.read(path)
    path.write_bytes(whole)
    assert_equal(tensorfile.read(path)[0], SMALL)


@pytest.mark.promise("P2.6")
@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "has 0 bytes"),
        (b"PK\x03\x04" + b"x" * 100, "no safetensors file"),
        (raw_file(b"[1]"), "no table of tensors"),
        (raw_file(b"[" * 100_000), "nested"),
        (raw_file(b"{" + b'"a":' * 9), "line 1"),
        (raw_file({"__metadata__": []}), "no table of texts"),
        (raw_file({"__metadata__": {"a": 1}}), "no table of texts"),
        (raw_file({"x": 1}), "'x' has no dtype"),
        (raw_file({"x": entry() | {"more": 1}}, bytes(8)), "'x' has no dtype"),
        (raw_file({"x": entry("F16", (4,))}, bytes(8)), "'x' is 'F16'"),
        (raw_file({"x": entry(["F32"])}, bytes(8)), "this library reads"),
        (raw_file({"x": entry(shape=(-2,))}, bytes(8)), "'x' has shape"),
        (raw_file({"x": entry(shape=(2.0,))}, bytes(8)), "'x' has shape"),
        (raw_file({"x": entry(shape=(True, 2))}, bytes(8)), "'x' has shape"),
        (raw_file({"x": entry(offsets=(8, 0))}, bytes(8)), "offsets"),
        (raw_file({"x": entry(offsets=(0,))}, bytes(8)), "offsets"),
        (raw_file({"x": entry(offsets=(1, 9))}, bytes(9)), "starts at byte 1"),
        (raw_file({"x": entry(), "y": entry(offsets=(4, 12))}, bytes(12)), "starts at byte 4"),
        (raw_file({"x": entry()}, bytes(9)), "need 8 bytes, but 9"),
        (raw_file({"x": entry(shape=(1 << 40,), offsets=(0, 1 << 42))}, bytes(8)), "but 8 are there"),
        (raw_file({"x": entry(shape=(1 << 40,))}, bytes(8)), "needs 4398046511104 bytes"),
        (raw_file({"x": entry(shape=(0, 1 << 62), offsets=(0, 0))}), "no array has shape"),
        (raw_file({"x": entry(shape=(1,) * 65, offsets=(0, 4))}, bytes(4)), "no array has shape"),
        (raw_file({"x": entry("BOOL", (2,), (0, 2))}, b"\1\2"), "other bytes than 0 and 1"),
        (raw_file(b'{"x": 1, "x": 2}'), "twice"),
    ],
)
def test_hostile_files_are_refused(tmp_path, data, match):
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(FileFormatError, match=match) as caught:
        tensorfile.read(tmp_path / "t", require_meta=False)
    assert str(tmp_path / "t") in str(caught.value)


def test_foreign_and_newer_files(tmp_path):
    path = tmp_path / "t"
    safetensors.numpy.save_file(SMALL, path, metadata={"format": "pt"})
    with pytest.raises(FileFormatError, match="not written by Chainrule"):
        tensorfile.read(path)
    tensors, meta = tensorfile.read(path, require_meta=False)
    assert_equal(tensors, SMALL)
    assert meta == {"format": "pt"}
    safetensors.numpy.save_file(SMALL, path)
    assert tensorfile.read(path, require_meta=False)[1] == {}
    own = {"format": "chainrule", "version": 2, "sha256": "0" * 64, "meta": {}}
    for change, match in [
        ({}, "newer Chainrule.*version 2.*up to 1"),
        ({"version": 0}, "damaged"),
        ({"version": True}, "damaged"),
        ({"version": 1, "sha256": "F" * 64}, "damaged"),
        ({"version": 1, "meta": []}, "damaged"),
        ({"version": 1, "format": "other"}, "damaged"),
        ({"version": 1}, "SHA-256"),
    ]:
        safetensors.numpy.save_file(SMALL, path, metadata={"chainrule": json.dumps(own | change)})
        with pytest.raises(FileFormatError, match=match):
            tensorfile.read(path, require_meta=False)


def test_missing_extra_and_misshaped_tensors_are_named():
    wanted = {"W1": ((2, 3), "float32"), "on": ((2,), bool)}
    tensorfile.expect(SMALL, wanted, "net.safetensors")
    for change, match in [
        ({"b1": ((3,), "f4")}, r"net\.safetensors: tensor 'b1': found nothing, expected \(3,\) float32"),
        ({"W1": ((3, 2), "f4")}, r"'W1': found \(2, 3\) float32, expected \(3, 2\) float32"),
        ({"W1": ((2, 3), "f8")}, r"'W1': found \(2, 3\) float32, expected \(2, 3\) float64"),
    ]:
        with pytest.raises(FileFormatError, match=match):
            tensorfile.expect(SMALL, wanted | change, "net.safetensors")
    with pytest.raises(FileFormatError, match=r"'on': found \(2,\) bool, expected no such tensor"):
        tensorfile.expect(SMALL, {"W1": wanted["W1"]}, "net.safetensors")


def test_the_digest_is_what_the_module_says(tmp_path):
    tensorfile.write(tmp_path / "t", SMALL, META)
    whole = (tmp_path / "t").read_bytes()
    length = int.from_bytes(whole[:8], "little")
    digest = json.loads(json.loads(whole[8 : 8 + length])["__metadata__"]["chainrule"])["sha256"]
    assert hashlib.sha256(whole.replace(digest.encode(), b"0" * 64)).hexdigest() == digest
    assert (8 + length) % 8 == 0
