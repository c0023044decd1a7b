"""A Solver's steps as the learner's own update rules make them: it may be wrong only because a rule is."""

from typing import Any

import numpy as np

from chainrule.checker.play import parts
from chainrule.checker.recipe import Steps
from chainrule.checker.subject import Subject
from chainrule.checker.tasks.solver_books import BLOCKS, Trace

RULES = ("sgd", "sgd_momentum")


def own_rule(subject: Subject) -> list[Steps]:
    """The steps with the learner's rules, where both are there."""
    if not set(RULES) <= set(subject.names):
        return []

    def moves(trace: Trace, rate: np.ndarray, s: dict[str, Any]) -> np.ndarray:
        """(T, P)."""
        made: list[list[Any]] = []
        for place, block in enumerate(BLOCKS):
            config = subject.keep({name: s[name] for name in ("learning_rate", "momentum") if name in s})
            made.append([])
            for w, dw, lr in zip(trace.before[:, block], trace.grads[:, block], rate[:, place]):
                subject.set_item(config, "learning_rate", float(lr))
                after, config = parts(subject.call(s["rule"], [w, dw, config], kept=[1]).result, 2, "w and its config")
                made[-1].append(after - w)
        return np.concatenate(made, axis=1)

    return [{"moves": moves}]
