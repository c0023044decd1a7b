"""The net with one hidden layer: where every course begins."""

from typing import Any

from chainrule.nets.fully_connected import FullyConnectedNet


class TwoLayerNet(FullyConnectedNet):
    """affine – activation – affine: a `FullyConnectedNet` with one hidden layer.

    Args:
        input_dim: features of a row.
        hidden_dim: units of the hidden layer.
        num_classes: scores of a row.
        **options: as for `FullyConnectedNet`.

    Example:
        >>> sorted(TwoLayerNet(input_dim=4, hidden_dim=3, num_classes=2).params)
        ['W1', 'W2', 'b1', 'b2']
    """

    def __init__(self, *, input_dim: int = 3072, hidden_dim: int = 100, num_classes: int = 10, **options: Any) -> None:
        super().__init__([hidden_dim], input_dim=input_dim, num_classes=num_classes, **options)

    def settings(self) -> dict[str, Any]:
        """The constructor's arguments; JSON-able."""
        settings = super().settings()
        (hidden_dim,) = settings.pop("hidden_dims")
        return {**settings, "hidden_dim": hidden_dim}
