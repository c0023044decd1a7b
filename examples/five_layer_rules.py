# %% [markdown]
# # SGD, momentum, RMSProp, Adam: how does a net of five layers learn under each?
# The comparison that courses end with: the same starting weights and batches for all four, several seeds, and bands that
# show how much of a difference is luck.

# %%
import argparse
import sys
import tempfile
from pathlib import Path

from matplotlib.figure import Figure

import chainrule as cr

parser = argparse.ArgumentParser(description="Four update rules on a net of five layers.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)

# %%
RATES = {"sgd": 0.01, "momentum": 0.01, "rmsprop": 0.001, "adam": 0.001}
with tempfile.TemporaryDirectory() as scratch:
    study = cr.compare(
        data,
        hidden=[100] * 4,
        rules=list(RATES),
        options={rule: {"lr": lr} for rule, lr in RATES.items()},
        seeds=args.seeds,
        epochs=args.epochs,
        out=Path(scratch) / "rules",
        verbose=False,
    )
print(study)

# %% [markdown]
# The loss of every step, and both accuracies; a band is one standard deviation over the seeds.

# %%
histories = {variant.label: [run.history for run in variant.runs] for variant in study.variants}
with cr.plots.style():
    figure = Figure(figsize=(4.4, 8), layout="constrained")
    for ax, quantity in zip(figure.subplots(3, 1), ("loss", "train_acc", "val_acc")):
        cr.plots.curves(histories, quantity, legend=quantity == "val_acc", ax=ax)
if args.out:
    cr.plots.save(figure, args.out)

# %%
losses = {label: sum(run.train_loss[-1] for run in runs) / len(runs) for label, runs in histories.items()}
fastest = min(losses, key=losses.__getitem__)
slowest = max(losses, key=losses.__getitem__)
print(
    f"\nAfter {args.epochs} epochs {fastest} has the lowest training loss, {losses[fastest]:.3f}, and {slowest} the "
    f"highest, {losses[slowest]:.3f}; by validation accuracy {study.best_label} is best."
)
