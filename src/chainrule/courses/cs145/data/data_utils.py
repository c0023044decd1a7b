"""CS145's `data.data_utils`: CIFAR-10 with channels last."""

from chainrule.courses.modular.data_utils import load_CIFAR10, load_CIFAR_batch, load_pickle

__all__ = ["load_CIFAR10", "load_CIFAR_batch", "load_pickle"]
