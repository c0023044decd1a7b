"""Records of nets on their way out and in."""

from pathlib import Path
from typing import Any

import numpy as np
from hostile import Name, Target, Thing
from library_records import net
from public_api import Record
from sklearn.neural_network import MLPClassifier

import chainrule as cr

BESIDE_TORCH = "needs PyTorch, so it is tested where PyTorch is: tests/interop/test_torch.py"


def perceptron() -> Any:
    X = np.linspace(-1, 1, 12).reshape(6, 2)
    return MLPClassifier((3,), solver="lbfgs", max_iter=200, tol=0.1, random_state=0).fit(X, [0, 1, 2] * 2)


def interop_records() -> dict[str, Record]:
    def onnx(folder: Path) -> tuple[Any, dict[str, Any], list[Any]]:
        own = net()
        return cr.to_onnx, {"net": own, "path": folder / "new.onnx", "input_dtype": "float32"}, [own]

    roles = {
        "net": Thing(wrong=(None, 3, "net", [], {}, cr.FullyConnectedNet)),
        "path": Target(),
        "input_dtype": Name(),
    }
    return {
        "to_torch": Record(reason=BESIDE_TORCH),
        "from_torch": Record(reason=BESIDE_TORCH),
        "from_sklearn": Record(
            lambda folder: (cr.from_sklearn, {"model": perceptron(), "dtype": "float32"}, []),
            {"model": Thing(wrong=(None, 3, "model", [], {}, object())), "dtype": Name()},
        ),
        "to_onnx": Record(onnx, roles, says={"path": ("new.onnx", "there")}),
    }
