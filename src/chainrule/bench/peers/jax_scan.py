"""JAX: a turn of steps in one compiled scan; of several nets, each step of all of them at once, or one after the other."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.work import Training

BETA1, BETA2, EPS, KEPT = 0.9, 0.999, 1e-8, 0.9


def forms(work: Training, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    return {form: partial(Scan, work, inputs, form) for form in ("floats", "bytes")}


class Scan:
    """Steps of one net, or of several nets under vmap where this process has all of them."""

    def __init__(self, work: Training, inputs: Inputs, form: str) -> None:
        self.work, self.inputs = work, inputs
        self.batches = inputs["batches"]
        X = inputs["X"] if form == "bytes" else inputs.features()
        self.data = jax.device_put((X, inputs["y"].astype(np.int32)))
        self.together = 1 < len(inputs.nets) == work.nets
        take = partial(_step, work, _reader(inputs, form))
        step = jax.vmap(take, in_axes=(0, None, None)) if self.together else take

        @partial(jax.jit, donate_argnums=0)
        def turn(state, data, batches):
            return jax.lax.scan(lambda carry, rows: step(carry, data, rows), state, batches)

        self.compiled = turn
        self.reset()

    def reset(self) -> None:
        """New nets."""
        states = [_state(self.inputs.weights(net)) for net in self.inputs.nets]
        if self.together:
            states = [jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)]
        self.states = states

    def turn(self, first: int, steps: int) -> float:
        """One call of compiled code for each net, or for all."""
        rows, means = self.batches[first : first + steps], []
        for i, state in enumerate(self.states):
            self.states[i], losses = self.compiled(state, self.data, rows)
            means.append(losses.mean())
        return float(np.mean(jax.block_until_ready(means)))


def _reader(inputs, form):
    """rows -> features."""
    center, factor = jnp.asarray(inputs["center"], jnp.float32), jnp.float32(1 / inputs["scale"])
    return lambda X, rows: (X[rows].astype(jnp.float32) - center) * factor if form == "bytes" else X[rows]


def _state(params):
    """Parameters, the rule's two moments, running statistics, steps taken."""
    params = {name: jnp.asarray(array) for name, array in params.items()}
    zeros = lambda: {name: jnp.zeros_like(array) for name, array in params.items()}  # noqa: E731
    stats = {name: (jnp.zeros_like(a), jnp.ones_like(a)) for name, a in params.items() if name.startswith("gamma")}
    return params, zeros(), zeros(), stats, jnp.zeros((), jnp.int32)


def _loss(work, params, stats, x, y):
    moved = {}
    for i in range(1, len(work.hidden) + 1):
        x = x @ params[f"W{i}"] + params[f"b{i}"]
        if work.norm:
            mean, variance = x.mean(0), x.var(0)
            old = stats[f"gamma{i}"]
            moved[f"gamma{i}"] = tuple(KEPT * a + (1 - KEPT) * b for a, b in zip(old, (mean, variance)))
            x = (x - mean) * jax.lax.rsqrt(variance + 1e-5) * params[f"gamma{i}"] + params[f"beta{i}"]
        x = jax.nn.relu(x)
    last = len(work.hidden) + 1
    scores = jax.nn.log_softmax(x @ params[f"W{last}"] + params[f"b{last}"])
    return -jnp.take_along_axis(scores, y[:, None], 1).mean(), moved


def _step(work, features, state, data, rows):
    """One step: the new state, and the loss."""
    params, first, second, stats, taken = state
    X, y = data
    find = jax.value_and_grad(partial(_loss, work), has_aux=True)
    (loss, stats), grads = find(params, stats, features(X, rows), y[rows])
    taken = taken + 1
    if work.rule == "momentum":
        first = jax.tree.map(lambda v, g: 0.9 * v - work.lr * g, first, grads)
        params = jax.tree.map(jnp.add, params, first)
        return (params, first, second, stats, taken), loss
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, grads)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, grads)
    rate, correction = work.lr / (1 - BETA1**taken), 1 / (1 - BETA2**taken)
    params = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v * correction) + EPS), params, first, second)
    return (params, first, second, stats, taken), loss
