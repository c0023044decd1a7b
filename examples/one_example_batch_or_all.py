# %% [markdown]
# # One example, a batch, or all examples a step?
# A gradient from one example is cheap and noisy, the one from all examples dear and exact. What does a step cost, how far
# off is its direction, and which is the quickest way to a good net?

# %%
import argparse
import sys
import time
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

import chainrule as cr

parser = argparse.ArgumentParser(description="SGD by single examples, by batches, and by all examples at once.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, default=1000, help="training rows")
parser.add_argument("--epochs", type=int, default=8, help="passes over the training rows")
parser.add_argument("--batch", type=int, default=50)
parser.add_argument("--rates", type=float, nargs=3, default=[0.01, 0.1, 0.3], help="learning rates, one for each")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)
SIZES = {"one example": 1, "a batch": args.batch, "all examples": len(data.X_train)}


def new_net():
    """The same net each time, input transform set."""
    net = cr.FullyConnectedNet([50], input_dim=data.input_dim, num_classes=data.num_classes, seed=args.seed)
    net.input = data.input_transform()
    return net


# %% [markdown]
# ## How far off is the direction?
# The angle between the gradient of random rows and that of all of them: 90 degrees would be no information at all.


# %%
def gradient(net, rows):
    """All gradients in one vector."""
    return np.concatenate([g.ravel() for g in net.loss(data.X_train[rows], data.y_train[rows])[1].values()])


net, rng = new_net(), np.random.default_rng(args.seed)
exact = gradient(net, np.arange(len(data.X_train)))
print("rows a step    angle to the exact gradient    time of a step")
with threadpool_limits(1, user_api="blas"):  # the net is small: threads would wait for each other
    for title, size in SIZES.items():
        angles, times = [], []
        for _ in range(50):
            rows = rng.permutation(len(data.X_train))[:size]
            start = time.perf_counter()
            own = gradient(net, rows)
            times.append(time.perf_counter() - start)
            cosine = own @ exact / np.linalg.norm(own) / np.linalg.norm(exact)
            angles.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        print(f"{title:14}{np.mean(angles):16.1f} degrees {1e3 * np.median(times):19.2f} ms")

# %% [markdown]
# ## Which learns most from as many passes?
# Every way sees each row equally often; they differ in how many steps that makes. The fewer the rows, the smaller the
# learning rate that the noise allows.

# %%
histories, seconds = {}, {}
for (title, size), lr in zip(SIZES.items(), args.rates):
    solver = cr.Solver(
        new_net(), data, rule="sgd", lr=lr, batch_size=size, epochs=args.epochs, seed=args.seed, verbose=False
    )
    start = time.perf_counter()
    histories[title] = solver.train()
    seconds[title] = time.perf_counter() - start

print(f"\n{args.epochs} passes     rate   steps   seconds   training accuracy   validation accuracy")
for (title, run), lr in zip(histories.items(), args.rates):
    print(
        f"{title:12}{lr:7g} {len(run.loss):7d} {seconds[title]:9.2f} {run.train_acc[-1]:15.3f} {run.val_acc[-1]:19.3f}"
    )

# %%
with cr.plots.style():
    figure = Figure(figsize=(4.4, 3.2), layout="constrained")
    ax = figure.add_subplot(xlabel="pass over the data", ylabel="validation accuracy", ylim=(0, 1))
    for (title, run), dashes in zip(histories.items(), ("-", "--", ":")):
        ax.plot(run.check_epoch, run.val_acc, dashes, marker="o", label=title)
    figure.legend(loc="outside lower center", ncols=3)
if args.out:
    cr.plots.save(figure, args.out)

reached = {title: run.val_acc[-1] for title, run in histories.items()}
most, least = max(reached, key=reached.get), min(reached, key=reached.get)
print(
    f"\nAfter as many passes, '{most}' a step leads with {reached[most]:.1%}, and '{least}' is last with "
    f"{reached[least]:.1%}. One example a step takes {seconds['one example'] / seconds['a batch']:.0f} times as long as a "
    f"batch for the same rows: one matrix product over many rows is cheaper than as many products of one row."
)
