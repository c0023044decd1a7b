"""Nearest neighbours: distances by two, one and no loops, votes, and a search that never holds all distances."""

from chainrule.neighbors.cross_validation import CrossValidation, cross_validate
from chainrule.neighbors.distances import distances
from chainrule.neighbors.knn import KNN
from chainrule.neighbors.vote import predict_labels, vote

__all__ = ["KNN", "CrossValidation", "cross_validate", "distances", "predict_labels", "vote"]
