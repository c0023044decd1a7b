"""A model of the parent's on the learner's side: a Solver trains it, and the parent answers."""

from collections.abc import Callable
from typing import Any


class Model:
    """What a Solver needs of a net.

    Attributes:
        params: arrays by name; a Solver assigns them.
    """

    def __init__(self, params: dict[str, Any], answer: Callable[..., Any]) -> None:
        self.params, self._answer = params, answer

    def loss(self, X: Any, y: Any = None) -> Any:
        """Scores where y is None, else the loss and the gradients by name."""
        return self._answer(X, y, self.params)
