"""CS682's `cs682.optim`; momentum's learning rate stands inside the velocity."""

from chainrule.courses.modular.optim import adam, rmsprop, sgd, sgd_momentum

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum"]
