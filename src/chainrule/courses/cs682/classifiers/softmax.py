"""CS682's `cs682.classifiers.softmax`."""

from chainrule.courses.modular.softmax import np, softmax_loss_naive, softmax_loss_vectorized

__all__ = ["np", "softmax_loss_naive", "softmax_loss_vectorized"]
