"""Executors: the same results everywhere; a worker that dies is replaced, and its job goes on from where it was."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from holding import hold_after, wait_until_held
from sweep_folders import SMALL, files, start, table, without_pages

import chainrule as cr
from chainrule.core.errors import ChainruleError, FileFormatError, SettingError
from chainrule.study.executors import check_executor, cluster, executor_of, processes, rows
from chainrule.study.executors.base import SchedulerLost, Unfinished, WorkerLost
from chainrule.study.sweeps.search import Search

PLAIN = {**SMALL, "engine": "plain", "budget": {"trials": 10}}  # nothing to compile in every process


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A search on one thread of this process."""
    return cr.sweep("digits", out=tmp_path_factory.mktemp("executors") / "one", workers=1, **PLAIN)


@pytest.fixture(scope="module")
def dask():
    """A scheduler and two workers of its own, on loopback."""
    import distributed

    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as local:
        yield local


@pytest.fixture(autouse=True)
def no_page(monkeypatch):
    without_pages(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def quick_starts():
    """The program of these processes is pytest; it is read once, not by each of them."""
    processes.PRELOAD.append("pytest")
    yield
    processes.PRELOAD.remove("pytest")


class Step:
    """A job that counts to a number, one a leg, and notes who did it."""

    def __init__(self, end, folder, count=0):
        self.end, self.folder, self.count = end, folder, count

    def away(self, seconds):
        return self

    def keep(self, state):
        return Step(self.end, self.folder, int(state[1]))


class Once(str):
    """A job of a single leg, and its name."""

    def away(self, seconds):
        return self


def count(job, data, stop):
    """One step further; the process dies at the fourth step of its first try."""
    if job.count == 3 and not (job.folder / "died").exists():
        (job.folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return (
        Unfinished(("step", str(job.count + 1).encode())) if job.count < job.end else (job.count, len(data[""].X_train))
    )


def die(job, data, stop):
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(job, data, stop):
    raise SettingError(f"this is {job}, not wanted")


def pids(job, data, stop):
    time.sleep(0.05)
    return os.getpid(), data[""].X_train.sum()


@pytest.fixture
def small():
    return cr.load_data("digits", num_train=100)


# -- one interface -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["threads", "processes", "cluster"])
def test_jobs_see_the_rows_and_errors_come_back(kind, small, tmp_path, dask):
    address = dask.scheduler_address if kind == "cluster" else None
    executor = executor_of(kind, {"": small}, 2, tmp_path, address)
    try:
        found = [executor.submit(pids, Once("a")) for _ in range(6)]
        assert {future.result(60)[1] for future in found} == {small.X_train.sum()}
        assert (os.getpid() in {future.result()[0] for future in found}) == (kind == "threads")
        with pytest.raises(SettingError, match="this is seven, not wanted"):
            executor.submit(refuse, Once("seven")).result(60)
    finally:
        executor.close()
    assert not list((tmp_path / "running").glob("rows/*"))


def test_a_worker_process_that_dies_is_replaced(small, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "MOST_DEATHS", 2)
    executor = processes.Processes({"": small}, 1, tmp_path)
    try:
        with pytest.raises(WorkerLost, match="more memory"):
            executor.submit(die, Once("a")).result(60)
        assert executor.submit(pids, Once("a")).result(60)[0] != os.getpid()
    finally:
        executor.close()


@pytest.mark.promise("P7.7")
def test_a_job_goes_on_elsewhere_when_a_dask_worker_dies(small, tmp_path, dask):
    executor = cluster.Cluster({"": small}, 2, dask.scheduler_address, tmp_path)
    try:
        assert executor.submit(count, Step(6, tmp_path)).result(120) == (6, 100)
        assert (tmp_path / "died").exists()
        assert [machine for machine, _ in executor.brought] == [os.uname().nodename]  # two workers, one machine: once
    finally:
        executor.close()


def test_results_of_another_release_are_not_mixed_in(small, tmp_path, dask, monkeypatch):
    monkeypatch.setattr(cluster, "version", lambda name: "0.0.1")
    executor = cluster.Cluster({"": small}, 2, dask.scheduler_address, tmp_path)
    try:
        with pytest.raises(SettingError, match="install the same version"):
            executor.submit(pids, Once("a")).result(60)
    finally:
        executor.close()


# -- searches ------------------------------------------------------------------------------------------------------------


@pytest.mark.promise("P7.2")
def test_a_search_on_a_cluster_in_many_legs_gives_the_same_table(whole, tmp_path, dask, monkeypatch):
    monkeypatch.setattr(cluster, "LEG", 0.0)  # every check ends a leg
    kept = []
    monkeypatch.setattr("chainrule.study.sweeps.legs.Job.keep", noting(kept))
    cr.sweep("digits", out=tmp_path / "s", cluster=dask, **PLAIN)
    assert table(tmp_path / "s") == table(whole.folder)
    assert len(kept) > 20


def noting(kept):
    from chainrule.study.sweeps.legs import Job

    keep = Job.keep

    def noted(self, state):
        kept.append(state[0])
        return keep(self, state)

    return noted


class Killer:
    """Kills a process that `find` names, every so often, while the block runs."""

    def __init__(self, find, every):
        self.find, self.every, self.killed, self.over = find, every, 0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def run(self):
        chance = random.Random(1)
        while not self.over.wait(self.every):
            found = self.find()
            if found:
                try:
                    os.kill(chance.choice(found), signal.SIGKILL)
                    self.killed += 1
                except ProcessLookupError:
                    pass

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@pytest.fixture
def children(monkeypatch):
    """The worker processes of the searches that run."""
    there, begin = [], processes._Child.__init__

    def noted(self, *arguments):
        begin(self, *arguments)
        there.append(self.process)

    monkeypatch.setattr(processes._Child, "__init__", noted)
    return lambda: [process.pid for process in there if process.is_alive()]


class Deadly:
    """A pipe from a process that is killed as soon as it says that it has begun a job, where that job's turn has come."""

    def __init__(self, child, turns, killed):
        self.child, self.pipe, self.turns, self.killed = child, child.pipe, turns, killed

    def __getattr__(self, name):
        return getattr(self.pipe, name)

    def recv(self):
        answer = self.pipe.recv()
        if answer is True and next(self.turns) in (2, 3, 6):
            self.child.process.kill()
            self.killed.append(self.child)
        return answer


@pytest.mark.promise("P7.7")
def test_a_search_whose_processes_are_killed_gives_the_same_table(whole, tmp_path, monkeypatch):
    turns, killed, begin = itertools.count(1), [], processes._Child.__init__

    def deadly(self, *arguments):
        begin(self, *arguments)
        self.pipe = Deadly(self, turns, killed)

    monkeypatch.setattr(processes._Child, "__init__", deadly)
    cr.sweep("digits", out=tmp_path / "s", workers=2, executor="processes", **PLAIN)
    assert len(killed) == 3
    assert table(tmp_path / "s") == table(whole.folder)
    assert files(tmp_path / "s", "trials") == [f"{n:05d}.npz" for n in range(10)]


@pytest.mark.long
@pytest.mark.promise("P7.7")
@pytest.mark.parametrize(
    ("workers", "trials", "every"), [(4, 200, 1.0), (16, 1000, 0.2)], ids=["4 workers", "16 workers"]
)
def test_many_trials_whose_processes_are_killed(tmp_path, children, workers, trials, every):
    many = {**PLAIN, "budget": {"trials": trials}, "sampler": "random", "ahead": 16}
    with Killer(children, every) as killer:
        cr.sweep("digits", out=tmp_path / "s", workers=workers, executor="processes", **many)
    print(f"{killer.killed} workers killed")
    cr.sweep("digits", out=tmp_path / "one", workers=1, **many)
    assert table(tmp_path / "s") == table(tmp_path / "one")
    assert len(files(tmp_path / "s", "trials")) == trials


@pytest.mark.long
@pytest.mark.promise("P7.7")
def test_many_trials_whose_dask_workers_are_killed(tmp_path, dask, monkeypatch):
    monkeypatch.setattr(cluster, "LEG", 0.1)
    many = {**PLAIN, "budget": {"trials": 60}, "sampler": "random"}
    with Killer(lambda: [w.process.process.pid for w in dask.workers.values() if w.process], 6.0) as killer:
        cr.sweep("digits", out=tmp_path / "s", cluster=dask.scheduler_address, **many)
    assert killer.killed >= 2
    cr.sweep("digits", out=tmp_path / "one", workers=1, **many)
    assert table(tmp_path / "s") == table(tmp_path / "one")


def descendants(of):
    """The processes that a process began, and those that they began; {} where the system does not tell."""
    found, parents = {of}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents[int(path.parent.name)] = int(fields[1])
    while more := {own for own, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {of}


@pytest.mark.promise("P7.5")
def test_worker_processes_end_with_a_killed_controller(whole, tmp_path):
    """Otherwise two would write the same checkpoints."""
    given = {k: PLAIN[k] for k in ("engine", "budget")}
    first = hold_after("chainrule.study.sweeps.records:Trial", "save", 2)
    process = start(out=tmp_path / "s", first=first, executor="processes", workers=2, **given)
    wait_until_held(process)
    workers = descendants(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    gone = time.monotonic() + 20
    while (alive := [pid for pid in workers if Path(f"/proc/{pid}").exists()]) and time.monotonic() < gone:
        time.sleep(0.02)
    assert not alive
    assert (tmp_path / "s" / "running" / "rows").exists()
    cr.sweep("digits", out=tmp_path / "s", workers=2, **PLAIN)
    assert list((tmp_path / "s" / "running").iterdir()) == []
    assert table(tmp_path / "s") == table(whole.folder)


def test_a_net_of_ones_own_is_searched_in_processes(tmp_path):
    few = {k: v for k, v in PLAIN.items() if k not in ("hidden", "space")}
    given = {
        **few,
        "space": {"units": {"int": [4, 12]}, "lr": {"log": [0.001, 0.1]}},
        "budget": {"trials": 4},
        "rule": "adam",
    }
    one = cr.sweep("digits", out=tmp_path / "a", workers=1, build=own_net, **given)
    cr.sweep("digits", out=tmp_path / "b", workers=2, executor="processes", build=own_net, **given)
    assert table(tmp_path / "a") == table(tmp_path / "b")
    assert all(trial.settings["units"] == trial.params["units"] for trial in one.trials)
    with pytest.raises(SettingError, match="none of the arguments of the given build: units"):
        cr.sweep("digits", out=tmp_path / "c", build=own_net, **{**given, "hidden": [3]})


def own_net(data, units=8, seed=0):
    return cr.FullyConnectedNet(
        [units], input_dim=data.input_dim, num_classes=data.num_classes, seed=seed, norm="batch"
    )


def test_ctrl_c_leaves_checkpoints_behind(tmp_path, monkeypatch):
    """What a search that is stopped writes, another executor goes on from."""
    draws = []
    drawn = Search._draw

    def stopping(self):
        drawn(self)
        draws.append(self.number)
        if self.number == 6:
            self.pressed = lambda: True

    with monkeypatch.context() as patch:
        patch.setattr(Search, "_draw", stopping)
        found = cr.sweep("digits", out=tmp_path / "s", workers=2, executor="processes", **PLAIN)
    assert not found.complete
    cr.sweep("digits", out=tmp_path / "s", workers=2, **PLAIN)
    cr.sweep("digits", out=tmp_path / "t", workers=2, **PLAIN)
    assert table(tmp_path / "s") == table(tmp_path / "t")


# -- rows and addresses --------------------------------------------------------------------------------------------------


def test_rows_are_read_as_they_were_put(tmp_path, rng):
    table_ = tmp_path / "t.csv"
    table_.write_text(
        "a,b,c\n" + "\n".join(f"{rng.normal():.3f},{'xyz'[i % 3]},{['no', 'yes'][i % 2]}" for i in range(60))
    )
    for data in (
        cr.load_data("digits"),
        cr.load_data(table_, target="c"),
        cr.load_data((rng.normal(size=(20, 2)), rng.normal(size=(20, 1)))),
    ):
        place = rows.put(data, tmp_path / "rows")
        assert rows.put(data, tmp_path / "rows") == place
        found = rows.get(place)
        assert found.fingerprint == data.fingerprint
        assert not found.X_train.flags.writeable
    shutil.rmtree(place)
    with pytest.raises(FileFormatError):
        rows.get(place)


@pytest.mark.parametrize("address", ["local", "tcp://127.0.0.1:80", "localhost:8786", "tcp://[::1]:9"])
def test_addresses_that_are_taken(address):
    assert check_executor("threads", address) == "cluster"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://10.0.0.1:8786", "not protected"),
        ("head:8786", "not protected"),
        ("localhost.evil.org:8786", "not protected"),
        ("tcp://127.0.0.1", "address"),
        ("http://localhost:1", "address"),
        (3, "address"),
    ],
)
def test_addresses_that_are_refused(address, words):
    with pytest.raises(SettingError, match=words):
        check_executor("cluster", address)


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({}, "not set: .*CA_FILE, .*CLIENT__CERT, .*CLIENT__KEY"),
        ({"ca-file": __file__}, "not set: DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT, [^ ]*CLIENT__KEY"),
        ({"ca-file": "none.pem", "client.cert": __file__}, r"cannot be used: none\.pem.*No such file"),
        ({"ca-file": __file__, "client.cert": __file__}, r"cannot be used: .*test_executors\.py.*PEM files"),
    ],
)
def test_certificates_that_are_missing_are_named(named, words):
    import dask

    with (
        dask.config.set({f"distributed.comm.tls.{name}": value for name, value in named.items()}),
        pytest.raises(SettingError, match=words),
    ):
        check_executor("cluster", "tls://node-7:8786")


def test_a_search_over_tls_gives_the_same_table(whole, tmp_path):
    import dask
    import distributed

    keys = distributed.Security.temporary()
    named = {"ca-file": keys.tls_ca_file, "client.cert": keys.tls_client_cert, "client.key": keys.tls_client_key}
    local = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with distributed.LocalCluster(1, threads_per_worker=1, protocol="tls://", security=keys, **local) as secured:
        address = secured.scheduler_address
        assert address.startswith("tls://")
        with dask.config.set({f"distributed.comm.tls.{name}": value for name, value in named.items()}):
            made = cr.sweep("digits", out=tmp_path / "s", cluster=address, **PLAIN)
    assert table(tmp_path / "s") == table(whole.folder)
    assert made.complete


def written_address(about, scheduler):
    """The address that a scheduler writes into a file, once it is there whole."""
    deadline = time.monotonic() + 60
    while scheduler.poll() is None and time.monotonic() < deadline:
        try:
            return json.loads(about.read_text())["address"]
        except (OSError, ValueError):
            time.sleep(0.05)
    raise AssertionError("no scheduler within a minute")


def test_a_scheduler_that_ends_is_named(small, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 5)
    monkeypatch.setattr(cluster, "GLANCE", 0.2)
    about = tmp_path / "scheduler.json"
    line = ["-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    with subprocess.Popen(
        [sys.executable, *line, "--scheduler-file", about], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as scheduler:
        try:
            executor = executor_of("cluster", {"": small}, 1, tmp_path, written_address(about, scheduler))
            future = executor.submit(pids, Once("a"))  # nobody is there to do it
        finally:
            scheduler.kill()
    with pytest.raises(SchedulerLost, match="Start it again and give the same command"):
        future.result(60)
    with pytest.raises(SchedulerLost):
        executor.submit(pids, Once("b")).result(60)
    executor.close()


def test_no_scheduler_there(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 0.3)
    with pytest.raises(ChainruleError, match=r"no Dask scheduler at tcp://127\.0\.0\.1:9"):
        cr.sweep("digits", out=tmp_path / "s", cluster="tcp://127.0.0.1:9", **PLAIN)
    assert Path(tmp_path / "s" / "settings.json").exists()
    assert files(tmp_path / "s", "trials") == []
