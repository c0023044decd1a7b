"""Records of the estimators: scikit-learn's own checks try them with everything that it refuses."""

from typing import Any

from public_api import Record, _arguments

import chainrule as cr

CHECKED = "scikit-learn looks at rows and labels, in its own words: tests/estimators/test_estimator_checks.py"


def estimator_records() -> dict[str, Record]:
    records: dict[str, Record] = {}
    for kind in (cr.FullyConnectedClassifier, cr.FullyConnectedRegressor, cr.KNNClassifier):
        records[kind.__name__] = Record(reason=CHECKED)
        records |= {f"{kind.__name__}.{name}": Record(reason=CHECKED) for name in _methods(kind)}
    return records


def _methods(kind: Any) -> list[str]:
    """The estimator's own public methods that take arguments."""
    own = {n: f for n, f in vars(kind).items() if not n.startswith("_")}
    return [n for n, f in own.items() if n.endswith("proba") or (callable(f) and _arguments(f))]
