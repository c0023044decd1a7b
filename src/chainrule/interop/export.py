"""A net written for others, in the format that the file's name asks for."""

import io
from pathlib import Path

from chainrule.core.errors import OutputError, SettingError
from chainrule.core.files import write_atomically
from chainrule.core.paths import path_of
from chainrule.interop.onnx import to_onnx
from chainrule.interop.torch import to_torch
from chainrule.nets.net import Net

SUFFIXES = {".onnx": "an ONNX model", ".pt": "a PyTorch state dict", ".safetensors": "the library's own layout"}


def export(net: Net, path: str | Path, *, input_dtype: str = "float32") -> Path:
    """Write a net to a new file.

    Args:
        net: any net of the library.
        path: its suffix says the format: .onnx (see `to_onnx`), .pt (the state dict of `to_torch(net)`), or
            .safetensors (as `net.save`).
        input_dtype: of an ONNX model's input.

    Returns:
        The path.

    Raises:
        SettingError: a suffix of no known format, or a net that the format cannot hold.
        MissingExtraError: the package that the format needs is not installed.
        OutputError: the file exists, or cannot be written.
    """
    path = path_of(path, owner="export")
    if path.suffix not in SUFFIXES:
        known = ", ".join(f"{suffix} ({what})" for suffix, what in SUFFIXES.items())
        raise SettingError(f"export: the file's suffix must be one of {known}; came {path.name!r}.")
    if path.exists():
        raise OutputError(f"{path} exists; nothing is overwritten. Choose another name.")
    if path.suffix == ".onnx":
        return to_onnx(net, path, input_dtype=input_dtype)
    if path.suffix == ".pt":
        module = to_torch(net)
        import torch

        held = io.BytesIO()
        torch.save(module.state_dict(), held)
        write_atomically(path, held.getvalue())
    else:
        net.save(path)
    return path
