"""Stand-ins for a History and a Study, with numbers that look like a training's."""

from types import SimpleNamespace

import numpy as np


def history(
    seed=0, *, steps=400, epochs=8, speed=1.0, params=("W1", "b1", "W2", "b2"), diverge=None, metric="accuracy"
):
    """A training of `steps` steps; from step `diverge` on its loss is NaN."""
    rng = np.random.default_rng(seed)
    t = np.arange(1, steps + 1)
    loss = 2.3 * np.exp(-speed * 4 * t / steps) * np.exp(0.15 * rng.standard_normal(steps)) + 0.03
    norms = np.exp(-t / steps)[:, None] * np.exp(0.2 * rng.standard_normal((steps, len(params))))
    if diverge is not None:
        loss[diverge:] = np.nan
    check_step = np.unique(np.r_[1, np.linspace(steps / epochs, steps, epochs).round()]).astype(int)
    e = len(check_step)
    done = np.linspace(0, 1, e)
    val_acc = 0.1 + 0.85 * (1 - np.exp(-4 * speed * done)) + 0.01 * rng.standard_normal(e)
    return SimpleNamespace(
        loss=loss,
        lr=np.full(steps, 1e-3),
        grad_norms=norms,
        param_names=list(params),
        grad_norm=norms.mean(axis=1),
        check_step=check_step,
        check_epoch=np.linspace(0, epochs, e),
        train_acc=np.minimum(1, val_acc + 0.04 * done),
        val_acc=val_acc,
        train_loss=2.3 * np.exp(-4 * speed * done),
        val_loss=2.3 * np.exp(-3 * speed * done) + 0.1,
        update_ratios=10 ** (-3 + 0.2 * rng.standard_normal((e, len(params)))),
        dead_share=np.zeros((e, 1)),
        layer_names=["relu1"],
        seconds=done * 3,
        metric=metric,
        best_epoch=epochs * float(np.argmax(val_acc)) / max(1, e - 1),
        best_val_acc=float(val_acc.max()),
    )


def empty_history():
    """What is left of a training that was interrupted before its first step."""
    none = np.empty(0)
    return SimpleNamespace(
        loss=none,
        lr=none,
        grad_norms=np.empty((0, 2)),
        param_names=["W1", "b1"],
        grad_norm=none,
        check_step=none,
        check_epoch=none,
        train_acc=none,
        val_acc=none,
        train_loss=none,
        val_loss=none,
        update_ratios=np.empty((0, 2)),
        dead_share=np.empty((0, 1)),
        layer_names=["relu1"],
        seconds=none,
        metric="accuracy",
        best_epoch=0,
        best_val_acc=float("nan"),
    )


def finding(title="The loss stopped being a number", severity="problem"):
    """Something that went wrong, in the words of a diagnosis."""
    return SimpleNamespace(
        kind="diverged",
        title=title,
        measured="the loss is NaN from step 31 on; the gradient norm before it was 4.1e+07",
        advice="Divide the learning rate by ten, or clip the gradients.",
        severity=severity,
    )


class Study:
    """A comparison with one variant for every label, `seeds` runs of each."""

    def __init__(self, labels, seeds=5, steps=400, **options):
        self.title = "Update rules on handwritten digits"
        self.settings = {
            "command": "chainrule compare --data digits --rules sgd,adam --seeds 5",
            "epochs": 8,
            "net": {"hidden": [100, 100]},
        }
        self.target_acc, self.confidence, self.best_label = 0.9, 0.95, labels[0]
        self.verdict = [
            f"{labels[0]} is best: 3.1 points of validation accuracy above {labels[-1]} (95 % interval 2.0 to 4.2)."
        ]
        self.variants = [
            SimpleNamespace(
                label=label, settings={"rule": label}, runs=[self._run(i, s, steps, options) for s in range(seeds)]
            )
            for i, label in enumerate(labels)
        ]
        self.findings = []

    def _run(self, place, seed, steps, options):
        return SimpleNamespace(
            seed=seed,
            history=history(100 * place + seed, steps=steps, speed=1.6 / (1 + 0.25 * place), **options),
            test_acc=0.95 - 0.02 * place,
            seconds=1.5,
            findings=[],
            failed=None,
        )

    def table(self):
        rows = []
        for place, variant in enumerate(self.variants):
            final = np.array([run.history.val_acc[-1] for run in variant.runs])
            rows.append(
                {
                    "variant": variant.label,
                    "final_val_mean": final.mean(),
                    "final_val_std": final.std(ddof=1) if len(final) > 1 else float("nan"),
                    "best_val_mean": final.mean() + 0.004,
                    "best_val_std": 0.003,
                    "final_train_mean": final.mean() + 0.03,
                    "final_train_std": 0.002,
                    "test_mean": 0.95 - 0.02 * place,
                    "test_std": 0.004,
                    "first_epoch": None if place % 4 == 3 else 2.4 + place,
                    "reached": 0 if place % 4 == 3 else len(variant.runs),
                    "seconds": 1.5,
                    "difference_mean": -0.01 * place,
                    "difference_low": None if place == 0 else -0.01 * place - 0.008,
                    "difference_high": None if place == 0 else -0.01 * place + 0.008,
                }
            )
        return rows
