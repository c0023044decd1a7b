"""Files are whole or absent, whatever fails; errors name the path and the cause."""

import errno
import os
import subprocess
import sys
import threading
from itertools import count
from pathlib import Path

import pytest
from faults import Faults, fail, outcome, short_write

from chainrule.core import files
from chainrule.core.errors import FileFormatError, OutputError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_bytes_and_functions_are_written(tmp_path):
    files.write_atomically(tmp_path / "a", b"one")
    files.write_atomically(
        str(tmp_path / "b"), lambda stream: [stream.write(b"tw"), stream.write(b""), stream.write(b"o")]
    )
    files.write_atomically(tmp_path / "a", b"")
    assert (tmp_path / "a").read_bytes() == b""
    assert (tmp_path / "b").read_bytes() == b"two"
    assert names(tmp_path) == ["a", "b"]


def test_a_new_file_has_the_usual_permissions_and_a_link_is_followed(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    files.write_atomically(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"x"
    assert (tmp_path / "target").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.promise("P2.1")
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_failure_at_any_call_leaves_the_old_file_and_nothing_else(tmp_path, code):
    path, seen = tmp_path / "file", []
    for n in count(1):
        path.write_bytes(b"old")
        with Faults(n, fail(code)) as faults:
            error = outcome(files.write_atomically, path, b"new contents")
        if error is None:
            assert not faults.reached
            break
        assert error.__cause__.errno == code
        assert str(path) in str(error)
        assert files.CAUSES[code] in str(error)
        renamed = "replace" in faults.calls[: n - 1]
        assert path.read_bytes() == (b"new contents" if renamed else b"old")
        assert names(tmp_path) == ["file"]
        seen.append(faults.calls[n - 1])
    assert seen == ["open", "write", "fsync", "replace", "open", "fsync"]
    assert path.read_bytes() == b"new contents"


def test_a_short_write_is_continued(tmp_path):
    for n in range(1, 7):
        with Faults(n, short_write):
            files.write_atomically(tmp_path / "file", b"contents")
        assert (tmp_path / "file").read_bytes() == b"contents"


def test_a_device_that_takes_nothing_is_an_error(tmp_path):
    with Faults(2, lambda *_: 0), pytest.raises(OutputError, match="input/output"):
        files.write_atomically(tmp_path / "file", b"contents")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, FileFormatError])
def test_what_the_function_raises_goes_through_and_nothing_stays(tmp_path, error):
    def fill(stream):
        stream.write(b"half")
        raise error("stop")

    with pytest.raises(error, match="stop"):
        files.write_atomically(tmp_path / "file", fill)
    assert names(tmp_path) == []


def test_places_that_cannot_be_written_are_named(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    os.mkfifo(tmp_path / "pipe")
    for path, match in [
        (tmp_path / "no" / "x", "folder .*no does not exist"),
        (tmp_path / "file" / "x", "a file, where a folder was wanted"),
        (tmp_path, "no ordinary file"),
        (tmp_path / "pipe", "no ordinary file"),
        (Path(os.devnull), "no ordinary file"),
        (tmp_path / ("n" * 300), "name is too long"),
    ]:
        with pytest.raises(OutputError, match=match):
            files.write_atomically(path, b"new")
    for code, match in [(errno.EROFS, "read-only"), (errno.EACCES, "no permission"), (errno.EDQUOT, "quota")]:
        with Faults(1, fail(code)), pytest.raises(OutputError, match=match):
            files.write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert names(tmp_path) == ["file", "pipe"]


def test_a_file_system_without_folder_sync_will_do(tmp_path):
    with Faults(6, fail(errno.EINVAL)) as faults:
        files.write_atomically(tmp_path / "file", b"x")
    assert faults.reached


def test_partials_of_a_killed_process_are_removed(tmp_path):
    (tmp_path / ".a.ckpt.partial-12-00ff").write_bytes(b"")
    (tmp_path / "partial-1").write_bytes(b"")
    files.remove_partials(tmp_path)
    files.remove_partials(tmp_path / "absent")
    assert names(tmp_path) == ["partial-1"]


def test_a_folder_appears_whole(tmp_path):
    with files.new_folder(tmp_path / "runs" / "first") as folder:
        (folder / "settings.json").write_text("{}")
        assert not (tmp_path / "runs" / "first").exists()
    assert names(tmp_path / "runs") == ["first"]
    assert names(tmp_path / "runs" / "first") == ["settings.json"]


def test_an_existing_path_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "dangling"):
        with (
            pytest.raises(OutputError, match=r"nothing is overwritten.*--out.*--resume"),
            files.new_folder(tmp_path / name),
        ):
            pytest.fail("the block must not run")
    assert names(tmp_path) == ["dangling", "file", "folder"]


def test_a_block_that_fails_leaves_no_folder(tmp_path):
    def block():
        with files.new_folder(tmp_path / "run") as folder:
            (folder / "x").write_text("x")
            raise FileExistsError("mine")

    with pytest.raises(FileExistsError, match="mine"):
        block()
    assert names(tmp_path) == []


@pytest.mark.promise("P2.2")
def test_a_new_folder_is_whole_or_absent_at_every_failure(tmp_path):
    for n in count(1):
        path = tmp_path / f"run{n}"
        with Faults(n, fail(errno.EIO)) as faults:
            try:
                with files.new_folder(path) as folder:
                    files.write_atomically(folder / "settings.json", b"{}")
            except OutputError:
                assert faults.reached
            else:
                break
        assert not path.exists() or names(path) == ["settings.json"]
    assert n == 13
    assert not [name for name in names(tmp_path) if name.startswith(".")]


def test_the_quicker_of_two_gets_the_name(tmp_path):
    def race(path, filled):
        with files.new_folder(path) as slow:
            (slow / "who").write_text("slow")
            with files.new_folder(path) as quick:
                if filled:
                    (quick / "who").write_text("quick")

    for filled in (True, False):
        with pytest.raises(OutputError, match="exists"):
            race(tmp_path / f"run{filled}", filled)
    assert (tmp_path / "runTrue" / "who").read_text() == "quick"
    assert names(tmp_path) == ["runFalse", "runTrue"]


@pytest.mark.promise("P2.2")
def test_many_that_race_for_one_name_give_one_winner(tmp_path):
    for race in range(20):
        gate, outcomes = threading.Barrier(4), []

        def run(who, path, gate=gate, outcomes=outcomes):
            gate.wait()
            try:
                with files.new_folder(path) as folder:
                    (folder / "who").write_text(who)
                outcomes.append(who)
            except OutputError:
                outcomes.append(None)

        path = tmp_path / str(race)
        threads = [threading.Thread(target=run, args=(str(i), path)) for i in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        winners = [who for who in outcomes if who]
        assert len(outcomes) == 4
        assert winners == [(path / "who").read_text()]
    assert len(names(tmp_path)) == 20


def test_processes_that_race_for_one_name_give_one_winner(tmp_path):
    code = (
        "import sys; from chainrule.core import files\n"
        "with files.new_folder(sys.argv[1]) as folder:\n"
        "    print('in', flush=True); input(); files.write_atomically(folder / 'who', sys.argv[2].encode())\n"
    )
    racers = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path / "run", who], stdin=-1, stdout=-1, stderr=-1, text=True)
        for who in "ab"
    ]
    assert [racer.stdout.readline() for racer in racers] == ["in\n", "in\n"]
    for racer in racers:
        racer.stdin.write("\n")
        racer.stdin.flush()
    errors = [racer.communicate()[1] for racer in racers]
    codes = [racer.returncode for racer in racers]
    assert sorted(codes) == [0, 1]
    assert "OutputError" in errors[codes.index(1)]
    assert (tmp_path / "run" / "who").read_text() == "ab"[codes.index(0)]
    assert names(tmp_path) == ["run"]


def test_free_names_carry_the_time_and_do_not_collide(tmp_path, monkeypatch):
    monkeypatch.setattr(files.time, "strftime", lambda form: "2026-11-21-153012")
    first = files.free_name(tmp_path, "compare digits/x.csv")
    assert first == tmp_path / "2026-11-21-153012-compare-digits-x.csv"
    first.mkdir()
    assert files.free_name(tmp_path, "compare digits/x.csv").name == f"{first.name}-2"
    (tmp_path / f"{first.name}-2").mkdir()
    assert files.free_name(tmp_path, "compare digits/x.csv").name == f"{first.name}-3"
    assert files.free_name(tmp_path / "absent", "../..").name == "2026-11-21-153012"
