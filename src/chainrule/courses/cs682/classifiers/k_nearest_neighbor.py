"""CS682's `cs682.classifiers.k_nearest_neighbor`."""

from chainrule.courses.modular.k_nearest_neighbor import KNearestNeighbor, np

__all__ = ["KNearestNeighbor", "np"]
