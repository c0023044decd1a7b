# %% [markdown]
# # Which update rule wins?
# The same net, the same starting weights and the same batches under several rules, with seeds enough to tell skill
# from luck.

# %%
import tempfile
from pathlib import Path

import chainrule as cr

folder = Path(tempfile.mkdtemp()) / "rules"

# %%
study = cr.compare(
    "digits",
    hidden=[50, 50],
    rules=["sgd", "momentum", "adam"],
    seeds=3,
    epochs=6,
    options={"sgd": {"lr": 0.05}},
    out=folder,
    verbose=False,
)
print(study)

# %% [markdown]
# The folder holds the settings, every history, the best net, the figures and a page to read or print.

# %%
print(sorted(path.name for path in folder.iterdir()))
best = cr.load_net(folder / "net.safetensors")
data = cr.load_data("digits")
print(f"the best net, loaded again: {best.score(data.X_test, data.y_test):.3f} on the test rows")
assert best.score(data.X_test, data.y_test) > 0.9
