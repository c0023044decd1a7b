# ruff: noqa: RUF059
"""The same functions with loops over examples and features, as they are written before one trusts whole arrays."""

import math

import numpy as np


def affine_forward(x, w, b):
    n, m = x.shape[0], w.shape[1]
    out = np.zeros((n, m))
    for i in range(n):
        row = x[i].ravel()
        for j in range(m):
            total = b[j]
            for k in range(len(row)):
                total += row[k] * w[k, j]
            out[i, j] = total
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)
    for i in range(x.shape[0]):
        row, drow = x[i].ravel(), np.zeros(w.shape[0])
        for j in range(w.shape[1]):
            db[j] += dout[i, j]
            for k in range(len(row)):
                drow[k] += dout[i, j] * w[k, j]
                dw[k, j] += dout[i, j] * row[k]
        dx[i] = drow.reshape(x[i].shape)
    return dx, dw, db


def relu_forward(x):
    out = x.copy()
    for index in np.ndindex(x.shape):
        if x[index] < 0:
            out[index] = 0
    return out, x


def relu_backward(dout, cache):
    x = cache
    dx = dout.copy()
    for index in np.ndindex(x.shape):
        if x[index] <= 0:
            dx[index] = 0
    return dx


def affine_relu_forward(x, w, b):
    a, fc = affine_forward(x, w, b)
    out, rc = relu_forward(a)
    return out, [fc, rc]


def affine_relu_backward(dout, cache):
    fc, rc = cache
    da = relu_backward(dout, rc)
    dx, dw, db = affine_backward(da, fc)
    return dx, dw, db


def softmax_loss(x, y):
    n, c = x.shape
    loss = 0.0
    dx = np.zeros_like(x)
    for i in range(n):
        top = max(x[i])
        exps = [math.exp(s - top) for s in x[i]]
        total = sum(exps)
        loss += math.log(total) - (x[i, y[i]] - top)
        for j in range(c):
            dx[i, j] = exps[j] / total
            if j == y[i]:
                dx[i, j] -= 1
            dx[i, j] /= n
    loss /= n
    return loss, dx


def svm_loss(x, y):
    n, c = x.shape
    loss = 0.0
    dx = np.zeros_like(x)
    for i in range(n):
        for j in range(c):
            if j == y[i]:
                continue
            margin = x[i, j] - x[i, y[i]] + 1
            if margin > 0:
                loss += margin
                dx[i, j] += 1
                dx[i, y[i]] -= 1
    loss /= n
    dx /= n
    return loss, dx


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    n, d = x.shape
    if "running_mean" not in bn_param:
        bn_param["running_mean"] = np.zeros(d)
        bn_param["running_var"] = np.zeros(d)
    out, xhat, stds = np.zeros_like(x), np.zeros_like(x), np.zeros(d)
    running_mean, running_var = bn_param["running_mean"].copy(), bn_param["running_var"].copy()
    for j in range(d):
        if bn_param["mode"] == "train":
            mean = sum(x[:, j]) / n
            var = sum((x[:, j] - mean) ** 2) / n
            running_mean[j] = momentum * running_mean[j] + (1 - momentum) * mean
            running_var[j] = momentum * running_var[j] + (1 - momentum) * var
        else:
            mean, var = running_mean[j], running_var[j]
        stds[j] = math.sqrt(var + eps)
        for i in range(n):
            xhat[i, j] = (x[i, j] - mean) / stds[j]
            out[i, j] = gamma[j] * xhat[i, j] + beta[j]
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return out, {"xhat": xhat, "gamma": gamma, "stds": stds}


def batchnorm_backward(dout, cache):
    xhat, gamma, stds = cache["xhat"], cache["gamma"], cache["stds"]
    n, d = dout.shape
    dx, dgamma, dbeta = np.zeros_like(dout), np.zeros(d), np.zeros(d)
    for j in range(d):
        sum_d = sum_dx = 0.0
        for i in range(n):
            dgamma[j] += dout[i, j] * xhat[i, j]
            dbeta[j] += dout[i, j]
            dxhat = dout[i, j] * gamma[j]
            sum_d += dxhat
            sum_dx += dxhat * xhat[i, j]
        for i in range(n):
            dxhat = dout[i, j] * gamma[j]
            dx[i, j] = (dxhat - sum_d / n - xhat[i, j] * sum_dx / n) / stds[j]
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xhat, gamma, stds = cache["xhat"], cache["gamma"], cache["stds"]
    n, d = dout.shape
    dx, dgamma, dbeta = np.zeros_like(dout), np.zeros(d), np.zeros(d)
    for j in range(d):
        dbeta[j] = sum(dout[:, j])
        dgamma[j] = sum(dout[:, j] * xhat[:, j])
        dx[:, j] = gamma[j] / stds[j] * (dout[:, j] - dbeta[j] / n - xhat[:, j] * dgamma[j] / n)
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    n, d = x.shape
    out, xhat, stds = np.zeros_like(x), np.zeros_like(x), np.zeros(n)
    for i in range(n):
        mean = sum(x[i]) / d
        var = sum((x[i] - mean) ** 2) / d
        stds[i] = math.sqrt(var + eps)
        for j in range(d):
            xhat[i, j] = (x[i, j] - mean) / stds[i]
            out[i, j] = gamma[j] * xhat[i, j] + beta[j]
    return out, (xhat, gamma, stds)


def layernorm_backward(dout, cache):
    xhat, gamma, stds = cache
    n, d = dout.shape
    dx, dgamma, dbeta = np.zeros_like(dout), np.zeros(d), np.zeros(d)
    for i in range(n):
        sum_d = sum_dx = 0.0
        for j in range(d):
            dgamma[j] += dout[i, j] * xhat[i, j]
            dbeta[j] += dout[i, j]
            sum_d += dout[i, j] * gamma[j]
            sum_dx += dout[i, j] * gamma[j] * xhat[i, j]
        for j in range(d):
            dx[i, j] = (dout[i, j] * gamma[j] - sum_d / d - xhat[i, j] * sum_dx / d) / stds[i]
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    keep = dropout_param["p"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    out, mask = x.copy(), np.ones(x.shape, dtype=x.dtype)
    if dropout_param["mode"] == "train":
        draws = np.random.random_sample(x.shape)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                mask[i, j] = 1 / keep if draws[i, j] < keep else 0
                out[i, j] = x[i, j] * mask[i, j]
    return out, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    dx = dout.copy()
    for i in range(dout.shape[0]):
        for j in range(dout.shape[1]):
            dx[i, j] = dout[i, j] * mask[i, j]
    return dx


def sgd(w, dw, config=None):
    config = config or {}
    lr = config.setdefault("learning_rate", 1e-2)
    new = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        new[index] = w[index] - lr * dw[index]
    return new, config


def sgd_momentum(w, dw, config=None):
    lr, mu = config.setdefault("learning_rate", 1e-2), config.setdefault("momentum", 0.9)
    if "velocity" not in config:
        config["velocity"] = np.zeros(w.shape)
    new = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        config["velocity"][index] = mu * config["velocity"][index] - lr * dw[index]
        new[index] = w[index] + config["velocity"][index]
    return new, config


def sgd_nesterov_momentum(w, dw, config=None):
    lr, mu = config.setdefault("learning_rate", 1e-2), config.setdefault("momentum", 0.9)
    if "velocity" not in config:
        config["velocity"] = np.zeros(w.shape)
    new = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        old = config["velocity"][index]
        config["velocity"][index] = mu * old - lr * dw[index]
        new[index] = w[index] - mu * old + (1 + mu) * config["velocity"][index]
    return new, config


def adagrad(w, dw, config=None):
    lr, eps = config.setdefault("learning_rate", 1e-2), config.setdefault("epsilon", 1e-8)
    if "cache" not in config:
        config["cache"] = np.zeros(w.shape)
    new = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        config["cache"][index] += dw[index] * dw[index]
        new[index] = w[index] - lr * dw[index] / (math.sqrt(config["cache"][index]) + eps)
    return new, config


def rmsprop(w, dw, config=None):
    lr, eps = config.setdefault("learning_rate", 1e-2), config.setdefault("epsilon", 1e-8)
    rho = config.setdefault("decay_rate", 0.99)
    if "cache" not in config:
        config["cache"] = np.zeros(w.shape)
    new = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        config["cache"][index] = rho * config["cache"][index] + (1 - rho) * dw[index] ** 2
        new[index] = w[index] - lr * dw[index] / (math.sqrt(config["cache"][index]) + eps)
    return new, config


def adam(w, dw, config=None):
    lr, eps = config.setdefault("learning_rate", 1e-3), config.setdefault("epsilon", 1e-8)
    b1, b2 = config.setdefault("beta1", 0.9), config.setdefault("beta2", 0.999)
    if "t" not in config:
        config["t"], config["m"], config["v"] = 0, np.zeros(w.shape), np.zeros(w.shape)
    config["t"] += 1
    t, m, v = config["t"], config["m"], config["v"]
    new = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        m[i] = b1 * m[i] + (1 - b1) * dw[i]
        v[i] = b2 * v[i] + (1 - b2) * dw[i] ** 2
        new[i] = w[i] - lr * (m[i] / (1 - b1**t)) / (math.sqrt(v[i] / (1 - b2**t)) + eps)
    return new, config


def adamw(w, dw, config=None):
    decay = config.setdefault("weight_decay", 0.01)
    lr = config.setdefault("learning_rate", 1e-3)
    shrunk = w - lr * decay * w
    moved, config = adam(w, dw, config)
    return moved + (shrunk - w), config


class Solver:
    """Every epoch is a permutation, of which whole batches are taken; accuracies are counted."""

    def __init__(self, model, data, update_rule="sgd", optim_config=None, lr_decay=1.0, batch_size=100, num_epochs=10,
                 print_every=10, verbose=True):  # fmt: skip
        self.model, self.data = model, data
        self.rule = {"sgd": sgd, "sgd_momentum": sgd_momentum}[update_rule]
        self.lr_decay, self.batch_size, self.num_epochs = lr_decay, batch_size, num_epochs
        self.print_every, self.verbose = print_every, verbose
        self.best_val_acc, self.loss_history, self.train_acc_history, self.val_acc_history = 0.0, [], [], []
        self.configs = {}
        for name in model.params:
            self.configs[name] = {}
            for key in optim_config or {}:
                self.configs[name][key] = optim_config[key]

    def accuracy(self, X, y):
        right = 0
        for start in range(0, len(X), 64):
            scores = self.model.loss(X[start : start + 64])
            for row, label in zip(scores, y[start : start + 64]):
                right += int(max(range(len(row)), key=lambda c: row[c]) == label)
        return right / len(X)

    def measure(self):
        self.train_acc_history.append(self.accuracy(self.data["X_train"], self.data["y_train"]))
        self.val_acc_history.append(self.accuracy(self.data["X_val"], self.data["y_val"]))
        if self.val_acc_history[-1] > self.best_val_acc:
            self.best_val_acc = self.val_acc_history[-1]
            self.best = {}
            for name in self.model.params:
                self.best[name] = np.array(self.model.params[name])

    def train(self):
        X, y = self.data["X_train"], self.data["y_train"]
        for epoch in range(self.num_epochs):
            order = list(np.random.permutation(len(X)))
            while len(order) < self.batch_size:
                order += list(np.random.permutation(len(X)))
            for start in range(0, len(order) - self.batch_size + 1, self.batch_size):
                rows = order[start : start + self.batch_size]
                loss, grads = self.model.loss(X[rows], y[rows])
                if self.verbose and len(self.loss_history) % self.print_every == 0:
                    print("loss", loss)
                self.loss_history.append(loss)
                for name in list(self.model.params):
                    w = self.model.params[name]
                    self.model.params[name], self.configs[name] = self.rule(w, grads[name], self.configs[name])
                if epoch == 0 and start == 0 and len(order) >= 2 * self.batch_size:
                    self.measure()
            for name in self.configs:
                self.configs[name]["learning_rate"] = self.configs[name]["learning_rate"] * self.lr_decay
            self.measure()
        for name in self.best:
            self.model.params[name] = self.best[name]
