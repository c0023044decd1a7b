"""A checkpoint is whole or absent: at every failing call, at every kill, and under damage."""

import errno
import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # also where this file runs as a program of its own

from faults import Faults, fail, kill, leave, outcome, short_write

from chainrule.core.errors import FileFormatError, OutputError, SettingError
from chainrule.training import checkpoints


def state(step, size=50):
    """Tensors and metadata that a step determines."""
    rng = np.random.default_rng(step)
    tensors = {"W1": rng.standard_normal((size, 3)), "b1": rng.standard_normal(3).astype("f4"), "t": np.array(step)}
    return tensors, {"seed": 2**64 - 1 - step, "loss": [0.1 * step, float("inf")]}


def assert_whole(found, size=50):
    """`found` is what was saved; its step."""
    step, tensors, meta = found
    wanted, wanted_meta = state(step, size)
    assert meta == wanted_meta
    assert tensors.keys() == wanted.keys()
    for name, array in wanted.items():
        assert tensors[name].dtype == array.dtype
        assert np.array_equal(tensors[name], array)
    return step


def names(folder):
    return sorted(path.name for path in (folder / "checkpoints").iterdir())


def test_saved_and_found_again(tmp_path):
    assert checkpoints.latest(tmp_path) is None
    for step in (0, 7, 100, 123_456_789):
        path = checkpoints.save(tmp_path, step, *state(step))
        assert path.name == f"step-{step:08d}.ckpt"
        assert assert_whole(checkpoints.latest(tmp_path)) == step
    assert names(tmp_path) == ["step-00000100.ckpt", "step-123456789.ckpt"]
    checkpoints.save(str(tmp_path), 123_456_790, *state(123_456_790), keep=1)
    assert names(tmp_path) == ["step-123456790.ckpt"]
    checkpoints.clear(tmp_path)
    checkpoints.clear(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert checkpoints.latest(tmp_path) is None


def test_equal_states_give_equal_bytes(tmp_path):
    first = checkpoints.save(tmp_path, 3, *state(3)).read_bytes()
    tensors, meta = state(3)
    backwards = dict(reversed(tensors.items()))
    assert checkpoints.save(tmp_path, 3, backwards, meta).read_bytes() == first


@pytest.mark.parametrize(("step", "keep"), [(3, 0), (-1, 2)])
def test_settings_are_checked(tmp_path, step, keep):
    with pytest.raises(SettingError, match=f"keep={keep}, step={step}"):
        checkpoints.save(tmp_path, step, {}, {}, keep=keep)


def test_a_damaged_newer_one_is_skipped_and_the_log_says_so(tmp_path, caplog):
    for step in (1, 2):
        path = checkpoints.save(tmp_path, step, *state(step))
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        assert assert_whole(checkpoints.latest(tmp_path)) == 1
    assert str(path) in caplog.text
    checkpoints.save(tmp_path, 1, *state(1), keep=1)  # resumed before the damaged one: that one goes
    assert names(tmp_path) == ["step-00000001.ckpt"]


def test_where_all_are_damaged_there_is_an_error(tmp_path):
    for step in (1, 2):
        checkpoints.save(tmp_path, step, *state(step)).write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"none of 2 checkpoints.*step-00000002"):
        checkpoints.latest(tmp_path)


def test_a_renamed_file_is_no_checkpoint_of_that_step(tmp_path):
    path = checkpoints.save(tmp_path, 1, *state(1))
    path.rename(path.with_name("step-00000005.ckpt"))
    with pytest.raises(FileFormatError, match=r"of step 1; a checkpoint of step 5 was expected"):
        checkpoints.latest(tmp_path)


def test_other_files_are_left_alone(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "step-notes.ckpt").write_text("mine")
    checkpoints.save(tmp_path, 1, *state(1), keep=1)
    checkpoints.clear(tmp_path)
    assert names(tmp_path) == ["step-notes.ckpt"]


def test_an_absent_folder_is_an_error(tmp_path):
    with pytest.raises(OutputError, match=r"absent does not exist"):
        checkpoints.save(tmp_path / "absent", 1, *state(1))


@pytest.mark.promise("P2.3")
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EACCES])
def test_a_failure_at_any_call_leaves_the_old_or_the_new_one(tmp_path, code):
    failed = set()
    for n in count(1):
        folder = tmp_path / str(n)
        folder.mkdir()
        for step in (1, 2):
            checkpoints.save(folder, step, *state(step))
        with Faults(n, fail(code)) as faults:
            error = outcome(checkpoints.save, folder, 3, *state(3), keep=1)
        assert error is None or "step-00000003" in str(error)
        step = assert_whole(checkpoints.latest(folder))
        assert step == 3 if error is None else step in (2, 3)
        assert not [name for name in names(folder) if "partial" in name]
        if not faults.reached:
            break
        failed.add(faults.calls[n - 1])
        checkpoints.save(folder, 4, *state(4), keep=1)
        assert names(folder) == ["step-00000004.ckpt"]
    assert failed == {"open", "write", "fsync", "replace", "unlink"}
    assert error is None


@pytest.mark.promise("P2.3")
def test_short_writes_lose_nothing(tmp_path):
    for n in count(1):
        with Faults(n, short_write) as faults:
            checkpoints.save(tmp_path, n, *state(n), keep=1)
        assert assert_whole(checkpoints.latest(tmp_path)) == n
        if not faults.reached:
            break
    assert n > 10


def run_program(*arguments):
    """This file as a program of one thread, which may fork."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", __file__, *map(str, arguments)]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


@pytest.mark.promise("P2.4")
@pytest.mark.parametrize("how", ["kill", "leave"])
def test_a_process_that_ends_at_any_call_leaves_the_old_or_the_new_one(tmp_path, how):
    ends = run_program("nth", tmp_path, how)
    assert ends[-1] == 0
    assert set(ends[:-1]) == {-signal.SIGKILL if how == "kill" else 9}
    assert len(ends) > 10
    litter = 0
    for n in range(1, len(ends) + 1):
        folder = tmp_path / str(n)
        assert assert_whole(checkpoints.latest(folder)) in (2, 3)
        litter += sum("partial" in name for name in names(folder))
        checkpoints.save(folder, 4, *state(4), keep=1)
        assert names(folder) == ["step-00000004.ckpt"]
    assert litter >= 3


def random_kills(folder, kills):
    seen = run_program("random", folder, kills)
    assert len(seen) == kills
    assert seen == sorted(seen)
    assert seen[-1] > kills


@pytest.mark.promise("P2.5")
def test_random_kills_lose_nothing(tmp_path):
    random_kills(tmp_path, 40)


@pytest.mark.long
@pytest.mark.promise("P2.5")
def test_a_thousand_random_kills_lose_nothing(tmp_path):
    random_kills(tmp_path, 1000)


def forked(action):
    """Run `action` in a forked child, which ends with status 0 if it gets that far."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    return child


def end_at_every_call(folder, how):
    """The exit statuses of children that end at the first, second, ... call, until one runs clean."""
    ends = []
    for n in count(1):
        place = folder / str(n)
        place.mkdir()
        for step in (1, 2):
            checkpoints.save(place, step, *state(step))

        def action(n=n, place=place):
            with Faults(n, how):
                checkpoints.save(place, 3, *state(3), keep=1)

        ends.append(os.waitstatus_to_exitcode(os.waitpid(forked(action), 0)[1]))
        if ends[-1] == 0:
            break
    return ends


def kill_at_random(folder, kills, size=5000):
    """The newest step after each kill; every step whose `save` had returned must be there."""
    rng, seen, start = random.Random(5), [], 0
    for _ in range(kills):
        reader, writer = os.pipe()

        def action(start=start, writer=writer):
            for step in count(start + 1):
                checkpoints.save(folder, step, *state(step, size))
                os.write(writer, step.to_bytes(8, "little"))

        child = forked(action)
        os.close(writer)
        os.read(reader, 8)  # the first one is there
        time.sleep(rng.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        with open(reader, "rb") as stream:
            returned = stream.read()[-8:]
        start = assert_whole(checkpoints.latest(folder), size)
        assert start >= int.from_bytes(returned, "little")
        seen.append(start)
    return seen


if __name__ == "__main__":
    what, place, argument = sys.argv[1:]
    if what == "nth":
        result = end_at_every_call(Path(place), {"kill": kill, "leave": leave}[argument])
    else:
        result = kill_at_random(Path(place), int(argument))
    print(json.dumps(result))
