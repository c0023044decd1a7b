"""Nets: chains of layers with a loss, and what is done with them."""

from pathlib import Path

import numpy as np

from chainrule.core import tensorfile
from chainrule.core.errors import ChainruleError, FileFormatError, choose
from chainrule.core.paths import path_of
from chainrule.nets.fully_connected import FullyConnectedNet
from chainrule.nets.input import Input
from chainrule.nets.net import Net
from chainrule.nets.two_layer import TwoLayerNet

NETS: dict[str, type[Net]] = {cls.__name__: cls for cls in (FullyConnectedNet, TwoLayerNet)}


def build(name: str, settings: dict) -> Net:
    """Build a net from the name of its class and its settings."""
    return NETS[choose(name, NETS, what="kind of net")](**settings)


def load_net(path: str | Path) -> Net:
    """Read a net that `net.save` wrote.

    Raises:
        FileFormatError: the file is damaged, foreign, newer than this library, or does not fit its own settings; the
            message names the tensor, what was expected and what was found.
    """
    tensors, meta = tensorfile.read(path_of(path, owner="load_net"))
    if meta.get("kind") != "net":
        raise FileFormatError(f"{path} holds no net but a {meta.get('kind', 'thing of unknown kind')!r}.")
    try:
        net = build(meta["class"], meta["settings"])
    except (ChainruleError, KeyError, TypeError) as error:
        raise FileFormatError(
            f"{path}: its settings describe no net of this version of Chainrule ({error})."
        ) from error
    restore(net, tensors, meta["input"], path)
    return net


def restore(net: Net, tensors: dict[str, np.ndarray], input_description: dict, path: str | Path) -> None:
    """Put a file's tensors into a net of the same settings; the net is unchanged where they do not fit."""
    own = {name: value for name, value in net.tensors().items() if not name.startswith("input.")}
    inputs = {name.removeprefix("input."): value for name, value in tensors.items() if name.startswith("input.")}
    given = {name: value for name, value in tensors.items() if not name.startswith("input.")}
    tensorfile.expect(given, {name: (value.shape, value.dtype) for name, value in own.items()}, path)
    net.input = Input.restore(inputs, input_description)
    net.params = {name: given[f"params.{name}"] for name in net.params}
    net.stats = {name: (given[f"stats.{name}.mean"], given[f"stats.{name}.var"]) for name in net.stats}
