"""NumPy's files: what they hold, and what must not come out of them."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from chainrule.core.errors import DataError
from chainrule.datasets.numpy_files import read_npy, read_npz


def npy(array, **kwargs) -> bytes:
    out = io.BytesIO()
    np.save(out, array, **kwargs)
    return out.getvalue()


def raw(header: str, data: bytes = b"", version=(1, 0)) -> bytes:
    text = header.encode() + b"\n"
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes(version) + size + text + data


def zipped(members: dict[str, bytes], method=zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def header(descr="'<f8'", shape="(4,)", fortran="False"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array(["a", "bc"]),
        np.array([True, False]),
        np.arange(4, dtype=">i2"),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.float32(3),
    ],
)
def test_honest_arrays_come_back(array, tmp_path):
    np.save(tmp_path / "a.npy", array)
    back = read_npy(tmp_path / "a.npy")
    np.testing.assert_array_equal(back, array)
    assert back.dtype == np.asarray(array).dtype
    back[...] = back  # writable
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", one=array, two=np.zeros(3))
        both = read_npz(tmp_path / "a.npz")
        assert list(both) == ["one", "two"]
        np.testing.assert_array_equal(both["one"], array)


@pytest.mark.promise("P1.8")
@pytest.mark.parametrize(
    "data",
    [
        npy(np.array([{}, print], dtype=object), allow_pickle=True),
        raw(header(shape="(4294967296,)"), bytes(8)),
        raw(header(shape="(1, -4)"), bytes(32)),
        raw(header(shape="(-2, -2)"), bytes(32)),
        raw(header(shape="(0, 99999999999999999999)")),
        raw(header(descr="'|V0'", shape="(1099511627776,)")),
        raw(header(descr="'<U0'", shape="(1099511627776,)")),
        raw(header(descr="[('a', 'O')]", shape="(1,)"), bytes(8)),
        raw(header(shape="(True,)"), bytes(8)),
        raw(header(shape="(4.0,)"), bytes(32)),
        raw(header(shape="4"), bytes(32)),
        raw(header(descr="'nonsense'"), bytes(32)),
        raw(header(descr="__import__('os')"), bytes(32)),
        raw("(" * 9000),
        raw("{" * 200),
        raw("[" * 5000 + "]" * 5000),
        raw("x" * 60_000),
        raw("{}"),
        raw(header(), bytes(32), version=(3, 0)),
        raw(header(), bytes(32), version=(9, 9)),
        raw(header(), bytes(33)),
        raw(header(), bytes(31)),
        b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
        b"\x93NUMPY",
        b"",
        b"PK\x03\x04",
        b"cos\nsystem\n(S'true'\ntR.",
    ],
)
def test_hostile_arrays_are_refused(data, tmp_path):
    (tmp_path / "evil.npy").write_bytes(data)
    (tmp_path / "evil.npz").write_bytes(zipped({"evil.npy": data}))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="evil"):
            read_npy(tmp_path / "evil.npy")
        with pytest.raises(DataError, match="evil"):
            read_npz(tmp_path / "evil.npz")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_reading_takes_one_copy(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(1 << 20))
    np.savez(tmp_path / "a.npz", a=np.ones(1 << 20))
    for read in (lambda: read_npy(tmp_path / "a.npy"), lambda: read_npz(tmp_path / "a.npz")):
        tracemalloc.start()
        try:
            read()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 1.5 * (8 << 20)


def lying_size() -> bytes:
    """A member whose entry in the directory claims a gigabyte."""
    data = bytearray(zipped({"X.npy": npy(np.zeros(4))}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 1 << 30)
    return bytes(data)


@pytest.mark.promise("P1.8")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (b"PK\x05\x06" + bytes(18), "1 to"),
        (zipped({"a.npy": npy(np.zeros(3)), "b.txt": b"x"}), "no .npy array"),
        (zipped({"a.npy": npy(np.zeros(3))})[:-30], "damaged"),
        (zipped({"a.npy": npy(np.zeros(100))}).replace(bytes(16), b"\x01" * 16, 1), "damaged"),
        (zipped({"a.npy": npy(np.zeros(10 << 20))}, zipfile.ZIP_DEFLATED), "claims"),
        (lying_size(), "claims"),
    ],
)
def test_hostile_archives_of_arrays_are_refused(data, words, tmp_path):
    (tmp_path / "evil.npz").write_bytes(data)
    with pytest.raises(DataError, match=rf"evil\.npz.*{words}"):
        read_npz(tmp_path / "evil.npz")


@pytest.mark.promise("P1.8")
def test_every_truncation_of_an_array_is_caught(tmp_path):
    whole = npy(np.arange(10))
    path = tmp_path / "a.npy"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=r"a\.npy"):
            read_npy(path)
