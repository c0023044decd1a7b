"""The visible checks of a notebook: small trials that a learner can read and change. They tell less than `%check`."""

DATA = "from data import get_data\n\ndata = get_data()\n"
NORM = "x, gamma, beta = 3 * rng.standard_normal((6, 4)) + 5, rng.standard_normal(4), rng.standard_normal(4)\n"
LABELS = "scores, y = rng.standard_normal((5, 4)), rng.integers(4, size=5)\n"
STEPS = """w, config = np.array([1.0, -2.0]), {{"learning_rate": 0.1}}
for step in range(3):
    w, config = {name}(w, np.array([0.5, -1.0]), config)
    print(step, w, {{key: value for key, value in config.items() if key != "learning_rate"}})
"""
TRAIN = """for step in range(301):
    batch = rng.integers(len(data["X_train"]), size=100)
    loss, grads = net.loss(data["X_train"][batch], data["y_train"][batch])
    for name in net.params:
        net.params[name] -= 0.2 * grads[name]
    if step % 100 == 0:
        right = np.mean(net.loss(data["X_val"]).argmax(axis=1) == data["y_val"])
        print(step, "loss", loss, "right", right)
"""
NET = """for name in net.params:
    compare(name, net.loss(X, y)[1][name], lambda _: net.loss(X, y)[0], net.params[name])
"""

CELLS = {
    "affine_forward": """x, w, b = rng.standard_normal((4, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
out, cache = affine_forward(x, w, b)
print(out.shape, "wanted (4, 5)")
out, cache = affine_forward(np.ones((2, 3)), np.ones((3, 1)), np.array([10.0]))
print(out.ravel(), "wanted [13. 13.]")
""",
    "affine_backward": """x, w, b = rng.standard_normal((4, 2, 3)), rng.standard_normal((6, 5)), rng.standard_normal(5)
dout = rng.standard_normal((4, 5))
dx, dw, db = affine_backward(dout, affine_forward(x, w, b)[1])
compare("dx", dx, lambda x: affine_forward(x, w, b)[0], x, dout)
compare("dw", dw, lambda w: affine_forward(x, w, b)[0], w, dout)
compare("db", db, lambda b: affine_forward(x, w, b)[0], b, dout)
""",
    "relu_forward": """x = np.array([[-1.0, 0.0, 2.0]])
print(relu_forward(x)[0], "wanted [[0. 0. 2.]]; x is still", x)
""",
    "relu_backward": """x, dout = rng.standard_normal((3, 4)), rng.standard_normal((3, 4))
compare("dx", relu_backward(dout, relu_forward(x)[1]), lambda x: relu_forward(x)[0], x, dout)
""",
    "affine_relu_forward": """w = np.array([[1.0, -1.0], [1.0, -1.0]])
out, cache = affine_relu_forward(np.ones((1, 2)), w, np.ones(2))
print(out, "wanted [[3. 0.]]")
""",
    "affine_relu_backward": """x, w, b = rng.standard_normal((4, 6)), rng.standard_normal((6, 5)), rng.standard_normal(5)
dout = rng.standard_normal((4, 5))
dx, dw, db = affine_relu_backward(dout, affine_relu_forward(x, w, b)[1])
compare("dx", dx, lambda x: affine_relu_forward(x, w, b)[0], x, dout)
compare("dw", dw, lambda w: affine_relu_forward(x, w, b)[0], w, dout)
compare("db", db, lambda b: affine_relu_forward(x, w, b)[0], b, dout)
""",
    "softmax_loss": f"""{LABELS}loss, dx = softmax_loss(scores, y)
compare("dx", dx, lambda scores: softmax_loss(scores, y)[0], scores)
print("equal scores:", softmax_loss(np.zeros((2, 10)), np.array([0, 1]))[0], "wanted", np.log(10))
""",
    "svm_loss": f"""{LABELS}loss, dx = svm_loss(scores, y)
compare("dx", dx, lambda scores: svm_loss(scores, y)[0], scores)
print("equal scores:", svm_loss(np.zeros((2, 10)), np.array([0, 1]))[0], "wanted 9.0")
""",
    "batchnorm_forward": f"""{NORM}bn_param = {{"mode": "train"}}
out, cache = batchnorm_forward(x, np.ones(4), np.zeros(4), bn_param)
print("means", out.mean(axis=0), "wanted 0; deviations", out.std(axis=0), "wanted nearly 1")
print("running mean", bn_param["running_mean"], "wanted", 0.1 * x.mean(axis=0))
""",
    "batchnorm_backward": f"""{NORM}dout = rng.standard_normal((6, 4))
forward = lambda x, gamma, beta: batchnorm_forward(x, gamma, beta, {{"mode": "train"}})
dx, dgamma, dbeta = batchnorm_backward(dout, forward(x, gamma, beta)[1])
compare("dx", dx, lambda x: forward(x, gamma, beta)[0], x, dout)
compare("dgamma", dgamma, lambda gamma: forward(x, gamma, beta)[0], gamma, dout)
compare("dbeta", dbeta, lambda beta: forward(x, gamma, beta)[0], beta, dout)
""",
    "batchnorm_backward_alt": f"""{NORM}dout = rng.standard_normal((6, 4))
forward = lambda x: batchnorm_forward(x, gamma, beta, {{"mode": "train"}})
dx, dgamma, dbeta = batchnorm_backward_alt(dout, forward(x)[1])
compare("dx", dx, lambda x: forward(x)[0], x, dout)
""",
    "layernorm_forward": f"""{NORM}out, cache = layernorm_forward(x, np.ones(4), np.zeros(4), {{}})
print("means", out.mean(axis=1), "wanted 0; deviations", out.std(axis=1), "wanted nearly 1")
""",
    "layernorm_backward": f"""{NORM}dout = rng.standard_normal((6, 4))
forward = lambda x, gamma, beta: layernorm_forward(x, gamma, beta, {{}})
dx, dgamma, dbeta = layernorm_backward(dout, forward(x, gamma, beta)[1])
compare("dx", dx, lambda x: forward(x, gamma, beta)[0], x, dout)
compare("dgamma", dgamma, lambda gamma: forward(x, gamma, beta)[0], gamma, dout)
compare("dbeta", dbeta, lambda beta: forward(x, gamma, beta)[0], beta, dout)
""",
    "dropout_forward": """x = np.ones((500, 500))
for p in (0.3, 0.75):
    out, cache = dropout_forward(x, {"mode": "train", "p": p})
    print("p", p, "share of zeros", np.mean(out == 0), "mean", out.mean(), "wanted nearly 1")
print("test", dropout_forward(x, {"mode": "test", "p": 0.3})[0].mean(), "wanted 1.0")
""",
    "dropout_backward": """x, dout = rng.standard_normal((4, 5)), rng.standard_normal((4, 5))
param = {"mode": "train", "p": 0.6, "seed": 1}
dx = dropout_backward(dout, dropout_forward(x, param)[1])
compare("dx", dx, lambda x: dropout_forward(x, param)[0], x, dout)
""",
    "eval_numerical_gradient": """x = rng.standard_normal((2, 3))
print(rel_error(eval_numerical_gradient(lambda x: np.sum(x**3), x, False), 3 * x**2), "wanted below 1e-7")
""",
    "eval_numerical_gradient_array": """x, df = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
print(rel_error(eval_numerical_gradient_array(lambda x: x**3, x, df), 3 * x**2 * df), "wanted below 1e-7")
""",
    "TwoLayerNet": f"""X, y = rng.standard_normal((4, 5)), rng.integers(3, size=4)
net = TwoLayerNet(input_dim=5, hidden_dim=6, num_classes=3, weight_scale=0.5, reg=0.1)
{NET}
{DATA}
net = TwoLayerNet(input_dim=64, hidden_dim=50, weight_scale=0.05)
{TRAIN}""",
    "FullyConnectedNet": f"""X, y = rng.standard_normal((4, 5)), rng.integers(3, size=4)
net = FullyConnectedNet([6, 7], input_dim=5, num_classes=3, weight_scale=0.5, reg=0.1, dtype=np.float64)
{NET}
{DATA}
net = FullyConnectedNet([50, 40], input_dim=64, weight_scale=0.1)
{TRAIN}""",
    "KNearestNeighbor": f"""{DATA}
knn = KNearestNeighbor()
knn.train(data["X_train"], data["y_train"])
X, y = data["X_val"][:50], data["y_val"][:50]
by_two = knn.compute_distances_two_loops(X)
print("one loop differs by", np.abs(knn.compute_distances_one_loop(X) - by_two).max())
print("no loops differ by", np.abs(knn.compute_distances_no_loops(X) - by_two).max())
print("right with 5 neighbours:", np.mean(knn.predict_labels(by_two, k=5) == y))
""",
    "KNN": f"""{DATA}
knn = KNN()
knn.train(data["X_train"], data["y_train"])
X, y = data["X_val"][:50], data["y_val"][:50]
by_loops = knn.compute_distances(X)
print("without loops the difference is", np.abs(knn.compute_L2_distances_vectorized(X) - by_loops).max())
print("right with 5 neighbours:", np.mean(knn.predict_labels(by_loops, k=5) == y))
""",
}


CS145 = {
    "TwoLayerNet": f"""X, y = rng.standard_normal((4, 5)), rng.integers(3, size=4)
net = TwoLayerNet(5, 6, 3, std=0.5)
for name in net.params:
    compare(name, net.loss(X, y, 0.1)[1][name], lambda _: net.loss(X, y, 0.1)[0], net.params[name])

{DATA}
net = TwoLayerNet(64, 50, 10, std=0.05)
rows = data["X_train"], data["y_train"], data["X_val"], data["y_val"]
net.train(*rows, learning_rate=0.5, num_iters=401, verbose=True)
print("right", np.mean(net.predict(data["X_val"]) == data["y_val"]))
""",
}


def cell(name: str, course: str | None) -> str:
    """The visible check of a function or class."""
    own = CS145 if course == "cs145" else {}
    return own.get(name) or CELLS.get(name) or STEPS.format(name=name)


def wants_data(name: str, course: str | None) -> bool:
    """Whether a check needs data to train on."""
    return DATA in cell(name, course)
