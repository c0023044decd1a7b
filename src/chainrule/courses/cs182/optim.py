"""CS182's `deeplearning.optim`; momentum's learning rate stands outside the velocity."""

from chainrule.courses.modular.optim import adam, rmsprop, sgd
from chainrule.courses.modular.optim import sgd_momentum_rate_outside as sgd_momentum

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum"]
