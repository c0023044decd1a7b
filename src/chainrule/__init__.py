"""Chainrule: neural networks with every derivative in plain sight.

    >>> import chainrule as cr
    >>> data = cr.load_data("digits")
    >>> net = cr.FullyConnectedNet([100, 100], input_dim=64, num_classes=10)
    >>> history = cr.Solver(net, data, rule="adam", epochs=5, verbose=False).train()

Nothing is imported until it is used.
"""

from importlib import import_module
from typing import Any

PUBLIC = {
    "load_data": "chainrule.datasets",
    "Dataset": "chainrule.datasets",
    "FullyConnectedNet": "chainrule.nets",
    "TwoLayerNet": "chainrule.nets",
    "load_net": "chainrule.nets",
    "check_gradients": "chainrule.nets.gradient_check",
    "numeric_gradient": "chainrule.core.numeric",
    "rel_error": "chainrule.core.numeric",
    "KNN": "chainrule.neighbors",
    "Solver": "chainrule.training.solver",
    "History": "chainrule.training.history",
    "diagnose": "chainrule.training.diagnosis",
    "find_learning_rate": "chainrule.training.learning_rate",
    "overfit_one_batch": "chainrule.training.checks",
    "dry_run": "chainrule.training.checks",
    "train": "chainrule.study",
    "resume": "chainrule.study",
    "compare": "chainrule.study",
    "sweep": "chainrule.study",
    "judge": "chainrule.study",
    "knn": "chainrule.study.neighbors",
    "check": "chainrule.checker",
    "grade": "chainrule.checker.grading",
    "assignment": "chainrule.checker.assignment",
    "FullyConnectedClassifier": "chainrule.estimators",
    "FullyConnectedRegressor": "chainrule.estimators",
    "KNNClassifier": "chainrule.estimators",
    "to_torch": "chainrule.interop.torch",
    "from_torch": "chainrule.interop.torch",
    "to_onnx": "chainrule.interop.onnx",
    "from_sklearn": "chainrule.interop.sklearn",
    "LAYERS": "chainrule.layers",
    "LOSSES": "chainrule.losses",
    "OPTIMIZERS": "chainrule.optim",
    "INITIALIZERS": "chainrule.initializers",
    "ChainruleError": "chainrule.core.errors",
}
FOLDERS = (
    "layers", "losses", "optim", "initializers", "nets", "datasets", "neighbors", "training", "plots", "report", "study",
    "courses", "bench",
)  # fmt: skip

__all__ = [*PUBLIC, *FOLDERS]


def __getattr__(name: str) -> Any:
    if name in FOLDERS:
        return import_module(f"chainrule.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("chainrule")
    if name in PUBLIC:
        return getattr(import_module(PUBLIC[name]), name)
    raise AttributeError(f"module 'chainrule' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*PUBLIC, *FOLDERS, "__version__"])
