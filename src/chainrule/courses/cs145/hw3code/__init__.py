"""CS145's package `hw3code`: `from hw3code import KNN`, `from hw3code.neural_net import TwoLayerNet`."""

from chainrule.courses.cs145.hw3code.knn import KNN

__all__ = ["KNN"]
