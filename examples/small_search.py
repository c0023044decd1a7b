# %% [markdown]
# # A small search: which learning rate, with which weight scale?
# Every pair is tried with the same seeds, so that two pairs differ by their settings and not by their luck. The
# validation rows choose; the test rows are asked once, of the pair that was chosen.

# %%
import argparse
import sys
from itertools import product
from pathlib import Path

import numpy as np

import chainrule as cr

parser = argparse.ArgumentParser(description="A grid of learning rates and weight scales.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--seeds", type=int, default=2)
parser.add_argument("--rates", type=float, nargs="+", default=[0.003, 0.01, 0.03, 0.1])
parser.add_argument("--scales", type=float, nargs="+", default=[0.01, 0.03, 0.1, 0.3])
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)


# %%
def train(rate, scale, seed):
    """A net of three layers, as it was at its best by validation, and its accuracy there."""
    net = cr.FullyConnectedNet(
        [100, 100], input_dim=data.input_dim, num_classes=data.num_classes, weight_scale=scale, seed=seed
    )
    settings = {"rule": "momentum", "lr": rate, "epochs": args.epochs, "seed": seed}
    return net, cr.Solver(net, data, verbose=False, **settings).train().best_val_acc


pairs = list(product(args.scales, args.rates))
runs = {(scale, rate): [train(rate, scale, seed) for seed in range(args.seeds)] for scale, rate in pairs}
accuracy = {pair: np.mean([score for _, score in runs[pair]]) for pair in pairs}

# %%
table = np.reshape([accuracy[pair] for pair in pairs], (len(args.scales), len(args.rates)))
print("validation accuracy\nscale \\ rate" + "".join(f"{rate:9g}" for rate in args.rates))
for scale, row in zip(args.scales, table):
    print(f"{scale:12g}" + "".join(f"{score:9.3f}" for score in row))

# %%
figure = cr.plots.heat_map(
    100 * table,
    args.scales,
    args.rates,
    row_name="weight scale",
    column_name="learning rate",
    title="Validation accuracy in %",
)
if args.out:
    cr.plots.save(figure, args.out)

scale, rate = max(pairs, key=accuracy.__getitem__)
test = np.mean([net.score(data.X_test, data.y_test) for net, _ in runs[scale, rate]])
print(
    f"\nBest of {len(pairs)} pairs is scale {scale:g} with rate {rate:g}: {accuracy[scale, rate]:.3f} on the validation "
    f"rows, which chose it, and {test:.3f} on the test rows, which did not (means of {args.seeds} seeds)."
)
