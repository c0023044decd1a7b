"""One child process that runs an instructor's tests, as the parent sees it: it is ended where it takes too long."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

START = 120.0  # seconds to start and import

Results = dict[int, dict[str, Any]]  # by cell


class TooLong(Exception):
    """A cell has taken too long.

    Attributes:
        cell: which.
    """

    def __init__(self, cell: int) -> None:
        super().__init__(f"cell {cell}")
        self.cell = cell


class Ended(Exception):
    """The tests have ended their own process."""


class Worker:
    """A process with the tests' imports loaded.

    Args:
        settings: folder, course and the module that puts its names in place.
        module: the file that runs the cells.
        timeout: seconds that a cell may take.
    """

    def __init__(self, settings: dict[str, Any], module: Path, timeout: float) -> None:
        self.settings, self.module, self.timeout = settings, module, timeout
        self._process: subprocess.Popen | None = None

    def run(
        self, variant: int, right: Results | None = None, limit: float = 0.0, skipped: Collection[int] = ()
    ) -> Results:
        """Run the cells, up to the first that fails; their results.

        Args:
            variant: which mistake; -1 for none, -2 to note which functions are called.
            right: what the cells give with right functions; none where that is what is asked.
            limit: what a printed error may be.
            skipped: cells that are not run.

        Raises:
            TooLong: a cell takes longer than it may; the process is ended.
            Ended: the process is gone.
        """
        if self._process is None:
            self._start()
            if variant != -1:
                self.run(-1)  # the imports, so that there is something to replace
        told = {"right": right or {}, "limit": limit, "skipped": list(skipped)}
        self._send({"module": str(self.module), "variant": variant, **told})
        results: Results = {}
        begun, patience = -1, START
        while True:
            said = self._next(patience, begun)
            if "done" in said:
                return results
            if "begins" in said:
                begun, patience = said["begins"], self.timeout
            else:
                results[said["cell"]] = said

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()
            self._process = None

    def _start(self) -> None:
        command = [sys.executable, "-m", "chainrule.checker.mirror.child", json.dumps(self.settings)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, args=(self._process.stdout, self._lines), daemon=True).start()

    @staticmethod
    def _read(stream: Any, lines: "queue.Queue[str]") -> None:
        for line in stream:
            lines.put(line)
        lines.put("")

    def _send(self, order: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self.close()
            raise Ended from None

    def _next(self, patience: float, cell: int) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=patience)
        except queue.Empty:
            self.close()
            raise TooLong(cell) from None
        if not line:
            self.close()
            raise Ended
        return json.loads(line)
