"""The instructor's mirror: which of the known mistakes an instructor's own tests let pass.

Every mistake of the catalogue is made in turn in the function that the tests import, and the tests are run. A mistake is
*caught* when a cell fails that passes with right functions: it raises an error (an assertion, say), takes too long, or
prints an error above a limit that was below it. All else is *let through*.
"""

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from chainrule.checker.mirror import cells
from chainrule.checker.mirror.judging import failure
from chainrule.checker.mirror.report import Let, MirrorReport
from chainrule.checker.mirror.variants import Variant, every_variant
from chainrule.checker.mirror.worker import Ended, Results, TooLong, Worker
from chainrule.core.errors import DataError, SettingError
from chainrule.core.numbers import real, whole
from chainrule.training.progress import bar

__all__ = ["MirrorReport", "mirror"]


def mirror(
    tests: str | os.PathLike,
    *,
    course: str | None = None,
    courses: str | None = None,
    only: Sequence[str] = (),
    timeout: float = 20.0,
    limit: float = 1e-5,
    workers: int | None = None,
    verbose: bool = False,
) -> MirrorReport:
    """Find out which known mistakes an instructor's tests let pass.

    Args:
        tests: a .py file (its statements, and every test function, method or unittest case that needs no arguments), or a
            notebook (its code cells).
        course: whose packages the tests import; None where they import functions of their own folder.
        courses: the module whose `activate(course)` puts these packages in place.
        only: functions whose mistakes are tried; all that the tests call where empty.
        timeout: seconds that a cell may take. One that takes longer with right functions is left out.
        limit: a printed error above it is a failure, where right functions give one below it.
        workers: processes at a time; by default one a core, four at most.
        verbose: whether to show progress.

    Returns:
        A `MirrorReport`: print it, or use `.score`, `.json()`, `.html(path)`.

    Raises:
        SettingError: a bad setting.
        DataError: the tests cannot be read, or none of them passes with right functions.
    """
    path = Path(tests).resolve()
    if (real(timeout) or 0) <= 0 or not (real(limit) or 0) > 0:
        raise SettingError(f"check: timeout and the limit must be above 0; came {timeout!r} and {limit!r}.")
    workers = min(os.cpu_count() or 1, 4) if workers is None else whole(workers, "workers", owner="check")
    settings = {"folder": str(path.parent), "course": course, "courses": courses if course else None}
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder, "instructors_tests.py")
        kept, right, left_out = _baseline(cells.read(path), settings, module, timeout)
        called = {name for result in right.values() for name in result["called"]}
        if not called:
            what = "calls a function whose mistakes are known" if kept else "passes with right functions"
            raise DataError(f"cannot check {path.name}: none of its cells {what}{_first(left_out)}.")
        chosen = [(i, v) for i, v in enumerate(every_variant()) if _is_asked(v, only, called)]
        progress = bar(len(chosen), what="mistakes", unit="mistake", verbose=verbose)
        ready: SimpleQueue[Worker] = SimpleQueue()
        crew = [Worker(settings, module, timeout) for _ in range(workers)]
        for worker in crew:
            ready.put(worker)

        def judged(number: int, variant: Variant) -> Let:
            worker = ready.get()
            try:
                return _judged(worker, number, variant, kept, right, limit)
            finally:
                ready.put(worker)
                progress.update(1)

        try:
            with ThreadPoolExecutor(workers) as pool:
                found = list(pool.map(lambda pair: judged(*pair), chosen))
        finally:
            progress.close()
            for worker in crew:
                worker.close()
    untested = sorted({v.function for v in every_variant() if not set(v.names) & called})
    return MirrorReport(path.name, tuple(found), tuple(left_out), tuple(untested), limit)


def _is_asked(variant: Variant, only: Sequence[str], called: set[str]) -> bool:
    own = {variant.function, variant.function.split(".")[0]}
    return bool(own & set(only)) if only else variant.function.split(".")[0] in called


def _first(left_out: Sequence[tuple[str, str]]) -> str:
    return f" ({left_out[0][0]}: {left_out[0][1]})" if left_out else ""


def _baseline(
    every: list[cells.Cell], settings: dict[str, Any], module: Path, timeout: float
) -> tuple[list[cells.Cell], Results, list[tuple[str, str]]]:
    """The cells that pass with right functions, what they give and which functions they call, and what is left out."""
    kept, left_out = list(every), []
    worker = Worker(settings, module, timeout)
    try:
        while kept:
            module.write_text(cells.module(kept), encoding="utf-8")
            try:
                results = worker.run(-1)
            except TooLong as slow:
                left_out.append((kept.pop(slow.cell).title, f"takes more than {timeout:g} s"))
                continue
            except Ended:
                raise DataError("cannot check the tests: they end their own process.") from None
            failed = [place for place in range(len(kept)) if results[place]["error"]]
            if not failed:
                return kept, worker.run(-2), left_out
            left_out += [(kept[place].title, results[place]["error"]) for place in failed]
            kept = [cell for place, cell in enumerate(kept) if place not in failed]
    finally:
        worker.close()
    return kept, {}, left_out


def _judged(
    worker: Worker, number: int, variant: Variant, kept: Sequence[cells.Cell], right: Results, limit: float
) -> Let:
    """What the tests make of one mistake: cells that stand alone are run where they call what is replaced."""
    own = set(variant.names)
    skipped = [place for place, cell in enumerate(kept) if cell.alone and not own & set(right[place]["called"])]
    try:
        results = worker.run(number, right, limit, skipped)
    except TooLong as slow:
        return Let(variant.function, variant.mistake, variant.says, kept[slow.cell].title, "it takes too long")
    except Ended:
        return Let(variant.function, variant.mistake, variant.says, "the tests", "their process ends")
    for place, result in results.items():
        why = failure(result, right[place], limit)
        if why:
            return Let(variant.function, variant.mistake, variant.says, kept[place].title, why)
    return Let(variant.function, variant.mistake, variant.says, "", "")
