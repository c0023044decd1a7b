"""A course Solver's iterations carried out by an engine of the library: the course's batches at the library's speed."""

from typing import Any

import numpy as np

from chainrule.core.errors import SettingError, choose
from chainrule.core.threads import cores
from chainrule.courses.modular.fc_net import ModularNet
from chainrule.engines import ENGINES, engine
from chainrule.engines.task import Task
from chainrule.training.settings import WORTH_CUTTING


def checked(solver: Any) -> str:
    """The engine that the solver gets; "auto" stands for the fastest that covers its model and its rule.

    Raises:
        SettingError: an unknown engine, or one that does not cover them.
    """
    name = choose(solver.engine, ["auto", *ENGINES], what="engine of Solver")
    if name != "plain" and isinstance(solver.model, ModularNet) and hasattr(solver.update_rule, "recipe"):
        return engine(name, solver.model.net, solver.update_rule.recipe.rule)
    if name not in ("plain", "auto"):
        raise SettingError(
            f"Solver: engine={name!r} trains the courses' own nets by the courses' own rules; came a "
            f"{type(solver.model).__name__} with update_rule={solver.rule_name!r}. For yours it must be engine='plain'."
        )
    return "plain"


class EngineRuns:
    """The runs of one `train()`.

    Loss, parameters, the rule's state and running statistics are after each run where the solver's own iterations would
    have left them, to rounding. An engine stops before a step that meets a value that is not finite; the solver's own
    iterations go on from there.

    Args:
        solver: a course Solver whose engine is not "plain".
    """

    def __init__(self, solver: Any) -> None:
        self.solver, self.model, self.recipe = solver, solver.model, solver.update_rule.recipe
        self.first = 0  # number of the iteration that the first batch is for
        self.batches: list[np.ndarray] = []
        hyper = self._hyper()
        self.task = Task(
            net=self.model.net,
            X=solver.X_train,
            y=solver.y_train,
            rule=self.recipe.rule,
            options={name: value for name, value in hyper[0].items() if name != "lr"},
            lr=hyper[0]["lr"],
            schedule={"kind": "constant"},
            weight_decay=None,
            clip_norm=None,
            clip_value=None,
            sampler=lambda *, step, **_: self.batches[step - self.first],
            batch_size=solver.batch_size,
            seed=int(np.random.randint(1 << 31)) if self.model.use_dropout else 0,
            steps_per_epoch=solver.per_epoch,
            total_steps=0,
            slices=cores() if solver.engine == "fused" and self._worth_cutting() else 1,
        )

    def _worth_cutting(self) -> bool:
        """Whether a step takes so long that slices do not only wait for each other."""
        return 3 * self.solver.batch_size * self.model.net.summary().multiply_adds >= WORTH_CUTTING

    def take(self, steps: int) -> None:
        """Take so many iterations, their batches drawn beforehand in the course's order."""
        self.batches = [self.solver.draw() for _ in range(steps)]
        hyper = self._hyper()
        alike = all(one == hyper[0] for one in hyper) and not any("momentum" in param for param in self.model.bn_params)
        for rows in self.batches[self._run(hyper[0]["lr"]) if alike else 0 :]:
            self.solver.step(rows)

    def _hyper(self) -> list[dict[str, Any]]:
        """Every parameter's hyper-parameters, once its config has all of them and a state."""
        found = []
        for name, w in self.model.params.items():
            config = self.solver.config_of(name)
            self.recipe.fill(config, w)
            found.append(self.recipe.hyper_of(self.solver.rule_name, config))
        return found

    def _run(self, lr: float) -> int:
        """Hand the batches to the engine; how many steps it took comes back."""
        solver, model, task = self.solver, self.model, self.task
        configs = {name: solver.config_of(name) for name in model.params}
        self.first = task.step = len(solver.loss_history)
        task.total_steps, task.lr = task.step + len(self.batches), lr
        task.state = {
            name: self.recipe.state_of(solver.rule_name, configs[name], w) for name, w in model.params.items()
        }
        model.put_stats()
        records = ENGINES[solver.engine].run(task, len(self.batches), val_history=(), stop=lambda: False, measure=False)
        model.take_stats()
        for name, config in configs.items():
            self.recipe.keep(config, task.state[name])
        done = task.step - self.first
        solver.loss_history += records.loss[:done]
        for norms in records.grad_norms[:done]:
            solver.see_norms(norms)
        return done
