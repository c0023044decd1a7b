"""CS231n's `cs231n.classifiers.linear_classifier`."""

from chainrule.courses.modular.linear_classifier import LinearClassifier, LinearSVM, Softmax, np

__all__ = ["LinearClassifier", "LinearSVM", "Softmax", "np"]
