"""A Dask cluster: workers on any machines, of which none needs this machine's files.

Rows reach each machine once, into a folder that all its workers read. A training comes back after a while with its
checkpoint, which is kept here, and goes on wherever there is room; so where a worker dies, it goes on elsewhere from
there, and where this process dies, its next run does. A worker's results do not count once the scheduler has given it up.
"""

import ipaddress
import re
import socket
import threading
from collections import defaultdict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from chainrule.core.errors import DataError, MissingExtraError, SettingError
from chainrule.datasets import Dataset
from chainrule.study.executors import rows
from chainrule.study.executors.base import MOST_DEATHS, Data, Job, SchedulerLost, Unfinished, Work, WorkerLost

LEG = 30.0  # seconds of a training between two checkpoints that come back
CONNECT = 10  # seconds
GLANCE = 5.0  # seconds between two looks at whether the scheduler is still there
GONE = ("closing", "closed")
MOST_AT_ONCE = 256
ADDRESS = re.compile(r"(?:(tcp|tls)://)?(\[[0-9a-f:]+\]|[\w.-]+):(\d{1,5})")


def distributed() -> ModuleType:
    """The package.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("a cluster needs Dask; install it with: pip install 'chainrule[cluster]'") from error
    return distributed


def check_address(given: Any) -> Any:
    """A scheduler with TLS, or of this machine; Dask's messages are code, so nobody else may write them.

    Args:
        given: its address, "local", or a cluster of Dask's deployments, such as SLURMCluster.

    Raises:
        SettingError: anything else.
    """
    address = getattr(given, "scheduler_address", given)
    if not isinstance(address, str) or not (address == "local" or ADDRESS.fullmatch(address)):
        raise SettingError(
            f"cluster must be a Dask scheduler's address, such as tls://head-node:8786, or 'local'; came {given!r:.80}."
        )
    found = ADDRESS.fullmatch(address)
    if found and found[1] != "tls" and not _is_here(found[2].strip("[]")):
        raise SettingError(
            f"cluster: {address} is another machine, and the way there is not protected; it must be. Start its scheduler "
            f"and workers with TLS (dask scheduler --protocol tls ...), and give tls://{found[2]}:{found[3]}."
        )
    if found and found[1] == "tls" and address is given:
        _check_certificates(address)
    return given


def _check_certificates(address: str) -> None:
    """See that the files which Dask's settings name for TLS are there, and hold what they should."""
    security = distributed().Security()
    files = {
        "CA_FILE": security.tls_ca_file, "CLIENT__CERT": security.tls_client_cert, "CLIENT__KEY": security.tls_client_key,
    }  # fmt: skip
    try:
        context = security.get_connection_args("client")["ssl_context"]
    except OSError as error:  # of files, and of what they hold
        raise SettingError(
            f"cluster: {address} has TLS, but one of the files named for it cannot be used: "
            f"{', '.join(str(name) for name in files.values() if name)} ({error}). They must be PEM files, and the key that "
            f"of the certificate; docs/how-to/clusters.md says how."
        ) from error
    if context is None:
        names = ", ".join(f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name, file in files.items() if not file)
        raise SettingError(
            f"cluster: {address} has TLS, so that this machine needs a certificate, its key and the authority's "
            f"certificate too; not set: {names}. Set them to PEM files, as docs/how-to/clusters.md says."
        )


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class Cluster:
    """Runs jobs on the workers of a Dask scheduler.

    Args:
        data: the rows, by name.
        workers: of a scheduler that is started here.
        address: as `check_address` takes it.
        folder: of the study.

    Raises:
        SettingError: no scheduler is there.
    """

    def __init__(self, data: Data, workers: int, address: Any, folder: Path) -> None:
        library = distributed()
        self._data = {one.fingerprint: one for one in data.values()}
        self._wanted = {name: one.fingerprint for name, one in data.items()}
        self._cluster: Any = None
        if isinstance(address, str) and address == "local":
            self._cluster = library.LocalCluster(
                n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50,
                local_directory=str(folder / "running" / "dask"),
            )  # fmt: skip
        try:
            self._client = library.Client(self._cluster or address, timeout=CONNECT, set_as_default=False)
        except OSError as error:
            also = ", and are its certificates of the same authority as yours" if "tls://" in str(address) else ""
            raise SettingError(
                f"cluster: there is no Dask scheduler at {address} that answers. Is it running, is the address right{also}? "
                f"({error})"
            ) from error
        self.workers, self._address = workers, self._client.scheduler.address
        self._machines: dict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._places: set[str] = set()
        self.brought: list[tuple[str, str]] = []  # (machine, fingerprint) of rows that went over the net
        self._pool, self._closed = ThreadPoolExecutor(MOST_AT_ONCE), False

    def submit(self, work: Work, job: Job) -> Future:
        """Have a job done, in legs."""
        return self._pool.submit(self._one, work, job)

    def _one(self, work: Work, job: Job) -> Any:
        killed, deaths = distributed().KilledWorker, 0
        leg = job.away(LEG)
        while deaths < MOST_DEATHS:
            try:
                found = self._asked(_leg, work, leg, self._wanted, version("chainrule"))
            except killed:
                deaths += 1
                continue
            except CancelledError:
                if self._closed:
                    raise
                deaths += 1
                continue
            if isinstance(found, _Missing):
                self._bring(found)
            elif isinstance(found, Unfinished):
                leg, deaths = job.keep(found.state).away(LEG), 0
            else:
                return found
        raise WorkerLost

    def _asked(self, function: Any, *arguments: Any, workers: list[str] | None = None) -> Any:
        """What a worker answers.

        Raises:
            SchedulerLost: nobody will answer any more.
        """
        if self._client.status in GONE:
            raise SchedulerLost(self._address)
        sent = self._client.submit(function, *arguments, workers=workers, pure=False)
        while True:
            try:
                return sent.result(GLANCE)
            except TimeoutError:
                if sent.status == "error":  # the answer itself
                    raise
                if self._client.status in GONE:
                    raise SchedulerLost(self._address) from None

    def _bring(self, missing: "_Missing") -> None:
        """Take rows to a machine, once, whatever number of its workers ask for them."""
        machine = missing.machine, missing.fingerprint
        killed = distributed().KilledWorker
        with self._machines[machine], suppress(killed, CancelledError):  # of a worker that died, another asks again
            there = [missing.worker]
            if not self._asked(_is_there, missing.place, missing.fingerprint, workers=there):
                data = self._client.scatter(self._data[missing.fingerprint], workers=there, hash=False)
                self._asked(_put, data, missing.place, workers=there)
                self.brought.append(machine)
            self._places.add(missing.place)

    def close(self) -> None:
        """Forget all jobs; the rows are removed from the machines."""
        self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        with suppress(Exception):  # machines that are gone have nothing to be removed from
            for place in self._places if self._client.status not in GONE else ():
                self._client.run(_remove, place)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


@dataclass(frozen=True)
class _Missing:
    """A worker's machine lacks some rows."""

    machine: str
    worker: str
    place: str
    fingerprint: str


def _leg(work: Work, job: Any, wanted: dict[str, str], release: str) -> Any:
    """On a worker: carry out a job, or say that its rows are not there."""
    if version("chainrule") != release:
        raise SettingError(
            f"cluster: the worker on {socket.gethostname()} has Chainrule {version('chainrule')}, this machine {release}. "
            f"Results would differ; install the same version on both."
        )
    worker = distributed().get_worker()
    place = Path(worker.local_directory).parent / "chainrule-rows"
    for fingerprint in wanted.values():
        if not _is_there(str(place), fingerprint):
            return _Missing(socket.gethostname(), worker.address, str(place), fingerprint)
    data = {name: _opened(str(place), fingerprint) for name, fingerprint in wanted.items()}
    return work(job, data, lambda: False)


@lru_cache(8)
def _opened(place: str, fingerprint: str) -> Dataset:
    found = rows.get(Path(place, fingerprint))
    if found.fingerprint != fingerprint:
        raise DataError(f"{place}: the rows that were put there have changed. Remove that folder.")
    return found


def _is_there(place: str, fingerprint: str) -> bool:
    return Path(place, fingerprint).is_dir()


def _put(data: Dataset, place: str) -> None:
    rows.put(data, Path(place))


def _remove(place: str) -> None:
    rows.remove(Path(place))
