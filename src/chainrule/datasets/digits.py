"""The handwritten digits that come with scikit-learn: 1,797 images of 8 x 8 pixels, 0 to 16."""

import numpy as np

from chainrule.datasets.dataset import Dataset
from chainrule.datasets.splits import split

IMAGE_SHAPE = (8, 8)


def load(*, split_seed: int = 0) -> Dataset:
    """The digits, split 80/10/10 (1,437 / 180 / 180), every class in proportion.

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998 (the test part).
    """
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    pixels, labels = X.astype(np.uint8), y.astype(np.int64)
    train, val, test = split(len(labels), labels, split_seed)
    return Dataset(
        "digits",
        X_train=pixels[train], y_train=labels[train],
        X_val=pixels[val], y_val=labels[val],
        X_test=pixels[test], y_test=labels[test],
        classes=tuple(str(digit) for digit in range(10)),
        image_shape=IMAGE_SHAPE,
    )  # fmt: skip
