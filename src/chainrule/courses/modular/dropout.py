"""Dropout in the courses' manner: the mask is drawn inside, from NumPy's global generator.

Two conventions stand side by side: `p` is the share of units that stay (CS231n, CS682, C147) or that drop (CS182).
"""

from typing import Any

import numpy as np

from chainrule.core.errors import SettingError
from chainrule.courses.modular.checks import floats, number, recall, remember, settings
from chainrule.layers import LAYERS


def keep_of(owner: str, p: Any, *, p_keeps: bool, name: str = "dropout_param['p']") -> float:
    """The share of units that stay, from `p` in either convention.

    Raises:
        SettingError: no number, or one that leaves no unit.
    """
    p = number(owner, name, p, least=0, most=1)
    keep = p if p_keeps else 1 - p
    if keep == 0:
        meaning = "the share of units that stay" if p_keeps else "the share of units that drop"
        raise SettingError(f"{owner}: {name} is {meaning} here; {p:g} would leave none, so it must be another number.")
    return keep


def draw_mask(keep: float, shape: tuple[int, ...], dtype: Any, *, seed: Any = None) -> np.ndarray:
    """A mask from the global generator: 1 / keep with probability `keep`, else 0. A seed reseeds that generator first."""
    if seed is not None:
        np.random.seed(seed)
    return ((np.random.rand(*shape) < keep) / keep).astype(dtype)


def dropout_forward(x: Any, dropout_param: dict[str, Any]) -> tuple[np.ndarray, tuple]:
    """Silence units at random in training; the identity in test.

    Args:
        x: any shape.
        dropout_param: `mode` 'train' or 'test'; `p`, the share of units that stay; `seed`, which reseeds NumPy's global
            generator before the draw, so that the mask is the same each time.

    Returns:
        out: of x's shape; what stays is divided by its share ("inverted" dropout).
        cache: (dropout_param, mask); no mask in test mode.

    Raises:
        ArrayTypeError: x is no array of numbers.
        SettingError: a mode that is neither, or a `p` that leaves no unit.
    """
    return _forward(x, dropout_param, p_keeps=True)


def dropout_forward_p_drops(x: Any, dropout_param: dict[str, Any]) -> tuple[np.ndarray, tuple]:
    """As `dropout_forward`, but `p` is the share of units that drop: CS182's convention."""
    return _forward(x, dropout_param, p_keeps=False)


def dropout_backward(dout: Any, cache: tuple) -> np.ndarray:
    """The gradient by x, through the mask that forward drew.

    Args:
        dout: of x's shape.
        cache: from `dropout_forward`.
    """
    dout = recall("dropout_backward", dout, cache)
    _, mask = cache
    return dout if mask is None else LAYERS["dropout"].backward(dout, (mask,))


def _forward(x: Any, dropout_param: dict[str, Any], *, p_keeps: bool) -> tuple[np.ndarray, tuple]:
    owner = "dropout_forward"
    (x,) = floats(owner, x=x)
    settings(owner, "dropout_param", dropout_param)
    if "p" not in dropout_param:
        raise SettingError(
            f"{owner}: dropout_param has no 'p', the share of units that {'stay' if p_keeps else 'drop'}."
        )
    keep = keep_of(owner, dropout_param["p"], p_keeps=p_keeps)
    mask = None
    out = x
    if dropout_param["mode"] == "train":
        mask = draw_mask(keep, x.shape, x.dtype, seed=dropout_param.get("seed"))
        out, _ = LAYERS["dropout"].forward(x, mask)
    return out, remember(owner, (dropout_param, mask), out)
