"""How k-nearest neighbours goes wrong."""

import numpy as np

from chainrule.checker.task import Mistake

LOOK_FORMULA = (
    "Redo one distance by hand.",
    "It is the root of the sum, over the features, of the squared differences.",
)
LOOK_VOTE = (
    "Follow one row: which neighbours, which labels, which is most frequent?",
    "The k smallest distances choose training rows; the *labels* of those rows vote.",
)


def _in_all(step, hints, name, says, **more):
    """One mistake for all three ways to compute distances."""
    alone = tuple({f"{way}_dists": step} for way in ("two_loops", "one_loop", "no_loops"))
    return Mistake(name, says, {"dists_of": step}, hints, also=alone, **more)


def _but_last(squares):
    return np.vstack([np.sqrt(squares[:-1]), np.zeros((1, squares.shape[1]))])


def _by_label(nearest):
    return np.array(
        [float(max(set(row), key=lambda label: (list(row).count(label), label))) for row in nearest.tolist()]
    )


MISTAKES = (
    _in_all(
        lambda squares: squares,
        LOOK_FORMULA,
        "no_root",
        "the root is not taken: these are squared distances, which rank alike",
        convention=("squared distances",),
    ),
    _in_all(
        lambda squares: np.sqrt(squares).T,
        LOOK_FORMULA,
        "transposed",
        "dists is the transpose: one row belongs to one test row",
    ),
    _in_all(
        lambda X_test, X_train: np.sqrt((X_test**2).sum(1)[:, None] + (X_train**2).sum(1) + 2 * X_test @ X_train.T),
        ("Expand (a - b) squared.", "The mixed term has a minus: a*a - 2*a*b + b*b."),
        "cross_term_added",
        "the mixed term -2ab is added, where it should be subtracted",
    ),
    _in_all(
        lambda X_test, X_train: np.sqrt(
            np.maximum((X_test**2).sum(1)[:, None] + (X_train**2).sum(1) - X_test @ X_train.T, 0)
        ),
        ("Expand (a - b) squared.", "The mixed term comes twice: a*a - 2*a*b + b*b."),
        "cross_term_once",
        "the mixed term ab is taken once, where it should be twice",
    ),
    _in_all(
        lambda X_test, X_train: np.abs(X_test[:, None] - X_train[None]).sum(axis=2),
        LOOK_FORMULA,
        "l1",
        "these are sums of absolute differences (L1)",
    ),
    _in_all(
        lambda squares, X_test: np.sqrt(squares / X_test.shape[1]),
        LOOK_FORMULA,
        "mean",
        "the squared differences are averaged over the features, not summed",
    ),
    _in_all(
        lambda X_test, X_train: np.abs((X_test[:, None] - X_train[None]).sum(axis=2)),
        LOOK_FORMULA,
        "square_of_sum",
        "the differences are summed before they are squared",
    ),
    Mistake(
        "broadcast",
        "the array of all differences is built at once: for CIFAR-10 it would take 61 GB",
        {"memory": lambda: "all differences at once"},
        (
            "How many numbers has the largest array on the way?",
            "Expand (a - b) squared: one matrix product does the work.",
        ),
    ),
    Mistake(
        "root_of_negative",
        "where a test row is a training row, rounding may leave a number just below 0 under the root: NaN",
        {"same_rows": lambda: "NaN"},
        (
            "Measure the distances of a few hundred training rows to themselves.",
            "Squares that have rounded to below 0 are raised to 0 before the root is taken.",
        ),
    ),
    Mistake(
        "last_row_missing",
        "the last test row is left out: its distances are 0",
        {"dists_of": lambda squares: _but_last(squares)},
        ("Print the last row of dists.", "Every test row has a distance to every training row."),
        also=tuple({f"{way}_dists": lambda squares: _but_last(squares)} for way in ("two_loops", "one_loop")),
    ),
    Mistake(
        "votes_on_indices",
        "the numbers of the training rows vote, not their labels",
        {"nearest": lambda order, count: order[:, :count]},
        LOOK_VOTE,
    ),
    Mistake(
        "count_returned",
        "the number of votes is returned, not the label",
        {"labels": lambda nearest: np.array([float(np.bincount(row).max()) for row in nearest])},
        LOOK_VOTE,
    ),
    Mistake(
        "farthest",
        "the k farthest rows vote",
        {"order": lambda dists: np.argsort(-dists, axis=1, kind="stable")},
        LOOK_VOTE,
    ),
    Mistake("k_ignored", "k is not used: only the nearest row votes", {"count": lambda: 1}, LOOK_VOTE),
    Mistake(
        "k_off_by_one",
        "one row too few or too many votes",
        {"count": lambda k: k + 1},
        LOOK_VOTE,
        also=({"count": lambda k: max(k - 1, 1)}, {"nearest": lambda order, k, y_train: y_train[order[:, 1 : k + 1]]}),
    ),
    Mistake(
        "ties_to_larger",
        "where votes tie, the larger label wins",
        {"labels": _by_label},
        ("Which label wins where two have equally many votes?", "Ties go to the smaller label."),
    ),
    Mistake(
        "ties_to_nearest",
        "where votes tie, the label of the nearest row wins",
        {"labels": lambda nearest: np.array([float(max(row, key=row.count)) for row in nearest.tolist()])},
        ("Which label wins where two have equally many votes?", "Ties go to the smaller label."),
    ),
    Mistake(
        "mean_of_labels",
        "the labels are averaged",
        {"labels": lambda nearest: nearest.mean(axis=1)},
        LOOK_VOTE,
        also=({"labels": lambda nearest: np.round(nearest.mean(axis=1))},),
    ),
)
