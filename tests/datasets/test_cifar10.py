"""CIFAR-10: both layouts, splits, where it is looked for; and the real files, where CHAINRULE_DATA names them."""

import functools
import gzip
import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pooch
import pytest
from batches import PIXELS, batch, images

from chainrule.core.errors import DataError, SettingError
from chainrule.datasets import cifar10, load_data
from chainrule.datasets.batch_file import read_batch
from chainrule.datasets.download import Remote

ROWS = 4  # images of a batch here
SMALL = (18, 2, 4)
PYTHON = replace(
    cifar10.PYTHON, read=functools.partial(read_batch, rows=ROWS), least=ROWS * PIXELS, most=ROWS * PIXELS * 2, md5=()
)
BINARY = replace(
    cifar10.BINARY,
    read=functools.partial(cifar10.read_bin, rows=ROWS),
    least=ROWS * (1 + PIXELS),
    most=ROWS * (1 + PIXELS),
)
real = pytest.mark.skipif(
    cifar10.locate(os.environ.get("CHAINRULE_DATA", os.devnull)) is None, reason="CHAINRULE_DATA names no CIFAR-10"
)


def one(number):
    """Pixels and labels of one batch."""
    return images(ROWS, seed=number)


def fill(folder, layout):
    folder.mkdir(parents=True)
    for number, name in enumerate(layout.files):
        pixels, labels = one(number)
        if layout is BINARY:
            (folder / name).write_bytes(np.column_stack([labels.astype(np.uint8), pixels]).tobytes())
        else:
            old_pixels, old_labels = images(ROWS)
            data = batch(ROWS).replace(old_pixels.tobytes(), pixels.tobytes())
            old, new = (b"".join(b"K" + bytes([int(v)]) for v in values) for values in (old_labels, labels))
            (folder / name).write_bytes(data.replace(old, new))
    return folder


@pytest.fixture
def small(monkeypatch, tmp_path):
    """The module, made for batches of 4 images, with an empty home and no cache."""
    monkeypatch.setattr(cifar10, "PYTHON", PYTHON)
    monkeypatch.setattr(cifar10, "BINARY", BINARY)
    monkeypatch.setattr(cifar10, "LAYOUTS", (PYTHON, BINARY))
    monkeypatch.setattr(cifar10, "SIZES", SMALL)
    monkeypatch.setenv("CHAINRULE_DATA", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize("layout", [PYTHON, BINARY], ids=["python", "binary"])
@pytest.mark.parametrize("above", [True, False])
def test_both_layouts_in_the_official_order(layout, above, small):
    folder = fill(small / layout.folder, layout)
    data = load_data("cifar10", folder=small if above else folder, download=False)
    pixels, labels = map(np.concatenate, zip(*(one(number) for number in range(6))))
    assert data.X_train.shape == (18, 3, 32, 32)
    for name, start, end in (("train", 0, 18), ("val", 18, 20), ("test", 20, 24)):
        np.testing.assert_array_equal(data[f"X_{name}"].reshape(-1, PIXELS), pixels[start:end])
        np.testing.assert_array_equal(data[f"y_{name}"], labels[start:end])
        assert data[f"X_{name}"].dtype == np.uint8
        assert data[f"y_{name}"].dtype == np.int64
    assert data.classes == cifar10.CLASSES
    assert data.image_shape == (3, 32, 32)
    assert (data.input_dim, data.num_classes) == (3072, 10)


def test_the_first_rows_of_each_part(small):
    fill(small / "home" / PYTHON.folder, PYTHON)
    data = load_data("cifar10", num_train=5, num_val=1, num_test=2)
    whole = load_data("cifar10")
    assert [len(data[key]) for key in data] == [5, 5, 1, 1, 2, 2]
    for key in data:
        np.testing.assert_array_equal(data[key], whole[key][: len(data[key])])
        assert data[key].base is None  # the rows left out are not kept in memory
    with pytest.raises(SettingError, match="num_val must be a whole number from 1 to 2"):
        load_data("cifar10", num_val=3)


def test_where_it_is_looked_for(small):
    assert cifar10.locate() is None
    cache = fill(cifar10_cache() / PYTHON.folder, PYTHON)
    assert cifar10.locate() == (cache, PYTHON)
    home = fill(small / "home" / BINARY.folder, BINARY)
    assert cifar10.locate() == (home, BINARY)
    named = fill(small / "named", PYTHON)
    assert cifar10.locate(named) == (named, PYTHON)


def cifar10_cache():
    return Path(pooch.os_cache("chainrule"))


def test_files_are_announced(small):
    folder, seen = fill(small / "batches", PYTHON), []
    cifar10.read_parts(folder, PYTHON, (20, 4), on_file=seen.append)
    assert seen == [folder / name for name in PYTHON.files]


def test_absent_without_download_says_how_to_get_it(small):
    with pytest.raises(DataError) as caught:
        load_data("cifar10", download=False)
    for part in (
        PYTHON.remote.urls[0],
        PYTHON.remote.sha256,
        "170,498,071",
        str(small / "home"),
        "chainrule data fetch",
    ):
        assert part in str(caught.value)


@pytest.mark.promise("P1.2")
@pytest.mark.parametrize("layout", [PYTHON, BINARY], ids=["python", "binary"])
def test_truncated_and_missing_batches_are_named(layout, small):
    folder = fill(small / layout.folder, layout)
    path = folder / layout.files[2]
    whole = path.read_bytes()
    for end in (0, 1, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:end])
        with pytest.raises(DataError, match=rf"{layout.files[2]}: .* bytes expected, {end:,} found"):
            load_data("cifar10", folder=folder)
    path.unlink()
    with pytest.raises(DataError, match=layout.files[2]):
        load_data("cifar10", folder=folder)


def test_binary_labels_are_checked(small):
    folder = fill(small / BINARY.folder, BINARY)
    data = bytearray((folder / "test_batch.bin").read_bytes())
    data[0] = 10
    (folder / "test_batch.bin").write_bytes(data)
    with pytest.raises(DataError, match="a label is 10"):
        load_data("cifar10", folder=folder)


@pytest.mark.parametrize("layout", [PYTHON, BINARY], ids=["python", "binary"])
def test_an_archive_put_in_place_is_verified_and_unpacked(layout, small, monkeypatch):
    source = fill(small / "source" / layout.folder, layout)
    for name in layout.others:
        (source / name).write_text("about")
    home = small / "home"
    home.mkdir()
    path = home / layout.remote.name
    with gzip.open(path, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:  # in pax form
        archive.add(source, layout.folder)
    with pytest.raises(DataError, match="bytes expected"):  # not the official one
        load_data("cifar10", download=False)
    honest = Remote(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest(), ())
    monkeypatch.setattr(cifar10, "LAYOUTS", (replace(layout, remote=honest),))
    data = load_data("cifar10", download=False)
    np.testing.assert_array_equal(data.X_test.reshape(-1, PIXELS), one(5)[0])
    assert sorted(p.name for p in (home / layout.folder).iterdir()) == sorted(layout.members)


def test_official_facts():
    for layout in cifar10.LAYOUTS:
        assert len(layout.members) == 8
        assert len(layout.remote.sha256) == 64
        assert all(url.startswith("https://") and url.endswith(layout.remote.name) for url in layout.remote.urls)
    assert len(cifar10.PYTHON.remote.urls) >= 2


@real
def test_real_splits_and_labels():
    data = load_data("cifar10", download=False)
    assert [len(data[key]) for key in data] == [49000, 49000, 1000, 1000, 10000, 10000]
    assert data.y_train[:10].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert data.y_test[:5].tolist() == [3, 8, 8, 0, 6]
    corners = [0, 0, 1], [0, 1, 0]  # rows and columns of three pixels
    assert data.X_train[0][:, *corners].T.tolist() == [[59, 62, 63], [43, 46, 45], [16, 20, 20]]
    assert data.X_test[0][:, *corners].T.tolist() == [[158, 112, 49], [159, 111, 47], [152, 112, 51]]
    shares = np.bincount(data.y_val) / 1000
    np.testing.assert_allclose(shares, [0.087, 0.119, 0.079, 0.112, 0.078, 0.098, 0.102, 0.107, 0.113, 0.105])
    shares = np.bincount(data.y_test[:1000]) / 1000
    np.testing.assert_allclose(shares, [0.103, 0.089, 0.1, 0.103, 0.09, 0.086, 0.112, 0.102, 0.106, 0.109])


@real
def test_real_input_transform_and_pickle_agree():
    import pickle

    data = load_data("cifar10", download=False)
    transform = data.input_transform()
    np.testing.assert_allclose(transform.center, data.X_train.reshape(49000, -1).mean(axis=0), rtol=1e-12)
    assert transform.scale.shape == ()
    where, layout = cifar10.locate()
    if layout is cifar10.PYTHON:
        with open(where / "data_batch_1", "rb") as stream:
            theirs = pickle.load(stream, encoding="bytes")
        np.testing.assert_array_equal(theirs[b"data"], data.X_train[:10000].reshape(10000, -1))
        assert theirs[b"labels"] == data.y_train[:10000].tolist()


@real
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_real_loading_stays_below_400_MB():
    code = (
        "from chainrule.datasets import load_data; load_data('cifar10', download=False).input_transform();"
        "print(open('/proc/self/status').read())"  # ru_maxrss would count the parent's memory too
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    peak = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("VmHWM"))
    assert int(peak) / 1024 < 400
