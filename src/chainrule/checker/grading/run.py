"""`grade`: many submissions, one rubric; parallel, resumable, and the same grades in whatever order they are made."""

import os
import secrets
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, as_completed
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from chainrule.checker import isolation
from chainrule.checker.grading import gradescope as gradescope_file
from chainrule.checker.grading import rubric as rubrics
from chainrule.checker.grading import submission
from chainrule.checker.grading.folder import Folder
from chainrule.checker.grading.one import Record, failed, key_of
from chainrule.checker.grading.result import Grades
from chainrule.checker.grading.rubric import Rubric
from chainrule.checker.grading.workers import Runner, WorkerDied, Workers
from chainrule.core.errors import DataError, OutputError, SettingError
from chainrule.core.json_files import write_json
from chainrule.core.kinds import having, listed
from chainrule.core.numbers import whole
from chainrule.core.paths import path_of
from chainrule.core.threads import cores
from chainrule.training.progress import bar

Job = dict[str, Any]


def grade(
    submissions: str | Path | Sequence[str | Path],
    rubric: str | Path | Rubric,
    *,
    out: str | Path | None = None,
    gradescope: str | Path | None = None,
    workers: int | None = None,
    require_sandbox: bool = False,
    verbose: bool = True,
    runner: Runner | None = None,
    cluster: Any = None,
) -> Grades:
    """Grade submissions by a rubric: each in a locked process, several at a time.

    Args:
        submissions: .py files, .ipynb notebooks (their definitions are taken) and folders, one a learner.
        rubric: a TOML file, or a `Rubric`.
        out: the folder of the grades: a new one, or one that holds grades of this rubric, which are then not made again.
        gradescope: where to write Gradescope's results.json; for a single submission. A file that is there is replaced.
        workers: submissions at a time; one for each core where None. The grades do not depend on it.
        require_sandbox: refuse where the system cannot lock the processes.
        verbose: whether progress is shown.
        runner: what carries the work out, instead of processes of this machine.
        cluster: address of a Dask scheduler, on this machine or with TLS, or a cluster of Dask's deployments, such as
            SLURMCluster; "local" starts one here. Its machines need not see this one's files.

    Returns:
        `Grades`: print them, or use `.scores`, `.rows()`, `.json()`.

    Raises:
        SettingError: a rubric that is not right, submissions that cannot be told apart, or a folder that learners' code
            could read the rubric in.
        DataError: a submission that is not there.
        OutputError: `out` holds something else, or cannot be written.
        IsolationError: no sandbox although one is required.
        MissingExtraError: Dask, for a cluster, is not installed.

    Example:
        grade(["alice.py", "bob/"], "rubric.toml", out="grades").scores
    """
    single = isinstance(submissions, str | os.PathLike)
    every = [submissions] if single else listed("grade", "submissions", submissions)
    if not all(isinstance(path, str | os.PathLike) for path in every):
        raise SettingError(
            f"grade: submissions must be paths; came {submissions!r:.80} ({type(submissions).__name__})."
        )
    paths = [Path(os.path.abspath(path_of(path, owner="grade", name="submissions"))) for path in every]
    wanted, here, reference = _rubric(rubric)
    folder = None if out is None else path_of(out, owner="grade", name="out")
    results = None if gradescope is None else _results(gradescope, len(paths))
    workers = cores() if workers is None else whole(workers, "workers", owner="grade")
    if runner is not None:
        having("grade", "runner", runner, "submit close", wanted="something with submit(job) and close()")
    if cluster is not None:
        if runner is not None:
            raise SettingError("grade: give runner or cluster, not both.")
        _check_cluster(cluster)
    learners = named(paths)
    given = _given(wanted, here)
    _keep_apart(paths, given, [place for place in (here, reference, folder and folder.resolve()) if place])
    sandbox = _tier(require_sandbox)
    shared = {
        "rubric": msgspec.to_builtins(wanted),
        "given": given and str(given),
        "reference": reference and str(reference),
        "require_sandbox": bool(require_sandbox),
    }
    shared["given_digest"] = " ".join(submission.read(place).digest for place in (given, reference) if place)
    jobs = [{"learner": name, "path": str(path), **shared} for name, path in zip(learners, paths)]
    class_ = _Class(wanted, sandbox, jobs, verbose, lambda: runner or _runner(cluster, min(workers, len(jobs))))
    grades = class_.in_memory() if folder is None else class_.in_folder(folder)
    if results is not None:
        (own,) = (record for record in grades.records if record["learner"] == learners[0])
        write_json(results, gradescope_file.results(own))
    return grades


def _check_cluster(cluster: Any) -> None:
    from chainrule.study.executors import check_executor

    check_executor("cluster", cluster)


def _runner(cluster: Any, workers: int) -> Runner:
    if cluster is None:
        return Workers(workers)
    from chainrule.checker.grading.cluster import OnCluster

    return OnCluster(cluster, workers)


def _deaths() -> tuple[type[Exception], ...]:
    """What says that workers died with a submission, again and again; looked up only where something has happened."""
    from chainrule.study.executors.base import WorkerLost

    return WorkerDied, WorkerLost


class _Class:
    """The submissions of one call, and where their records go."""

    def __init__(self, wanted: Rubric, sandbox: str, jobs: list[Job], verbose: bool, runner: Any) -> None:
        self.wanted, self.sandbox, self.jobs, self.verbose, self.runner = wanted, sandbox, jobs, verbose, runner

    def in_memory(self) -> Grades:
        """Grade; nothing is written."""
        seed = secrets.randbits(32) if self.wanted.seed is None else self.wanted.seed
        records: dict[str, Record] = {}
        self._carry_out(self.jobs, seed, 0, lambda record: records.update({record["learner"]: record}))
        return self._grades(records, seed, None, len(records), 0)

    def in_folder(self, path: Path) -> Grades:
        """Grade what is not yet graded in a folder; what is done when this is interrupted stays done."""
        folder = Folder.opened(path, self.wanted, self.jobs[0]["given_digest"], secrets.randbits(32))
        with folder.locked():
            records = folder.records()
            todo = [job for job in self.jobs if not self._is_done(job, records.get(job["learner"]), folder.seed)]
            kept, graded = len(self.jobs) - len(todo), 0

            def keep(record: Record) -> None:
                nonlocal graded
                folder.keep(record)
                records[record["learner"]] = record
                graded += 1

            try:
                self._carry_out(todo, folder.seed, kept, keep)
            except KeyboardInterrupt:
                records.update(folder.records())  # one may have been written just when Ctrl-C came
                left = sum(not self._is_done(job, records.get(job["learner"]), folder.seed) for job in todo)
                done, all_ = len(self.jobs) - left, len(self.jobs)
                said = f"interrupted: {done} of {all_} are graded and kept; the same command goes on."
                raise KeyboardInterrupt(said) from None
            finally:
                grades = self._grades(records, folder.seed, path, graded, kept)
                grades.save(path)
        return grades

    def _is_done(self, job: Job, record: Record | None, seed: int) -> bool:
        if record is None or record["failed"]:
            return False
        return record["key"] == key_of(
            submission.read(Path(job["path"])).digest, self.wanted, seed, job["given_digest"]
        )

    def _carry_out(self, jobs: list[Job], seed: int, done: int, keep: Any) -> None:
        if not jobs:
            return
        runner = self.runner()
        try:
            with bar(len(jobs) + done, done=done, what="grading", unit="submission", verbose=self.verbose) as shown:
                waiting = {runner.submit({**job, "seed": seed}): job for job in jobs}
                for future in as_completed(waiting):
                    keep(self._record(future, waiting.pop(future)))
                    shown.update(1)
        finally:
            runner.close()

    def _record(self, future: Future, job: Job) -> Record:
        try:
            return future.result()
        except _deaths() as error:
            unknown = {"learner": job["learner"], "key": "", "sandbox": "", "notes": []}
            return unknown | failed(self.wanted, f"{error}")

    def _grades(self, records: dict[str, Record], seed: int, path: Path | None, graded: int, kept: int) -> Grades:
        ordered = tuple(records[name] for name in sorted(records))
        return Grades(self.wanted, ordered, self.sandbox, seed, path, graded, kept)


def named(paths: Sequence[Path]) -> list[str]:
    """What the learners are called: by their files or folders; those that are called the same, by the folders above, too.

    Raises:
        SettingError: no submissions, or two that cannot be told apart.
        DataError: one is not there.
    """
    if not paths:
        raise SettingError("grade: submissions must be at least one file or folder; came an empty list [].")
    for path in paths:
        if not os.path.lexists(path):
            raise DataError(f"grade: cannot read {path}: there is no such file or folder.")
    names = [path.name if path.is_dir() else path.stem for path in paths]
    often = Counter(names)
    names = [f"{path.parent.name}-{name}" if often[name] > 1 else name for name, path in zip(names, paths)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SettingError(
            f"grade: {twice[0]!a} is the name of two submissions; give their files or folders names of their own."
        )
    return names


def _rubric(rubric: str | Path | Rubric) -> tuple[Rubric, Path | None, Path | None]:
    """A rubric that is right, the file that it came from, and its reference."""
    if isinstance(rubric, Rubric):
        found, path = msgspec.to_builtins(rubric), None
        wanted = rubrics.checked(found, own=rubrics.own_of(found, Path()))
    else:
        path = path_of(rubric, owner="grade", name="rubric").resolve()
        wanted = rubrics.read(path)
    reference = ((path.parent if path else Path()) / wanted.reference).resolve() if wanted.reference else None
    return wanted, path, reference


def _results(gradescope: str | Path, submissions: int) -> Path:
    """Where Gradescope's file goes."""
    path = path_of(gradescope, owner="grade", name="gradescope")
    if submissions != 1:
        raise SettingError(f"grade: gradescope is for one submission; came {submissions}. Use out for several.")
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(f"grade: gradescope must be a file in a folder that is there; came {path}.")
    return path


def _given(wanted: Rubric, here: Path | None) -> Path | None:
    if not wanted.given:
        return None
    given = ((here.parent if here else Path()) / wanted.given).resolve()
    if not given.is_dir():
        raise SettingError(f"grade: the rubric's given folder is not there: {given}.")
    return given


def _keep_apart(paths: Sequence[Path], given: Path | None, secret: Sequence[Path]) -> None:
    """What learners' code may read must not hold the rubric, the grades, or another learner's work."""
    read = [path.resolve() for path in paths] + ([given] if given else [])
    for place in read:
        for other in [*secret, *read]:
            if other != place and other.is_relative_to(place):
                raise SettingError(f"grade: {place} holds {other}, which its code could then read; keep them apart.")
    for place in secret:
        if place in read:
            raise SettingError(f"grade: {place} cannot be a submission and something of the grading at once.")


@cache
def _tier(require_sandbox: bool) -> str:
    """How submissions will be kept apart, in words, tried on a file of our own.

    Raises:
        IsolationError: not as required.
    """
    with tempfile.TemporaryDirectory(prefix="submission-") as folder:
        probe = Path(folder, "probe.py")
        probe.write_text("")
        with isolation.open(probe, require_sandbox=require_sandbox) as remote:
            return remote.sandbox
