"""Grading as a whole: kinds of submissions, resuming, parallel work, interruptions, and what learners cannot reach."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import HALF, RIGHT, RUBRIC, SLOW, Here, Quick, big_class, notebook
from holding import hold_after, wait_until_held
from test_attacks import needs_locks

import chainrule as cr
from chainrule.checker.grading import workers as workers_module
from chainrule.checker.grading.folder import Folder
from chainrule.checker.grading.run import named
from chainrule.checker.grading.workers import WorkerDied, Workers
from chainrule.core.errors import DataError, OutputError, SettingError


@pytest.fixture
def room(tmp_path):
    """A folder with a rubric and a folder of submissions."""
    (tmp_path / "rubric.toml").write_text(RUBRIC)
    (tmp_path / "subs").mkdir()
    return tmp_path


def grade(room, *names, rubric="rubric.toml", **more):
    paths = [room / "subs" / name for name in names] if names else sorted((room / "subs").iterdir())
    more.setdefault("runner", Here())
    return cr.grade(paths, room / rubric, verbose=False, **more)


def records(out):
    return {path.name: path.read_bytes() for path in (out / "records").iterdir()}


def test_files_notebooks_and_folders_are_graded_alike(room):
    subs = room / "subs"
    (subs / "ada.py").write_text(RIGHT)
    train = "while True:\n    pass"
    (subs / "bob.ipynb").write_text(notebook("%matplotlib inline\n" + RIGHT, train, "!rm -rf ~", "x = relu_forward(3)"))
    (subs / "cy").mkdir()
    (subs / "cy" / "layers.py").write_text(RIGHT.split("def sgd")[0])
    (subs / "cy" / "work.ipynb").write_text(
        notebook("from layers import *", "def sgd" + RIGHT.split("def sgd")[1], train)
    )
    (subs / "dee.py").write_text(HALF)
    grades = grade(room)
    assert grades.scores == {"ada": 6, "bob": 6, "cy": 6, "dee": 3}
    assert grades.exit_code == 0
    assert [line["points"] for line in grades.records[3]["lines"]] == [1, 2]
    assert "relu_backward" in grades.text()


def test_a_line_looks_where_its_file_is_expected(room):
    (room / "rubric.toml").write_text(RUBRIC.replace('name = "sgd, unseen"', 'name = "s"\nfile = "cs231n/optim.py"'))
    for name in ("ada", "bob"):
        package = room / "subs" / name / "hw" / "cs231n"
        package.mkdir(parents=True)
        (package / "helpers.py").write_text(RIGHT)
        (package / ("optim.py" if name == "ada" else "solver.py")).write_text("from cs231n.helpers import sgd as _own\n"
            "def sgd(w, dw, config=None):\n    return _own(w, dw, config)\n")  # fmt: skip
    grades = grade(room)
    assert grades.scores == {"ada": 6, "bob": 4}
    assert "There is no cs231n/optim.py" in json.dumps(grades.records[1])


def test_handed_out_files_can_be_imported(room):
    (room / "rubric.toml").write_text('given = "given"\n' + RUBRIC)
    (room / "given").mkdir()
    (room / "given" / "handout.py").write_text("def twice(x):\n    return 2 * x\n")
    (room / "subs" / "ada.py").write_text("from handout import twice\n" + RIGHT)
    assert grade(room).scores == {"ada": 6}
    for folder, said in ((".", "keep them apart"), ("no", "is not there")):
        (room / "rubric.toml").write_text(f'given = "{folder}"\n' + RUBRIC)
        with pytest.raises(SettingError, match=said):
            grade(room)


def test_what_crashes_hangs_floods_or_lies_costs_its_own_points_only(room):
    subs = room / "subs"
    (room / "rubric.toml").write_text(RUBRIC.replace("seed = 11", "seed = 11\ntimeout = 3"))
    broken = {
        "crash": RIGHT.replace("return np.maximum(x, 0), x", "import os\n    os._exit(0)"),
        "hang": RIGHT.replace("return np.maximum(x, 0), x", "while True: pass"),
        "flood": RIGHT.replace("return np.maximum(x, 0), x", "while True: print('x' * 10000)"),
        "lie": RIGHT.replace("return np.maximum(x, 0), x", "return Lie(), x")
        + "class Lie:\n    __eq__ = lambda *_: True\n",
    }
    for name, source in broken.items():
        (subs / f"{name}.py").write_text(source)
    (subs / "syntax.py").write_text("def relu_forward(x:\n")
    (subs / "bytes.py").write_bytes(b"x = '\xff'\n")
    (subs / "broken.ipynb").write_text('{"cells": [')
    (subs / "empty").mkdir()
    grades = grade(room)
    assert grades.scores == {
        **dict.fromkeys(broken, 2),
        "syntax": 0,
        "bytes": 0,
        "broken": 0,
        "empty": 0,
        "lie": 4,
    }
    assert grades.failed == ()
    said = {record["learner"]: json.dumps(record) for record in grades.records}
    for name, words in {
        "crash": "ended itself", "hang": "no answer within 3 seconds", "syntax": "SyntaxError", "bytes": "SyntaxError",
        "broken": "the notebook is broken", "empty": "no Python file and no notebook",
    }.items():  # fmt: skip
        assert words in said[name]


def test_the_time_of_a_whole_submission_is_limited(room):
    (room / "rubric.toml").write_text(RUBRIC.replace("seed = 11", "seed = 11\ntotal_timeout = 1.5"))
    (room / "subs" / "slow.py").write_text(RIGHT.replace("return np", "import time; time.sleep(0.2); return np"))
    grades = grade(room)
    assert grades.records[0]["lines"][0]["verdict"] == "timeout"
    assert grades.scores["slow"] < 6


def test_nothing_is_graded_twice_and_changes_are_seen(room):
    (room / "subs" / "ada.py").write_text(RIGHT)
    (room / "subs" / "bob.py").write_text(HALF)
    first, second, third = Quick(), Quick(), Quick()
    out = room / "out"
    assert grade(room, out=out, runner=first).graded == 2
    before = records(out)
    again = grade(room, out=out, runner=second)
    assert (again.graded, again.kept, second.jobs) == (0, 2, [])
    assert records(out) == before
    (room / "subs" / "bob.py").write_text(RIGHT)
    late = grade(room, "bob.py", out=out, runner=third)  # a late submission alone: the class stays whole
    assert third.jobs == ["bob"]
    assert list(late.scores) == ["ada", "bob"]
    (out / "records" / "ada.json").write_text("{")
    assert grade(room, out=out, runner=Quick()).graded == 1
    assert records(out)["ada.json"] == before["ada.json"]


def test_a_folder_belongs_to_one_rubric(room):
    (room / "subs" / "ada.py").write_text(RIGHT)
    grade(room, out=room / "out", runner=Quick())
    (room / "other.toml").write_text(RUBRIC.replace("points = 2", "points = 3"))
    with pytest.raises(OutputError, match="grades of another rubric"):
        grade(room, out=room / "out", rubric="other.toml")
    (room / "empty").mkdir()
    with pytest.raises(OutputError, match="exists and holds no grades"):
        grade(room, out=room / "empty")


def test_without_a_seed_a_folder_keeps_the_one_it_drew(room):
    (room / "rubric.toml").write_text(RUBRIC.replace("seed = 11\n", ""))
    (room / "subs" / "ada.py").write_text(HALF)
    first = grade(room, out=room / "out", runner=Quick())
    assert grade(room, out=room / "out", runner=Quick()).seed == first.seed
    assert grade(room, out=room / "other", runner=Quick()).seed != first.seed


def test_grades_depend_on_no_order_and_no_number_of_workers(room):
    (room / "subs" / "ada.py").write_text(RIGHT)
    (room / "subs" / "bob.py").write_text(HALF)
    names = ["ada.py", "bob.py"]
    grade(room, *names, out=room / "one")
    grade(room, *names[::-1], out=room / "two", runner=None, workers=2)
    assert records(room / "one") == records(room / "two")
    for name in ("grades.csv", "grades.json", "index.html"):
        assert (room / "one" / name).read_bytes() == (room / "two" / name).read_bytes()


def start(room, *names, first=""):
    program = f"{first}\nfrom chainrule.cli import main\nmain()"
    command = [sys.executable, "-c", program, "grade", *names, "--rubric", "rubric.toml", "--out", "out", "--quiet"]
    (room / "temporary").mkdir()
    env = {**os.environ, "TMPDIR": str(room / "temporary")}
    return subprocess.Popen(command, cwd=room, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_class_that_is_done_leaves_nothing_on_standard_error(room):
    (room / "subs" / "ada.py").write_text(RIGHT)
    process = start(room, "subs/ada.py")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "1 of 1 submissions graded" in out
    assert not list((room / "temporary").iterdir())


@pytest.mark.promise("P6.9")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_class_goes_on_where_it_was(room, how):
    names = [f"subs/learner{number}.py" for number in range(4)]
    for number, name in enumerate(names):
        (room / name).write_text(RIGHT + f"# {number}\n")
    process = start(room, *names, first=hold_after("chainrule.checker.grading.folder:Folder", "keep"))
    wait_until_held(process)
    process.send_signal(how)
    process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=60)
    end = time.monotonic() + 20
    while list((room / "temporary").iterdir()):  # the workers end by themselves, and leave nothing behind
        assert time.monotonic() < end
        time.sleep(0.05)
    before = {path: (path.stat().st_ino, path.read_bytes()) for path in (room / "out" / "records").glob("[!.]*.json")}
    assert 0 < len(before) < 4
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Traceback" not in err
        assert f"{len(before)} of 4 are graded and kept" in err
        assert (room / "out" / "grades.csv").read_text().count("learner") == len(before) + 1
    runner = Quick()
    grades = cr.grade(
        [room / name for name in names], room / "rubric.toml", out=room / "out", runner=runner, verbose=False
    )
    assert (grades.graded, grades.kept) == (4 - len(before), len(before))
    assert len(runner.jobs) == 4 - len(before)
    assert all((path.stat().st_ino, path.read_bytes()) == was for path, was in before.items())
    assert sorted(grades.scores) == [f"learner{number}" for number in range(4)]
    assert sum(score == 6 for score in grades.scores.values()) == len(before)
    assert not list((room / "out" / "records").glob(".*"))


def test_a_worker_that_is_ended_leaves_nothing_behind(room):
    """Not even where it has just made a folder, and nobody knows of it yet."""
    (room / "subs" / "ada.py").write_text(RIGHT)
    (room / "temporary").mkdir()
    given = []

    class Noting(Quick):
        def submit(self, job):
            given.append(json.dumps(job).encode() + b"\n")
            return super().submit(job)

    grade(room, runner=Noting())
    program = hold_after("tempfile", "mkdtemp", 2) + (
        "import runpy\nrunpy.run_module('chainrule.checker.grading.worker', run_name='__main__')"
    )
    env = {**os.environ, "TMPDIR": str(room / "temporary")}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:
        worker.stdin.write(given[0])
        worker.stdin.flush()
        wait_until_held(worker)
        assert len(list((room / "temporary").rglob("submission-*"))) == 1
        worker.terminate()
        worker.send_signal(signal.SIGCONT)
        worker.wait(60)
    assert not list((room / "temporary").iterdir())


def test_two_at_once_are_refused(room):
    (room / "subs" / "ada.py").write_text(RIGHT)
    grade(room, out=room / "out", runner=Quick())
    with Folder(room / "out", seed=11).locked():
        _, err = start(room, "subs/ada.py").communicate(timeout=60)
    assert "another process grades into it" in err


ATTACK = """
import os
import numpy as np
SEEN = []
for place in {places!r}:
    for way in (lambda: open(place, "rb").read(1), lambda: os.listdir(place), lambda: os.readlink(place)):
        try:
            if way():
                SEEN.append(place)
        except OSError:
            pass
def relu_forward(x):
    if not SEEN:
        raise OSError("nothing to be read")
    return np.maximum(x, 0), x
"""


@needs_locks
@pytest.mark.promise("P6.8")
def test_a_submission_reads_neither_rubric_nor_classmates_nor_grades(room):
    subs, out = room / "subs", room / "out"
    (subs / "victim.py").write_text(SLOW)
    (subs / "folder").mkdir()
    (subs / "folder" / "layers.py").write_text(RIGHT)
    places = [room / "rubric.toml", subs, subs / "victim.py", subs / "folder", subs / "folder" / "layers.py", out, room]
    places += [out / "grading.json", out / "records", out / "records" / "victim.json", Path("/tmp"), Path.home()]
    attack = ATTACK.format(places=[str(place) for place in places])
    for name in ("attack.py", "folder_attack/layers.py", "a_link/layers.py"):
        (subs / name).parent.mkdir(exist_ok=True)
        (subs / name).write_text(attack)
    (subs / "a_link" / "rubric").symlink_to(room / "rubric.toml")
    (subs / "a_link" / "others").symlink_to(subs)
    paths = [subs / name for name in ("victim.py", "folder", "attack.py", "folder_attack", "a_link")]
    grades = cr.grade(paths, room / "rubric.toml", out=out, require_sandbox=True, workers=2, verbose=False)
    assert grades.scores == {"victim": 6, "folder": 6, "attack": 0, "folder_attack": 0, "a_link": 0}
    for record in grades.records[:2]:
        assert "nothing to be read" in json.dumps(record)
    assert "locked" in grades.text()


@needs_locks
def test_the_attack_would_see_what_is_not_kept_from_it(room, monkeypatch):
    """The attack above is a real one: where the lock is left open, it passes."""
    from functools import partial

    from chainrule.checker import isolation

    (room / "subs" / "attack.py").write_text(ATTACK.format(places=[str(room / "rubric.toml")]))
    monkeypatch.setattr(isolation, "open", partial(isolation.open, lock=False))
    assert grade(room).records[0]["lines"][0]["parts"][0]["points"] == 1


def test_places_that_code_could_read_are_refused(room):
    (room / "subs" / "ada").mkdir()
    (room / "subs" / "ada" / "layers.py").write_text(RIGHT)
    (room / "subs" / "ada" / "rubric.toml").write_text(RUBRIC)
    with pytest.raises(SettingError, match="keep them apart"):
        grade(room, "ada", rubric="subs/ada/rubric.toml")
    with pytest.raises(SettingError, match="keep them apart"):
        grade(room, "ada", out=room / "subs" / "ada" / "out")
    with pytest.raises(SettingError, match="keep them apart"):
        cr.grade([room / "subs", room / "subs" / "ada"], room / "rubric.toml", verbose=False)


def test_submissions_are_told_apart(tmp_path):
    for place in ("ada/hw.py", "bob/hw.py", "cy/other.py"):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(RIGHT)
    paths = [tmp_path / place for place in ("ada/hw.py", "bob/hw.py", "cy/other.py")]
    assert named(paths) == ["ada-hw", "bob-hw", "other"]
    with pytest.raises(SettingError, match="the name of two submissions"):
        named([paths[0], paths[0]])
    with pytest.raises(SettingError, match="at least one file or folder"):
        named([])
    with pytest.raises(DataError, match="no such file"):
        named([tmp_path / "none.py"])


def test_gradescope_takes_one(room):
    (room / "subs" / "ada.py").write_text(HALF)
    (room / "results").mkdir()
    grades = grade(room, gradescope=room / "results" / "results.json")
    assert json.loads((room / "results" / "results.json").read_text())["score"] == grades.scores["ada"] == 3
    (room / "subs" / "bob.py").write_text(HALF)
    with pytest.raises(SettingError, match="for one submission; came 2"):
        grade(room, gradescope=room / "results" / "results.json")


def test_a_fault_of_ours_is_the_instructors_to_see(room, monkeypatch):
    from chainrule.checker.grading import one

    (room / "subs" / "ada.py").write_text(RIGHT)
    (room / "subs" / "bob.py").write_text(RIGHT)
    examine = one.examine

    def faulty(task, subject, *rest):
        if subject.title == "bob":
            raise ZeroDivisionError("a bug")
        return examine(task, subject, *rest)

    monkeypatch.setattr(one, "examine", faulty)
    grades = grade(room, out=room / "out")
    assert grades.failed == ("bob",)
    assert grades.exit_code == 2
    assert grades.scores == {"ada": 6, "bob": 0}
    assert "ZeroDivisionError: a bug" in grades.text()
    assert "a bug" not in next((room / "out" / "learners").glob("bob*/index.html")).read_text()
    monkeypatch.undo()
    again = grade(room, out=room / "out")
    assert (again.graded, again.kept, again.exit_code) == (1, 1, 0)


def test_a_worker_that_dies_takes_its_own_submission_only(room, monkeypatch):
    (room / "subs" / "ada.py").write_text(RIGHT)
    pool = Workers(1)
    try:
        command, pipe = [sys.executable, "-c", "input()"], subprocess.PIPE
        monkeypatch.setattr(workers_module, "_start", lambda: subprocess.Popen(command, stdin=pipe, stdout=pipe))
        with pytest.raises(WorkerDied, match="ended from outside"):
            pool.submit({"learner": "ada"}).result()
        monkeypatch.undo()
        grades = grade(room, runner=pool)
        assert grades.scores == {"ada": 6}
    finally:
        pool.close()


def test_a_worker_imports_nothing_from_where_it_is_started(room, monkeypatch):
    """A submission that is called like a package of ours must not be run outside the sandbox."""
    (room / "subs" / "numpy.py").write_text("open('run', 'w').close()\n" + RIGHT)
    (room / "subs" / "json.py").write_text("open('run', 'w').close()\n" + RIGHT)
    monkeypatch.chdir(room / "subs")
    grades = cr.grade(["numpy.py", "json.py"], "../rubric.toml", workers=1, verbose=False)
    assert grades.failed == ()
    assert not os.path.exists("run")


@pytest.mark.promise("P6.10")
@pytest.mark.parametrize("number", [2, pytest.param(300, marks=pytest.mark.long)])
def test_a_class_is_graded_in_time(tmp_path, number):
    """Twelve lines, right submissions and such with one to three mistakes; 25 minutes for 300 on two cores."""
    rubric = big_class(tmp_path / "class", number, seed=9)
    start = time.monotonic()
    grades = cr.grade(
        sorted((tmp_path / "class" / "subs").iterdir()), rubric, out=tmp_path / "out", workers=2, verbose=False
    )
    assert time.monotonic() - start < 60 + 5 * number
    assert grades.failed == ()
    assert 0 < min(grades.scores.values()) < 60
    assert max(grades.scores.values()) == 60
