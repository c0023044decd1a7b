"""Downloads against a server on this machine: mirrors, resuming, digests, redirects, two at once, offline."""

import hashlib
import http.server
import threading
import time

import numpy as np
import pytest

from chainrule.core.errors import DataError, OutputError
from chainrule.datasets.download import Remote, fetch, verify

DATA = np.random.default_rng(0).bytes(300_000)
SHA = hashlib.sha256(DATA).hexdigest()
OPTIONS = {"progress": False, "schemes": ("http",), "timeout": 5.0}


class Handler(http.server.BaseHTTPRequestHandler):
    """/good serves the file with ranges; other paths misbehave as their names say."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        asked = self.headers.get("Range")
        self.server.requests.append((self.path, asked))
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        getattr(self, "get" + self.path.replace("/", "_"))(start)

    def answer(self, data, start=0, length=None, status=None):
        self.send_response(status or (206 if start else 200))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)

    def get_good(self, start):
        self.answer(DATA[start:], start)

    def get_slow(self, start):
        time.sleep(0.3)
        self.answer(DATA[start:], start)

    def get_cut(self, start):
        self.answer(DATA[start : start + 100_000], start, length=len(DATA) - start)
        self.close_connection = True

    def get_cut_early(self, start):
        self.answer(DATA[start : start + 10], start, length=len(DATA) - start)
        self.close_connection = True

    def get_no_ranges(self, start):
        self.answer(DATA)

    def get_wrong_range(self, start):
        self.send_response(206)
        self.send_header("Content-Range", f"bytes 0-{len(DATA) - 1}/{len(DATA)}")
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA)

    def get_other_bytes(self, start):
        self.answer(bytes(len(DATA) - start), start)

    def get_too_long(self, start):
        self.answer(DATA + b"x" * 1000)

    def get_missing(self, start):
        self.answer(b"not here", status=404)

    def get_endless(self, start):
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def get_stalled(self, start):
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.server.closing.wait(30)
        self.close_connection = True

    def get_to_file(self, start):
        self.redirect("file:///etc/passwd")

    def get_to_good(self, start):
        self.redirect("/good")

    def get_to_https(self, start):
        self.redirect("https://127.0.0.1:9/file")

    def redirect(self, where):
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.requests, server.closing, server.daemon_threads = [], threading.Event(), True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join()


def remote(server, *paths):
    base = f"http://127.0.0.1:{server.server_port}"
    return Remote("file.tar.gz", len(DATA), SHA, tuple(f"{base}/{path}" for path in paths))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.promise("P1.7")
def test_a_file_comes_whole_and_is_kept(server, tmp_path):
    path = fetch(remote(server, "good"), tmp_path / "new" / "folder", **OPTIONS)
    assert path.read_bytes() == DATA
    assert names(path.parent) == ["file.tar.gz"]
    assert fetch(remote(server, "good"), path.parent, **OPTIONS) == path
    assert len(server.requests) == 1


@pytest.mark.promise("P1.7")
@pytest.mark.parametrize(
    "bad", ["missing", "other/bytes", "too/long", "endless", "stalled", "to/file", "cut/early", "wrong/range"]
)
def test_mirrors_are_tried_in_turn(bad, server, tmp_path):
    options = OPTIONS | {"timeout": 2.0}
    (tmp_path / "file.tar.gz.part").write_bytes(DATA[:1000] if bad == "wrong/range" else b"")
    path = fetch(remote(server, bad, "good"), tmp_path, **options)
    assert path.read_bytes() == DATA
    assert names(tmp_path) == ["file.tar.gz"]
    assert [request[0] for request in server.requests] == ["/" + bad, "/good"]


@pytest.mark.promise("P1.7")
def test_a_broken_connection_is_continued(server, tmp_path):
    assert fetch(remote(server, "cut"), tmp_path, **OPTIONS).read_bytes() == DATA
    assert [request[1] for request in server.requests] == [None, "bytes=100000-", "bytes=200000-"]


@pytest.mark.promise("P1.7")
def test_half_a_file_is_continued_the_next_time(server, tmp_path):
    with pytest.raises(DataError, match="the connection"):
        fetch(remote(server, "cut/early", "missing"), tmp_path, **OPTIONS)
    kept = (tmp_path / "file.tar.gz.part").stat().st_size
    assert 0 < kept < 100
    server.requests.clear()
    assert fetch(remote(server, "good"), tmp_path, **OPTIONS).read_bytes() == DATA
    assert server.requests == [("/good", f"bytes={kept}-")]


def test_a_server_without_ranges_sends_all(server, tmp_path):
    (tmp_path / "file.tar.gz.part").write_bytes(DATA[:1000])
    assert fetch(remote(server, "no/ranges"), tmp_path, **OPTIONS).read_bytes() == DATA


def test_a_damaged_or_oversized_part_is_thrown_away(server, tmp_path):
    for part in (b"x" * 1000, b"x" * (len(DATA) + 1), b"x" * len(DATA)):
        folder = tmp_path / str(len(part))
        folder.mkdir()
        (folder / "file.tar.gz.part").write_bytes(part)
        assert fetch(remote(server, "good", "good"), folder, **OPTIONS).read_bytes() == DATA


def test_redirects_are_followed_within_the_scheme(server, tmp_path):
    assert fetch(remote(server, "to/good"), tmp_path, **OPTIONS).read_bytes() == DATA


@pytest.mark.promise("P1.7")
def test_https_alone_unless_told_otherwise(server, tmp_path):
    with pytest.raises(DataError, match="which is not https"):
        fetch(remote(server, "good"), tmp_path, progress=False)
    assert server.requests == []
    assert names(tmp_path) == []


@pytest.mark.promise("P1.7")
def test_redirects_out_of_the_scheme_are_not_followed(server, tmp_path):
    with pytest.raises(DataError, match=r"leads to https://127\.0\.0\.1:9/file, which is not http"):
        fetch(remote(server, "to/https"), tmp_path, **OPTIONS)


@pytest.mark.promise("P1.7")
def test_wrong_bytes_are_never_kept(server, tmp_path):
    with pytest.raises(DataError, match="SHA-256 differs"):
        fetch(remote(server, "other/bytes"), tmp_path, **OPTIONS)
    assert names(tmp_path) == []


@pytest.mark.promise("P1.7")
def test_offline_says_address_digest_and_place(tmp_path):
    far = Remote("file.tar.gz", len(DATA), SHA, ("http://127.0.0.1:9/a.tar.gz", "http://127.0.0.1:9/b.tar.gz"))
    with pytest.raises(DataError) as caught:
        fetch(far, tmp_path, **OPTIONS)
    message = str(caught.value)
    for part in (
        "http://127.0.0.1:9/a.tar.gz",
        "http://127.0.0.1:9/b.tar.gz",
        SHA,
        "300,000",
        str(tmp_path / "file.tar.gz"),
    ):
        assert part in message


@pytest.mark.promise("P1.7")
def test_two_at_once_give_one_winner(server, tmp_path):
    found, errors = [], []

    def work():
        try:
            found.append(fetch(remote(server, "slow"), tmp_path, **OPTIONS).read_bytes())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert found == [DATA] * 5
    assert len(server.requests) == 1
    assert names(tmp_path) == ["file.tar.gz"]


@pytest.mark.promise("P1.7")
def test_a_foreign_file_in_its_place_is_not_used(server, tmp_path):
    path = tmp_path / "file.tar.gz"
    for data, message in ((DATA[:-1], "300,000 bytes expected, 299,999 found"), (bytes(len(DATA)), "SHA-256")):
        path.write_bytes(data)
        with pytest.raises(DataError, match=message):
            fetch(remote(server, "good"), tmp_path, **OPTIONS)
    path.write_bytes(DATA)
    verify(path, remote(server, "good"))
    assert server.requests == []


def test_a_folder_that_cannot_be_written_is_an_output_error(server, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="file"):
        fetch(remote(server, "good"), tmp_path / "file", **OPTIONS)


def test_the_progress_bar_counts_bytes(server, tmp_path, capsys):
    fetch(remote(server, "good"), tmp_path, **(OPTIONS | {"progress": True}))
    assert "300k/300k" in capsys.readouterr().err
