"""CS182's `deeplearning.data_utils`: its place for CIFAR-10, and the path of every batch file printed as it is read."""

from pathlib import Path

import numpy as np

from chainrule.courses.modular import data_utils
from chainrule.courses.modular.data_utils import load_CIFAR_batch, load_pickle
from chainrule.courses.modular.image_folders import load_tiny_imagenet
from chainrule.courses.modular.saved_models import load_models

__all__ = ["get_CIFAR10_data", "load_CIFAR10", "load_CIFAR_batch", "load_models", "load_pickle", "load_tiny_imagenet"]


def get_CIFAR10_data(
    num_training: int = 49000, num_validation: int = 1000, num_test: int = 1000, subtract_mean: bool = True
) -> dict[str, np.ndarray]:
    """CIFAR-10 as the notebooks train on it; see `chainrule.courses.modular.data_utils.get_CIFAR10_data`."""
    return data_utils.get_CIFAR10_data(
        num_training,
        num_validation,
        num_test,
        subtract_mean,
        course_folder="deeplearning/datasets/cifar-10-batches-py",
        on_file=print,
    )


def load_CIFAR10(ROOT: str | Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All of CIFAR-10 with channels last; see `chainrule.courses.modular.data_utils.load_CIFAR10`."""
    return data_utils.load_CIFAR10(ROOT, on_file=print)
