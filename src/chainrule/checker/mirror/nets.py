"""Nets whose loss makes one of the catalogue's mistakes; all else is the right net's own."""

from collections.abc import Callable
from typing import Any

from chainrule.checker.mirror.layers import taken
from chainrule.checker.mistakes.nets import net_mistakes
from chainrule.checker.recipe import run
from chainrule.checker.tasks.net_steps import net_steps

CLASSES = {"two_layer_net": "TwoLayerNet", "fully_connected_net": "FullyConnectedNet"}


def maker(mistake: str) -> Callable[[Any], Any]:
    """A net's class -> the same with a wrong loss, for nets without normalization and dropout."""

    def made(original: Any) -> Any:
        class Wrong(original):
            """The right net, but for its loss."""

            def loss(self, X: Any, y: Any = None) -> Any:
                params = self.params
                depth = sum(name.startswith("W") for name in params)
                if "gamma1" in params or getattr(self, "use_dropout", False):
                    return super().loss(X, y)
                wrong = next(m for m in net_mistakes(depth, None) if m.name == mistake).steps
                values = run(net_steps(depth), {"X": X, "y": y, "reg": self.reg, **params}, wrong)
                if y is None:
                    return taken(values, "scores")[0]
                loss, keys, *grads = taken(values, "loss", "keys", *(f"d{name}" for name in params))
                names = sorted(params) if mistake != "keys" else keys.split()
                return loss, {new: dict(zip(params, grads))[old] for new, old in zip(names, sorted(params))}

        Wrong.__name__ = original.__name__
        return Wrong

    return made
