"""A peer's own process: it makes its runner, then takes turns when it is told to, and waits without spinning.

Lines of JSON come in on standard input and go out on standard output; what libraries print goes to standard error.
"""

import importlib
import json
import os
import sys
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import PEERS
from chainrule.bench.work import Work, restored

TRIALS = 2  # turns of each form before one is chosen


def main() -> None:
    """Serve one work of one peer until standard input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(**message: Any) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    job = json.loads(sys.stdin.readline())
    try:
        _serve(job, say)
    except Exception as error:
        say(failed=f"{type(error).__name__}: {error}"[:500])


def _serve(job: dict[str, Any], say: Any) -> None:
    work, peer = restored(job["work"]), PEERS[job["peer"]]
    _own_cores(job["share"], job["threads"])
    jobs = list(range(getattr(work, "nets", 1)))[job["share"] :: job["shares"]]
    module = importlib.import_module(f"chainrule.bench.peers.{peer.module or peer.name}")
    forms = module.forms(work, Inputs(Path(job["folder"]), jobs), job["threads"])
    runner, tried, form = _quickest(forms, work)
    say(ready={"form": form, "tried": tried, "versions": _versions(peer.packages), "weight": len(jobs)})
    cpu = _cpu()
    for line in sys.stdin:
        turn = json.loads(line)
        idle, cpu, began = _cpu() - cpu, _cpu(), time.perf_counter()
        loss = runner.turn(turn["first"], turn["steps"])
        seconds = time.perf_counter() - began
        busy, cpu = _cpu() - cpu, _cpu()
        if hasattr(runner, "nearest"):
            np.save(job["answers"], np.asarray(runner.nearest))
        say(seconds=seconds, cpu=busy, idle_cpu=idle, loss=loss, peak=peak_bytes())


def _quickest(forms: dict[str, Any], work: Work) -> tuple[Any, dict[str, dict[str, float]], str]:
    """Every form is made and tried; the quickest is made ready. Forms that are not chosen leave memory again."""
    tried: dict[str, dict[str, float]] = {}
    for name, make in forms.items() if len(forms) > 1 else ():
        runner = make()
        spent = [_timed(runner, work) for _ in range(TRIALS)]
        tried[name] = {"first": spent[0], "then": min(spent[1:])}
        del runner
    form = min(tried, key=lambda name: tried[name]["then"]) if tried else next(iter(forms))
    _forget_peak()
    runner = forms[form]()
    first = _timed(runner, work)
    tried.setdefault(form, {"first": first, "then": first})
    runner.reset()
    return runner, tried, form


def _timed(runner: Any, work: Work) -> float:
    began = time.perf_counter()
    runner.turn(0, min(work.steps, work.trial))
    return time.perf_counter() - began


def _own_cores(share: int, threads: int) -> None:
    """Keep to as many cores as threads, for peers that take all they see; several processes take different ones."""
    if hasattr(os, "sched_setaffinity"):
        seen = sorted(os.sched_getaffinity(0))
        start = share * threads
        if start + threads <= len(seen):
            os.sched_setaffinity(0, seen[start : start + threads])


def _cpu() -> float:
    """Seconds of processor time so far."""
    used = os.times()
    return used.user + used.system


def peak_bytes() -> int:
    """The most memory that this process has had at once."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used << 10


def _forget_peak() -> None:
    """Let the peak of memory start anew, where the system can."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    names = {"sklearn": "scikit-learn", "faiss": "faiss-cpu"}
    found = {"python": sys.version.split()[0]}
    for name in (*packages, "numpy", *(() if packages else ("numba", "scipy"))):
        try:
            found[name] = version(names.get(name, name))
        except PackageNotFoundError:
            found[name] = str(getattr(importlib.import_module(name), "__version__", "unknown"))
    return found
