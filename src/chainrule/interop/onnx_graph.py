"""An ONNX graph as it grows: operations in the order of the data flow, and the arrays that they use."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass
class Graph:
    """Operations and arrays by name.

    Attributes:
        dtype: what the net computes in; arrays are stored in it unless they come with another one on purpose.
    """

    dtype: np.dtype
    _operations: list[tuple[str, tuple[str, ...], str, str, dict[str, Any]]] = field(default_factory=list)
    _arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, operation: str, *inputs: str, name: str, output: str | None = None, **attributes: Any) -> str:
        """Add an operation; the name of what it gives."""
        output = output or f"{name}.output"
        self._operations.append((operation, inputs, output, name, attributes))
        return output

    def array(self, name: str, values: Any, dtype: Any = None) -> str:
        """Add an array; its name."""
        self._arrays[name] = np.ascontiguousarray(values, dtype=self.dtype if dtype is None else dtype)
        return name

    def nodes(self, onnx: Any) -> list[Any]:
        """The operations as ONNX has them."""
        make = onnx.helper.make_node
        return [
            make(kind, inputs, [output], name=name, **more) for kind, inputs, output, name, more in self._operations
        ]

    def weights(self, onnx: Any) -> list[Any]:
        """The arrays as ONNX has them."""
        return [onnx.numpy_helper.from_array(values, name) for name, values in self._arrays.items()]
