"""Archives: honest ones are unpacked whole, hostile ones leave nothing behind."""

import functools
import gzip
import io
import os
import tarfile
import threading
import tracemalloc

import pytest

from chainrule.core.errors import DataError, OutputError
from chainrule.datasets.archive import unpack

TOP = "cifar-10-batches-py"
FILES = {"data_batch_1": b"first" * 300, "test_batch": b"test" * 400, "readme.html": b"<html>"}
MEMBERS = {"data_batch_1": (1000, 2000), "test_batch": (1000, 2000), "readme.html": (0, 100)}


def entry(name, data=b"", kind=tarfile.REGTYPE, link="", size=None):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(data) if size is None else size
    return info, data


def tar(*entries, form=tarfile.USTAR_FORMAT, end=True) -> bytes:
    """An uncompressed archive; sizes in headers may lie."""
    out = io.BytesIO()
    for info, data in entries:
        out.write(info.tobuf(form))
        out.write(data + bytes(-len(data) % 512))
    if end:
        out.write(bytes(1024))
    return out.getvalue()


def honest():
    return [entry(TOP, kind=tarfile.DIRTYPE), *(entry(f"{TOP}/{name}", data) for name, data in FILES.items())]


def without(name):
    return [e for e in honest() if not e[0].name.endswith(name)]


@functools.cache
def hostile() -> dict[str, bytes]:
    """Archives, compressed, that must be refused, by what they try."""
    plain = tar(*honest())
    packed = gzip.compress(plain)
    one = entry(f"{TOP}/data_batch_1", FILES["data_batch_1"])

    def more(*entries, **kwargs):
        return gzip.compress(tar(*without("readme.html"), *entries, **kwargs))

    broken = bytearray(plain)
    broken[512 + 140] ^= 1  # in the time of the first file
    negative = bytearray(one[0].tobuf(tarfile.USTAR_FORMAT))
    negative[124:136] = b"-0000000001\0"
    negative[148:156] = b" " * 8
    negative[148:156] = f"{sum(negative):06o}\0 ".encode()
    return {
        "symbolic link": more(entry(f"{TOP}/readme.html", kind=tarfile.SYMTYPE, link="/etc/passwd")),
        "hard link": more(entry(f"{TOP}/readme.html", kind=tarfile.LNKTYPE, link=f"{TOP}/data_batch_1")),
        "folder as a link": gzip.compress(tar(entry(TOP, kind=tarfile.SYMTYPE, link="/tmp"), *honest()[1:])),
        "character device": more(entry(f"{TOP}/readme.html", kind=tarfile.CHRTYPE)),
        "block device": more(entry(f"{TOP}/readme.html", kind=tarfile.BLKTYPE)),
        "pipe": more(entry(f"{TOP}/readme.html", kind=tarfile.FIFOTYPE)),
        "sparse file": more(entry(f"{TOP}/readme.html", b"x", kind=tarfile.GNUTYPE_SPARSE)),
        "folder within": more(entry(f"{TOP}/readme.html", kind=tarfile.DIRTYPE)),
        "absolute name": more(entry("/tmp/readme.html", b"x")),
        "name that climbs": more(entry(f"{TOP}/../readme.html", b"x")),
        "climbing from the start": more(entry("../readme.html", b"x")),
        "another folder": more(entry("elsewhere/readme.html", b"x")),
        "no folder": more(entry("readme.html", b"x")),
        "deeper": more(entry(f"{TOP}/deep/readme.html", b"x")),
        "backslash": more(entry(f"{TOP}/..\\readme.html", b"x")),
        "drive letter": more(entry("C:/readme.html", b"x")),
        "hidden file": more(entry(f"{TOP}/.profile", b"x")),
        "unknown file": gzip.compress(tar(*honest(), entry(f"{TOP}/setup.py", b"x"))),
        "no ASCII": more(entry(f"{TOP}/readm\xe9.html", b"x")),
        "a file twice": gzip.compress(tar(*honest(), one)),
        "a file missing": gzip.compress(tar(*without("test_batch"))),
        "too large": more(entry(f"{TOP}/readme.html", b"x" * 101)),
        "too small": gzip.compress(tar(*without("test_batch"), entry(f"{TOP}/test_batch", b"x"))),
        "claims gigabytes": more(entry(f"{TOP}/readme.html", b"x", size=7 << 30)),
        "long name header": more(entry("././@LongLink", b"x" * 600, kind=tarfile.GNUTYPE_LONGNAME)),
        "extended header": more(entry("pax", b"30 path=/etc/cron.d/evil12345\n", kind=tarfile.XHDTYPE)),
        "extended header with a size": more(entry("pax", b"14 size=99999\n", kind=tarfile.XHDTYPE)),
        "extended header without an end": more(entry("pax", b"99 mtime=1\n", kind=tarfile.XHDTYPE)),
        "global header": more(entry("pax", b"x" * 512, kind=tarfile.XGLTYPE)),
        "extended header of gigabytes": more(entry("pax", bytes(64 << 20), kind=tarfile.XHDTYPE)),
        "bomb in a batch": gzip.compress(tar(*without("test_batch"), entry(f"{TOP}/test_batch", bytes(64 << 20)))),
        "wrong checksum": gzip.compress(bytes(broken)),
        "negative size": gzip.compress(tar(*without("data_batch_1"), end=False) + bytes(negative) + bytes(1024)),
        "truncated packing": packed[: len(packed) // 2],
        "truncated contents": gzip.compress(plain[:1500]),
        "truncated header": gzip.compress(plain[:300]),
        "empty": b"",
        "empty packing": gzip.compress(b""),
        "not packed": plain,
        "zip": b"PK\x03\x04" + plain,
        "damaged packing": packed[:40] + bytes(20) + packed[60:],
        "html": b"<!DOCTYPE html><p>404",
    }


@pytest.mark.promise("P1.6")
def test_an_honest_archive_is_unpacked(tmp_path):
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        entries = honest()
        entries[1][0].mtime = 1.5  # needs an extended header in pax form
        (tmp_path / "a.tar.gz").write_bytes(gzip.compress(tar(*entries, form=form)))
        place = tmp_path / str(form)
        place.mkdir()
        target = unpack(tmp_path / "a.tar.gz", place / TOP, MEMBERS)
        assert {path.name: path.read_bytes() for path in target.iterdir()} == FILES
        assert [path.name for path in place.iterdir()] == [TOP]
        assert not any(os.access(path, os.X_OK) for path in target.iterdir() if os.name != "nt")


@pytest.mark.promise("P1.6")
@pytest.mark.parametrize("attack", hostile())
def test_hostile_archives_are_refused(attack, tmp_path):
    archive, place = tmp_path / "evil.tar.gz", tmp_path / "place"
    place.mkdir()
    data = hostile()[attack]
    archive.write_bytes(data)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"evil\.tar\.gz"):
            unpack(archive, place / TOP, MEMBERS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert list(place.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.tar.gz", "place"]
    assert peak < 2 * len(data) + (2 << 20)  # two blocks and the decompressor's own


@pytest.mark.promise("P1.6")
def test_there_are_twenty_five_of_them():
    assert len(set(hostile().values())) >= 25


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / TOP).mkdir()
    (tmp_path / TOP / "mine").write_text("kept")
    assert unpack(tmp_path / "none.tar.gz", tmp_path / TOP, MEMBERS) == tmp_path / TOP
    assert (tmp_path / TOP / "mine").read_text() == "kept"


def test_two_at_once_give_one_folder(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(tar(*honest())))
    errors = []

    def work():
        try:
            unpack(tmp_path / "a.tar.gz", tmp_path / TOP, MEMBERS)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", TOP]
    assert {path.name: path.read_bytes() for path in (tmp_path / TOP).iterdir()} == FILES


def test_a_missing_archive_and_a_missing_place_are_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.tar\.gz"):
        unpack(tmp_path / "none.tar.gz", tmp_path / TOP, MEMBERS)
    with pytest.raises(OutputError, match="nowhere"):
        unpack(tmp_path / "none.tar.gz", tmp_path / "nowhere" / TOP, MEMBERS)
