"""A class graded on a cluster: the same grades, on machines that see none of this one's files."""

import pickle
import shutil
from concurrent.futures import Future

import msgspec
import pytest
from classroom import HALF, RIGHT, RUBRIC, Here

import chainrule as cr
from chainrule.checker.grading import cluster, submission
from chainrule.checker.grading.cluster import OnCluster
from chainrule.checker.grading.workers import Workers
from chainrule.core.errors import SettingError
from chainrule.study.executors.base import WorkerLost

MINE = "def triple(x):\n    return 3 * x\n"
USES = "from handout import three\n\ndef triple(x):\n    return three() * x\n" + RIGHT


@pytest.fixture
def room(tmp_path):
    """A class whose rubric names a folder that was handed out, and a reference."""
    for place, text in {
        "rubric.toml": 'given = "handout"\nreference = "mine.py"\n'
        + RUBRIC
        + '\n[[line]]\nfunction = "triple"\npoints = 2\n',
        "mine.py": MINE,
        "handout/handout.py": "def three():\n    return 3\n",
        "subs/ada.py": USES,
        "subs/bob/work.py": HALF,
        "subs/bob/link.py": None,
    }.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text) if text is not None else path.symlink_to("/etc/passwd")
    return tmp_path


def grade(room, **more):
    return cr.grade(sorted((room / "subs").iterdir()), room / "rubric.toml", verbose=False, **more)


class Far:
    """An executor on another machine: what it is given is all that it has."""

    def __init__(self, room):
        self.room, self.closed = room, False

    def submit(self, work, job):
        sent = pickle.dumps((work, job.away(30.0)))
        hidden = self.room.with_name(f"{self.room.name}-away")
        shutil.move(self.room, hidden)
        try:
            work, job = pickle.loads(sent)
            done = Future()
            done.set_result(work(job, {}, lambda: False))
            return done
        finally:
            shutil.move(hidden, self.room)

    def close(self):
        self.closed = True


@pytest.fixture
def one_worker(monkeypatch):
    """The process that grades for this thread, as a worker of a cluster would have it; ended after the test."""
    workers = Workers(1)
    monkeypatch.setattr(cluster._own, "workers", workers, raising=False)
    yield
    workers.close()


def test_a_machine_needs_nothing_but_what_it_is_sent(room, monkeypatch, one_worker):
    here = grade(room, runner=Here())
    assert here.scores == {"ada": 8, "bob": 3}
    made = []
    monkeypatch.setattr(cluster, "executor_of", lambda *given: made.append(Far(room)) or made[0])
    there = grade(room, cluster="local", out=room.with_name("grades"))
    assert there.records == here.records
    assert any("link" in note for note in there.records[1]["notes"])
    assert made[0].closed
    assert grade(room, runner=Here(), out=room.with_name("grades")).kept == 2


def test_a_scheduler_of_dask_grades(room):
    pytest.importorskip("distributed")
    assert grade(room, cluster="local", workers=1).scores == {"ada": 8, "bob": 3}


def test_what_is_packed_comes_out_the_same(room):
    for place in ("subs/ada.py", "subs/bob", "handout"):
        came = submission.read(room / place)
        packed = msgspec.json.decode(msgspec.json.encode(submission.packed(came)))
        assert submission.unpacked(packed) == came


def test_a_submission_whose_workers_die_is_the_instructors_to_see(room, monkeypatch):
    class Dying(Far):
        def submit(self, work, job):
            done = Future()
            done.set_exception(WorkerLost())
            return done

    monkeypatch.setattr(cluster, "executor_of", lambda *given: Dying(room))
    grades = grade(room, cluster="local")
    assert grades.failed == ("ada", "bob")
    assert grades.exit_code == 2
    assert "worker died" in grades.text()


def test_what_cannot_be_is_refused_before_anything_is_written(room):
    pytest.importorskip("distributed")
    for more, said in (
        ({"cluster": "tcp://elsewhere:8786"}, "the way there is not protected"),
        ({"cluster": 3}, "must be a Dask scheduler's address"),
        ({"cluster": "local", "runner": Here()}, "runner or cluster"),
    ):
        with pytest.raises(SettingError, match=said):
            grade(room, out=room / "out", **more)
    assert not (room / "out").exists()


def test_a_folder_of_its_own_is_removed(monkeypatch, tmp_path):
    places = []
    monkeypatch.setattr(
        cluster, "executor_of", lambda kind, data, workers, folder, address: places.append(folder) or Far(folder)
    )
    OnCluster("local", 1).close()
    assert not places[0].exists()

    def fails(kind, data, workers, folder, address):
        places.append(folder)
        raise SettingError("no scheduler")

    monkeypatch.setattr(cluster, "executor_of", fails)
    with pytest.raises(SettingError, match="no scheduler"):
        OnCluster("local", 1)
    assert not places[1].exists()
