"""CS231n's `cs231n.classifiers.linear_svm`."""

from chainrule.courses.modular.linear_svm import np, svm_loss_naive, svm_loss_vectorized

__all__ = ["np", "svm_loss_naive", "svm_loss_vectorized"]
