"""The batch reader: what every Python wrote, every truncation, hostile files, memory."""

import builtins
import os
import pickle
import tracemalloc

import numpy as np
import pytest
from batches import array_part, batch, hostile, images, names, short
from fuzz_batch_file import fuzz

from chainrule.core.errors import DataError
from chainrule.datasets.batch_file import parse_batch, read_batch

ROWS = 3


def assert_right(found, rows=ROWS):
    pixels, labels = images(rows)
    np.testing.assert_array_equal(found.pixels, pixels)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.pixels.dtype == np.uint8
    assert found.labels.dtype == np.int64


@pytest.mark.promise("P1.1")
def test_reads_the_official_form(tmp_path):
    (tmp_path / "data_batch_1").write_bytes(batch(ROWS))
    assert_right(read_batch(tmp_path / "data_batch_1", rows=ROWS))
    theirs = pickle.loads(batch(ROWS), encoding="bytes")
    np.testing.assert_array_equal(theirs[b"data"], images(ROWS)[0])


@pytest.mark.promise("P1.1")
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("keys", [str, str.encode])
def test_reads_what_python_3_wrote(protocol, keys):
    pixels, labels = images(ROWS)
    content = {
        keys("batch_label"): keys("training batch 1 of 5"),
        keys("labels"): [int(label) for label in labels],
        keys("data"): pixels,
        keys("filenames"): [keys(f"dog_s_{i:06d}.png") for i in range(ROWS)],
    }
    data = pickle.dumps(content, protocol=protocol)
    assert_right(parse_batch(data, rows=ROWS))
    if b"numpy._core" in data and protocol < 4:  # both spellings of NumPy's module
        assert_right(parse_batch(data.replace(b"numpy._core", b"numpy.core"), rows=ROWS))
    assert_right(parse_batch(batch(ROWS).replace(b"numpy.core", b"numpy._core"), rows=ROWS))


def test_extra_entries_are_ignored():
    assert_right(parse_batch(batch(ROWS, extra=short("note") + short("mine")), rows=ROWS))


@pytest.mark.promise("P1.2")
def test_every_truncation_is_caught(tmp_path):
    whole = batch(1)
    path = tmp_path / "data_batch_4"
    for end in range(len(whole)):
        with pytest.raises(DataError) as caught:
            parse_batch(whole[:end], name=str(path), rows=1)
        message = str(caught.value)
        assert "data_batch_4" in message
        assert "expected" in message
        assert f"{end:,} found" in message, message
    path.write_bytes(whole[:-5])
    with pytest.raises(DataError, match=r"data_batch_4: at least .* bytes expected, [\d,]+ found: it is truncated"):
        read_batch(path, rows=1)


@pytest.mark.promise("P1.3")
@pytest.mark.parametrize("attack", hostile(ROWS))
def test_hostile_files_are_refused_and_nothing_is_called(attack, monkeypatch):
    data, called = hostile(ROWS)[attack], []
    with monkeypatch.context() as patch:
        for module, name in [(builtins, "eval"), (builtins, "exec"), (os, "system"), (builtins, "__import__")]:
            patch.setattr(module, name, lambda *args, **kwargs: called.append(args))
        try:
            parse_batch(data, name="evil", rows=ROWS)
            message = ""
        except DataError as error:
            message = str(error)
    assert message.startswith("evil"), "it was accepted"
    assert called == []


@pytest.mark.promise("P1.3")
def test_there_are_sixty_of_them():
    assert len(set(hostile(ROWS).values())) >= 60


@pytest.mark.promise("P1.4")
def test_memory_of_hostile_files_stays_below_twice_the_file(tmp_path):
    rows = 300  # so that what Python itself needs does not count
    path = tmp_path / "evil"
    for attack, data in hostile(rows).items():
        path.write_bytes(data)
        size = len(data)
        del data
        tracemalloc.start()
        try:
            with pytest.raises(DataError):
                read_batch(path, rows=rows)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak <= 2 * size, f"{attack}: {peak / size:.2f} times the file"


def test_a_huge_file_is_not_even_read(tmp_path):
    path = tmp_path / "data_batch_1"
    with open(path, "wb") as stream:
        stream.truncate(1 << 40)
    with pytest.raises(DataError, match="at most"):
        read_batch(path)


def test_missing_files_and_folders_are_named(tmp_path):
    with pytest.raises(DataError, match="data_batch_1: there is no such file"):
        read_batch(tmp_path / "data_batch_1")
    with pytest.raises(DataError, match="no ordinary file"):
        read_batch(tmp_path)


def test_the_message_about_pixels_names_shapes():
    wrong = array_part(images(4)[0])
    with pytest.raises(DataError, match=r"shape \(3, 3072\); found shape \(4, 3072\)"):
        parse_batch(batch(3, array=wrong), rows=3)
    assert names(2).count(b"cat") == 2


@pytest.mark.promise("P1.5")
def test_mutated_files_raise_data_error_alone():
    done, accepted = fuzz(count=20_000, seed=1)
    assert done == 20_000
    assert 0 < accepted < done  # both ends are reached


@pytest.mark.long
@pytest.mark.promise("P1.5")
def test_ten_million_mutated_files():
    for seed in range(100):
        assert fuzz(count=100_000, seed=1000 + seed)[0] == 100_000
