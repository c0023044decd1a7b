# ruff: noqa: RET504
"""The same functions once more, by einsum, other algebra and other caches."""

import numpy as np


def affine_forward(x, w, b):
    flat = np.reshape(x, (len(x), w.shape[0]))
    out = np.einsum("nd,dm->nm", flat, w) + b[None, :]
    return out, (flat, w, x.shape)


def affine_backward(dout, cache):
    flat, w, shape = cache
    dx = np.einsum("nm,dm->nd", dout, w).reshape(shape)
    dw = np.einsum("nd,nm->dm", flat, dout)
    db = np.einsum("nm->m", dout)
    return dx, dw, db


def relu_forward(x):
    out = np.where(x > 0, x, 0.0)
    return out.astype(x.dtype), x > 0


def relu_backward(dout, cache):
    positive = cache
    dx = np.where(positive, dout, np.zeros_like(dout))
    return dx


def affine_relu_forward(x, w, b):
    flat = np.reshape(x, (len(x), -1))
    a = np.dot(flat, w) + b
    out = a * (a > 0)
    return out, (flat, w, a, x.shape)


def affine_relu_backward(dout, cache):
    flat, w, a, shape = cache
    da = dout * (a > 0)
    dx = np.dot(da, w.T).reshape(shape)
    dw = np.dot(flat.T, da)
    db = np.ones(len(da)) @ da
    return dx, dw, db


def softmax_loss(x, y):
    n, c = x.shape
    hot = np.eye(c)[y]
    z = x - np.max(x, axis=1)[:, None]
    log_total = np.log(np.einsum("nc->n", np.exp(z)))
    loss = np.sum(log_total - np.einsum("nc,nc->n", z, hot)) / n
    dx = (np.exp(z - log_total[:, None]) - hot) / n
    return loss, dx


def svm_loss(x, y):
    n, c = x.shape
    hot = np.eye(c)[y]
    right = np.einsum("nc,nc->n", x, hot)
    margins = np.clip(x - right[:, None] + 1, 0, None) * (1 - hot)
    loss = np.einsum("nc->", margins) / n
    violating = np.sign(margins)
    dx = (violating - hot * np.einsum("nc->n", violating)[:, None]) / n
    return loss, dx


def batchnorm_forward(x, gamma, beta, bn_param):
    n, d = x.shape
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    old_mean = bn_param.get("running_mean", np.zeros(d))
    old_var = bn_param.get("running_var", np.zeros(d))
    if bn_param["mode"] == "train":
        mu = np.einsum("nd->d", x) / n
        var = np.einsum("nd,nd->d", x - mu, x - mu) / n
        bn_param["running_mean"] = old_mean * momentum + mu * (1 - momentum)
        bn_param["running_var"] = old_var * momentum + var * (1 - momentum)
    else:
        mu, var = old_mean, old_var
    inv = (var + eps) ** -0.5
    out = (x - mu) * (gamma * inv) + beta
    return out, (x - mu, inv, gamma)


def batchnorm_backward(dout, cache):
    xmu, inv, gamma = cache
    n = len(dout)
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd->d", dout, xmu * inv)
    dxhat = dout * gamma
    dinv = np.einsum("nd,nd->d", dxhat, xmu)
    dvar = -0.5 * inv**3 * dinv
    dxmu = dxhat * inv + 2.0 / n * dvar * xmu
    dmu = -np.einsum("nd->d", dxmu)
    dx = dxmu + dmu / n
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    xmu, inv, gamma = cache
    xhat = xmu * inv
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd->d", dout, xhat)
    dx = (dout - (dbeta + dgamma * xhat) / len(dout)) * gamma * inv
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    d = x.shape[1]
    eps = ln_param.get("eps", 1e-5)
    mu = np.einsum("nd->n", x)[:, None] / d
    var = np.einsum("nd,nd->n", x - mu, x - mu)[:, None] / d
    inv = (var + eps) ** -0.5
    out = (x - mu) * inv * gamma + beta
    return out, (x - mu, inv, gamma)


def layernorm_backward(dout, cache):
    xmu, inv, gamma = cache
    d = dout.shape[1]
    xhat = xmu * inv
    dbeta = np.einsum("nd->d", dout)
    dgamma = np.einsum("nd,nd->d", dout, xhat)
    dxhat = dout * gamma
    first = np.einsum("nd->n", dxhat)[:, None]
    second = np.einsum("nd,nd->n", dxhat, xhat)[:, None]
    dx = inv / d * (d * dxhat - first - xhat * second)
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    keep, seed = dropout_param["p"], dropout_param.get("seed")
    if seed is not None:
        np.random.seed(seed)
    if dropout_param["mode"] == "test":
        return x, (None, 1.0)
    mask = np.random.binomial(1, keep, size=x.shape).astype(x.dtype)
    out = x * mask / x.dtype.type(keep)
    return out, (mask, keep)


def dropout_backward(dout, cache):
    mask, keep = cache
    dx = dout if mask is None else dout * mask / dout.dtype.type(keep)
    return dx


def sgd(w, dw, config=None):
    config = {"learning_rate": 1e-2} if config is None else config
    return np.subtract(w, np.multiply(config["learning_rate"], dw)), config


def sgd_momentum(w, dw, config=None):
    mu = config.get("momentum", 0.9)
    v = np.multiply(mu, config.get("velocity", 0)) + np.multiply(-config["learning_rate"], dw)
    config |= {"velocity": v}
    return w + v, config


def sgd_nesterov_momentum(w, dw, config=None):
    mu, lr = config.get("momentum", 0.9), config["learning_rate"]
    v = mu * config.get("velocity", np.zeros_like(w)) - lr * dw
    config |= {"velocity": v}
    return w + mu * v - lr * dw, config


def adagrad(w, dw, config=None):
    lr, eps = config["learning_rate"], config.get("epsilon", 1e-8)
    g = config.get("cache", 0) + np.square(dw)
    config |= {"cache": g}
    return w + -lr * dw / (g**0.5 + eps), config


def rmsprop(w, dw, config=None):
    lr, eps, rho = config["learning_rate"], config.get("epsilon", 1e-8), config.get("decay_rate", 0.99)
    old = config.get("a", 0.0)
    a = old + (1 - rho) * (np.square(dw) - old)
    config |= {"a": a}
    return w + -lr * dw / (a**0.5 + eps), config


def adam(w, dw, config=None):
    lr, eps = config["learning_rate"], config.get("epsilon", 1e-8)
    b1, b2 = config.get("beta1", 0.9), config.get("beta2", 0.999)
    v, a, t = config.get("v", 0.0), config.get("a", 0.0), config.get("t", 0)
    t = t + 1
    v = v + (1 - b1) * (dw - v)
    a = a + (1 - b2) * (np.square(dw) - a)
    step = (v / (1 - b1**t)) / (np.sqrt(a / (1 - b2**t)) + eps)
    config |= {"v": v, "a": a, "t": t}
    return w - lr * step, config


def adamw(w, dw, config=None):
    decay = config.get("weight_decay", 0.01)
    moved, state = adam(np.zeros_like(w), dw, config)
    return (1 - config["learning_rate"] * decay) * w + moved, state


class Solver:
    """A generator of its own; the rate of an epoch is computed anew; the best is kept as one copy of the dict."""

    def __init__(self, model, data, **settings):
        known = {"update_rule": "sgd", "optim_config": {}, "lr_decay": 1.0, "batch_size": 100, "num_epochs": 10,
                 "print_every": 10, "verbose": True}  # fmt: skip
        for name in settings:
            if name not in known:
                raise ValueError(f"unknown keyword: {name}")
        self.settings = {**known, **settings}
        self.model, self.data, self.rng = model, data, np.random.default_rng(np.random.randint(1 << 30))
        self.rule = {"sgd": sgd, "sgd_momentum": sgd_momentum}[self.settings["update_rule"]]
        self.configs = {name: {**self.settings["optim_config"]} for name in model.params}
        self.loss_history, self.train_acc_history, self.val_acc_history = [], [], []

    def check_accuracy(self, X, y, num_samples=None):
        rows = self.rng.integers(0, len(X), num_samples) if num_samples and num_samples < len(X) else slice(None)
        return float((self.model.loss(X[rows]).argmax(axis=1) == y[rows]).mean())

    def train(self):
        s, best = self.settings, (0.0, None)
        N = len(self.data["y_train"])
        per_epoch = max(N // s["batch_size"], 1)
        first_rate = s["optim_config"].get("learning_rate", 1e-2)
        for t in range(s["num_epochs"] * per_epoch):
            rows = self.rng.choice(N, s["batch_size"], replace=s["batch_size"] > N)
            loss, grads = self.model.loss(self.data["X_train"][rows], self.data["y_train"][rows])
            self.loss_history += [loss]
            for name, config in self.configs.items():
                config["learning_rate"] = first_rate * s["lr_decay"] ** (t // per_epoch)
                self.model.params[name], self.configs[name] = self.rule(self.model.params[name], grads[name], config)
            if t and (t + 1) % per_epoch:
                continue
            self.train_acc_history += [self.check_accuracy(self.data["X_train"], self.data["y_train"], 1000)]
            self.val_acc_history += [self.check_accuracy(self.data["X_val"], self.data["y_val"])]
            if s["verbose"]:
                print(f"epoch {t // per_epoch}: {loss:.3f} {self.train_acc_history[-1]} {self.val_acc_history[-1]}")
            if self.val_acc_history[-1] > best[0]:
                best = self.val_acc_history[-1], {name: w.copy() for name, w in self.model.params.items()}
        self.model.params = best[1] or self.model.params
