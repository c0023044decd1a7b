"""A notebook, executed cell by cell in a kernel of this Python."""

import asyncio
import atexit
import logging
import re
import signal
import tempfile
import warnings
from contextlib import suppress
from typing import Any

from chainrule.core.errors import ChainruleError, FileFormatError, MissingExtraError, SettingError
from chainrule.core.files import output_errors, reading, write_atomically
from chainrule.courses.running.job import Job
from chainrule.courses.running.outcome import Failure, Outcome
from chainrule.courses.running.skips import Skips
from chainrule.training.progress import bar

PREPARE = """\
from chainrule.courses.running.prepare import prepare as _prepare
_prepare({!r}, {!r}); del _prepare"""
LIMIT = 256 << 20  # bytes of a notebook
TODO = re.compile(r"TODO|YOUR CODE")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(job: Job) -> Outcome:
    """Execute a notebook and write it with its outputs, cell by cell: what was executed is kept whatever happens.

    Raises:
        MissingExtraError: nbclient or ipykernel is not installed.
        FileFormatError: the file is no notebook.
        SettingError: it is not one of Python.
        OutputError: the result cannot be written.
        ChainruleError: the kernel cannot be started.
    """
    try:
        import ipykernel  # noqa: F401
        import nbclient
        import nbformat
        from jupyter_core.utils import run_sync
    except ImportError as error:
        raise MissingExtraError('Notebooks need nbclient and ipykernel: pip install "chainrule[notebooks]".') from error

    execution = _Execution(job, _read(job, nbformat), nbclient, nbformat)
    with output_errors(job.output):
        job.output.parent.mkdir(parents=True, exist_ok=True)
    execution.write()  # so that a place that cannot be written to is known now
    try:
        run_sync(execution.all)()
    except ChainruleError:
        if not execution.started:
            job.output.unlink()
        raise
    return execution.outcome


def _read(job: Job, nbformat: Any) -> Any:
    with reading(job.path) as (stream, size):
        if size > LIMIT:
            raise FileFormatError(f"{job.path} has {size} bytes; a notebook has at most {LIMIT}.")
        content = stream.read(LIMIT)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of cells without ids: older notebooks have none
            notebook = nbformat.reads(content.decode(), as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # nbformat fails in many ways on what is no notebook
        raise FileFormatError(f"{job.path} is no notebook, or damaged: {str(error).splitlines()[0][:200]}") from error
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language.lower() != "python":
        raise SettingError(f"{job.path} is a notebook of {language}; one of Python is wanted.")
    return notebook


class _Execution:
    """The cells of a notebook on their way through a kernel.

    Args:
        job: what is to be run.
        notebook: the notebook, whose outputs are filled in.
        nbclient, nbformat: the two packages.
    """

    def __init__(self, job: Job, notebook: Any, nbclient: Any, nbformat: Any) -> None:
        self.job, self.nbclient, self.nbformat = job, nbclient, nbformat
        self.notebook, self.skips = notebook, Skips()
        self.code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self.outcome = Outcome(job.course, job.path, job.output, len(self.code))
        self.presses, self.started, self.dead = 0, False, False

    def write(self) -> None:
        """Write the notebook as it is now."""
        write_atomically(self.job.output, self.nbformat.writes(self.notebook).encode())

    async def all(self) -> None:
        """Start the kernel and run every cell, to the first that fails where not told to keep going."""
        first = self.nbformat.v4.new_code_cell(PREPARE.format(self.job.course, self.job.engine))
        running = self.nbformat.NotebookNode(cells=[first, *self.code], metadata={}, nbformat=4, nbformat_minor=5)
        client = self.nbclient.NotebookClient(
            running,
            kernel_manager_class=_kernel(),
            timeout_func=lambda cell: None if cell is first else self.job.timeout,
            interrupt_on_timeout=True,
            record_timing=False,  # the same notebook gives the same file
            resources={"metadata": {"path": str(self.job.path.absolute().parent)}},
            log=_silent(),
        )
        with tempfile.TemporaryFile() as log:  # the kernel's own, no cell's output: of use only where it does not start
            try:
                async with client.async_setup_kernel(env=self.job.environment, stderr=log):
                    with suppress(RuntimeError, ValueError):  # not in the main thread, or on Windows
                        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._press, client)
                    await client.async_execute_cell(first, 0, store_history=False)
                    self.started = True
                    await self._cells(client, "".join(output.get("text", "") for output in first.outputs))
            except (RuntimeError, self.nbclient.exceptions.CellExecutionError) as error:
                if self.started:
                    raise
                atexit.unregister(client._cleanup_kernel)  # nbclient leaves it behind where nothing started
                log.seek(0)
                said = log.read().decode(errors="replace").strip()[-300:] or str(error)
                raise ChainruleError(f"the notebook's kernel could not be started: {_plain(said)}") from error
        self.outcome.interrupted = self.presses > 0

    async def _cells(self, client: Any, said: str) -> None:
        """Run the cells in order; `said` is put before the first one's outputs."""
        with bar(len(self.code), unit="cell", verbose=self.job.verbose) as progress:
            for number, cell in enumerate(self.code, start=1):
                await self._one(client, number, cell, said if number == 1 else "")
                self.write()
                progress.update(1)
                if self.presses or self.dead or (self.outcome.failures and not self.job.keep_going):
                    break

    def _press(self, client: Any) -> None:
        """Ctrl-C: the first ends the cell that runs, the second the kernel."""
        self.presses += 1
        ending = client.km.interrupt_kernel() if self.presses == 1 else client.km.shutdown_kernel(now=True)
        self._ending = asyncio.ensure_future(ending)

    async def _one(self, client: Any, number: int, cell: Any, said: str) -> None:
        """Run a cell without what is skipped; notes of that are put before its outputs."""
        source, error = cell.source, None
        cell.source, skipped = self.skips.prepare(source)
        try:
            await client.async_execute_cell(cell, number)
            self.outcome.ran += 1
        except self.nbclient.exceptions.CellExecutionError as failed:
            error = _plain(f"{failed.ename}: {failed.evalue}" if failed.evalue else failed.ename)
            if failed.ename == "KeyboardInterrupt" and not self.presses:
                error = f"it took longer than {self.job.timeout:g} seconds."
        except self.nbclient.exceptions.DeadKernelError:
            self.dead, error = True, "its process ended: out of memory, killed, or by a call that ends it."
        cell.source = source
        if error and not self.presses:
            self.outcome.failures.append(Failure(number, _first_line(source), error, self._todo(number)))
        self.outcome.notes += [line.removeprefix("chainrule: ") for line in said.splitlines()]
        self.outcome.notes += [f"cell {number}: {note}" for note in skipped]
        said += "".join(f"chainrule: {note}\n" for note in skipped)
        if said:
            cell.outputs.insert(0, self.nbformat.v4.new_output("stream", name="stderr", text=said))

    def _todo(self, number: int) -> int | None:
        """The last cell up to this one that has something left for the reader to fill in."""
        marked = [n for n, cell in enumerate(self.code[:number], start=1) if TODO.search(cell.source)]
        return marked[-1] if marked else None


def _kernel() -> type:
    """The class that starts kernels: of this very Python, whatever kernels are installed beside it."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from traitlets import default
    from zmq import has

    class OwnPython(AsyncKernelManager):
        @default("transport_encryption")
        def _between_kernel_and_us(self) -> str:
            return "auto" if has("curve") else "disabled"

        @property
        def kernel_spec(self) -> KernelSpec:
            spec = get_kernel_dict()
            return KernelSpec(**spec | {"argv": [*spec["argv"], "--HistoryManager.enabled=False"]})

    return OwnPython


def _silent() -> logging.Logger:
    """A log for what the outcome says already."""
    log = logging.getLogger(__name__)
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log


def _first_line(source: str) -> str:
    """The first line of a cell that is more than a comment."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith("#")), lines[0])[:80]


def _plain(text: str) -> str:
    """A text without a terminal's colours, in one line."""
    return " ".join(COLOURS.sub("", text).split())[:500]
