# %% [markdown]
# # What do the weights of a two-layer net learn?
# Each hidden unit has a weight for every pixel, so its weights are a picture of what it looks for. Two nets start from
# the same weights: one learns far too slowly, the other well.

# %%
import argparse
import sys
from pathlib import Path

import numpy as np

import chainrule as cr

parser = argparse.ArgumentParser(description="First-layer weights of a poor and of a good net.")
parser.add_argument("--data", default="digits", help="digits, cifar10: images")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--reg", type=float, default=0.01, help="L2 strength")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, num_train=args.num_train)
if data.image_shape is None:
    parser.error(f"the rows of {data.name} are no images")

# %%
RATES = {"poor": 1e-5, "good": 0.02}


def train(lr):
    """A net of 50 hidden units after training with this learning rate."""
    net = cr.TwoLayerNet(
        input_dim=data.input_dim,
        hidden_dim=50,
        num_classes=data.num_classes,
        weight_scale=0.02,
        reg=args.reg,
        seed=args.seed,
    )
    cr.Solver(net, data, rule="momentum", lr=lr, epochs=args.epochs, seed=args.seed, verbose=False).train()
    return net


nets = {name: train(lr) for name, lr in RATES.items()}

# %% [markdown]
# Noise has no shapes: a weight says nothing of its neighbour's. How far neighbours agree is a number from 0 to 1.


# %%
def agreement(net):
    """Correlation of the weights of pixels that lie side by side."""
    channels_first = len(data.image_shape) == 3 and data.image_shape[0] == 3
    pictures = net.params["W1"].T.reshape(-1, *data.image_shape[-2:] if channels_first else data.image_shape[:2])
    left, right = pictures[:, :, :-1].ravel(), pictures[:, :, 1:].ravel()
    return np.corrcoef(left, right)[0, 1]


print("net    learning rate   validation   neighbours agree")
accuracy = {name: net.score(data.X_val, data.y_val) for name, net in nets.items()}
alike = {name: agreement(net) for name, net in nets.items()}
for name, lr in RATES.items():
    print(f"{name}   {lr:13g}   {accuracy[name]:10.3f}   {alike[name]:16.2f}")

# %%
upper, lower = (net.params["W1"][:, :18] for net in nets.values())
figure = cr.plots.weight_grid(np.hstack([upper, lower]), data.image_shape)
figure.axes[0].set_title("18 units of the poor net, then 18 of the good", loc="left", fontsize=9.5)
if args.out:
    cr.plots.save(figure, args.out)
print(
    f"\nThe good net's weights ({accuracy['good']:.1%} on the validation rows) are pictures, in which neighbouring pixels "
    f"agree by {alike['good']:.2f}; the poor net's ({accuracy['poor']:.1%}) by {alike['poor']:.2f}, where noise has 0."
)
