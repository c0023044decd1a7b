"""Update rules: how a gradient moves a parameter. One file each; `OPTIMIZERS` lists them.

Hyper-parameters are Python numbers: a NumPy scalar would turn float32 arrays into float64.
"""

from chainrule.core.registry import Rule
from chainrule.optim import adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd

RATE = {"rate_inside": (True, False)}
EPS = {"eps_inside": (False, True)}

OPTIMIZERS = {
    "sgd": Rule("sgd", sgd, default_lr=1e-2, conventions={}),
    "momentum": Rule("momentum", momentum, default_lr=1e-2, conventions=RATE),
    "nesterov": Rule("nesterov", nesterov, default_lr=1e-2, conventions=RATE),
    "adagrad": Rule("adagrad", adagrad, default_lr=1e-2, conventions=EPS),
    "rmsprop": Rule("rmsprop", rmsprop, default_lr=1e-3, conventions=EPS),
    "adam": Rule("adam", adam, default_lr=1e-3, conventions=EPS),
    "adamw": Rule("adamw", adamw, default_lr=1e-3, conventions=EPS),
}
