"""Nets as ONNX models, which other runtimes read: no PyTorch needed to write them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import ArrayTypeError, MissingExtraError, OutputError, choose
from chainrule.core.files import write_atomically
from chainrule.core.paths import path_of
from chainrule.interop.onnx_graph import Graph
from chainrule.interop.onnx_layers import add_input, add_stage
from chainrule.nets.net import Net

OPSET = 18
INPUT_DTYPES = ("float32", "float64", "uint8")


def to_onnx(net: Net, path: str | Path, *, input_dtype: str = "float32", overwrite: bool = False) -> Path:
    """Write a net as an ONNX model.

    The model takes `X` (N, D): rows as stored, flattened (a table's numbers and category codes, an image's bytes); the
    net's input transform is part of the graph. It gives `scores` (N, C), `labels` (N,) int64 (the class with the highest
    score) unless the net was made for real targets, and for the softmax loss `probabilities` (N, C). Nodes have the
    names of the net's stages, weights those of `net.params`; class names and settings stand in the model's metadata.

    Args:
        net: any net of the library.
        path: the file to write.
        input_dtype: what `X` will be: "float32", "float64" or "uint8" (images in bytes).
        overwrite: whether a file of that name may be replaced.

    Returns:
        The path.

    Raises:
        MissingExtraError: the package onnx is not installed.
        SettingError: an unknown input_dtype, or a layer that ONNX has no operation for.
        OutputError: the file exists, or cannot be written.
    """
    if not isinstance(net, Net):
        raise ArrayTypeError(f"to_onnx: a net of this library is wanted; came {type(net).__name__}.")
    choose(input_dtype, INPUT_DTYPES, what="input_dtype")
    path = path_of(path, owner="to_onnx")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists; nothing is overwritten unless asked. Pass overwrite=True, or another name.")
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError("to_onnx needs onnx: pip install 'chainrule[onnx]'.") from error
    model = _model(net, input_dtype, onnx)
    onnx.checker.check_model(model, full_check=True)
    write_atomically(path, model.SerializeToString())
    return path


def _model(net: Net, input_dtype: str, onnx: Any) -> Any:
    graph = Graph(net.dtype)
    x = add_input(graph, net, "X", input_dtype)
    for stage in net.stages:
        if stage.layer.needs != "mask":  # dropout does nothing in evaluation
            x = add_stage(graph, net, stage, x)
    graph.add("Identity", x, output="scores", name="scores")
    outputs = {"scores": (net.dtype, ["N", net.num_classes])}
    if net.loss_name == "softmax":
        graph.add("Softmax", x, output="probabilities", name="probabilities", axis=1)
        outputs["probabilities"] = outputs["scores"]
    if net.loss_name != "mse":
        graph.add("ArgMax", x, output="labels", name="labels", axis=1, keepdims=0)
        outputs["labels"] = (np.dtype(np.int64), ["N"])
    stored = len(net.input.columns) if net.input.columns is not None else net.input_dim
    values = onnx.helper.make_tensor_value_info
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes(onnx),
            type(net).__name__,
            [values("X", onnx.helper.np_dtype_to_tensor_dtype(np.dtype(input_dtype)), ["N", stored])],
            [values(n, onnx.helper.np_dtype_to_tensor_dtype(d), shape) for n, (d, shape) in outputs.items()],
            graph.weights(onnx),
        ),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=8,  # what opset 18 came with, so that runtimes of its age read the file
        producer_name="chainrule",
    )
    onnx.helper.set_model_props(
        model, {"settings": json.dumps(net.settings()), "input": json.dumps(net.input.describe())}
    )
    return model
