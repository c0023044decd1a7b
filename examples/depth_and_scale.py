# %% [markdown]
# # Which is more sensitive to the initialization scale, a net of three or of five layers?
# Both learn fifty images by heart, at every pair of a learning rate and a weight scale: in which epoch do they first know
# all of them?

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import chainrule as cr

parser = argparse.ArgumentParser(description="Depth, learning rate and weight scale: the first epoch at 100 %.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--images", type=int, default=50)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--rates", type=float, nargs="+", default=[0.01, 0.05, 0.3])
parser.add_argument("--scales", type=float, nargs="+", default=[0.03, 0.1, 0.3, 1.0])
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.images)


# %%
def knows_all(solver):
    """Whether the training may end."""
    return solver.history.train_acc[-1] == 1


def first_perfect_epoch(layers, lr, scale):
    """The first epoch at 100 % of the training rows; NaN where there is none."""
    net = cr.FullyConnectedNet(
        [100] * (layers - 1),
        input_dim=data.input_dim,
        num_classes=data.num_classes,
        weight_scale=scale,
        seed=args.seed,
    )
    settings = {"rule": "sgd", "lr": lr, "batch_size": 25, "epochs": args.epochs, "seed": args.seed}
    run = cr.Solver(net, data, verbose=False, callbacks=[knows_all], **settings).train()
    perfect = run.check_epoch[run.train_acc == 1]
    return perfect[0] if len(perfect) else np.nan


tables = {
    layers: np.array([[first_perfect_epoch(layers, lr, scale) for lr in args.rates] for scale in args.scales])
    for layers in (3, 5)
}

# %%
for layers, table in tables.items():
    print(f"\n{layers} layers, first epoch at 100 %\nscale \\ rate" + "".join(f"{lr:8g}" for lr in args.rates))
    for scale, row in zip(args.scales, table):
        print(f"{scale:12g}" + "".join(f"{epoch:8g}" if np.isfinite(epoch) else "       –" for epoch in row))

# %%
with cr.plots.style():
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    for ax, (layers, table) in zip(figure.subplots(1, 2, sharey=True), tables.items()):
        cr.plots.heat_map(
            table,
            args.scales,
            args.rates,
            row_name="weight scale" if layers == 3 else "",
            column_name="learning rate",
            title=f"{layers} layers: first epoch at 100 %",
            ax=ax,
        )
if args.out:
    cr.plots.save(figure, args.out)

# %%
workable = {
    layers: [scale for scale, row in zip(args.scales, table) if np.isfinite(row).any()]
    for layers, table in tables.items()
}
print()
for layers, scales in workable.items():
    named = ", ".join(f"{scale:g}" for scale in scales) or "none"
    print(f"{layers} layers: pairs that lead to 100 %: {np.isfinite(tables[layers]).sum()}, at these scales: {named}")
three, five = (int(np.isfinite(tables[layers]).sum()) for layers in (3, 5))
verdict = "neither net is" if three == five else f"the net of {5 if five < three else 3} layers is"
print(f"By that, {verdict} the more sensitive.")
