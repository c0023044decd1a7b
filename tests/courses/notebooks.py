"""A small notebook of each course, in that course's manner: its imports, its checks, its prints, a short training, a plot.

The code of each is our own. Data are random numbers in the shape of digits, or CIFAR-10 where that is at hand.
"""

import json

COLAB = """\
# Where this notebook runs on Colab
from google.colab import drive
drive.mount('/content/drive')
FOLDER = None
assert FOLDER is not None, 'name the folder'
import sys
sys.path.append('/content/drive/My Drive/{}'.format(FOLDER))
%cd /content/drive/My\\ Drive/$FOLDER
!bash get_datasets.sh"""

SETUP = """\
import numpy as np
import matplotlib.pyplot as plt

%matplotlib inline
plt.rcParams['figure.figsize'] = (10.0, 8.0)
plt.rcParams['image.interpolation'] = 'nearest'

%load_ext autoreload
%autoreload 2

def rel_error(x, y):
    return np.max(np.abs(x - y) / (np.maximum(1e-8, np.abs(x) + np.abs(y))))"""

RANDOM_DATA = """\
rows = np.random.RandomState(0)
centres = rows.randn(10, 1, 8, 8)
data = {}
for part, n in (('train', 400), ('val', 100), ('test', 100)):
    data['y_' + part] = rows.randint(10, size=n)
    data['X_' + part] = centres[data['y_' + part]] + 0.5 * rows.randn(n, 1, 8, 8)
SIZE = 64
for k, v in data.items():
    print('%s: ' % k, v.shape)"""

CIFAR_DATA = """\
data = get_CIFAR10_data(num_training=2000, num_validation=200, num_test=200)
SIZE = 3072
for k, v in data.items():
    print('%s: ' % k, v.shape)"""

NET_CHECK = """\
N, D, H1, H2, C = 2, 15, 20, 30, 10
X = np.random.randn(N, D)
y = np.random.randint(C, size=(N,))
for reg in [0, 3.14]:
    print('Running check with reg = ', reg)
    model = FullyConnectedNet([H1, H2], input_dim=D, num_classes=C, reg=reg, weight_scale=5e-2, dtype=np.float64)
    loss, grads = model.loss(X, y)
    print('Initial loss: ', loss)
    for name in sorted(grads):
        f = lambda _: model.loss(X, y)[0]
        grad_num = eval_numerical_gradient(f, model.params[name], verbose=False, h=1e-5)
        error = rel_error(grad_num, grads[name])
        print('%s relative error: %.2e' % (name, error))
        assert error < 1e-4"""

OPTIMIZER_CHECK = """\
N, D = 4, 5
w = np.linspace(-0.4, 0.6, num=N*D).reshape(N, D)
dw = np.linspace(-0.6, 0.4, num=N*D).reshape(N, D)
config = {'learning_rate': 1e-3, 'velocity': np.linspace(0.6, 0.9, num=N*D).reshape(N, D)}
next_w, _ = sgd_momentum(w, dw, config=config)
print('corners: ', next_w[0, 0], next_w[-1, -1])
assert abs(next_w[0, 0] - FIRST) < 1e-8
print('velocity: ', config['velocity'][0, 0])"""

CURVES = """\
plt.subplot(2, 1, 1)
plt.title('Training loss')
plt.plot(solver.loss_history, 'o')
plt.subplot(2, 1, 2)
plt.plot(solver.train_acc_history, '-o', label='train')
plt.plot(solver.val_acc_history, '-o', label='val')
plt.legend(loc='lower right')
plt.gcf().set_size_inches(9, 9)
plt.show()"""

FINAL = """\
y_test_pred = np.argmax(best_model.loss(data['X_test']), axis=1)
y_val_pred = np.argmax(best_model.loss(data['X_val']), axis=1)
print('Validation set accuracy: ', (y_val_pred == data['y_val']).mean())
print('Test set accuracy: ', (y_test_pred == data['y_test']).mean())"""


def cs231n(data):
    return [
        COLAB,
        SETUP
        + """
from cs231n.classifiers.fc_net import *
from cs231n.data_utils import get_CIFAR10_data
from cs231n.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs231n.solver import Solver""",
        data,
        "np.random.seed(231)",
        NET_CHECK,
        """\
from cs231n.optim import sgd_momentum
FIRST = 0.1406
"""
        + OPTIMIZER_CHECK,
        """\
from cs231n.optim import rmsprop, adam
solvers = {}
for update_rule, rate in (('sgd', 1e-2), ('sgd_momentum', 1e-2), ('rmsprop', 1e-4), ('adam', 1e-3)):
    print('Running with ', update_rule)
    model = FullyConnectedNet([30, 30], input_dim=SIZE, weight_scale=5e-2, normalization='batchnorm')
    solver = Solver(model, data, num_epochs=2, batch_size=100, update_rule=update_rule,
                    optim_config={'learning_rate': rate}, verbose=True)
    solvers[update_rule] = solver
    solver.train()""",
        CURVES,
        """\
best_model = solvers['adam'].model
print('on all rows: ', solver.check_accuracy(data['X_train'], data['y_train']))""",
        FINAL,
        """\
from cs231n.classifiers import KNearestNeighbor, Softmax
knn = KNearestNeighbor()
rows = data['X_train'].reshape(len(data['X_train']), -1)
knn.train(rows, data['y_train'])
print(np.mean(knn.predict(data['X_val'].reshape(len(data['X_val']), -1), k=5) == data['y_val']))
losses = Softmax().train(rows, data['y_train'], learning_rate=1e-7, reg=2.5e4, num_iters=101, verbose=True)""",
    ]


def cs682(data):
    return [
        "# A setup cell\nfrom __future__ import print_function\nimport time\n"
        + SETUP
        + """
from cs682.classifiers.fc_net import *
from cs682.data_utils import get_CIFAR10_data
from cs682.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from cs682.solver import Solver""",
        data,
        """\
np.random.seed(231)
x = np.random.randn(10, 2, 3)
w = np.random.randn(6, 5)
b = np.random.randn(5)
dout = np.random.randn(10, 5)
dx_num = eval_numerical_gradient_array(lambda x: affine_forward(x, w, b)[0], x, dout)
_, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
print('dx error: ', rel_error(dx_num, dx))
print('equal to the course: ', abs(rel_error(dx_num, dx) - 5.399100368651805e-11) < 1e-15)""",
        """\
from cs682.layer_utils import affine_relu_forward, affine_relu_backward
x = np.random.randn(2, 3, 4)
w, b = np.random.randn(12, 10), np.random.randn(10)
out, cache = affine_relu_forward(x, w, b)
dx, dw, db = affine_relu_backward(np.random.randn(2, 10), cache)
print(dx.shape, dw.shape, db.shape)""",
        """\
np.random.seed(231)
x = 0.001 * np.random.randn(50, 10)
y = np.random.randint(10, size=50)
loss, dx = svm_loss(x, y)
print('svm_loss: ', loss)
assert abs(loss - 8.999602749096233) < 1e-14
loss, dx = softmax_loss(x, y)
print('softmax_loss: ', loss)
assert abs(loss - 2.302545844500738) < 1e-14""",
        "np.random.seed(231)\n" + NET_CHECK,
        "from cs682.optim import sgd_momentum\nFIRST = 0.1406\n" + OPTIMIZER_CHECK,
        """\
best_solver, best_val = None, -1
for hidden in np.random.randint(20, 40, 2):
    for lr in (1.0, 1e-1):
        model = TwoLayerNet(input_dim=SIZE, hidden_dim=hidden, reg=np.float64(1e-3))
        solver = Solver(model, data, update_rule='sgd', optim_config={'learning_rate': lr}, lr_decay=0.95,
                        num_epochs=2, batch_size=50, print_every=-1, verbose=False)
        solver.train()
        if solver.best_val_acc > best_val:
            best_val, best_solver = solver.best_val_acc, solver
print(best_val)
before = len(best_solver.loss_history)
best_solver.train()
assert len(best_solver.loss_history) == 2 * before
solver, best_model = best_solver, best_solver.model""",
        CURVES,
        FINAL,
    ]


def cs182(data):
    return [
        """\
#@title Where this notebook runs on Colab
import os
from google.colab import drive
drive.mount('/content/gdrive')

DRIVE_PATH = '/content/gdrive/My\\ Drive/cs182'
DRIVE_PYTHON_PATH = DRIVE_PATH.replace('\\\\', '')
if not os.path.exists(DRIVE_PYTHON_PATH):
    %mkdir $DRIVE_PATH
SYM_PATH = '/content/cs182'
if not os.path.exists(SYM_PATH):
    !ln -s $DRIVE_PATH $SYM_PATH
!pip install -q something""",
        "import json\nimport os\nimport random\nimport torch\n"
        + SETUP
        + """
from deeplearning.classifiers.fc_net import *
from deeplearning.data_utils import get_CIFAR10_data
from deeplearning.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from deeplearning.solver import Solver
import deeplearning.vis_utils
seed = 7
torch.manual_seed(seed)
random.seed(seed)
np.random.seed(seed)
os.makedirs('submission_logs', exist_ok=True)""",
        data,
        NET_CHECK,
        "from deeplearning.optim import sgd_momentum\nFIRST = -0.39994\n" + OPTIMIZER_CHECK,
        """\
for initialization in ('he', 'random', 'zero'):
    model = FullyConnectedNet([50] * 10, input_dim=3072, initialization=initialization, dtype=np.float64)
    stds = [float(np.std(model.params['W%d' % i])) for i in range(1, 12)]
    print(initialization, stds[:2])
    with open('submission_logs/w_stds_%s.json' % initialization, 'w') as f:
        json.dump(stds, f)
    solver = Solver(FullyConnectedNet([30] * 3, input_dim=SIZE, initialization=initialization), data, num_epochs=2,
                    batch_size=50, update_rule='sgd', optim_config={'learning_rate': 1e-2}, verbose=False)
    solver.train()
    print(np.mean(solver.log_grad_norm_history))""",
        """\
from deeplearning.optim import rmsprop, adam
for rule, batch in (('sgd', 60), ('sgd_momentum', 10)):
    np.random.seed(100)
    solver = Solver(FullyConnectedNet([30] * 2, input_dim=SIZE, weight_scale=5e-2), data, num_epochs=3, batch_size=batch,
                    update_rule=rule, optim_config={'learning_rate': 5e-3}, log_acc_iteration=True, print_every=20)
    solver.train()
    solver.record_histories_as_npz('submission_logs/optimizer_%s' % rule)
    plt.plot(solver.log_acc_iteration_history, solver.val_acc_history, label=rule)
plt.legend()
plt.show()
np.load('submission_logs/optimizer_sgd.npz').files""",
        """\
np.random.seed(2023)
best_model = FullyConnectedNet([30] * 10, input_dim=SIZE, initialization='he')
solver = Solver(best_model, data, num_epochs=5, batch_size=20, update_rule='adam',
                optim_config={'learning_rate': 1e-3}, lr_decay=0.95, print_every=100)
solver.train()""",
        FINAL,
        """\
results = {'val_acc': (y_val_pred == data['y_val']).mean(), 'lr': 1e-3, 'update_rule': 'adam',
           'test_acc': solver.best_val_acc}
with open('submission_logs/results.json', 'w') as f:
    json.dump(results, f)""",
        CURVES,
    ]


def c147(data):
    return [
        "import time\n"
        + SETUP
        + """
from nndl.fc_net import *
from utils.data_utils import get_CIFAR10_data
from utils.gradient_check import eval_numerical_gradient, eval_numerical_gradient_array
from utils.solver import Solver""",
        data,
        """\
from nndl.layer_tests import *
assert Solver.__name__ == 'Solver' and len(data) == 6
affine_forward_test()
affine_backward_test()
relu_forward_test()
relu_backward_test()
affine_relu_test()
fc_net_test()""",
        "from nndl.optim import sgd_momentum\nFIRST = 0.1406\n" + OPTIMIZER_CHECK,
        """\
from nndl.optim import sgd_nesterov_momentum, rmsprop, adam
config = {'learning_rate': 1e-2, 'a': np.full((4, 5), 0.6)}
next_w, _ = rmsprop(w, dw, config=config)
print('a: ', config['a'].mean())
config = {'learning_rate': 1e-2, 'v': np.full((4, 5), 0.6), 'a': np.full((4, 5), 0.7), 't': 5}
adam(w, dw, config=config)
print(config['t'])""",
        """\
optimizer = 'adam'
best_model = FullyConnectedNet([50, 50, 50], input_dim=SIZE, weight_scale=0.01, use_batchnorm=True)
print(sorted(best_model.params))
solver = Solver(best_model, data, num_epochs=3, batch_size=100, update_rule=optimizer,
                optim_config={'learning_rate': 1e-2}, lr_decay=0.9, verbose=True, print_every=50)
solver.train()""",
        CURVES,
        FINAL,
    ]


def cs145(data):
    load = """\
rows = np.random.RandomState(0)
centres = rows.randint(40, 215, (10, 8, 8, 3))
y_train, y_test = rows.randint(10, size=300), rows.randint(10, size=60)
X_train = np.clip(centres[y_train] + rows.randint(-30, 30, (300, 8, 8, 3)), 0, 255).astype(float)
X_test = np.clip(centres[y_test] + rows.randint(-30, 30, (60, 8, 8, 3)), 0, 255).astype(float)"""
    if data is CIFAR_DATA:
        load = """\
X_train, y_train, X_test, y_test = load_CIFAR10('./data/datasets/cifar-10-batches-py')
print('Training data shape: ', X_train.shape)
X_train, y_train, X_test, y_test = X_train[:300], y_train[:300], X_test[:60], y_test[:60]
assert list(y_train[:10]) == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]"""
    return [
        SETUP + "\nfrom data.data_utils import load_CIFAR10\nfrom data.vis_utils import visualize_grid",
        load,
        """\
for c in range(3):
    for i, index in enumerate(np.flatnonzero(y_train == c)[:2]):
        plt.subplot(2, 3, i * 3 + c + 1)
        plt.imshow(X_train[index].astype('uint8'))
        plt.axis('off')
plt.show()""",
        """\
from hw3code import KNN
knn = KNN()
flat_train, flat_test = X_train.reshape(len(X_train), -1), X_test.reshape(len(X_test), -1)
knn.train(X=flat_train, y=y_train)
dists = knn.compute_distances(X=flat_test[:10])
print('norm: ', np.linalg.norm(dists, 'fro'))
print('difference: ', np.linalg.norm(dists - knn.compute_L2_distances_vectorized(X=flat_test[:10]), 'fro'))
for k in (1, 3):
    print('error: ', np.mean(knn.predict_labels(dists, k=k) != y_test[:10]))
L1 = lambda v: np.linalg.norm(v, ord=1)
print(knn.compute_distances(X=flat_test[:2], norm=L1).shape)""",
        """\
from hw3code.neural_net import TwoLayerNet
np.random.seed(0)
net = TwoLayerNet(4, 10, 3, std=1e-1)
np.random.seed(1)
X, y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])
print(net.loss(X))
loss, grads = net.loss(X, y, reg=0.05)
print('loss: ', loss)
assert abs(loss - 1.8973332763705641) < 1e-14""",
        """\
from data.gradient_check import eval_numerical_gradient
for name in grads:
    f = lambda W: net.loss(X, y, reg=0.05)[0]
    error = rel_error(eval_numerical_gradient(f, net.params[name], verbose=False), grads[name])
    print('{} max relative error: {}'.format(name, error))
    assert error < 1e-8""",
        """\
np.random.seed(0)
net = TwoLayerNet(4, 10, 3, std=1e-1)
np.random.seed(1)
X, y = 10 * np.random.randn(5, 4), np.array([0, 1, 2, 2, 1])
stats = net.train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100, verbose=False)
print('Final training loss: ', stats['loss_history'][-1])""",
        """\
flat_train -= flat_train.mean(axis=0)
net = TwoLayerNet(flat_train.shape[1], 20, 10)
stats = net.train(flat_train[:200], y_train[:200], flat_train[200:], y_train[200:], num_iters=101, batch_size=50,
                  learning_rate=1e-5, learning_rate_decay=0.95, reg=0.1, verbose=True)
print('Validation accuracy: ', np.mean(net.predict(flat_train[200:]) == y_train[200:]))
plt.plot(stats['loss_history'])
plt.show()""",
        """\
W1 = net.params['W1']
plt.imshow(visualize_grid(W1.reshape(20, -1, 3).reshape(20, *X_train.shape[1:]), padding=3).astype('uint8'))
plt.show()""",
    ]


CELLS = {"cs231n": cs231n, "cs682": cs682, "cs182": cs182, "c147": c147, "cs145": cs145}


def write_notebook(path, cells, *, text="A notebook of our own", kernel="python"):
    """Write cells with code as a notebook, a piece of prose before them."""
    prose = {"cell_type": "markdown", "metadata": {}, "source": f"# {text}"}
    code = [
        {"cell_type": "code", "execution_count": 99, "metadata": {}, "outputs": [], "source": source.splitlines(True)}
        for source in cells
    ]
    metadata = {"kernelspec": {"display_name": "Any", "language": kernel, "name": "someone_elses"}}
    notebook = {"cells": [prose, *code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(notebook))
    return path


def write_script(path, cells):
    """Write cells as a percent script; magics are comments there, as editors write them."""
    lines = []
    for cell in cells:
        lines += [
            "# %%",
            *("# " + line if line.lstrip().startswith(("%", "!")) else line for line in cell.split("\n")),
            "",
        ]
    path.write_text("\n".join(lines))
    return path
