"""`chainrule export`: a saved net for other software."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from chainrule.cli.options import OUTPUT, Json, SavedNet
from chainrule.cli.texts import emit


def export(
    net: SavedNet,
    /,
    *,
    out: Annotated[Path, Parameter(group=OUTPUT)],
    input_dtype: Annotated[Literal["float32", "float64", "uint8"], Parameter(group=OUTPUT)] = "float32",
    json: Json = None,
) -> int:
    """Write a saved net for other software.

    Examples:

    `chainrule export runs/2026-11-21-153012-train-digits --out digits.onnx`

    `chainrule export net.safetensors --out net.pt`

    Parameters
    ----------
    out
        A new file; its suffix says the format: .onnx (ONNX Runtime and others), .pt (a PyTorch state dict), .safetensors.
    input_dtype
        What an ONNX model takes: float32, float64, or uint8 for images.  [float32]
    """
    from chainrule.interop.export import export as write
    from chainrule.study.inspect import saved_net

    path = write(saved_net(net), out, input_dtype=input_dtype)
    emit({"net": str(net), "file": str(path), "bytes": path.stat().st_size}, json, f"{net} written to {path}")
    return 0
