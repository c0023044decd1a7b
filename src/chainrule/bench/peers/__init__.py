"""Who is timed. One module for each peer, with `forms(work, inputs, threads)`: name -> a function that makes a Runner.

A peer may keep its data and take its steps in several forms; the quickest is found before anything is timed. Modules
are imported in the process that runs them, so that a peer may live in another Python than ours.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


class Runner(Protocol):
    """A peer at one work, in one form."""

    def reset(self) -> None:
        """Go back to the starting weights."""

    def turn(self, first: int, steps: int) -> float | None:
        """Take the steps from number `first` on, or search for `steps` queries; the mean loss."""


Forms = dict[str, Callable[[], Any]]


@dataclass(frozen=True)
class Peer:
    """A row of the table.

    Attributes:
        name: as the command line knows it, and the module here.
        title: as tables show it.
        packages: what it needs to import; nothing for ours.
        works: by kind of work, in how many processes it runs, which share the nets and the threads.
        module: where its code is, if not under its own name.
        norm: whether it can do batch norm.
    """

    name: str
    title: str
    packages: tuple[str, ...]
    works: dict[str, int] = field(default_factory=dict)
    module: str | None = None
    norm: bool = True

    @property
    def is_own(self) -> bool:
        """Whether this is the library itself."""
        return not self.packages

    def takes(self, work: Any) -> bool:
        """Whether the peer can do this work."""
        return work.kind in self.works and (self.norm or not work.norm if hasattr(work, "norm") else True)


OURS = {"training": 1, "study": 1, "search": 1, "compare": 1}
ROWS = (
    Peer("fused", "Chainrule fused", (), OURS),
    Peer("plain", "Chainrule plain", (), OURS),
    Peer("fused_pool", "Chainrule fused, no page", (), {"compare": 1}, module="fused_pool"),
    Peer("torch_eager", "PyTorch eager", ("torch",), {"training": 1, "compare": 1}),
    Peer("torch_two", "PyTorch eager, 2 processes", ("torch",), {"study": 2, "compare": 2}, module="torch_eager"),
    Peer("torch_compile", "torch.compile", ("torch",), {"training": 1}),
    Peer("jax_scan", "JAX jit + scan", ("jax",), {"training": 1}),
    Peer("jax_vmap", "JAX vmap", ("jax",), {"study": 1}, module="jax_scan"),
    Peer("jax_two", "JAX scan, 2 processes", ("jax",), {"study": 2}, module="jax_scan"),
    Peer("sklearn_mlp", "scikit-learn MLP", ("sklearn",), {"training": 1}, norm=False),
    Peer("torch_cdist", "PyTorch cdist + topk", ("torch",), {"search": 1}),
    Peer("sklearn_knn", "scikit-learn brute", ("sklearn",), {"search": 1}),
    Peer("faiss_flat", "FAISS flat", ("faiss",), {"search": 1}),
)
PEERS: dict[str, Peer] = {peer.name: peer for peer in ROWS}
