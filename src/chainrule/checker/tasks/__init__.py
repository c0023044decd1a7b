"""What the battery knows, one row a task, in the order in which a learner writes them."""

from chainrule.checker.task import Task
from chainrule.checker.tasks import cs145_net
from chainrule.checker.tasks.affine import AFFINE
from chainrule.checker.tasks.affine_relu import AFFINE_RELU
from chainrule.checker.tasks.batchnorm import BATCHNORM
from chainrule.checker.tasks.dropout import DROPOUT
from chainrule.checker.tasks.knn import KNN
from chainrule.checker.tasks.layernorm import LAYERNORM
from chainrule.checker.tasks.net_dropout import WITH_DROPOUT
from chainrule.checker.tasks.net_start import NAMED_START, NET_START, TWO_LAYER_START
from chainrule.checker.tasks.nets import FULLY_CONNECTED, TWO_LAYER, WITH_BATCHNORM, WITH_LAYERNORM
from chainrule.checker.tasks.numeric import NUMERIC
from chainrule.checker.tasks.relu import RELU
from chainrule.checker.tasks.rules import RULES
from chainrule.checker.tasks.softmax import SOFTMAX
from chainrule.checker.tasks.solver import SOLVER
from chainrule.checker.tasks.svm import SVM

LAYERS = (AFFINE, RELU, AFFINE_RELU, SOFTMAX, SVM, BATCHNORM, LAYERNORM, DROPOUT)
NETS = (
    TWO_LAYER_START,
    TWO_LAYER,
    NET_START,
    NAMED_START,
    FULLY_CONNECTED,
    WITH_BATCHNORM,
    WITH_LAYERNORM,
    WITH_DROPOUT,
    cs145_net.START,
    cs145_net.LOSS,
    cs145_net.TRAIN,
)
TASKS: tuple[Task, ...] = (*LAYERS, *RULES, *NETS, SOLVER, NUMERIC, KNN)
