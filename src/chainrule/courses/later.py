"""What the courses' packages hold beyond the nets of fully connected layers, and what an import of it says here."""

from collections.abc import Callable
from typing import Any, NoReturn

from chainrule.courses.table import COURSES

CONVOLUTION = "convolution comes later"
SEQUENCES = "recurrent nets, attention and captions belong to later assignments, which are not covered here"
PYTORCH = "assignments in PyTorch or TensorFlow are not covered here"
EARLIER = "it belongs to an earlier assignment, which is not covered here"

MODULES = {
    **dict.fromkeys(
        ("cnn", "conv_layers", "conv_layer_utils", "cnn_layers", "fast_layers", "im2col", "im2col_cython"), CONVOLUTION
    ),
    **dict.fromkeys(
        ("rnn", "rnn_layers", "lstm_layers", "transformer_layers", "captioning_solver", "captioning_solver_transformer",
         "coco_utils", "image_utils"),
        SEQUENCES,
    ),
    **dict.fromkeys(
        ("rnn_pytorch", "rnn_layers_pytorch", "captioning_solver_pytorch", "net_visualization_pytorch",
         "net_visualization_tensorflow", "style_transfer_pytorch", "style_transfer_tensorflow", "gan_pytorch", "gan_tf",
         "squeezenet", "pretrained_cnn", "simclr", "vae"),
        PYTORCH,
    ),
    **dict.fromkeys(("neural_net", "knn", "svm"), EARLIER),
}  # fmt: skip
PREFIXES = ("conv_", "max_pool_", "spatial_")  # of names in `layers` and `layer_utils`


def attribute(home: str) -> Callable[[str], NoReturn]:
    """The `__getattr__` of a module of layers: for a name of convolution it says that this comes later.

    Args:
        home: the module's name in this library.
    """

    def __getattr__(name: str) -> Any:
        if name.startswith(PREFIXES):
            # no AttributeError: `from module import name` would put its own sentence in the place of this one
            raise ImportError(
                f"{course_name(home)}.{name}: {CONVOLUTION}. The star import of {course_name(home)} brings everything "
                f"that there is.",
                name=course_name(home),
            )
        raise AttributeError(f"module {home!r} has no attribute {name!r}")

    return __getattr__


def course_name(home: str) -> str:
    """A module's name as notebooks import it, from its name in this library."""
    for course in COURSES.values():
        for package, root in course.imports.items():
            if f"{home}.".startswith(f"{root}."):
                return package + home.removeprefix(root)
    return home
