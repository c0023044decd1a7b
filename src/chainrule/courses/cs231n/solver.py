"""CS231n's `cs231n.solver`."""

from chainrule.courses.cs231n import optim
from chainrule.courses.modular import solver


class Solver(solver.SamplingSolver):
    """The course's Solver, see `chainrule.courses.modular.solver`."""

    optim = optim
