# %% [markdown]
# # Which activations have zero gradients?
# What an activation passes back is the gradient from above times its own slope. Where the slope is zero, or next to it,
# the layers below learn nothing. How often is that so, for sigmoid, ReLU and leaky ReLU?

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import chainrule as cr

parser = argparse.ArgumentParser(description="The share of zero slopes of sigmoid, ReLU and leaky ReLU, by layer.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--layers", type=int, default=4, help="hidden layers")
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)

ACTIVATIONS = ("sigmoid", "relu", "leaky_relu")
SMALL = 0.02  # of a slope whose greatest value is 1, for sigmoid 1/4


def slope(name, x):
    """The slope of an activation: its backward pass on a gradient of 1."""
    layer = cr.LAYERS[name].module
    y, cache = layer.forward(x)
    return layer.backward(np.ones_like(y), cache)


# %% [markdown]
# ## One number
# Sigmoid's slope is at most 1/4, and fades on both sides. ReLU's is exactly 0 left of 0, exactly 1 right of it. Leaky
# ReLU's is never 0.

# %%
x = np.array([[-10.0, -2.0, -0.5, 0.5, 2.0, 10.0]])
print("slope at    " + "".join(f"{value:9g}" for value in x[0]))
for name in ACTIVATIONS:
    print(f"{name:12}" + "".join(f"{value:9.5f}" for value in slope(name, x)[0]))
assert (slope("sigmoid", x) > 0).all()
assert (slope("leaky_relu", x) > 0).all()

# %% [markdown]
# ## Whole nets
# The same numbers inside nets, at the start and after training: in every hidden layer, for every unit and row, the slope.


# %%
def shares(net, rows):
    """By hidden layer: the share of slopes that are exactly 0, and of those below SMALL."""
    stages = [moment for moment in net.trace(rows) if moment.layer in ACTIVATIONS]
    slopes = [slope(moment.layer, moment.input) for moment in stages]
    return np.array([[np.mean(s == 0), np.mean(s < SMALL)] for s in slopes])


def gradient_norms(net):
    """By affine layer: the length of the gradient by its weights, on the first 500 training rows."""
    _, grads = net.loss(data.X_train[:500], data.y_train[:500])
    return np.array([np.linalg.norm(grads[name]) for name in net.weight_names])


found = {}
for name in ACTIVATIONS:
    net = cr.FullyConnectedNet(
        [50] * args.layers, input_dim=data.input_dim, num_classes=data.num_classes, activation=name, seed=args.seed
    )
    solver = cr.Solver(net, data, rule="adam", epochs=args.epochs, seed=args.seed, verbose=False)
    start = shares(net, data.X_val), gradient_norms(net)
    history = solver.train()
    found[name] = {"start": start, "end": (shares(net, data.X_val), gradient_norms(net)), "history": history}

print(f"\nshare of slopes that are 0 (below {SMALL}), by hidden layer")
for name, run in found.items():
    for when in ("start", "end"):
        cells = "  ".join(f"{zero:5.1%} ({small:5.1%})" for zero, small in run[when][0])
        print(f"{name:11} {when:6} {cells}")

print("\ngradient of the first weight matrix over that of the last, at the start; accuracy after training")
for name, run in found.items():
    norms = run["start"][1]
    print(f"{name:11} {norms[0] / norms[-1]:8.4f}   {run['history'].best_val_acc:.3f}")

# %%
with cr.plots.style():
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    grid = np.linspace(-6, 6, 601)[None]
    layers = np.arange(1, args.layers + 1)
    for name, dashes, size in zip(ACTIVATIONS, ("-", "--", ":"), (9, 6, 4)):
        left.plot(grid[0], slope(name, grid)[0], dashes, label=name)
        right.plot(layers, 100 * found[name]["end"][0][:, 0], dashes, marker="o", markersize=size)
    left.set(xlabel="input", ylabel="slope", title="What each passes back")
    right.set(xlabel="hidden layer", ylabel="slopes of exactly 0, in %", xticks=layers, ylim=(-3, 103))
    right.set_title("After training")
    figure.legend(loc="outside lower center", ncols=3)
if args.out:
    cr.plots.save(figure, args.out)

# %%
zero = {name: run["end"][0][:, 0].mean() for name, run in found.items()}
print(
    f"\nOf all slopes in the trained nets, ReLU zeroes {zero['relu']:.0%}, sigmoid {zero['sigmoid']:.0%}, leaky ReLU "
    f"{zero['leaky_relu']:.0%}. A ReLU unit that is 0 on some rows learns from the others. Sigmoid's slope is 0 only "
    f"where it has rounded to it, but each layer takes away three quarters at least: its gradients fade with depth instead."
)
assert zero["leaky_relu"] == 0
