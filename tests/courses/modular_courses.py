"""The four modular-network courses, module by module, and small data for their Solvers."""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

PLACES = {
    "cs231n": ("cs231n", "cs231n", "cs231n.classifiers"),
    "cs682": ("cs682", "cs682", "cs682.classifiers"),
    "cs182": ("cs182", "cs182", "cs182.classifiers"),
    "c147": ("c147.nndl", "c147.utils", "c147.nndl"),
}


def _course(name):
    layers, tools, nets = (f"chainrule.courses.{place}" for place in PLACES[name])
    modules = {part: f"{layers}.{part}" for part in ("layers", "layer_utils", "optim")}
    modules |= {part: f"{tools}.{part}" for part in ("solver", "gradient_check")}
    modules["fc_net"] = f"{nets}.fc_net"
    return SimpleNamespace(name=name, **{part: import_module(module) for part, module in modules.items()})


COURSES = {name: _course(name) for name in PLACES}
DATA_PARTS = ("X_train", "y_train", "X_val", "y_val")
CS231N, CS682, CS182, C147 = COURSES.values()
each_course = pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)


def small_data(n=60, n_val=20, features=6, classes=4):
    """Rows of normal numbers whose labels depend on them."""
    rng = np.random.default_rng(5)
    W = rng.standard_normal((features, classes))
    data = {}
    for part, rows in (("train", n), ("val", n_val)):
        X = rng.standard_normal((rows, 2, features // 2))
        data[f"X_{part}"], data[f"y_{part}"] = X, (X.reshape(rows, -1) @ W).argmax(axis=1)
    return data


def small_net(course, **options):
    """A net for `small_data`, float64."""
    given = {"input_dim": 6, "num_classes": 4, "weight_scale": 0.1, "dtype": np.float64, **options}
    return course.fc_net.FullyConnectedNet([8, 7], **given)


def rel_error(x, y):
    """The figure that the notebooks print."""
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))
