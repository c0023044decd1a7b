"""Is a course's Solver as fast as a plain loop in the courses' manner? Times both in turn and prints the ratio.

The loop below is what learners write: affine, ReLU, softmax and Adam on float64 arrays, one line of NumPy a formula. It
shares nothing with the library. Both train the same net on as many rows, drawn with replacement; the Solver's
accuracy checks look at two rows.

    python benchmarks/course_style.py [--engine fused] [--dtype float64] [--pairs 5]
"""

import argparse
import statistics
import time
from contextlib import nullcontext

import numpy as np

from chainrule.courses.cs231n.classifiers.fc_net import FullyConnectedNet
from chainrule.courses.cs231n.solver import Solver

ROWS, FEATURES, CLASSES, BATCH = 10_000, 3072, 10, 100
HIDDEN = [100] * 5


def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b, (x, w, b)


def affine_backward(dout, cache):
    x, w, _ = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    return dx, dw, np.sum(dout, axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, x):
    return dout * (x > 0)


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    probs = np.exp(shifted)
    probs /= np.sum(probs, axis=1, keepdims=True)
    n = x.shape[0]
    loss = -np.sum(np.log(probs[np.arange(n), y])) / n
    dx = probs.copy()
    dx[np.arange(n), y] -= 1
    return loss, dx / n


def adam(w, dw, config):
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    m = config["m"] / (1 - config["beta1"] ** config["t"])
    v = config["v"] / (1 - config["beta2"] ** config["t"])
    return w - config["learning_rate"] * m / (np.sqrt(v) + config["epsilon"])


def loss_and_gradients(params, X, y, reg):
    layers = len(params) // 2
    out, caches = X, []
    for i in range(1, layers):
        out, fc = affine_forward(out, params[f"W{i}"], params[f"b{i}"])
        out, relu = relu_forward(out)
        caches.append((fc, relu))
    scores, last = affine_forward(out, params[f"W{layers}"], params[f"b{layers}"])
    loss, dout = softmax_loss(scores, y)
    grads = {}
    dout, grads[f"W{layers}"], grads[f"b{layers}"] = affine_backward(dout, last)
    for i in range(layers - 1, 0, -1):
        fc, relu = caches[i - 1]
        dout, grads[f"W{i}"], grads[f"b{i}"] = affine_backward(relu_backward(dout, relu), fc)
    for i in range(1, layers + 1):
        loss += 0.5 * reg * np.sum(params[f"W{i}"] ** 2)
        grads[f"W{i}"] += reg * params[f"W{i}"]
    return loss, grads


def course_loop(data, steps):
    """Train in the courses' manner; the seconds it took, and the last loss."""
    np.random.seed(0)
    params, sizes = {}, [FEATURES, *HIDDEN, CLASSES]
    for i in range(1, len(sizes)):
        params[f"W{i}"] = 5e-2 * np.random.randn(sizes[i - 1], sizes[i])
        params[f"b{i}"] = np.zeros(sizes[i])
    numbers = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0}
    configs = {name: {**numbers, "m": np.zeros_like(w), "v": np.zeros_like(w)} for name, w in params.items()}
    began = time.perf_counter()
    for t in range(steps):
        rows = np.random.choice(len(data["X_train"]), BATCH)
        loss, grads = loss_and_gradients(params, data["X_train"][rows], data["y_train"][rows], 1e-4)
        for name in params:
            params[name] = adam(params[name], grads[name], configs[name])
        if t == 0 or (t + 1) % (ROWS // BATCH) == 0:
            np.random.choice(len(data["X_train"]), 1)  # as the Solver's accuracy check does, so that the losses agree
    return time.perf_counter() - began, loss


def library(data, steps, engine, dtype):
    """The same training by the course's Solver."""
    np.random.seed(0)
    model = FullyConnectedNet(HIDDEN, weight_scale=5e-2, reg=1e-4, dtype=dtype)
    solver = Solver(
        model, data, update_rule="adam", num_epochs=steps * BATCH // ROWS, verbose=False, engine=engine, num_train_samples=1,
    )  # fmt: skip
    began = time.perf_counter()
    solver.train()
    return time.perf_counter() - began, solver.loss_history[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default="plain", choices=["plain", "fused"])
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"], help="of the course's net")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=200, help="a multiple of 100")
    parser.add_argument("--threads", type=int, help="of the matrix products")
    chosen = parser.parse_args()
    rng = np.random.default_rng(0)
    data = {"X_train": rng.normal(0, 60, (ROWS, 3, 32, 32)), "y_train": rng.integers(0, CLASSES, ROWS)}
    data |= {"X_val": data["X_train"][:1], "y_val": data["y_train"][:1]}
    with limited(chosen.threads):
        library(data, 100, chosen.engine, chosen.dtype)  # compiled and warm
        ratios = []
        for pair in range(chosen.pairs):
            loop, loop_loss = course_loop(data, chosen.steps)
            own, own_loss = library(data, chosen.steps, chosen.engine, chosen.dtype)
            ratios.append(loop / own)
            print(
                f"pair {pair + 1}: loop {loop:.3f} s (loss {loop_loss:.4f}), Solver {own:.3f} s (loss {own_loss:.4f})"
            )
    print(
        f"engine {chosen.engine}, {chosen.dtype}: the Solver is {statistics.median(ratios):.2f} times as fast (median)"
    )


def limited(threads):
    if threads is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits

    return threadpool_limits(threads, user_api="blas")


if __name__ == "__main__":
    main()
