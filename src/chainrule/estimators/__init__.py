"""Nets and neighbours with scikit-learn's interface: they stand wherever one of its estimators may."""

from chainrule.estimators.classifier import FullyConnectedClassifier
from chainrule.estimators.neighbors import KNNClassifier
from chainrule.estimators.regressor import FullyConnectedRegressor

__all__ = ["FullyConnectedClassifier", "FullyConnectedRegressor", "KNNClassifier"]
