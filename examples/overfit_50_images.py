# %% [markdown]
# # Can a net learn fifty images by heart?
# The first thing to try with any new net: if it cannot reach 100 % on fifty images within twenty epochs, something is
# wrong with it, and more data will not mend that. Here a net of three and one of five layers.

# %%
import argparse
import sys
from pathlib import Path

import chainrule as cr

parser = argparse.ArgumentParser(description="Overfit a few images with nets of three and five layers.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--images", type=int, default=50)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--lr", type=float, default=0.01, help="learning rate of momentum")
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.images)


# %%
def train(hidden, seed):
    """The history of a net with these hidden layers on the few images, 25 a step."""
    net = cr.FullyConnectedNet(hidden, input_dim=data.input_dim, num_classes=data.num_classes, seed=seed)
    settings = {"rule": "momentum", "lr": args.lr, "batch_size": 25, "epochs": args.epochs}
    return cr.Solver(net, data, seed=seed, verbose=False, **settings).train()


nets = {"3 layers": [100, 100], "5 layers": [100, 100, 100, 100]}
histories = {name: [train(hidden, seed) for seed in range(args.seeds)] for name, hidden in nets.items()}

# %%
print("net       seed   first loss   last loss   training   validation   first epoch at 100 %")
reached = []
for name, runs in histories.items():
    for seed, run in enumerate(runs):
        perfect = run.check_epoch[run.train_acc == 1]
        reached.append(len(perfect) > 0)
        first = f"{perfect[0]:g}" if len(perfect) else "never"
        print(
            f"{name}  {seed:4d}   {run.loss[0]:10.3f}   {run.loss[-1]:9.4f}   {run.train_acc[-1]:7.0%}    "
            f"{run.val_acc[-1]:9.1%}   {first:>20}"
        )

# %%
figure = cr.plots.curves(histories, "train_acc", band="range")
if args.out:
    cr.plots.save(figure, args.out)
print(
    f"\n{sum(reached)} of {len(reached)} nets know all {args.images} images within {args.epochs} epochs; what they "
    f"know of others is in the column beside."
)
