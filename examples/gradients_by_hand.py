# %% [markdown]
# # Gradients by hand
# The central act: write a backward pass, and let numbers say whether it is right.

# %%
import numpy as np

import chainrule as cr

rng = np.random.default_rng(0)

# %% [markdown]
# A layer is a pair of functions. `backward` turns the gradient by the output into gradients by everything that went in.

# %%
affine = cr.LAYERS["affine"].module
x, W, b = rng.standard_normal((5, 4)), rng.standard_normal((4, 3)), rng.standard_normal(3)
y, cache = affine.forward(x, W, b)
dy = rng.standard_normal(y.shape)  # random, never ones: ones hide mistakes
dx, dW, db = affine.backward(dy, cache)

for name, array, gradient in (("x", x, dx), ("W", W, dW), ("b", b, db)):
    numeric = cr.numeric_gradient(lambda _: affine.forward(x, W, b)[0], array, dy)
    print(f"d{name}: relative error {cr.rel_error(gradient, numeric):.1e}")

# %% [markdown]
# A wrong one is caught at once. Here `db` forgets that all rows share the bias.

# %%
wrong = dy.mean(axis=0)
numeric = cr.numeric_gradient(lambda _: affine.forward(x, W, b)[0], b, dy)
print(f"a mean where the sum belongs: {cr.rel_error(wrong, numeric):.1e}")

# %% [markdown]
# The same for a whole net: every parameter, with everything in between at hand by name.

# %%
net = cr.FullyConnectedNet([8, 6], input_dim=4, num_classes=3, norm="batch", reg=0.1, dtype="float64")
labels = rng.integers(0, 3, 5)
report = cr.check_gradients(net, x, labels)
print(report)
assert report.ok

trace = net.trace(x, labels)
print(trace)
print("what batch_norm1 passed back:", trace["batch_norm1"].dinput.shape)
