"""How an affine layer goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

LOOK_DB = (
    "How many outputs does one entry of b reach?",
    "Every row of out contains the same b, so the gradients of all rows add up in db.",
)

MISTAKES = (
    Mistake(
        "no_flattening",
        "x with more than two axes is not flattened to one row per example",
        {"rows": lambda x: x},
        ("Look at x.shape when x holds images.", "Each example becomes one row of D numbers before the product."),
    ),
    Mistake(
        "no_flattening_back",
        "x with more than two axes is not flattened again for dw",
        {"rows_again": lambda x: x},
        ("Look at x.shape in backward when x holds images.", "dw has D rows: x must have D columns there too."),
    ),
    Mistake(
        "no_bias",
        "the bias b is not added",
        {"out": lambda rows, w: rows @ w},
        ("Which of the three arguments has no effect on out?", "Every row of out is shifted by the same b."),
    ),
    Mistake(
        "bias_subtracted",
        "the bias b is subtracted",
        {"out": lambda rows, w, b: rows @ w - b},
        ("Look at the sign of b.", "b shifts every row of out upwards by itself."),
    ),
    Mistake(
        "elementwise_product",
        "entries are multiplied one by one, where a matrix product is wanted",
        {"out": lambda rows, w, b: rows * w + b},
        ("Which product is it?", "Every output is a sum over all D inputs."),
    ),
    Mistake(
        "w_transposed",
        "out uses the transpose of w",
        {"out": lambda rows, w, b: rows @ w.T + b},
        ("Write the shapes of all three under the formula.", "w is (D, M) already: x (N, D) meets it as it is."),
        also=({"out": lambda rows, w, b: rows.dot(w.T) + b},),
    ),
    Mistake(
        "dx_w_not_transposed",
        "dx uses w where its transpose is wanted",
        {"dx_rows": lambda dout, w: dout @ w},
        ("Write the shapes under dx = dout times w.", "dout is (N, M) and dx is (N, D): w must be turned around."),
        also=({"dx_rows": lambda dout, w: dout.dot(w)},),
    ),
    Mistake(
        "dx_w_reshaped",
        "dx uses w reshaped where its transpose is wanted: the entries are in other places",
        {"dx_rows": lambda dout, w: dout @ w.reshape(w.shape[::-1])},
        ("Compare w.reshape(M, D) with w.T.", "A transpose swaps rows and columns; reshape only counts on."),
    ),
    Mistake(
        "dx_dw_swapped",
        "dx and dw are swapped",
        {"dx": lambda rows_again, dout: rows_again.T @ dout, "dw": lambda dx_rows, x: dx_rows.reshape(x.shape)},
        ("In which order are the three returned?", "The order is dx, dw, db."),
    ),
    Mistake(
        "dx_flat",
        "dx keeps the flat shape and is not put back into the shape of x",
        {"dx": lambda dx_rows: dx_rows},
        ("Compare dx.shape with x.shape.", "A gradient always has the shape of what it is the gradient of."),
    ),
    Mistake(
        "dx_mean",
        "dx is divided by N",
        {"dx": lambda dx_rows, x: dx_rows.reshape(x.shape) / len(x)},
        ("Where does the mean over the batch belong?", "The loss has divided by N already; dout carries it."),
    ),
    Mistake(
        "dw_mean",
        "dw is divided by N",
        {"dw": lambda rows_again, dout: rows_again.T @ dout / len(dout)},
        ("Where does the mean over the batch belong?", "The loss has divided by N already; dout carries it."),
    ),
    Mistake(
        "dw_transposed",
        "dw is the transpose of what it should be",
        {"dw": lambda rows_again, dout: dout.T @ rows_again},
        ("Compare dw.shape with w.shape.", "A gradient always has the shape of what it is the gradient of."),
    ),
    Mistake(
        "dw_x_not_transposed",
        "dw uses x where its transpose is wanted",
        {"dw": lambda rows_again, dout: rows_again @ dout},
        (
            "Write the shapes under the product.",
            "The sum in dw runs over the N rows, which must stand inside the product.",
        ),
    ),
    Mistake("db_mean", "db is the mean over the rows, not the sum", {"db": lambda dout: dout.mean(axis=0)}, LOOK_DB),
    Mistake(
        "db_all",
        "db is summed over everything, so that all its entries are equal",
        {"db": lambda dout: np.full(dout.shape[1], dout.sum())},
        ("Along which axis is dout summed?", "Each output has a bias of its own: only the rows are added up."),
        also=({"db": lambda dout: dout.sum()}, {"db": lambda dout: dout.sum(axis=1).sum(keepdims=True)}),
    ),
    Mistake(
        "db_rows",
        "db is summed over the outputs instead of the rows",
        {"db": lambda dout: dout.sum(axis=1)},
        ("Compare db.shape with b.shape.", "Each output has a bias of its own: only the rows are added up."),
    ),
    Mistake("db_unsummed", "db is not summed over the rows", {"db": lambda dout: dout}, LOOK_DB),
    Mistake(
        "db_keepdims",
        "db has an axis too many",
        {"db": lambda dout: dout.sum(axis=0, keepdims=True)},
        ("Compare db.shape with b.shape.", "A gradient always has the shape of what it is the gradient of."),
    ),
    Mistake(
        "negative",
        "the gradients have the wrong sign",
        {
            "dx": lambda dx_rows, x: -dx_rows.reshape(x.shape),
            "dw": lambda rows_again, dout: -rows_again.T @ dout,
            "db": lambda dout: -dout.sum(axis=0),
        },
        ("Look at the signs.", "backward gives the slope itself; going downhill is the update rule's work."),
    ),
)
