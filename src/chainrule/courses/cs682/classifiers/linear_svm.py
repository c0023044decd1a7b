"""CS682's `cs682.classifiers.linear_svm`."""

from chainrule.courses.modular.linear_svm import np, svm_loss_naive, svm_loss_vectorized

__all__ = ["np", "svm_loss_naive", "svm_loss_vectorized"]
