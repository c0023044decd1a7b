"""What code remembers in this process is put back between tasks."""

import types

import numpy as np

from chainrule.checker import check
from chainrule.checker.in_process import InProcess
from chainrule.checker.memory import LARGEST

SOURCE = """
import numpy as np
CACHE, COUNT, LARGE, RUNNING = {}, 0, np.zeros(20000), np.ones(3)

def remember(x, kept=[], *, more={}):
    global COUNT
    COUNT += 1
    kept.append(x)
    more[len(more)] = x
    CACHE[x] = [x]
    RUNNING[0] += 1
    LARGE[0] += 1
    remember.calls = getattr(remember, "calls", 0) + 1
    return [len(kept), len(more), len(CACHE), COUNT, RUNNING[0], Net.made]

class Net:
    made = 0
    names = []
    def __init__(self):
        Net.made += 1
        Net.names.append("one")
        self.count = len(Net.names)

def counting():
    seen = []
    def count():
        seen.append(1)
        return len(seen)
    return count

count = counting()
"""


def module():
    made = types.ModuleType("mine")
    exec(SOURCE, made.__dict__)
    return made


def test_what_code_remembers_is_put_back():
    own = module()
    subject = InProcess(own)
    for _ in range(3):
        assert subject.call("remember", [5]).result == [1, 1, 1, 1, 2.0, 0]
        assert subject.call("remember", [6]).result == [2, 2, 2, 2, 3.0, 0]
        assert subject.call("count").result == 1
        assert subject.get(subject.call("Net", kept=True).result, "count") == 1
        subject.renew()
    assert own.CACHE == {}
    assert own.Net.names == []
    assert own.LARGE[0] == 6  # too large to be noted
    assert own.LARGE.size > LARGEST


def test_a_state_in_a_default_argument_does_not_reach_the_next_task():
    def sgd(w, dw, config, state=[]):  # noqa: B006
        state.append(1)
        return w - config["learning_rate"] * dw, config

    assert check(sgd, seed=1).ok
    assert sgd.__defaults__ == ([],) or len(sgd.__defaults__[0]) > 0
    subject = InProcess(sgd)
    subject.call("sgd", [np.ones(2), np.ones(2), {"learning_rate": 1.0}])
    before = len(sgd.__defaults__[0])
    subject.renew()
    assert len(sgd.__defaults__[0]) == before - 1
