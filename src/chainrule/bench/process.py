"""The other end of a peer's processes: started, told to take turns, and ended."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainrule.bench.peers import Peer
from chainrule.bench.work import Work, described

ROOT = Path(__file__).parents[2]
# Our own folder comes last on the path: another Python keeps its own packages, and borrows what it lacks.
BOOT = "import sys; sys.path.append(sys.argv[1]); from chainrule.bench.child import main; main()"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
READY_SECONDS = 900.0  # for compiling, at most
TURN_SECONDS = 1800.0


class PeerError(Exception):
    """A peer cannot do its work; the message says why."""


class Process:
    """One process of a peer.

    Args:
        python: the interpreter.
        job: threads, and where its log goes; `child` is sent all of it first.
    """

    def __init__(self, python: str, job: dict[str, Any]) -> None:
        threads = str(job["threads"])
        self.log = Path(job["folder"]) / f"{job['peer']}-{job['share']}.log"
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(
                [python, "-P", "-c", BOOT, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                text=True, env={**os.environ, **dict.fromkeys(THREADS, threads), "JAX_PLATFORMS": "cpu"},
            )  # fmt: skip
        self.answers: queue.Queue[str | None] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            self.answers.put(line)
        self.answers.put(None)

    def send(self, **message: Any) -> None:
        """Tell it something."""
        try:
            print(json.dumps(message), file=self.process.stdin, flush=True)
        except OSError as error:
            raise PeerError(self._last_words()) from error

    def receive(self, seconds: float) -> dict[str, Any]:
        """Its next answer.

        Raises:
            PeerError: it failed, ended or took too long.
        """
        try:
            line = self.answers.get(timeout=seconds)
        except queue.Empty:
            raise PeerError(f"no answer within {seconds:.0f} s") from None
        if line is None:
            raise PeerError(self._last_words())
        answer = json.loads(line)
        if "failed" in answer:
            raise PeerError(answer["failed"])
        return answer

    def _last_words(self) -> str:
        self.process.wait()
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"ended with status {self.process.returncode}: {lines[-1] if lines else 'no message'}"

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()
        self.listener.join()
        for stream in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # what was not read is lost
                stream.close()  # type: ignore[union-attr]


class Team:
    """All processes of a peer for one work: one, or some that share the work's nets and threads.

    Args:
        peer, work: who and what.
        python: the interpreter.
        folder: the work's inputs.
        threads: for all processes together.

    Attributes:
        ready: what the processes said of themselves: forms that were tried, versions.
        start_seconds: from the start of the processes until they were ready.
    """

    def __init__(self, peer: Peer, work: Work, *, python: str, folder: Path, threads: int) -> None:
        self.peer, self.work = peer, work
        shares = peer.works[work.kind]
        self.answers = folder / f"{peer.name}-nearest.npy"
        began = time.perf_counter()
        self.processes: list[Process] = []
        try:
            for share in range(shares):
                job = {
                    "peer": peer.name, "work": described(work), "folder": str(folder), "share": share,
                    "shares": shares, "threads": max(1, threads // shares), "answers": str(self.answers),
                }  # fmt: skip
                self.processes.append(Process(python, job))
                self.processes[-1].send(**job)
            self.ready = [process.receive(READY_SECONDS)["ready"] for process in self.processes]
        except BaseException:
            self.close()
            raise
        self.start_seconds = time.perf_counter() - began

    def turn(self, first: int, steps: int) -> dict[str, Any]:
        """One turn of all processes at once: seconds until the last is done, loss, processor time, memory."""
        for process in self.processes:
            process.send(first=first, steps=steps)
        found = [process.receive(TURN_SECONDS) for process in self.processes]
        weights = [ready["weight"] for ready in self.ready]
        losses = [answer["loss"] for answer in found]
        loss = None if None in losses else sum(w * x for w, x in zip(weights, losses)) / sum(weights)
        return {
            "seconds": max(answer["seconds"] for answer in found),
            "loss": loss,
            **{name: sum(answer[name] for answer in found) for name in ("cpu", "idle_cpu", "peak")},
        }

    def close(self) -> None:
        """End all processes."""
        for process in self.processes:
            process.close()


def python_for(peer: Peer, pythons: list[str]) -> str | None:
    """The first of some interpreters that has a peer's packages; ours needs none beside this one."""
    return sys.executable if peer.is_own else next((p for p in pythons if _has(p, peer.packages)), None)


def _has(python: str, packages: tuple[str, ...]) -> bool:
    code = "import importlib.util as u, sys; sys.exit(not all(u.find_spec(n) for n in sys.argv[1:]))"
    return subprocess.run([python, "-c", code, *packages], capture_output=True, check=False).returncode == 0
