"""Records of nets on their way out and in."""

from pathlib import Path
from typing import Any

from hostile import Name, Target, Thing
from library_records import net
from public_api import Record

import chainrule as cr

BESIDE_TORCH = "needs PyTorch, so it is tested where PyTorch is: tests/interop/test_torch.py"


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
        "to_onnx": Record(onnx, roles, says={"path": ("new.onnx", "there")}),
    }
