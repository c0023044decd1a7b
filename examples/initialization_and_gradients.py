# %% [markdown]
# # What does the initialization do to the gradients of a deep net?
# Eleven layers, four ways to draw their weights. The gradient of a layer is a product over all layers above it, so what
# is a little too small ten times over is nothing.

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import chainrule as cr

parser = argparse.ArgumentParser(description="Gradient norms of a deep net under four initializations.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--lr", type=float, default=0.05, help="learning rate of plain SGD")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)

# %%
INITS = {"zeros": "zeros", "normal 0.01": {"kind": "normal", "scale": 0.01}, "xavier": "xavier", "he": "he"}


def train(init):
    """The history of a net of ten hidden layers of fifty units."""
    net = cr.FullyConnectedNet(
        [50] * 10, input_dim=data.input_dim, num_classes=data.num_classes, init=init, seed=args.seed
    )
    return cr.Solver(net, data, rule="sgd", lr=args.lr, epochs=args.epochs, seed=args.seed, verbose=False).train()


histories = {name: train(init) for name, init in INITS.items()}

# %% [markdown]
# The mean gradient norm of every weight matrix over all steps, the first layer on top.

# %%
layers = np.arange(1, 12)
norms = {
    name: np.array([run.grad_norms[:, run.param_names.index(f"W{layer}")].mean() for layer in layers])
    for name, run in histories.items()
}
print("            " + "".join(f"{name:>14}" for name in norms))
print("first loss  " + "".join(f"{run.loss[0]:14.6f}" for run in histories.values()))
for layer in layers:
    print(f"norm of dW{layer:<2}" + "".join(f"{norm[layer - 1]:14.1e}" for norm in norms.values()))
print("training    " + "".join(f"{run.train_acc[-1]:14.3f}" for run in histories.values()))
print("validation  " + "".join(f"{run.val_acc[-1]:14.3f}" for run in histories.values()))

# %%
with cr.plots.style():
    figure = Figure(figsize=(4.4, 3.4), layout="constrained")
    ax = figure.add_subplot(xlabel="layer", ylabel="mean gradient norm of its weights", yscale="log")
    for marker, (name, norm) in zip("osD^", norms.items()):
        label = name if norm.any() else f"{name}: 0 everywhere"  # which a logarithmic axis cannot show
        ax.plot(layers, np.where(norm > 0, norm, np.nan), marker, linestyle="-", label=label)
    ax.set_xticks(layers)
    ax.yaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=2)
if args.out:
    cr.plots.save(figure, args.out)

best = max(histories, key=lambda name: histories[name].train_acc[-1])
print(
    f"\nln {data.num_classes} = {np.log(data.num_classes):.6f} is the loss of a net that says nothing. First layers get"
)
for name, norm in norms.items():
    share = norm[0] / norm[-1] if norm[-1] else 0
    print(f"  {share:8.1e} of the last layer's gradient with {name}")
print(f"and {best} learns best: {histories[best].train_acc[-1]:.1%} of the training rows.")
