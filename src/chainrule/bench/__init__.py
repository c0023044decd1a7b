"""Side by side with other libraries: the same work, on this machine, by one command."""

from chainrule.bench.peers import PEERS
from chainrule.bench.side_by_side import Benchmark, side_by_side
from chainrule.bench.work import WORKS, Compared, Search, Training

__all__ = ["PEERS", "WORKS", "Benchmark", "Compared", "Search", "Training", "side_by_side"]
