# %% [markdown]
# # A 2-2-1 sigmoid net, every number by hand
# Two inputs, two hidden units, one output, half the squared error: small enough to work out on paper, in the order in
# which a net computes it. `net.trace` holds the same numbers.

# %%
import numpy as np

import chainrule as cr

x, target = np.array([0.05, 0.10]), 0.01
W1, b1 = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35])  # W1[i, j]: from input i to hidden unit j
W2, b2 = np.array([[0.40], [0.45]]), np.array([0.60])


# %% [markdown]
# ## Forward
# z is what goes into a sigmoid, x what comes out.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def show(name, values, digits=4):
    print(f"{name:12}" + "  ".join(f"{value:.{digits}f}" for value in np.ravel(values)))


z1 = x @ W1 + b1
x1 = sigmoid(z1)
z2 = x1 @ W2 + b2
x2 = sigmoid(z2)
loss = (x2[0] - target) ** 2 / 2
for name, values in (("z1", z1), ("x1", x1), ("z2", z2), ("x2", x2), ("loss", loss)):
    show(name, values)

# %% [markdown]
# ## Backward
# From the loss back to the weights, one link of the chain at a time. A sigmoid's slope is x (1 - x): it is at hand once
# x is.

# %%
dx2 = x2 - target  # of (x2 - target)^2 / 2
dz2 = dx2 * x2 * (1 - x2)
dW2 = np.outer(x1, dz2)  # z2 = x1 @ W2 + b2, so each weight's share is what came through it
db2 = dz2
dx1 = W2 @ dz2
dz1 = dx1 * x1 * (1 - x1)
dW1 = np.outer(x, dz1)
db1 = dz1
for name, values in (("dx2", dx2), ("dz2", dz2), ("dW2", dW2), ("db2", db2)):
    show(name, values, 8)
for name, values in (("dx1", dx1), ("dz1", dz1), ("dW1", dW1.T), ("db1", db1)):  # dW1 unit by unit
    show(name, values, 8)

# %% [markdown]
# ## The same net
# Every stage of the chain by name, with what went in, what came out, and the gradient by either.

# %%
net = cr.FullyConnectedNet(
    [2], input_dim=2, num_classes=1, activation="sigmoid", output_activation="sigmoid", loss="mse", dtype="float64"
)
net.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
trace = net.trace(x[None], np.array([[target]]))
print()
for moment in trace:
    print(f"{moment.name:9} in {moment.input[0].round(4)}, out {moment.output[0].round(4)}")
    print(f"{'':9} gradient by the output {moment.doutput[0].round(8)}, by the input {moment.dinput[0].round(8)}")
    for name, gradient in moment.dparams.items():
        print(f"{'':9} d{name} {gradient.round(8).tolist()}")

by_hand = {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
for name, gradient in by_hand.items():
    assert np.allclose(trace.grads[name], gradient, rtol=1e-14, atol=0), name
assert np.isclose(trace.loss, loss, rtol=1e-14)

# %% [markdown]
# ## And numerically
# Move one weight a little both ways, and look at how the loss changes: no chain rule at all.

# %%
report = cr.check_gradients(net, x[None], np.array([[target]]))
print(f"\n{report}")
assert report.ok
