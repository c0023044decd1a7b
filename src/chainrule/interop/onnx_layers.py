"""Which ONNX operations stand for which layer, and for the input transform."""

import numpy as np

from chainrule.core.errors import SettingError
from chainrule.interop.constants import EPS, SLOPE
from chainrule.interop.onnx_graph import Graph
from chainrule.nets.chain import Stage
from chainrule.nets.net import Net

ELEMENTWISE = {"relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}


def add_stage(graph: Graph, net: Net, stage: Stage, x: str) -> str:
    """Add what the stage does in evaluation mode; the name of its output.

    Raises:
        SettingError: a layer that no operation is known for.
    """
    name, layer = stage.name, stage.layer.name
    params = [graph.array(param, net.params[param]) for param in stage.params]
    if layer == "affine":
        return graph.add("Gemm", x, *params, name=name)
    if layer in ELEMENTWISE:
        return graph.add(ELEMENTWISE[layer], x, name=name)
    if layer == "leaky_relu":
        return _leaky_relu(graph, name, x)
    if layer == "batch_norm":
        stats = [graph.array(f"{name}.{what}", value) for what, value in zip(("mean", "var"), net.stats[name])]
        return graph.add("BatchNormalization", x, *params, *stats, name=name, epsilon=EPS)
    if layer == "layer_norm":
        return graph.add("LayerNormalization", x, *params, name=name, axis=1, epsilon=EPS)
    raise SettingError(f"to_onnx: no ONNX operation is known for the layer {layer!r} (stage {name}).")


def _leaky_relu(graph: Graph, name: str, x: str) -> str:
    """max(x, slope * x): runtimes have LeakyRelu for float32 alone, these two for both."""
    slope = graph.array(f"{name}.slope", SLOPE)
    return graph.add("Max", x, graph.add("Mul", x, slope, name=f"{name}.scaled"), name=name)


def add_input(graph: Graph, net: Net, x: str, input_dtype: str) -> str:
    """Add the net's input transform: codes to one-hot features, then (x - center) / scale, then the net's dtype."""
    transform = net.input
    work = np.dtype(net.dtype if transform.is_empty else np.result_type(input_dtype, net.dtype))
    if transform.has_categories:
        x = _expanded(graph, net, x, input_dtype, work)
    else:
        x = _cast(graph, x, work, "input.cast")
    for name, operation in (("center", "Sub"), ("scale", "Div")):
        value = getattr(transform, name)
        if value is not None:
            x = graph.add(operation, x, graph.array(f"input.{name}", value, work), name=f"input.{operation.lower()}")
    return _cast(graph, x, net.dtype, "input.out") if work != net.dtype else x


def _cast(graph: Graph, x: str, dtype: np.dtype, name: str) -> str:
    from onnx.helper import np_dtype_to_tensor_dtype

    return graph.add("Cast", x, name=name, to=int(np_dtype_to_tensor_dtype(np.dtype(dtype))))


def _expanded(graph: Graph, net: Net, x: str, input_dtype: str, work: np.dtype) -> str:
    """Every column's features side by side: a category's code compared with 0, 1, ..., a number as it is."""
    parts = []
    for j, column in enumerate(net.input.columns or ()):
        name = f"input.column{j}"
        at = graph.array(f"{name}.at", [j], np.int64)
        part = graph.add("Gather", x, at, name=name, axis=1)
        if column.categories is not None:
            codes = graph.array(f"{name}.codes", np.arange(column.width)[None], input_dtype)
            part = graph.add("Equal", part, codes, name=f"{name}.is")
        parts.append(_cast(graph, part, work, f"{name}.features"))
    return graph.add("Concat", *parts, name="input.features", axis=1)
