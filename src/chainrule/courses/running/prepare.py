"""What the process that runs a notebook or script does first."""

import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, spec_from_loader
from types import ModuleType
from typing import Any

from chainrule.core.errors import MissingExtraError
from chainrule.courses import settings
from chainrule.courses.names import activate


def prepare(course: str, engine: str) -> None:
    """Put the course's names in place, its Solver's engine, and what stands for PyTorch where that is absent."""
    settings.engine = "auto" if engine == "fused" else engine  # a notebook may have models of its own too
    if find_spec("torch") is None:
        sys.meta_path.append(_NoTorch())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        activate(course)
    for warning in caught:
        print(f"chainrule: {warning.message}", file=sys.stderr)


def _needed(what: str) -> MissingExtraError:
    return MissingExtraError(
        f"{what} needs PyTorch, which is not installed; without it only torch.manual_seed works, and does nothing. "
        f"Install it with: pip install 'chainrule[torch]'."
    )


class _NoTorch(MetaPathFinder, Loader):
    """`import torch` where there is none: notebooks that only call `torch.manual_seed` run."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        return spec_from_loader(name, self, is_package=name == "torch") if name.split(".")[0] == "torch" else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        if spec.name != "torch":
            raise _needed(spec.name)
        return _Torch("torch", "Stands for PyTorch, which is not installed.")

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to do."""


class _Torch(ModuleType):
    class Tensor:
        """Nothing is one; other libraries ask."""

        def __init__(self, *args: Any) -> None:
            raise _needed("torch.Tensor")

    def manual_seed(self, seed: int) -> None:
        """Nothing of Chainrule's draws from PyTorch."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _needed(f"torch.{name}")
