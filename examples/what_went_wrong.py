# %% [markdown]
# # What went wrong, in words
# Three trainings that fail, each for another reason, and what Chainrule says of them.

# %%
import chainrule as cr

data = cr.load_data("digits")


def train(title, net_settings, **settings):
    """Train a small net, and print what the diagnosis finds."""
    net = cr.FullyConnectedNet(**{"hidden_dims": [50, 50], "input_dim": 64, **net_settings})
    solver = cr.Solver(net, data, epochs=5, verbose=False, **settings)
    history = solver.train()
    print(f"\n{title}: {history}")
    findings = cr.diagnose(solver)
    for finding in findings:
        print(f"  {finding.title} {finding.measured} {finding.advice}")
    return findings


# %%
assert train("A learning rate far too high", {}, rule="sgd", lr=1e6)
assert train("All weights zero", {"init": "zeros"}, rule="adam")
assert train("Ten sigmoid layers", {"hidden_dims": [30] * 10, "activation": "sigmoid"}, rule="sgd")

# %% [markdown]
# And a sound one: nothing is said.

# %%
assert not train("A sound training", {}, rule="adam")
