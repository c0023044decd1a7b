"""A script, run in a process of its own; its output is shown and kept, with the figures that it shows."""

import codecs
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from chainrule.core.files import new_folder
from chainrule.courses.running.job import Job
from chainrule.courses.running.outcome import Failure, Outcome

OUTPUT = "output.txt"
PATIENCE = 5.0  # seconds that an interrupted script has to end


def run_script(job: Job) -> Outcome:
    """Run a script and write a folder with its output and figures.

    Raises:
        OutputError: the folder exists, or cannot be written.
    """
    outcome = Outcome(job.course, job.path, job.output, cells=1)
    with new_folder(job.output) as folder, _started(job, folder.absolute()) as process:
        late: list[bool] = []
        timers = [] if job.timeout is None else [_kill_after(job.timeout, process, late)]
        try:
            with open(folder / OUTPUT, "wb") as kept:
                outcome.interrupted = not _show(process, kept, timers, show=job.verbose)
            process.wait()
        finally:
            for timer in timers:
                timer.cancel()
            process.kill()
        if process.returncode == 0:
            outcome.ran = 1
        elif not outcome.interrupted:
            error = f"it took longer than {job.timeout:g} seconds." if late else _last_line(folder / OUTPUT)
            outcome.failures.append(Failure(0, job.path.name, error))
    return outcome


def _kill_after(seconds: float, process: subprocess.Popen, late: list[bool]) -> threading.Timer:
    """End a process that is too slow, and note that it was."""

    def kill() -> None:
        late.append(True)
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.start()
    return timer


def _started(job: Job, folder: Path) -> subprocess.Popen:
    """The script's process, in a session of its own: Ctrl-C reaches it through us, once."""
    environment = job.environment | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "MPLBACKEND": "module://chainrule.plots.script_backend",
        "CHAINRULE_FIGURES": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "chainrule.courses.running.child", job.course, job.engine, str(job.path.absolute())],
        cwd=job.path.absolute().parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _show(process: subprocess.Popen, kept: BinaryIO, timers: list[threading.Timer], *, show: bool) -> bool:
    """Show and keep what a process says until it ends; false where Ctrl-C ended it."""
    assert process.stdout is not None
    decoder, finished = codecs.getincrementaldecoder("utf-8")("replace"), True
    while True:
        try:
            chunk = process.stdout.read1(1 << 16)  # type: ignore[attr-defined]
        except KeyboardInterrupt:
            finished = False
            process.send_signal(signal.SIGINT)
            timers.append(_kill_after(PATIENCE, process, []))
            continue
        if not chunk:
            return finished
        kept.write(chunk)
        if show:
            sys.stdout.write(decoder.decode(chunk))
            sys.stdout.flush()


def _last_line(path: Path) -> str:
    """The last line of an output: of a traceback, the error itself."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip()[:500] for line in reversed(lines) if line.strip()), "it said nothing.")
