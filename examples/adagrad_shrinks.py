# %% [markdown]
# # Does AdaGrad's step shrink?
# AdaGrad divides by the root of the sum of all squared gradients so far, a sum that can only grow. RMSProp and Adam
# divide by the root of a fading mean instead. What is left of a gradient once each rule has divided it?

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import chainrule as cr

parser = argparse.ArgumentParser(description="The effective rate under AdaGrad, RMSProp and Adam.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--steps", type=int, default=400)
parser.add_argument("--lr", type=float, default=0.001, help="learning rate of all three")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target)

# %% [markdown]
# An update rule is a pair of functions, `init` and `step`; a training is a loop over them.


# %%
def updates(rule):
    """(steps,) effective learning rate of each step: the length of W1's update over that of its gradient."""
    init, step = cr.OPTIMIZERS[rule].module.init, cr.OPTIMIZERS[rule].module.step
    net = cr.FullyConnectedNet([50], input_dim=data.input_dim, num_classes=data.num_classes, seed=args.seed)
    net.input = data.input_transform()
    states = {name: init(value) for name, value in net.params.items()}
    rng = np.random.default_rng(args.seed)
    rates = []
    for _ in range(args.steps):
        batch = rng.integers(0, len(data.X_train), 100)
        _, grads = net.loss(data.X_train[batch], data.y_train[batch])
        before = net.params["W1"]
        for name, value in net.params.items():
            net.params[name], states[name] = step(value, grads[name], states[name], lr=args.lr)
        rates.append(np.linalg.norm(net.params["W1"] - before) / np.linalg.norm(grads["W1"]))
    return np.array(rates)


RULES = ("adagrad", "rmsprop", "adam")
rates = {rule: updates(rule) for rule in RULES}

# %%
shown = np.unique(np.geomspace(10, args.steps, 6).astype(int))
print("effective rate, mean of the ten steps up to\nstep     " + "".join(f"{step:9d}" for step in shown))
for rule, rate in rates.items():
    print(f"{rule:9}" + "".join(f"{rate[step - 10 : step].mean():9.4f}" for step in shown))

# %%
steps = np.arange(1, args.steps + 1)
with cr.plots.style():
    figure = Figure(figsize=(4.4, 3.2), layout="constrained")
    ax = figure.add_subplot(xlabel="step", ylabel="|update| / |gradient|")
    for rule, dashes in zip(RULES, ("-", "--", ":")):
        ax.loglog(steps, rates[rule], dashes, label=rule)
    ax.loglog(steps, rates["adagrad"][9] * np.sqrt(10 / steps), color="gray", linewidth=0.8, label="∝ 1 / √step")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=4)
if args.out:
    cr.plots.save(figure, args.out)

quarter = max(10, args.steps // 4)
change = {rule: rate[-10:].mean() / rate[quarter - 10 : quarter].mean() for rule, rate in rates.items()}
print(
    f"\nFrom step {quarter} to step {args.steps} the effective rate changes by a factor of "
    + ", ".join(f"{change[rule]:.2f} under {rule}" for rule in RULES)
    + f"; 1 / √step would give {np.sqrt(quarter / args.steps):.2f}."
)
