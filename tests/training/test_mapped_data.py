"""Training on a memory-mapped file copies nothing of it: the file may be larger than memory."""

import subprocess
import sys

import numpy as np
import pytest

import chainrule as cr

SCRIPT = """
import sys
import numpy as np
import chainrule as cr

def anonymous():
    with open("/proc/self/status") as status:
        return int(next(line.split()[1] for line in status if line.startswith("RssAnon"))) / 1000

def train(X):
    net = cr.FullyConnectedNet([8], input_dim=1024, num_classes=2)
    solver = cr.Solver(net, {"X_train": X, "y_train": np.arange(len(X)) % 2}, engine=sys.argv[2], verbose=False)
    solver.task.total_steps = 20
    return solver.train()

train(np.zeros((200, 1024), sys.argv[3]))  # what is loaded once
before = anonymous()
assert len(train(np.load(sys.argv[1], mmap_mode="r")).loss) == 20
print(anonymous() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from Linux's /proc")
@pytest.mark.parametrize("engine", ["plain", "fused"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_mapped_file_is_not_copied(engine, dtype, tmp_path):
    path = tmp_path / "X.npy"
    rows = (400 << 20) // 1024 // np.dtype(dtype).itemsize
    np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=(rows, 1024)).flush()  # 400 MB with no block on disk
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), engine, dtype], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 40


def test_a_mapped_file_trains_as_the_array_does(tmp_path, rng):
    X, y = rng.integers(0, 256, (200, 12), dtype=np.uint8), rng.integers(0, 3, 200)
    np.save(tmp_path / "X.npy", X)
    losses = []
    for rows in (X, np.load(tmp_path / "X.npy", mmap_mode="r")):
        net = cr.FullyConnectedNet([8], input_dim=12, num_classes=3)
        losses.append(cr.Solver(net, {"X_train": rows, "y_train": y}, epochs=2, verbose=False).train().loss)
    assert np.array_equal(*losses)
