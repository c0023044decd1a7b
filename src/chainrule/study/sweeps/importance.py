"""How much of a search's success hung on each setting."""

from chainrule.study.sweeps.optional import optuna, quiet
from chainrule.study.sweeps.records import Trial
from chainrule.study.sweeps.samplers import entered
from chainrule.study.sweeps.space import Space

FEWEST = 8  # trials that say anything
SHARE = 0.25  # of the trials, the best


def importance(space: Space, trials: list[Trial]) -> dict[str, float]:
    """The share of each setting in being among the best quarter of the trials; {} where there are too few.

    Source: Watanabe et al., PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary subspaces,
        IJCAI 2023.
    """
    scored = [trial for trial in trials if trial.value is not None]
    if len(scored) < FEWEST or len({trial.value for trial in scored}) < 2:
        return {}
    library = optuna()
    with quiet():
        study = library.create_study(direction="maximize")
        for trial in scored:
            study.add_trial(library.trial.create_trial(value=trial.value, **entered(space, trial.params)))
        evaluator = library.importance.PedAnovaImportanceEvaluator(target_quantile=SHARE)
        found = library.importance.get_param_importances(study, evaluator=evaluator)
    return {name: float(share) for name, share in found.items()}
