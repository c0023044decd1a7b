# %% [markdown]
# # Why is the plain CS145 run stuck near 18 %, and what mends it?
# The notebook's first training (learning rate 1e-5, weights of size 1e-4, penalty 0.1, 1000 steps) hardly lowers the
# loss. Change one setting at a time, and see which one held it back. On CIFAR-10 itself: `--data cifar10`.

# %%
import argparse
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

import chainrule as cr

parser = argparse.ArgumentParser(description="CS145's two-layer net, one setting changed at a time.")
parser.add_argument("--data", default="digits", help="digits, cifar10 or a file")
parser.add_argument("--target", help="the column to predict, where the file is a table")
parser.add_argument("--num-train", type=int, help="training rows; all where not given")
parser.add_argument("--steps", type=int, default=1000)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--out", type=Path, help="a new .png or .svg for the figure")
args = parser.parse_args([] if "ipykernel" in sys.modules else None)
if args.out and args.out.exists():
    parser.error(f"{args.out} exists already, and nothing is overwritten")
data = cr.load_data(args.data, target=args.target, num_train=args.num_train)

# %% [markdown]
# The learning rates are the course's, so the rows get the length that CIFAR-10's have: 255 is white there, and there are
# 3072 numbers a row. (CIFAR-10's own rows stay about as they are.)

# %%
LENGTH = 3480.0  # of a CIFAR-10 row, the root of the mean of its squares, once the mean image is subtracted
X_train, X_val = (np.reshape(X, (len(X), -1)).astype(float) for X in (data.X_train, data.X_val))
mean = X_train.mean(axis=0)
X_train, X_val = X_train - mean, X_val - mean
scale = LENGTH / np.sqrt(np.mean(np.sum(X_train**2, axis=1)))
X_train, X_val = X_train * scale, X_val * scale

with cr.courses.activate("cs145"):
    from hw3code.neural_net import TwoLayerNet

PLAIN = {"learning_rate": 1e-5, "learning_rate_decay": 0.95, "reg": 0.1, "num_iters": args.steps, "std": 1e-4}
CHANGES = {
    "as in the notebook": {},
    "no penalty": {"reg": 0.0},
    "no decay": {"learning_rate_decay": 1.0},
    "three times the steps": {"num_iters": 3 * args.steps},
    "weights of size 1e-3": {"std": 1e-3},
    "learning rate 1e-3": {"learning_rate": 1e-3},
}


# %%
def train(std, **settings):
    """The net, its histories, and by how much of W2's own length the first step moves it."""
    np.random.seed(args.seed)  # as the course does: weights and batches come from NumPy's global generator
    net = TwoLayerNet(X_train.shape[1], 50, data.num_classes, std=std)
    _, grads = net.loss(X_train[:200], data.y_train[:200], settings["reg"])
    first = settings["learning_rate"] * np.linalg.norm(grads["W2"]) / np.linalg.norm(net.params["W2"])
    with threadpool_limits(1, user_api="blas"):  # products as small as these gain nothing from more
        history = net.train(X_train, data.y_train, X_val, data.y_val, **settings)
    return net, history, first


print(f"{'':24}  first step of W2    loss at the end   accuracy   predicts")
losses, accuracy = {}, {}
for title, change in CHANGES.items():
    net, history, first = train(**{**PLAIN, **change})
    predicted = net.predict(X_val)
    losses[title], accuracy[title] = np.array(history["loss_history"]), np.mean(predicted == data.y_val)
    print(
        f"{title:24}{first:12.2%} of it {losses[title][-1]:18.4f} {accuracy[title]:10.3f} "
        f"{len(np.unique(predicted)):4d} of {data.num_classes} classes"
    )

# %% [markdown]
# Scores of zero for every class have a loss of exactly 1/2. From there, W1 learns through W2, and W2 through what W1 lets
# pass. Both start next to zero, so either gradient is next to zero too, and each step moves them by a small share of their
# length: they grow like interest, slowly while they are small. More steps or larger weights help some; a learning rate a
# hundred times as large mends it. The penalty and the decay do next to nothing.

# %%
with cr.plots.style():
    figure = Figure(figsize=(4.4, 3.6), layout="constrained")
    ax = figure.add_subplot(xlabel="step", ylabel="loss, mean of 20 steps", title="One setting changed at a time")
    for i, (title, loss) in enumerate(losses.items()):
        middle = loss[: len(loss) // 20 * 20].reshape(-1, 20).mean(axis=1)
        ax.plot(20 * np.arange(1, len(middle) + 1), middle, ("-", "--", ":", "-.")[i % 4], label=title)
    ax.axhline(0.5, color="gray", linewidth=0.8)
    ax.set_xlim(0, args.steps)
    figure.legend(loc="outside lower center", ncols=2)
if args.out:
    cr.plots.save(figure, args.out)

best = max(accuracy, key=accuracy.get)
print(
    f"\nThe notebook's settings reach {accuracy['as in the notebook']:.0%}; best is '{best}' with {accuracy[best]:.0%}."
)
