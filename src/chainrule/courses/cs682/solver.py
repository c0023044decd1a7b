"""CS682's `cs682.solver`."""

from chainrule.courses.cs682 import optim
from chainrule.courses.modular import solver


class Solver(solver.SamplingSolver):
    """The course's Solver, see `chainrule.courses.modular.solver`."""

    optim = optim
