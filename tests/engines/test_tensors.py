"""The plain engine on PyTorch's tensors: the same code, so the same training."""

import builtins

import numpy as np
import pytest

from chainrule.core.errors import MissingExtraError, SettingError
from chainrule.nets import FullyConnectedNet
from chainrule.optim import OPTIMIZERS
from chainrule.training.solver import Solver

VARIANTS = {
    **{rule: {"rule": rule} for rule in OPTIMIZERS},
    "batch norm and dropout": {"net": {"norm": "batch", "keep": 0.7}},
    "layer norm and leaky ReLU": {"net": {"norm": "layer", "activation": "leaky_relu"}},
    "sigmoid and tanh": {"net": {"activation": ["sigmoid", "tanh"]}},
    "hinge loss and penalty": {"net": {"loss": "svm", "reg": 0.1}},
    "squared error, real targets": {"net": {"loss": "mse"}, "real": True},
    "limits and decay": {"clip_norm": 0.5, "clip_value": 0.1, "weight_decay": 0.01},
    "weights of rows": {"sample_weight": np.arange(60) % 3 + 0.5},
    "bytes, centred": {"bytes": True},
}


def trained(*, net=None, real=False, bytes=False, epochs=(3,), dtype="float64", **settings):
    """A small training on the same data each time: the solver."""
    rng = np.random.default_rng(3)
    X = rng.integers(0, 256, (60, 8), dtype=np.uint8) if bytes else rng.standard_normal((60, 8))
    y = rng.standard_normal((60, 4)) if real else rng.integers(0, 4, 60)
    data = {"X_train": X[:45], "y_train": y[:45], "X_val": X[45:], "y_val": y[45:]}
    if "sample_weight" in settings:
        settings["sample_weight"] = settings["sample_weight"][:45]
    made = FullyConnectedNet([16, 12], input_dim=8, num_classes=4, dtype=dtype, seed=1, **(net or {}))
    solver = Solver(made, data, epochs=epochs[0], batch_size=9, engine="plain", verbose=False, **settings)
    for more in (None, *epochs[1:]):
        solver.train(more)
    return solver


@pytest.mark.peers
@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_a_training_is_the_same_on_tensors(variant):
    pytest.importorskip("torch", reason="agreement with PyTorch needs torch")
    ours, theirs = trained(**variant), trained(**variant, array="torch")
    assert ours.task.step == theirs.task.step == 15
    np.testing.assert_allclose(theirs.history.loss, ours.history.loss, rtol=1e-10, atol=0)
    np.testing.assert_allclose(theirs.history.grad_norms, ours.history.grad_norms, rtol=1e-8, atol=1e-13)
    np.testing.assert_allclose(theirs.history.val_acc, ours.history.val_acc, rtol=1e-12)
    for name, value in ours.net.params.items():
        assert type(theirs.net.params[name]) is np.ndarray
        np.testing.assert_allclose(theirs.net.params[name], value, rtol=1e-9, atol=1e-12)
    for name, pair in ours.net.stats.items():
        np.testing.assert_allclose(theirs.net.stats[name], pair, rtol=1e-10, atol=1e-13)


@pytest.mark.peers
def test_single_precision_and_a_second_training_follow():
    pytest.importorskip("torch", reason="agreement with PyTorch needs torch")
    settings = {"rule": "adam", "dtype": "float32", "epochs": (2, 2)}
    ours, theirs = trained(**settings), trained(**settings, array="torch")
    assert len(theirs.history.loss) == 20
    np.testing.assert_allclose(theirs.history.loss, ours.history.loss, rtol=1e-5)
    assert {value.dtype for value in theirs.net.params.values()} == {np.dtype("float32")}


@pytest.mark.peers
def test_a_checkpoint_and_a_fault_are_as_anywhere(tmp_path):
    pytest.importorskip("torch", reason="agreement with PyTorch needs torch")
    whole = trained(rule="adam", array="torch", epochs=(4,))
    broken = trained(rule="adam", array="torch", epochs=(4,), folder=tmp_path, callbacks=[lambda s: s.epoch == 2])
    broken.checkpoint()
    again = trained(rule="adam", array="torch", epochs=(4,), folder=tmp_path, callbacks=[lambda s: s.epoch == 0])
    assert again.resume()
    again.callbacks = ()
    again.train()
    for name, value in whole.net.params.items():
        np.testing.assert_array_equal(again.net.params[name], value)
    torn = trained(rule="sgd", lr=1e200, array="torch")
    assert str(torn.history.fault) == str(trained(rule="sgd", lr=1e200).history.fault)


@pytest.mark.peers
def test_a_device_that_is_not_there_is_named():
    torch = pytest.importorskip("torch", reason="agreement with PyTorch needs torch")
    device = "nonsense" if torch.cuda.is_available() else "cuda"
    with pytest.raises(SettingError, match=f"device='{device}' cannot be used on this machine"):
        trained(array="torch", device=device)


def test_what_cannot_be_is_said(monkeypatch):
    with pytest.raises(SettingError, match="device must be 'cpu' for NumPy's arrays; came 'cuda'"):
        trained(device="cuda")
    with pytest.raises(SettingError, match="array"):
        trained(array="cupid")
    data = {"X_train": np.zeros((4, 8)), "y_train": np.zeros(4, int)}
    monkeypatch.setattr("chainrule.engines.tensors._placed", lambda *_: None)
    with pytest.raises(SettingError, match=r"the fused engine computes with NumPy arrays; use engine='auto'"):
        Solver(FullyConnectedNet([4], input_dim=8), data, engine="fused", array="torch")
    monkeypatch.undo()

    def without_torch(name, *rest, **more):
        if name.split(".")[0] == "torch":
            raise ImportError(name)
        return real(name, *rest, **more)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without_torch)
    monkeypatch.delitem(__import__("sys").modules, "array_api_compat.torch", raising=False)
    with pytest.raises(MissingExtraError, match=r'pip install "chainrule\[torch\]"'):
        trained(array="torch")
