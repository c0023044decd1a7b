"""Attacks on the checker, by category: none passes, none escapes, each ends in time, and the parent lives to tell.

Each `.txt` file beside this one is a category; `## name: what it tries` begins an attack, `[ends]` says that only the
time-out ends it, `[brief]` that it may be. An attack is a learner's file whose `solve(x, w, b)` is to give `x @ w + b`,
and does something else.
"""

import ctypes
import os
import re
import socket
import time
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule.checker import isolation
from chainrule.checker.subject import Failed

HERE = Path(__file__).parent
SECRET = "SECRET-7f3a91"
ATTACK = re.compile(r"^## (\w+): (.*)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
TIMEOUT, SHORT = 5.0, 0.4  # seconds; the short one for attacks that only it ends
TRIES = 3  # at what is to end in time: another program may hold this one up, but hardly so often
ATTACKS = {
    f"{file.stem}-{name}": (text, what)
    for file in sorted(HERE.glob("*.txt"))
    for name, what, text in ATTACK.findall(file.read_text())
}
POISONS = [name for name in ATTACKS if name.startswith("poisoning")]
OTHERS = [name for name in ATTACKS if name not in POISONS]


def locks_here():
    """Whether this kernel has the locks at all, asked without the code under test."""
    status = Path("/proc/self/status")
    return status.exists() and "Seccomp:" in status.read_text() and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


needs_locks = pytest.mark.skipif(not locks_here(), reason="kernel: no Landlock or no seccomp")


class Site:
    """A folder with what attacks go for, and a look at what became of it."""

    def __init__(self, folder):
        self.canary, self.victim, self.secret = folder / "canary", folder / "victim", folder / "secret"
        self.victim.write_text("untouched")
        self.secret.write_text(SECRET)
        self.folder, self.name = folder / "submissions", f"chainrule-{os.getpid()}"
        self.folder.mkdir()
        (self.folder / "classmate.py").write_text("def solve(x, w, b):\n    return x @ w + b\n")
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.port = self.server.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.port))
        self.datagrams.setblocking(False)
        self.before = self.state()

    def state(self):
        """Everything of the victim that an attack could change."""
        about = self.victim.stat()
        return (
            self.victim.read_bytes(), about.st_mode, about.st_uid, about.st_mtime_ns, about.st_ino, os.listxattr(self.victim)
        )  # fmt: skip

    def attack(self, name):
        """Write an attack to a file; its path."""
        source = Path(chainrule.__file__).parent.parent
        path = self.folder / f"{name.split('-')[1]}_attack.py"
        text = ATTACKS[name][0]
        for word, value in {
            "CANARY": self.canary, "VICTIM": self.victim, "SECRET": self.secret, "PORT": self.port, "NAME": self.name,
            "PARENT": os.getpid(), "SOURCE": source, "SITE": Path(np.__file__).parent.parent,
        }.items():  # fmt: skip
            text = text.replace(f"@{word}@", str(value))
        path.write_text(text)
        return path

    def escapes(self):
        """What has been touched."""
        found = [str(path) for path in (self.canary, Path("/dev/shm", self.name)) if os.path.lexists(path)]
        if self.state() != self.before:
            found.append("victim")
        for sock, look in ((self.server, self.server.accept), (self.datagrams, lambda: self.datagrams.recv(9))):
            try:
                came = look()
            except BlockingIOError:
                continue
            found.append(f"socket {sock}")
            if isinstance(came, tuple):
                came[0].close()
        return found

    def close(self):
        self.server.close()
        self.datagrams.close()


@pytest.fixture
def site(tmp_path):
    found = Site(tmp_path)
    yield found
    found.close()


def judged(remote, rng, timeout):
    """What the checker would say of `solve`: right or not, every text that it would show, and the longest call's seconds."""
    said, right, seconds = [], [], []
    for _ in range(2):
        x, w, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)
        begun = time.monotonic()
        try:
            out = remote.call("solve", [x, w, b]).result
            said.append(str(out))
            right.append(type(out) is np.ndarray and out.shape == (4, 5) and np.allclose(out, x @ w + b))
        except Failed as error:
            said += [error.verdict, str(error), *getattr(error, "__notes__", [])]
            right.append(False)
        seconds.append(time.monotonic() - begun)
        said += remote.printed
        if said and said[0] == "timeout":
            break
    return any(right), said, max(seconds)


@needs_locks
@pytest.mark.promise("P6.1")
@pytest.mark.parametrize("name", OTHERS)
def test_no_attack_passes_escapes_or_outlasts_its_time(name, site, rng):
    assert any(in_time(name, site, rng) for _ in range(TRIES))


def in_time(name, site, rng):
    """Whether an attack that does no harm ends in time."""
    path = site.attack(name)
    source = path.read_bytes()
    timeout = SHORT if ATTACKS[name][1].endswith(("[ends]", "[brief]")) else TIMEOUT
    begun = time.monotonic()
    with isolation.open(path, timeout=timeout, memory_mb=256, require_sandbox=True) as remote:
        opened = time.monotonic() - begun
        right, said, slowest = judged(remote, rng, timeout)
        process = remote._child._process
        begun = time.monotonic()
    around = opened + time.monotonic() - begun
    assert not right, said
    text = "\n".join(said)
    assert SECRET not in text
    assert "ESCAPED" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x9b\u202a-\u202e]", text)
    assert len(text) < 1_000_000
    assert site.escapes() == []
    assert path.read_bytes() == source
    assert not Path(f"/proc/{process}").exists()
    if "[ends]" in ATTACKS[name][1]:
        assert said[0] == "timeout" or "something other than an answer" in said[1]
    return slowest < timeout + 1 and around < 5


@needs_locks
@pytest.mark.promise("P6.2")
@pytest.mark.parametrize("name", POISONS)
def test_nothing_lasts_from_one_function_to_the_next(name, site):
    with isolation.open(site.attack(name), timeout=TIMEOUT) as remote:
        remote.call("first")
        assert remote.call("poisoned").result is True  # the poison works
        remote.renew()
        assert remote.call("poisoned").result is False


@needs_locks
@pytest.mark.parametrize(
    "name", ["escaping-write_file", "escaping-permissions", "escaping-delete_file", "escaping-connect"]
)
def test_the_canaries_would_show_an_escape(name, site, rng):
    """Without the lock the same attacks do touch what they go for; so the tests above can fail."""
    with isolation.open(site.attack(name), timeout=TIMEOUT, lock=False) as remote:
        assert remote.tier == "limited"
        judged(remote, rng, TIMEOUT)
    assert (site.victim.exists() and site.escapes() != []) or name.endswith("delete_file")
    assert site.victim.exists() or name.endswith("delete_file")


@pytest.mark.parametrize(("name", "token"), [("answers-secret_file", SECRET), ("escaping-fork", "ESCAPED")])
def test_the_words_would_show_a_leak(name, token, site, rng):
    with isolation.open(site.attack(name), timeout=TIMEOUT, lock=False) as remote:
        assert token in "\n".join(judged(remote, rng, TIMEOUT)[1]) or (name.endswith("fork") and os.geteuid() != 0)


def test_the_reference_would_pass(site, rng):
    """Without the lock the classmate's file is imported, and judged right."""
    with isolation.open(site.attack("answers-import_classmate"), timeout=TIMEOUT, lock=False) as remote:
        assert judged(remote, rng, TIMEOUT)[0]


def test_there_are_enough_attacks():
    counts = {}
    for name in ATTACKS:
        counts[name.split("-")[0]] = counts.get(name.split("-")[0], 0) + 1
    assert sum(counts.values()) >= 80
    assert set(counts) == {"forging", "answers", "reference", "escaping", "exhausting", "lying", "poisoning"}
    assert min(counts.values()) >= 10
