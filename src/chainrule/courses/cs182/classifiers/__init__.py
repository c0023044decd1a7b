"""CS182's `deeplearning.classifiers`."""

from chainrule.courses.modular.k_nearest_neighbor import KNearestNeighbor
from chainrule.courses.modular.linear_classifier import LinearClassifier, LinearSVM, Softmax

__all__ = ["KNearestNeighbor", "LinearClassifier", "LinearSVM", "Softmax"]
