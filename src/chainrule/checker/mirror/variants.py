"""The catalogue's mistakes as functions under the courses' names, to be put in the place of right ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.checker.battery import inputs_of
from chainrule.checker.mirror import layers, nets, rules
from chainrule.checker.recipe import behind
from chainrule.checker.task import Mistake, Task
from chainrule.checker.tasks import TASKS

Make = Callable[[Any], Any]  # the original -> what stands in its place
BY_NAME = {task.name: task for task in TASKS}


@dataclass(frozen=True, eq=False)
class Variant:
    """One known mistake, ready to be made.

    Attributes:
        function: the function (or Class.method) that is wrong.
        mistake: its name in the catalogue.
        says: what is wrong, in words.
        makes: for every name that is replaced, what makes the wrong one of the right one.
    """

    function: str
    mistake: str
    says: str
    makes: Mapping[str, Make]

    @property
    def names(self) -> tuple[str, ...]:
        """What is replaced."""
        return tuple(self.makes)


def every_variant() -> list[Variant]:
    """Every mistake of the catalogue that can be made in a function by itself; conventions are none."""
    found = []
    for name, makers in {**layers.MAKERS, **rules.MAKERS}.items():
        task = BY_NAME[name]
        for mistake in task.mistakes:
            function = _function(task, mistake, tuple(makers))
            if function and not mistake.convention and mistake.retry is None:
                steps = {**task.steps, **mistake.steps}
                makes = {known: _made(maker, steps, mistake) for known, maker in makers.items()}
                found.append(Variant(function, mistake.name, mistake.says, makes))
    for name, cls in nets.CLASSES.items():
        for mistake in BY_NAME[name].mistakes:
            if not mistake.convention:
                found.append(Variant(f"{cls}.loss", mistake.name, mistake.says, {cls: nets.maker(mistake.name)}))
    return found


def _made(maker: Callable[..., Any], steps: Mapping[str, Any], mistake: Mistake) -> Make:
    return lambda original: maker(steps, mistake)


def _function(task: Task, mistake: Mistake, names: tuple[str, ...]) -> str:
    """The first function in the data flow whose results a mistake changes."""
    for role in task.roles:
        changed = {q.name for q in task.quantities_of(role.name)} | {inputs_of(role.name)}
        if any(mistake.steps.keys() & ({name} | behind(task.steps, name)) for name in changed if name in task.steps):
            return next((known for known in role.names if known in names), "")
        if task.name in rules.MAKERS and not any(step.startswith("inputs of") for step in mistake.steps):
            return names[0]
    return ""
