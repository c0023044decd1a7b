# %% [markdown]
# # Is momentum a larger batch?
# Momentum with 0.9 steps along a fading sum of about ten batches. Is plain SGD with six times the batch, and a rate ten
# times as high, any different? Both take the same number of steps.

# %%
import argparse
import sys
from pathlib import Path

import numpy as np

import chainrule as cr

parser = argparse.ArgumentParser(description="Momentum with small batches against SGD with large ones.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--epochs", type=int, default=4, help="of momentum; SGD gets as many steps")
parser.add_argument("--lr", type=float, default=0.01, help="learning rate of momentum")
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")

MOMENTUM, SMALL, LARGE = 0.9, 100, 600
rows = len(cr.load_data(args.data, target=args.target, num_train=args.num_train).X_train)
if rows < LARGE:
    parser.error(f"there are {rows} training rows; a batch has {LARGE}")
data = cr.load_data(args.data, target=args.target, num_train=rows // LARGE * LARGE)  # whole batches of either size

# %%
ways = {
    "momentum, batches of 100": {"rule": "momentum", "momentum": MOMENTUM, "batch_size": SMALL, "lr": args.lr},
    "sgd, batches of 600": {"rule": "sgd", "batch_size": LARGE, "lr": args.lr / (1 - MOMENTUM)},
}


def train(settings, seed):
    """The history of a net of five layers, for as many steps whatever the batch."""
    net = cr.FullyConnectedNet([100] * 4, input_dim=data.input_dim, num_classes=data.num_classes, seed=seed)
    epochs = args.epochs * settings["batch_size"] // SMALL
    return cr.Solver(net, data, epochs=epochs, seed=seed, verbose=False, **settings).train()


histories = {name: [train(settings, seed) for seed in range(args.seeds)] for name, settings in ways.items()}


# %%
def words(runs, quantity):
    """The last values of a quantity: their mean, and the least and greatest of all seeds."""
    values = last(runs, quantity)
    return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f})"


def last(runs, quantity):
    """(seeds,) the last value of a quantity."""
    return np.array([getattr(run, quantity)[-1] for run in runs])


print("                           steps   training loss             training acc.            validation acc.")
for name, runs in histories.items():
    shown = "   ".join(f"{words(runs, quantity):23}" for quantity in ("train_loss", "train_acc", "val_acc"))
    print(f"{name:25}  {len(runs[0].loss):5d}   {shown}".rstrip())

# %%
figure = cr.plots.curves(histories, "val_acc", by="step")
if args.out:
    cr.plots.save(figure, args.out)
small, large = histories.values()
gaps = last(large, "val_acc") - last(small, "val_acc")
print(
    f"\nAfter as many steps the validation accuracy of SGD is {abs(gaps.mean()):.3f} "
    f"{'above' if gaps.mean() > 0 else 'below'} momentum's (seed by seed {', '.join(f'{gap:+.3f}' for gap in gaps)}): "
    f"{'about' if abs(gaps.mean()) <= 0.04 else 'not'} the same. But SGD has looked at {LARGE // SMALL} times as many rows, "
    f"and its training loss is {last(large, 'train_loss').mean() / last(small, 'train_loss').mean():.2f} of momentum's."
)
