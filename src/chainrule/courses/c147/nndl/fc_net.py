"""C147's `nndl.fc_net`: the nets, and all that `layers` and `layer_utils` bring."""

from typing import Any

import numpy as np

from chainrule.courses.c147.nndl import layer_utils
from chainrule.courses.c147.nndl.layer_utils import *  # noqa: F403
from chainrule.courses.modular.fc_net import ModularNet, TwoLayerNet, norm_of, normal

__all__ = ["FullyConnectedNet", "TwoLayerNet"]
__all__ += layer_utils.__all__


class FullyConnectedNet(ModularNet):
    """A fully connected net of any depth, see `chainrule.courses.modular.fc_net`.

    Args:
        hidden_dims: units of every hidden layer.
        input_dim: numbers of a row.
        num_classes: scores of a row.
        dropout: the share of hidden units that stay; 1 (or 0, as older notebooks have it) for no dropout.
        use_batchnorm: whether batch normalization stands between affine and ReLU.
        reg: strength of the L2 penalty 0.5 * reg * sum(W * W); may be assigned later.
        weight_scale: standard deviation of the weights.
        dtype: what the net computes in; X is cast to it.
        seed: makes the dropout masks of every pass the same.

    Raises:
        SettingError, ArrayTypeError: a size or a number that cannot be used.
    """

    def __init__(
        self,
        hidden_dims: Any,
        input_dim: int = 3 * 32 * 32,
        num_classes: int = 10,
        dropout: float = 1,
        use_batchnorm: bool = False,
        reg: float = 0.0,
        weight_scale: float = 1e-2,
        dtype: Any = np.float32,
        seed: int | None = None,
    ) -> None:
        super().__init__(
            hidden_dims,
            input_dim,
            num_classes,
            p=dropout,
            no_dropout=(0, 1),
            normalization=norm_of(use_batchnorm),
            reg=reg,
            dtype=dtype,
            seed=seed,
            draw=normal(weight_scale),
        )
