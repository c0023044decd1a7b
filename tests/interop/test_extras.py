"""Without any extra: nothing of them is imported, what needs none works, and what needs one says which."""

import subprocess
import sys

BLOCKED = """
import sys
EXTRAS = {"torch", "jax", "onnx", "onnxruntime", "tensorboard", "mlflow", "wandb", "optuna", "distributed", "polars",
          "pyarrow", "pandas", "nbclient", "IPython", "ipykernel", "jupytext", "sphinx"}

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in EXTRAS:
            tried.add(name)
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

tried = set()
sys.meta_path.insert(0, Absent())
import numpy as np
from sklearn.neural_network import MLPClassifier
import chainrule as cr
from chainrule.interop.loggers import JSONLines, logger
"""
WORKS = """
X, y = np.random.default_rng(0).standard_normal((40, 3)), np.arange(40) % 2
tried.clear()
model = cr.FullyConnectedClassifier((4,), epochs=2, callbacks=[JSONLines("log.jsonl")], verbose=True).fit(X, y)
cr.FullyConnectedRegressor((4,), epochs=2).fit(X, X[:, 0]).predict(X)
model.net_.save("net.safetensors")
model.history_._repr_html_()
cr.find_learning_rate(cr.load_net("net.safetensors"), {"X_train": X, "y_train": y})
print(sorted(name for name in tried if name not in ("pandas", "polars", "pyarrow")))  # scikit-learn asks for frames
cr.from_sklearn(MLPClassifier((3,), solver="lbfgs", max_iter=1000).fit(X, y))
"""
SAYS = """
for wish in (lambda: cr.to_torch(model.net_), lambda: cr.from_torch(model.net_), lambda: cr.to_onnx(model.net_, "a.onnx"),
             lambda: logger("tensorboard:board"), lambda: logger("mlflow"), lambda: logger("wandb"),
             lambda: cr.load_data("absent.parquet", target="y")):
    try:
        wish()
    except ImportError as error:
        print(type(error).__name__, str(error).split("pip install ")[1].strip("'.\\""))
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_the_estimators_need_no_extra_and_the_rest_names_its_own(tmp_path):
    (tmp_path / "absent.parquet").write_bytes(b"PAR1")
    code = [sys.executable, "-c", BLOCKED + WORKS + SAYS]
    done = subprocess.run(code, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    tried, *said = done.stdout.splitlines()
    assert tried == "[]"
    wanted = ["torch]", "torch]", "onnx]", "logging]", "mlflow", "wandb", "tables]"]
    assert len(said) == len(wanted), done.stdout
    for line, extra in zip(said, wanted):
        assert line.startswith("MissingExtraError")
        assert extra in line
