"""Images stay bytes: training on CIFAR-10 needs little more memory than the images themselves."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import chainrule as cr

data = cr.load_data("cifar10")
net = cr.FullyConnectedNet([500, 500, 500], norm="batch")
solver = cr.Solver(net, data, rule="adam", verbose=False)
solver.task.total_steps = 30
history = solver.train()
assert data.X_train.dtype == "uint8" and len(data.X_test) == 10_000 and len(history.loss) == 30
net.score(data.X_test, data.y_test)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak is read from Linux's /proc")
@pytest.mark.parametrize("cache", ["as it is", pytest.param("empty", marks=pytest.mark.long)])
def test_training_on_cifar10_peaks_below_450_mb(cache, cifar10_folder, tmp_path):
    own = {"NUMBA_CACHE_DIR": str(tmp_path)} if cache == "empty" else {}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=600, env={**os.environ, **own}
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 1000 < 450
