# %% [markdown]
# # Sandwich layers: is the composition right, and which step `h` tells it best?
# An affine layer with a ReLU on top is used so often that courses give the pair a name. Composing it takes four lines;
# whether they are right is for numbers to say.

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import chainrule as cr
from chainrule.layers import affine, relu

parser = argparse.ArgumentParser(description="Compose affine and ReLU by hand, and check them numerically.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file: rows for the net")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")

# %% [markdown]
# The forward pass keeps the caches of both; the backward pass takes them off in the opposite order.


# %%
def forward(x, W, b):
    """affine, then relu."""
    between, affine_cache = affine.forward(x, W, b)
    out, relu_cache = relu.forward(between)
    return out, (affine_cache, relu_cache)


def backward(dout, cache):
    """Gradients by x, W and b."""
    affine_cache, relu_cache = cache
    return affine.backward(relu.backward(dout, relu_cache), affine_cache)


# %%
rng = np.random.default_rng(args.seed)
x, W, b = rng.standard_normal((5, 7)), rng.standard_normal((7, 4)), rng.standard_normal(4)
out, cache = forward(x, W, b)
dout = rng.standard_normal(out.shape)  # random, never ones: ones hide mistakes
for name, array, gradient in zip("xWb", (x, W, b), backward(dout, cache)):
    numeric = cr.numeric_gradient(lambda _: forward(x, W, b)[0], array, dout)
    error = cr.rel_error(gradient, numeric)
    print(f"d{name}: relative error {error:.1e}")
    assert error < 1e-7

# %% [markdown]
# The same check for a whole net of such sandwiches under a softmax loss, on five rows of data.

# %%
data = cr.load_data(args.data, target=args.target)
net = cr.FullyConnectedNet([10, 10], input_dim=data.input_dim, num_classes=data.num_classes, dtype="float64")
net.input = data.input_transform()
rows, labels = data.X_train[:5], data.y_train[:5]
report = cr.check_gradients(net, rows, labels, entries=20)
print(report)
assert report.ok

# %% [markdown]
# Now the step. A step too long sees the curve of the loss, one too short nothing but rounding: the difference of two
# losses keeps some sixteen digits less those that they share.

# %%
steps = 10.0 ** np.arange(-11, 0)
bias = net.params["b3"]
exact = net.loss(rows, labels)[1]["b3"]
errors = {order: [] for order in (2, 4)}
for order, found in errors.items():
    for h in steps:
        numeric = cr.numeric_gradient(lambda _: net.loss(rows, labels)[0], bias, h=h, order=order)
        found.append(np.abs(numeric - exact).max() / np.abs(exact).max())
print("\n      h   two points   four points")
for h, two, four in zip(steps, errors[2], errors[4]):
    print(f"{h:7.0e}   {two:10.1e}   {four:11.1e}")

# %%
with cr.plots.style():
    figure = Figure(figsize=(4.4, 2.9), layout="constrained")
    ax = figure.add_subplot(xlabel="step h", ylabel="relative error of db3")
    for order, marker in ((2, "o-"), (4, "s--")):
        ax.loglog(steps, errors[order], marker, label=f"{order} points")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.legend()
if args.out:
    cr.plots.save(figure, args.out)

best = {order: int(np.argmin(found)) for order, found in errors.items()}
print(
    f"\nOf these steps {steps[best[2]]:.0e} is best with two points (error {errors[2][best[2]]:.0e}) and "
    f"{steps[best[4]]:.0e} with four (error {errors[4][best[4]]:.0e}); at {steps[0]:.0e} rounding leaves an error of "
    f"{errors[2][0]:.0e}, and at {steps[-1]:g} the loss's curve one of {errors[2][-1]:.0e}."
)
