"""A learner's code in a process of its own: calls, copies, handles, callbacks, ends."""

import ctypes
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import chainrule
from chainrule.checker import isolation
from chainrule.checker.isolation import IsolationError, zygote
from chainrule.checker.isolation.inside import seccomp
from chainrule.checker.subject import Failed, Handle, Subject
from chainrule.core.errors import ArrayTypeError, DataError, SettingError

LAYERS = '''
import random
import numpy as np
import matplotlib.pyplot as plt
from collections import namedtuple

plt.rcParams["figure.figsize"] = (10, 8)
print("loading")
Cache = namedtuple("Cache", "x w")
EPS = 1e-5

def affine_forward(x, w, b):
    return x @ w + b, (x, w)

def own_cache(x, w):
    return x @ w, Cache(x, w)

def uses(cache):
    return type(cache).__name__, cache[0] * 2

def identical(cache, other):
    return cache is other

def changes(x, config, same):
    x *= 2
    config["v"] = x.copy()

def prints(text):
    print(text)
    raise ValueError(text)

def endless():
    while True:
        pass

def numeric(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)

def strange():
    return np.zeros(2, complex), {1, 2}, np.float32(3), np.arange(3)[::-1], None

def threads():
    import os
    return os.environ["OPENBLAS_NUM_THREADS"], sorted(os.environ)

def draws():
    return np.random.rand(), random.random()

def memory():
    return np.zeros(1 << 20).sum()

def late_import():
    import colorsys, scipy.special
    return float(scipy.special.expit(0.0)), colorsys.rgb_to_hsv(0, 0, 1)[2]

class Net:
    """A net."""
    def __init__(self, size, reg=0.0):
        self.params = {"W": np.ones(size)}
        self.reg = reg
    def loss(self, X, y=None):
        return X @ self.params["W"] + self.reg

def _private():
    pass
'''


def kernel_locks():
    """Whether this kernel has both locks, asked without the code under test."""
    status = Path("/proc/self/status")
    return status.exists() and "Seccomp:" in status.read_text() and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


locked_here = pytest.mark.skipif(not kernel_locks(), reason="kernel: no Landlock or no seccomp")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("learner") / "my_layers.py"
    found.write_text(LAYERS)
    return found


@pytest.fixture(scope="module")
def remote(path):
    with isolation.open(path, timeout=10) as found:
        yield found


@locked_here
@pytest.mark.promise("P6.4")
def test_here_it_is_locked(remote):
    assert remote.tier == "locked"


def test_it_is_the_batterys_subject(remote):
    subject: Subject = remote
    assert subject.title == "my_layers"
    assert {"affine_forward", "Net"} <= set(subject.names)
    assert not {"_private", "plt", "namedtuple", "np", "EPS"} & set(subject.names)
    assert remote.definitions["Net"].kind == "class"
    assert remote.definitions["Net"].parameters == ("size", "reg")
    assert remote.definitions["Net"].methods == {"loss": ("self", "X", "y")}
    assert remote.definitions["affine_forward"].parameters == ("x", "w", "b")
    assert "loading" in remote.printed[0]


def test_calls_give_exact_results(remote, rng):
    x, w, b = rng.normal(size=(4, 3)), rng.normal(size=(3, 5)), rng.normal(size=5)
    answer = remote.call("affine_forward", [x, w], {"b": b})
    assert answer.result[0].tobytes() == (x @ w + b).tobytes()
    assert answer.result[1][1].tobytes() == w.tobytes()
    assert answer.args[0] is x  # unchanged: nothing was sent back
    assert answer.peak is None
    assert remote.call("memory", measured=True).peak >= 8 << 20


def test_what_stays_there_is_the_very_object(remote, rng):
    x, w = rng.normal(size=(4, 3)), rng.normal(size=(3, 5))
    out, cache = remote.call("own_cache", [x, w]).result
    assert (type(out), type(cache), cache.kind) == (np.ndarray, Handle, "Cache")
    kind, doubled = remote.call("uses", [cache]).result
    assert kind == "Cache"
    assert np.array_equal(doubled, 2 * x)
    out, kept = remote.call("affine_forward", [x, w, 0.0], kept=[1]).result
    assert type(kept) is Handle
    assert remote.call("identical", [kept, kept]).result is True
    assert np.array_equal(remote.value(kept)[0], x)


def test_changes_in_place_come_back(remote, rng):
    x, config = rng.normal(size=(2, 3)), {"lr": 0.1}
    answer = remote.call("changes", [x, config, [1, 2]])
    assert np.array_equal(answer.args[0], 2 * x)
    assert list(answer.args[1]) == ["lr", "v"]
    assert np.array_equal(answer.args[1]["v"], 2 * x)
    assert answer.args[2] == [1, 2]
    assert config == {"lr": 0.1}
    held = remote.keep(config)
    answer = remote.call("changes", [x, held, None])
    assert answer.args[1] is held
    assert np.array_equal(remote.value(held)["v"], 2 * x)


def test_objects_are_made_read_and_changed(remote):
    net = remote.call("Net", [3], {"reg": 1.0}, kept=True).result
    assert net.kind == "Net"
    assert np.array_equal(remote.call((net, "loss"), [np.eye(3)]).result, [2, 2, 2])
    params = remote.get(net, "params", kept=True)
    remote.set_item(params, "W", np.arange(3.0))
    remote.set(net, "reg", 0.0)
    assert np.array_equal(remote.call((net, "loss"), [np.eye(3)]).result, [0, 1, 2])
    assert np.array_equal(remote.get(net, "params")["W"], [0, 1, 2])
    with pytest.raises(Failed, match="gamma") as caught:
        remote.get(net, "gamma")
    assert caught.value.verdict == "missing"


def test_callables_are_called_here(remote, rng):
    x, seen = rng.normal(size=4), []

    def square(value):
        seen.append(value)
        return value**2

    assert np.allclose(remote.call("numeric", [square, x, 1e-4]).result, 2 * x)
    assert len(seen) == 2
    with pytest.raises(Failed, match="Refused: ZeroDivisionError"):
        remote.call("numeric", [lambda value: 1 / 0, x, 1e-4])


def test_strange_results_are_named(remote):
    complex_, set_, scalar, reverse, none = remote.call("strange").result
    assert complex_.kind == "ndarray of complex128, shape (2,)"
    assert set_.kind == "set"
    assert type(scalar) is np.float32
    assert reverse.tolist() == [2, 1, 0]
    assert none is None


def test_errors_say_what_and_where(remote):
    with pytest.raises(Failed, match="ValueError: over\ufffd here") as caught:
        remote.call("prints", ["over\x1b here"])
    assert (caught.value.verdict, caught.value.line) == (
        "crash",
        LAYERS.split("\n").index("    raise ValueError(text)") + 1,
    )
    assert "raise ValueError(text)" in caught.value.__notes__[0]
    assert "over\ufffd here" in remote.printed[0]
    with pytest.raises(Failed, match="relu is not defined in my_layers") as caught:
        remote.call("relu", [1])
    assert caught.value.verdict == "missing"
    with pytest.raises(ArrayTypeError, match="set"):
        remote.call("uses", [{1, 2}])


def test_the_child_knows_nothing_of_this_process(remote):
    one, names = remote.call("threads").result
    assert one == "1"
    assert not {"HOME_SECRET", "PYTHONPATH", "VIRTUAL_ENV"} & set(names)


def test_modules_can_be_imported_late(remote):
    assert remote.call("late_import").result == (0.5, 1)


@pytest.mark.promise("P6.2")
def test_a_fresh_process_for_each_function(remote):
    cache = remote.keep([1])
    remote.seed(3)
    first = [remote.draw(), remote.draw()]
    remote.renew()
    with pytest.raises(Failed, match="has ended"):
        remote.value(cache)
    remote.seed(3)
    assert [remote.draw(), remote.draw()] == first
    assert first[0] != first[1]


def test_random_numbers_are_the_same_in_every_run(path):
    seen = []
    for _ in range(2):
        with isolation.open(path) as remote:
            drawn = remote.call("draws").result
            remote.renew()
            seen.append((drawn, remote.call("draws").result))
    assert seen[0] == seen[1]
    assert seen[0][0] != seen[0][1]


def test_after_a_time_out_the_next_call_has_a_new_process(path):
    with isolation.open(path, timeout=600) as remote:
        held = remote.keep(1)
        with pytest.raises(Failed, match=r"no answer within 0\.3 seconds") as caught:
            remote.call("endless", timeout=0.3)
        assert caught.value.verdict == "timeout"
        with pytest.raises(Failed, match="has ended"):
            remote.value(held)
        assert remote.call("identical", [1, 2]).result is False


def test_a_file_that_cannot_be_loaded_is_tried_once(tmp_path, monkeypatch):
    broken = tmp_path / "broken.py"
    broken.write_text("import numpy as np\n\ndef f(:\n")
    with isolation.open(broken) as remote:
        for _ in range(2):
            with pytest.raises(Failed, match="cannot be loaded: SyntaxError") as caught:
                remote.call("f")
            assert (caught.value.verdict, caught.value.line) == ("crash", 3)
    broken.write_text("while True:\n    pass\n")
    with isolation.open(broken, timeout=0.3) as remote:
        with pytest.raises(Failed) as caught:
            remote.definitions  # noqa: B018
        assert caught.value.verdict == "timeout"
        monkeypatch.setattr("chainrule.checker.isolation.remote.Child", None)  # nothing is started any more
        with pytest.raises(Failed, match="cannot be loaded"):
            remote.call("f")


@pytest.mark.promise("P6.1")
def test_children_do_not_outlive_this_process(path):
    code = (
        "from chainrule.checker import isolation\n"
        f"remote = isolation.open({str(path)!r}, timeout=60)\n"
        "remote.names\n"
        "print(remote._child._process, remote._zygote._process.pid, flush=True)\n"
        "remote.call('endless')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        processes = [int(number) for number in parent.stdout.readline().split()]
        assert len(processes) == 2
        parent.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(alive(process) for process in processes):
        time.sleep(0.02)
    assert not any(alive(process) for process in processes)


def alive(process):
    """Whether a process runs; one that has ended and that nobody has waited for does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_many_are_open_at_once(path):
    def work(number):
        with isolation.open(path) as remote:
            return [remote.call("numeric", [lambda x: number * x, float(i), 1.0]).result for i in range(5)]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [[float(number)] * 5 for number in range(4)]


def test_nothing_is_left_open(path):
    before = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    with isolation.open(path) as remote:
        remote.call("identical", [1, 2])
        remote.renew()
        remote.call("identical", [1, 2])
    assert len(os.listdir("/proc/self/fd") if before else []) == len(before)
    remote.close()


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"timeout": 0}, SettingError, "timeout"),
        ({"timeout": float("inf")}, SettingError, "timeout"),
        ({"memory_mb": 1}, SettingError, "memory_mb"),
        ({"package_roots": ["no/such/folder"]}, DataError, "folder of packages"),
        ({"package_roots": [Path(chainrule.__file__).parent.parent]}, SettingError, "holds this library"),
    ],
)
def test_bad_settings_are_refused(path, settings, error, words):
    with pytest.raises(error, match=words):
        isolation.open(path, **settings)


def test_bad_paths_are_refused(path, tmp_path):
    link = tmp_path / "link.py"
    link.symlink_to(path)
    (tmp_path / "notes.txt").write_text("")
    for bad in (link, tmp_path / "missing.py", tmp_path / "notes.txt"):
        with pytest.raises(DataError, match="cannot read"):
            isolation.open(bad)
    with pytest.raises(SettingError, match="all the answers"):
        isolation.open(Path(chainrule.__file__).parent)


@pytest.mark.promise("P6.4")
def test_without_the_lock_it_says_so_and_a_required_one_fails(path):
    with isolation.open(path, lock=False) as remote:
        assert remote.tier == "limited"
        assert remote.sandbox.startswith("limited")
        assert remote.call("identical", [1, 2]).result is False
    with pytest.raises(IsolationError, match="a locked process is required, but here it would be limited"):
        isolation.open(path, lock=False, require_sandbox=True)


CLOSE = """
import os
from chainrule.checker.isolation.inside import landlock, lockdown, seccomp
{change}
lock = lockdown.prepare(["/usr"], lockdown.__file__, memory=1 << 30, seconds=60, kernel=True)
os.write(1, lockdown.close(lock).encode())
os._exit(0)
"""


@locked_here
@pytest.mark.promise("P6.4")
@pytest.mark.parametrize(
    ("change", "tier"),
    [
        ("", "locked"),
        ("landlock.version = lambda: 0", "filtered"),
        ("landlock.restrict = lambda rules: False", "filtered"),
        ("landlock.restrict = lambda rules: True", "filtered"),
        ("seccomp.program = lambda: None", "limited"),
        ("seccomp.restrict = lambda code: False", "limited"),
        ("seccomp.restrict = lambda code: True", "limited"),
        ("seccomp.no_new_privileges = lambda: False", "limited"),
    ],
)
def test_a_lock_that_does_not_hold_is_not_reported(change, tier):
    """Kernels without a lock, or with one that only claims to be closed."""
    command = [sys.executable, "-c", CLOSE.format(change=change)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == tier


def test_a_process_that_cannot_start_is_reported(path, monkeypatch, tmp_path):
    monkeypatch.setattr(zygote, "PROGRAM", tmp_path / "missing.py")
    with pytest.raises(IsolationError, match=r"cannot be started: .*missing\.py"):
        isolation.open(path)


def test_the_filter_is_written_for_both_architectures(monkeypatch):
    lengths = []
    for machine in ("x86_64", "aarch64"):
        monkeypatch.setattr(seccomp.platform, "machine", lambda machine=machine: machine)
        lengths.append(len(seccomp.program()))
        assert lengths[-1] % 8 == 0
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "riscv64")
    assert seccomp.program() is None
    dangerous = {
        "fork",
        "vfork",
        "clone",
        "execve",
        "socket",
        "kill",
        "ptrace",
        "prctl",
        "unlink",
        "mkdir",
        "fcntl",
        "ioctl",
    }
    assert not dangerous & set(seccomp.ALLOWED)
