"""CS145's `data.vis_utils`."""

from chainrule.courses.modular.vis_utils import np, vis_grid, vis_nn, visualize_grid

__all__ = ["np", "vis_grid", "vis_nn", "visualize_grid"]
