"""This library: the trainings of a comparison alone, without the figures and the page that `compare` makes of them."""

import numpy as np

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.peers.library import Comparison
from chainrule.bench.work import Compared


def forms(work: Compared, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    return {"bytes": lambda: Trainings(work, inputs, threads, "fused")}


class Trainings(Comparison):
    """What `compare` hands to its worker threads."""

    def turn(self, first: int, steps: int) -> float:
        """All trainings, with their accuracies."""
        from chainrule.study.plan import Plan
        from chainrule.study.pool import Pool

        work = self.work
        plan = Plan(
            hidden=list(work.hidden), epochs=work.epochs, batch_size=work.batch, engine=self.engine, threads=1, slices=1
        )
        jobs = {
            (rule, seed): plan.with_(rule=rule, seed=seed).resolved(self.data)
            for rule in work.rules
            for seed in range(work.seeds)
        }
        runs = Pool(self.data, self.threads, 1, verbose=False).run(jobs, what="bench").runs
        return float(np.mean([run.history.loss[-self.last :] for run in runs.values()]))
