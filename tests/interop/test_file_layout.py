"""A net's file is what docs/how-to/export-and-log.md says: another program can read it, and compute what the net does."""

import hashlib
import json

import numpy as np
import pytest
import safetensors
from safetensors.numpy import load_file

import chainrule as cr
from chainrule.nets.input import Input

EPS = 1e-5
ACTIVATIONS = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh}


def by_the_page(tensors, settings, x):
    """Scores from the tensors and settings of a file, as the page tells."""
    x = (x - tensors["input.center"]) / tensors["input.scale"]
    for i, activation in enumerate(settings["activation"], start=1):
        x = x @ tensors[f"params.W{i}"] + tensors[f"params.b{i}"]
        if settings["norm"] == "batch":
            mean, var = (tensors[f"stats.batch_norm{i}.{what}"] for what in ("mean", "var"))
        else:
            mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        x = tensors[f"params.gamma{i}"] * (x - mean) / np.sqrt(var + EPS) + tensors[f"params.beta{i}"]
        x = ACTIVATIONS[activation](x)
    last = len(settings["activation"]) + 1
    return x @ tensors[f"params.W{last}"] + tensors[f"params.b{last}"]


@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_another_program_computes_the_nets_scores_from_its_file(norm, tmp_path, rng):
    net = cr.FullyConnectedNet(
        [5, 4], input_dim=3, num_classes=2, norm=norm, activation=["relu", "tanh"], keep=0.7, dtype="float64"
    )
    net.input = Input(center=np.array([1.0, 2.0, 3.0]), scale=np.array([2.0, 3.0, 4.0]), classes=("no", "yes"))
    for name in net.params:
        net.params[name] = rng.standard_normal(net.params[name].shape)
    for name, (mean, var) in net.stats.items():
        net.stats[name] = (rng.standard_normal(mean.shape), rng.uniform(0.5, 2, var.shape))
    path = tmp_path / "net.safetensors"
    net.save(path)
    with safetensors.safe_open(path, "numpy") as file:
        own = json.loads(file.metadata()["chainrule"])
    X = rng.standard_normal((6, 3))
    np.testing.assert_allclose(by_the_page(load_file(path), own["meta"]["settings"], X), net.scores(X), rtol=1e-12)
    assert (own["format"], own["version"], own["meta"]["class"]) == ("chainrule", 1, "FullyConnectedNet")
    assert own["meta"]["input"] == {"columns": None, "classes": ["no", "yes"], "target": None}
    zeroed = path.read_bytes().replace(own["sha256"].encode(), b"0" * 64, 1)
    assert hashlib.sha256(zeroed).hexdigest() == own["sha256"]
