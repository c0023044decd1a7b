"""Downloads: https alone, mirrors in turn, resumed where they broke off, used only once size and SHA-256 are right."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from io import BufferedRandom
from pathlib import Path
from typing import Any

from chainrule.core.errors import DataError
from chainrule.core.files import cause, output_errors, sync_folder

BLOCK = 1 << 18  # bytes read at a time
TIMEOUT = 30.0  # seconds without a byte until the next mirror is tried
ROUNDS = 3  # times that the mirrors are gone through, as long as each brings something


@dataclass(frozen=True)
class Remote:
    """A file that can be fetched: its name, exact size in bytes, SHA-256, and the addresses to try in turn."""

    name: str
    size: int
    sha256: str
    urls: tuple[str, ...]


def fetch(
    remote: Remote,
    folder: Path,
    *,
    progress: bool = True,
    schemes: tuple[str, ...] = ("https",),
    timeout: float = TIMEOUT,
) -> Path:
    """The file, from the folder where it is there already, else downloaded into it.

    Half a file stays as `NAME.part` and is continued the next time. Of two that fetch at once one downloads, the other
    waits and takes the result.

    Args:
        remote: what to fetch.
        folder: where to; made where missing.
        progress: show a progress bar.
        schemes: what an address, or one that it redirects to, may begin with.
        timeout: seconds without a byte until the next address is tried.

    Returns:
        The path of the file, whose size and SHA-256 are right.

    Raises:
        DataError: no address gave the file (the message has the address, the digest and where to put the file), or a
            file of that name is there and is another one.
        OutputError: the folder cannot be written.
    """
    target = folder / remote.name
    if target.exists():
        verify(target, remote)
        return target
    with output_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _only_one(folder / f"{remote.name}.part") as part:
            if not target.exists():
                _download(part, remote, target, progress, schemes, timeout)
                part.flush()
                os.fsync(part.fileno())
                os.replace(part.name, target)
                sync_folder(folder)
    return target


def verify(path: Path, remote: Remote) -> None:
    """Fail unless a file has the size and the SHA-256 that it should have."""
    found = path.stat().st_size
    if found != remote.size:
        raise DataError(
            f"{path}: {remote.size:,} bytes expected, {found:,} found: it is truncated or another file. Remove it."
        )
    with open(path, "rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != remote.sha256:
        raise DataError(f"{path}: SHA-256 {remote.sha256} expected, {digest} found: it is another file. Remove it.")


def _download(part: BufferedRandom, remote: Remote, target: Path, progress: bool, schemes, timeout: float) -> None:
    """Fill `part` from the mirrors in turn, until size and digest are right."""
    from tqdm import tqdm

    failures: list[str] = []
    with tqdm(total=remote.size, unit="B", unit_scale=True, desc=remote.name, disable=not progress) as bar:
        for _ in range(ROUNDS):
            before = _size(part)
            for url in remote.urls:
                try:
                    _continue(part, url, remote, schemes, timeout, bar)
                except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError, _Refused) as error:
                    failures.append(f"{url}: {getattr(error, 'reason', None) or error or type(error).__name__}")
                    continue
                if _digest(part) == remote.sha256:
                    return
                failures.append(f"{url}: SHA-256 differs; what came was thrown away")
                part.truncate(0)
            if _size(part) <= before:
                break
    raise DataError(
        f"{remote.name} could not be downloaded ({'; '.join(dict.fromkeys(failures))}). Fetch {remote.urls[0]} "
        f"({remote.size:,} bytes, SHA-256 {remote.sha256}) on a machine that can, and put it at {target}."
    )


class _Refused(Exception):
    """What a server offers cannot be the file."""


def _continue(part: BufferedRandom, url: str, remote: Remote, schemes, timeout: float, bar: Any) -> None:
    """Append to `part` what it lacks; never more than the file's size."""
    have = _size(part)
    if have > remote.size:
        part.truncate(have := 0)
    if have == remote.size:
        return
    request = urllib.request.Request(url, headers={"User-Agent": "chainrule", "Accept-Encoding": "identity"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with _opener(schemes, url).open(request, timeout=timeout) as answer:
        if have and (answer.status != 206 or not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")):
            part.truncate(have := 0)  # this server cannot continue: it sends the whole file
            if answer.status != 200:
                raise _Refused(f"an answer of status {answer.status} to a request for the rest")
        length = answer.headers.get("Content-Length")
        if length is not None and length != str(remote.size - have):
            raise _Refused(f"{remote.size - have:,} bytes expected, {length} offered")
        bar.reset(total=remote.size)
        bar.update(have)
        part.seek(have)
        while have < remote.size and (data := _receive(answer, min(BLOCK, remote.size - have))):
            part.write(data)
            have += len(data)
            bar.update(len(data))
        part.flush()
        if have < remote.size:
            raise _Refused(f"the connection ended after {have:,} of {remote.size:,} bytes")


def _receive(answer: Any, most: int) -> bytes:
    try:
        return answer.read1(most)
    except OSError as error:  # of the network: what fails in writing is another matter
        raise _Refused(f"the connection broke ({error})") from error


def _opener(schemes: tuple[str, ...], url: str) -> urllib.request.OpenerDirector:
    """An opener that goes to no address of another scheme, redirects included."""

    class Redirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req, fp, code, msg, headers, newurl):
            _check_scheme(newurl, schemes)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    _check_scheme(url, schemes)
    return urllib.request.build_opener(Redirects)


def _check_scheme(url: str, schemes: tuple[str, ...]) -> None:
    if url.partition(":")[0].lower() not in schemes:
        raise _Refused(f"it leads to {url}, which is not {' or '.join(schemes)}")


def _size(part: BufferedRandom) -> int:
    part.flush()
    return os.fstat(part.fileno()).st_size


def _digest(part: BufferedRandom) -> str:
    part.seek(0)
    return hashlib.file_digest(part, "sha256").hexdigest()


@contextmanager
def _only_one(path: Path) -> Iterator[BufferedRandom]:
    """Open a file for one process (and thread) at a time; others wait. It is removed where it stays empty."""
    while True:
        stream = open(path, "a+b")  # noqa: SIM115  (it lives as long as the lock)
        try:
            _lock(stream)
            try:
                same = os.path.samestat(os.fstat(stream.fileno()), os.stat(path))
            except FileNotFoundError:
                same = False  # whoever had it has finished and renamed it
            if not same:
                continue
            # "a" would append wherever we seek to: write through a second handle, keep this one for its lock
            try:
                with open(path, "r+b") as part:
                    yield part
            finally:
                with suppress(OSError):
                    if os.stat(path).st_size == 0:
                        os.unlink(path)
            return
        finally:
            stream.close()


def _lock(stream: BufferedRandom) -> None:
    """Wait for the file's lock, which ends with the process that holds it."""
    try:
        import fcntl
    except ImportError:  # no such locks here: two at once both download, and the last rename wins
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
    except OSError as error:
        raise DataError(
            f"{stream.name}: the file cannot be locked: {cause(error)}. Use a folder on a local disk."
        ) from error
