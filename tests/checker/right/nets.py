"""Nets of two more courses: with named initializations, and with weights that lie as (outputs, inputs)."""

import numpy as np


class FullyConnectedNet:
    """Everything in one place, without a layer's function; dropout is the probability to keep."""

    def __init__(self, hidden_dims, input_dim=3072, num_classes=10, dropout=1, use_batchnorm=False, reg=0.0,
                 weight_scale=1e-2, dtype=np.float32, seed=None, initialization="random"):  # fmt: skip
        self.widths, self.keep, self.bn, self.seed = (
            [input_dim, *hidden_dims, num_classes],
            dropout,
            use_batchnorm,
            seed,
        )
        self.reg, self.dtype, self.params, self.running = reg, dtype, {}, {}
        for i in range(1, len(self.widths)):
            shape = (self.widths[i - 1], self.widths[i])
            scale = {"random": weight_scale, "he": np.sqrt(2 / shape[0]), "zero": 0.0}[initialization]
            W = scale * np.random.standard_normal(shape)
            self.params[f"W{i}"] = W.astype(dtype)
            self.params[f"b{i}"] = np.zeros(shape[1], dtype)
            if self.bn and i < len(self.widths) - 1:
                self.params[f"gamma{i}"] = np.ones(shape[1], dtype)
                self.params[f"beta{i}"] = np.zeros(shape[1], dtype)
                self.running[i] = np.zeros((2, shape[1]))

    def hidden(self, i, h, training, tape):
        a = h @ self.params[f"W{i}"] + self.params[f"b{i}"]
        norm = None
        if self.bn:
            mean, var = (a.mean(0), a.var(0)) if training else self.running[i]
            if training:
                self.running[i] = 0.9 * self.running[i] + 0.1 * np.array([mean, var])
            std = np.sqrt(var + 1e-5)
            norm = (a - mean) / std, std
            a = self.params[f"gamma{i}"] * norm[0] + self.params[f"beta{i}"]
        out = a * (a > 0)
        mask = np.ones_like(out)
        if training and self.keep != 1:
            if self.seed is not None:
                np.random.seed(self.seed)
            mask = (np.random.random_sample(out.shape) < self.keep) / self.keep
        tape.append((h, norm, a > 0, mask))
        return out * mask

    def loss(self, X, y=None):
        h, tape, last = X.reshape(len(X), -1).astype(self.dtype), [], len(self.widths) - 1
        for i in range(1, last):
            h = self.hidden(i, h, y is not None, tape)
        scores = h @ self.params[f"W{last}"] + self.params[f"b{last}"]
        if y is None:
            return scores
        shifted = scores - scores.max(1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        loss = -log_p[np.arange(len(y)), y].mean()
        da = np.exp(log_p)
        da[np.arange(len(y)), y] -= 1
        da /= len(y)
        grads = {}
        for i in range(last, 0, -1):
            W = self.params[f"W{i}"]
            loss = loss + 0.5 * self.reg * (W**2).sum()
            grads[f"W{i}"] = (h if i == last else tape[i - 1][0]).T @ da + self.reg * W
            grads[f"b{i}"] = da.sum(0)
            if i == 1:
                break
            _, norm, positive, mask = tape[i - 2]
            da = (da @ W.T) * mask * positive
            if norm:
                xhat, std = norm
                grads[f"gamma{i - 1}"], grads[f"beta{i - 1}"] = (da * xhat).sum(0), da.sum(0)
                da = da * self.params[f"gamma{i - 1}"]
                da = (da - da.mean(0) - xhat * (da * xhat).mean(0)) / std
        return loss, grads


class TwoLayerNet:
    """Weights as (outputs, inputs), the squared distance from one-hot labels, and a training of its own."""

    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {}
        self.params["W1"] = std * np.random.randn(hidden_size, input_size)
        self.params["b1"] = np.zeros(hidden_size)
        self.params["W2"] = std * np.random.randn(output_size, hidden_size)
        self.params["b2"] = np.zeros(output_size)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N = len(X)
        hidden = np.maximum(0, X @ W1.T + b1)
        scores = hidden @ W2.T + b2
        if y is None:
            return scores
        target = np.zeros_like(scores)
        target[np.arange(N), y] = 1
        difference = scores - target
        loss = np.sum(difference**2) / (2 * N) + 0.5 * reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        dscores = difference / N
        grads = {}
        grads["W2"] = dscores.T @ hidden + reg * W2
        grads["b2"] = dscores.sum(axis=0)
        dhidden = dscores @ W2
        dhidden[hidden <= 0] = 0
        grads["W1"] = dhidden.T @ X + reg * W1
        grads["b1"] = dhidden.sum(axis=0)
        return loss, grads

    def train(self, X, y, X_val, y_val, learning_rate=1e-3, learning_rate_decay=0.95, reg=1e-5, num_iters=100,
              batch_size=200, verbose=False):  # fmt: skip
        iterations_per_epoch = max(len(X) / batch_size, 1)
        losses, train_accs, val_accs = [], [], []
        for it in range(num_iters):
            rows = np.random.choice(len(X), batch_size)
            loss, grads = self.loss(X[rows], y[rows], reg=reg)
            losses.append(loss)
            for name in self.params:
                self.params[name] = self.params[name] - learning_rate * grads[name]
            if verbose and it % 100 == 0:
                print(f"iteration {it} / {num_iters}: loss {loss}")
            if it % iterations_per_epoch == 0:
                train_accs.append((self.predict(X[rows]) == y[rows]).mean())
                val_accs.append((self.predict(X_val) == y_val).mean())
                learning_rate *= learning_rate_decay
        return {"loss_history": losses, "train_acc_history": train_accs, "val_acc_history": val_accs}

    def predict(self, X):
        return np.argmax(self.loss(X), axis=1)
