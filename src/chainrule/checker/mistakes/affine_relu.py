"""How the sandwich of affine and ReLU goes wrong, beyond its parts."""

import numpy as np

from chainrule.checker.task import Mistake

MISTAKES = (
    Mistake(
        "no_relu",
        "the ReLU is left out of forward",
        {"out": lambda a: a},
        ("Does out have negative entries?", "The affine output goes through the ReLU."),
    ),
    Mistake(
        "relu_first",
        "the ReLU stands before the affine layer",
        {"rows": lambda x: np.maximum(x.reshape(len(x), -1), 0), "out": lambda a: a, "da": lambda dout: dout},
        ("In which order do the two stand?", "Affine first; its output goes through the ReLU."),
    ),
    Mistake(
        "no_relu_back",
        "the gradient does not pass through the ReLU",
        {"da": lambda dout: dout},
        ("What happens to dout where out is 0?", "Backward walks the same road the other way: the ReLU comes first."),
    ),
    Mistake(
        "mask_of_dout",
        "the gradient is masked by the sign of dout",
        {"da": lambda dout: dout * (dout > 0)},
        ("Which numbers decide what passes?", "The affine output's sign decides, not the gradient's."),
    ),
    Mistake(
        "db_mean",
        "db is the mean over the rows, not the sum",
        {"db": lambda da: da.mean(axis=0)},
        ("How many outputs does one entry of b reach?", "The gradients of all rows add up in db."),
    ),
)
