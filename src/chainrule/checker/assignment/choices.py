"""What an assignment can be made of: functions by course, and sets of them that belong together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainrule.checker.assignment.plain import FOLDERS
from chainrule.checker.names import COURSES
from chainrule.core.errors import SettingError, choose

LAYERS = (
    "affine_forward", "affine_backward", "relu_forward", "relu_backward", "softmax_loss", "svm_loss", "batchnorm_forward",
    "batchnorm_backward", "batchnorm_backward_alt", "layernorm_forward", "layernorm_backward", "dropout_forward",
    "dropout_backward",
)  # fmt: skip
SANDWICH = ("affine_relu_forward", "affine_relu_backward")
RULES = ("sgd", "sgd_momentum", "rmsprop", "adam")
NETS = ("TwoLayerNet", "FullyConnectedNet")
NUMERIC = ("eval_numerical_gradient", "eval_numerical_gradient_array")
MODULAR = {"layers": LAYERS, "layer_utils": SANDWICH, "optim": RULES, "fc_net": NETS, "gradient_check": NUMERIC}
NEIGHBOURS = {"k_nearest_neighbor": ("KNearestNeighbor",)}
MODULES: dict[str, dict[str, tuple[str, ...]]] = {
    "cs231n": {**MODULAR, **NEIGHBOURS},
    "cs682": {**MODULAR, **NEIGHBOURS},
    "cs182": {**MODULAR, **NEIGHBOURS},
    "c147": {**MODULAR, "optim": ("sgd", "sgd_momentum", "sgd_nesterov_momentum", "rmsprop", "adam")},
    "cs145": {"knn": ("KNN",), "neural_net": ("TwoLayerNet",), "gradient_check": NUMERIC},
}
PRESETS = {
    "affine": ("affine_forward", "affine_backward"),
    "relu": ("relu_forward", "relu_backward"),
    "affine_relu": SANDWICH,
    "losses": ("softmax_loss", "svm_loss"),
    "batchnorm": ("batchnorm_forward", "batchnorm_backward", "batchnorm_backward_alt"),
    "layernorm": ("layernorm_forward", "layernorm_backward"),
    "dropout": ("dropout_forward", "dropout_backward"),
    "rules": ("sgd", "sgd_momentum", "sgd_nesterov_momentum", "rmsprop", "adam"),
    "two_layer_net": ("TwoLayerNet",),
    "fully_connected_net": ("FullyConnectedNet",),
    "numeric_gradient": NUMERIC,
    "knn": ("KNearestNeighbor", "KNN"),
}
METHODS = {
    "TwoLayerNet": ("__init__", "loss"),
    "FullyConnectedNet": ("__init__", "loss"),
    "KNearestNeighbor": (
        "compute_distances_two_loops",
        "compute_distances_one_loop",
        "compute_distances_no_loops",
        "predict_labels",
    ),
    "KNN": ("compute_distances", "compute_L2_distances_vectorized", "predict_labels"),
}
TOGETHER = {  # what is checked as one
    "batch_norm.forward": ("batch_norm.update",),
    "softmax.forward": ("softmax.each", "softmax.backward"),
    "svm.forward": ("svm.each", "svm.backward"),
}


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        course: whose names; None for the library's.
        names: the functions and classes, in the order of the course.
        modules: module -> those of the names that stand in it.
    """

    course: str | None
    names: tuple[str, ...]
    modules: dict[str, tuple[str, ...]]

    def cut(self, module: str) -> set[str]:
        """What loses its body in a module: functions, and methods as "Class.method"."""
        found: set[str] = set()
        for name in self.modules[module]:
            whole = [name, *TOGETHER.get(name, ())] if self.course is None else [name]
            for one in whole:
                own = one.rpartition(".")[2]
                found |= {f"{own}.{method}" for method in METHODS[own]} if own in METHODS else {own}
        return found


def modules(course: str | None) -> dict[str, tuple[str, ...]]:
    """The modules of a course, or of the library, each with the names that can be chosen."""
    if course is not None:
        return MODULES[choose(course, COURSES, what="course")]
    ends = {"layers": ("forward", "backward"), "losses": ("forward",), "optim": ("step",)}
    return {name: tuple(f"{name}.{end}" for end in ends[folder]) for name, folder in FOLDERS.items()}


def presets(course: str | None) -> dict[str, tuple[str, ...]]:
    """Sets of functions, by name: as far as a course has them."""
    if course is None:
        return modules(None)
    known = {name for names in modules(course).values() for name in names}
    own = {preset: tuple(name for name in names if name in known) for preset, names in PRESETS.items()}
    return {preset: names for preset, names in own.items() if names}


def chosen(functions: Iterable[str], preset: str | None, course: str | None) -> Choice:
    """What was asked for, each name once, in the course's order.

    Raises:
        SettingError: nothing asked for, an unknown name, or several of the library's own modules at once.
    """
    known = modules(course)
    everything = [name for names in known.values() for name in names]
    wanted: Sequence[str] = [choose(name, everything, what="function") for name in functions]
    if preset is not None:
        wanted = [*wanted, *presets(course)[choose(preset, presets(course), what="preset")]]
    if not wanted:
        raise SettingError("assignment: nothing is chosen. Name functions or a preset; the list shows what there is.")
    found = {module: tuple(name for name in names if name in wanted) for module, names in known.items()}
    found = {module: names for module, names in found.items() if names}
    if course is None and len(found) > 1:
        raise SettingError(
            f"assignment: without a course an assignment is one of the library's modules, since every module has its own "
            f"forward and backward; came {', '.join(found)}. Make one for each, or choose a course."
        )
    return Choice(course, tuple(name for names in found.values() for name in names), found)
