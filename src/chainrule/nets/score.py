"""How good scores are: accuracy for labels, R² for real targets."""

from chainrule.core.arrays import Array, namespace


def score_of(scores: Array, y: Array) -> float:
    """The share of rows whose highest score is their label's, (N,); for real targets, (N, C), R²."""
    xp = namespace(scores)
    if y.ndim == 1:
        return float(xp.mean(xp.astype(xp.argmax(scores, axis=1) == y, xp.float64)))
    residual, spread = xp.sum((scores - y) ** 2), xp.sum((y - xp.mean(y, axis=0)) ** 2)
    return float(1 - residual / spread) if float(spread) > 0 else 0.0
