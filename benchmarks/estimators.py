"""The estimators beside scikit-learn's own multilayer perceptron: accuracy paired by seed, and training time.

    python benchmarks/estimators.py [--seeds 10]

Both have one hidden layer of 100 units, relu, Adam with rate 0.001, batches of 32 and the same number of passes, on the
same split of the same standardized float64 rows. Both are tuned alike: the setting that is best on a fifth of the training
rows of three further splits, out of four penalties; the library's estimators also out of two ways to draw the first weights
(scikit-learn's own, which is the only one it has, and smaller ones). Times are of one `fit` each, alternately; a first
fit that compiles is not counted.
"""

import argparse
import time
import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

import chainrule as cr
from chainrule.study.statistics import paired

HIDDEN, RATE, BATCH = (100,), 1e-3, 32
AS_THERE, SMALL = {"kind": "xavier", "distribution": "uniform"}, {"kind": "normal", "scale": 0.05}
PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2)
OUR_SETTINGS = [(penalty, init) for penalty in PENALTIES for init in (AS_THERE, SMALL)]
THEIR_SETTINGS = [(penalty,) for penalty in PENALTIES]
TUNING_SEEDS = (1000, 1001, 1002)  # none of the comparison


def data_sets():
    """name -> X, y, passes, whether y is real."""
    made = make_classification(20_000, 40, n_informative=15, n_classes=4, random_state=0)
    diabetes = load_diabetes(return_X_y=True)
    target = (diabetes[1] - diabetes[1].mean()) / diabetes[1].std()
    return {
        "digits": (*load_digits(return_X_y=True), 40, False),
        "wine": (*load_wine(return_X_y=True), 40, False),
        "breast cancer": (*load_breast_cancer(return_X_y=True), 40, False),
        "diabetes": (diabetes[0], target, 40, True),
        "20,000 made rows": (*made, 20, False),
    }


def ours(real, passes, seed, penalty, init):
    kind = cr.FullyConnectedRegressor if real else cr.FullyConnectedClassifier
    return kind(HIDDEN, lr=RATE, batch_size=BATCH, epochs=passes, reg=penalty, init=init, random_state=seed)


def theirs(real, passes, seed, penalty):
    kind = MLPRegressor if real else MLPClassifier
    same = {"learning_rate_init": RATE, "batch_size": BATCH, "max_iter": passes, "n_iter_no_change": passes + 1}
    alpha = penalty * BATCH  # which is divided by the batch there
    return kind(hidden_layer_sizes=HIDDEN, alpha=alpha, random_state=seed, **same)


SIDES = {"ours": (ours, OUR_SETTINGS), "theirs": (theirs, THEIR_SETTINGS)}


def split(X, y, real, seed, share):
    """Standardized training and test rows, and their targets."""
    parts = train_test_split(X, y, test_size=share, random_state=seed, stratify=None if real else y)
    scaler = StandardScaler().fit(parts[0])
    return [scaler.transform(rows) for rows in parts[:2]] + parts[2:]


def tuned(make, settings, X, y, passes, real):
    """The setting that is best on a fifth of the training rows, on average over splits that no comparison uses."""
    scores = dict.fromkeys(range(len(settings)), 0.0)
    for seed in TUNING_SEEDS:
        X_train, _, y_train, _ = split(X, y, real, seed, 0.25)
        parts = split(X_train, y_train, real, seed, 0.2)
        for i, setting in enumerate(settings):
            scores[i] += measured(make(real, passes, seed, *setting), *parts)[0]
    return settings[max(scores, key=scores.get)]


def measured(model, X, X_test, y, y_test):
    """(score, seconds) of one fit."""
    began = time.perf_counter()
    model.fit(X, y)
    return model.score(X_test, y_test), time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    seeds = range(parser.parse_args().seeds)
    warnings.simplefilter("ignore", ConvergenceWarning)
    rng = np.random.default_rng(0)
    cr.FullyConnectedClassifier(HIDDEN, engine="fused", epochs=1).fit(rng.standard_normal((99, 5)), np.arange(99) % 3)
    print(f"{'data':18} {'ours':>7} {'theirs':>7} {'difference':>22} {'ours s':>8} {'theirs s':>8} {'ratio':>6}")
    for name, (X, y, passes, real) in data_sets().items():
        found = {side: {} for side in SIDES}
        chosen = {side: tuned(make, settings, X, y, passes, real) for side, (make, settings) in SIDES.items()}
        for seed in seeds:
            parts = split(X, y, real, seed, 0.25)
            for side, (make, _) in SIDES.items():
                found[side][seed] = measured(make(real, passes, seed, *chosen[side]), *parts)
        scores = {side: {s: score for s, (score, _) in runs.items()} for side, runs in found.items()}
        seconds = {side: np.median([t for _, t in runs.values()]) for side, runs in found.items()}
        gap = paired(scores["ours"], scores["theirs"], confidence=0.95)
        interval = "" if gap.low is None else f" [{gap.low:+.4f}, {gap.high:+.4f}]"
        means = [np.mean(list(scores[side].values())) for side in found]
        print(
            f"{name:18} {means[0]:7.4f} {means[1]:7.4f} {gap.mean:+.4f}{interval} {seconds['ours']:8.2f} "
            f"{seconds['theirs']:8.2f} {seconds['theirs'] / seconds['ours']:6.2f}   {chosen}",
            flush=True,
        )


if __name__ == "__main__":
    main()
