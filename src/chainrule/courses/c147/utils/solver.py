"""C147's `utils.solver`; update rules are looked up in `nndl.optim`."""

from chainrule.courses.c147.nndl import optim
from chainrule.courses.modular import solver


class Solver(solver.Solver):
    """The course's Solver, see `chainrule.courses.modular.solver`."""

    optim = optim
