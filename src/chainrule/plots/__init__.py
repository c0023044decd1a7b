"""Figures of trainings, studies, data and mistakes. Each is a matplotlib Figure; pyplot is never touched."""

from chainrule.plots.calibration import calibration_curve
from chainrule.plots.confusion import confusion_matrix
from chainrule.plots.files import render, save
from chainrule.plots.heat_map import heat_map
from chainrule.plots.images import image_grid
from chainrule.plots.learning_rates import learning_rates
from chainrule.plots.lines import curves
from chainrule.plots.neighbors import accuracy_by_k, neighbor_examples
from chainrule.plots.samples import samples_per_class
from chainrule.plots.studies import ranking, study_figures
from chainrule.plots.style import style
from chainrule.plots.training import training_figure, training_panels
from chainrule.plots.weights import weight_grid

__all__ = [
    "accuracy_by_k",
    "calibration_curve",
    "confusion_matrix",
    "curves",
    "heat_map",
    "image_grid",
    "learning_rates",
    "neighbor_examples",
    "ranking",
    "render",
    "samples_per_class",
    "save",
    "study_figures",
    "style",
    "training_figure",
    "training_panels",
    "weight_grid",
]
