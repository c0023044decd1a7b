"""ONNX models: the same scores as the net's in ONNX Runtime, input transform included."""

import json
import sys

import numpy as np
import pytest
from random_nets import CLASSES, FEATURES, a_net

import chainrule as cr
from chainrule.core.errors import ArrayTypeError, MissingExtraError, OutputError, SettingError
from chainrule.interop.onnx import to_onnx
from chainrule.layers import LAYERS
from chainrule.nets.input import Column, Input


def outputs(path, X):
    """What ONNX Runtime gives for X, by name."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, {"X": X})))


# the attribute epsilon of ONNX's norms is a float32, so 1e-5 comes with an error of 3e-13
@pytest.mark.parametrize(("dtype", "bound"), [("float32", 1e-6), ("float64", 1e-11)])
@pytest.mark.parametrize("draw", range(20))
def test_scores_are_the_nets(draw, dtype, bound, tmp_path):
    net = a_net(draw, dtype)
    X = np.random.default_rng(100 + draw).standard_normal((7, FEATURES)).astype(dtype)
    theirs = outputs(to_onnx(net, tmp_path / "net.onnx", input_dtype=dtype), X)
    scores = net.scores(X)
    assert theirs["scores"].dtype == dtype
    assert np.abs(theirs["scores"] - scores).max() <= bound * max(1.0, np.abs(scores).max())
    assert set(theirs) == {"scores"} | {"softmax": {"probabilities", "labels"}, "svm": {"labels"}}.get(
        net.loss_name, set()
    )
    if net.loss_name == "softmax":
        np.testing.assert_allclose(theirs["probabilities"], net.predict_proba(X), atol=bound)
    if net.loss_name != "mse":
        np.testing.assert_array_equal(theirs["labels"], net.predict(X))


def test_the_random_nets_hold_every_layer():
    held = {stage.layer.name for draw in range(20) for stage in a_net(draw, "float32").stages}
    assert held == set(LAYERS)


def test_a_trained_net_on_a_table_with_categories(tmp_path):
    rng = np.random.default_rng(2)
    net = cr.FullyConnectedNet([7], input_dim=4, num_classes=CLASSES, seed=3)
    columns = (Column("size"), Column("colour", ("red", "blue")), Column("weight"))
    net.input = Input(center=[1e8, 0, 0, 3], scale=[10, 1, 1, 2], columns=columns, classes=tuple("abcd"))
    X = np.column_stack([1e8 + 10 * rng.standard_normal(9), rng.integers(0, 2, 9), rng.standard_normal(9)])
    path = to_onnx(net, tmp_path / "net.onnx", input_dtype="float64")
    np.testing.assert_allclose(outputs(path, X)["scores"], net.scores(X), atol=1e-6)


def test_images_go_in_as_bytes(tmp_path):
    rng = np.random.default_rng(2)
    net = cr.FullyConnectedNet([7], input_dim=48, num_classes=CLASSES, norm="batch", seed=3)
    images = rng.integers(0, 256, (20, 3, 4, 4), dtype=np.uint8)
    net.input = Input(center=images.reshape(20, -1).mean(axis=0), scale=np.array(255.0))
    path = to_onnx(net, tmp_path / "net.onnx", input_dtype="uint8")
    np.testing.assert_allclose(outputs(path, images.reshape(20, -1))["scores"], net.scores(images), atol=1e-6)


def test_the_model_carries_names_and_settings(tmp_path):
    import onnx

    net = a_net(4, "float32")
    model = onnx.load(to_onnx(net, tmp_path / "net.onnx"))
    props = {prop.key: prop.value for prop in model.metadata_props}
    assert json.loads(props["settings"]) == json.loads(json.dumps(net.settings()))
    nodes = {node.name for node in model.graph.node}
    assert {stage.name for stage in net.stages if stage.layer.needs != "mask"} <= nodes
    assert {array.name for array in model.graph.initializer} >= set(net.params)


def test_what_cannot_be_written_is_said(tmp_path, monkeypatch):
    net = a_net(1, "float32")
    path = to_onnx(net, tmp_path / "net.onnx")
    before = path.read_bytes()
    with pytest.raises(OutputError, match="nothing is overwritten"):
        to_onnx(net, path)
    with pytest.raises(OutputError):
        to_onnx(net, tmp_path / "no" / "such" / "folder" / "net.onnx")
    with pytest.raises(SettingError, match="unknown input_dtype 'float16'"):
        to_onnx(net, path, input_dtype="float16", overwrite=True)
    with pytest.raises(ArrayTypeError, match="came dict"):
        to_onnx({}, path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"chainrule\[onnx\]"):
        to_onnx(net, path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_layer_without_an_operation_is_named(tmp_path, monkeypatch):
    from dataclasses import replace

    net = a_net(1, "float32")
    net.stages[1] = replace(net.stages[1], layer=replace(LAYERS["relu"], name="softplus"))
    with pytest.raises(SettingError, match=r"no ONNX operation is known for the layer 'softplus' \(stage"):
        to_onnx(net, tmp_path / "net.onnx")
