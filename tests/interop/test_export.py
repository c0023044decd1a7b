"""`chainrule export`: the suffix says the format."""

import subprocess
import sys

import pytest
from random_nets import a_net

import chainrule as cr
from chainrule.core.errors import OutputError, SettingError
from chainrule.interop.export import export


def test_the_suffix_says_the_format(tmp_path):
    import onnx

    net = a_net(4, "float32")
    onnx.checker.check_model(str(export(net, tmp_path / "net.onnx")))
    assert cr.load_net(export(net, tmp_path / "net.safetensors")).settings() == net.settings()
    with pytest.raises(SettingError, match=r"\.onnx \(an ONNX model\).*came 'net\.h5'"):
        export(net, tmp_path / "net.h5")
    with pytest.raises(OutputError, match="nothing is overwritten"):
        export(net, tmp_path / "net.safetensors")


@pytest.mark.peers
def test_a_state_dict_is_read_by_pytorch(tmp_path):
    import torch

    net = a_net(4, "float32")
    state = torch.load(export(net, tmp_path / "net.pt"), weights_only=True)
    assert tuple(state["affine1.weight"].shape) == net.params["W1"].shape[::-1]


def test_the_command_writes_a_model_and_refuses_a_second(tmp_path):
    a_net(1, "float32").save(tmp_path / "net.safetensors")
    command = [
        sys.executable,
        "-c",
        "import chainrule.cli; chainrule.cli.main()",
        "export",
        "net.safetensors",
        "--out",
        "net.onnx",
        "--json",
        "-",
    ]
    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    assert '"file": "net.onnx"' in first.stdout
    second = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (second.returncode, second.stdout) == (2, "")
    assert "net.onnx exists; nothing is overwritten" in second.stderr
