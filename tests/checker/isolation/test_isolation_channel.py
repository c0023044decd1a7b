"""The parent's end of a child's pipes: what it opens it closes, once."""

import os

import pytest

from chainrule.checker.isolation import IsolationError
from chainrule.checker.isolation.channel import Channel
from chainrule.checker.isolation.child import Child


def open_descriptors():
    return set(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("handed_over", [False, True])
def test_a_second_close_leaves_what_others_have_opened_since(handed_over):
    before = open_descriptors()
    channel = Channel()
    if handed_over:
        channel.hand_over()
    channel.close()
    assert open_descriptors() == before
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(12)]  # they get the numbers that have become free
    channel.close()
    channel.hand_over()
    for descriptor in others:
        os.fstat(descriptor)
        os.close(descriptor)
    assert open_descriptors() == before


def test_a_child_that_cannot_be_had_leaves_no_descriptor_open():
    class Gone:
        def fork(self, channel, number):
            raise IsolationError("it has ended")

    before = open_descriptors()
    with pytest.raises(IsolationError, match="it has ended"):
        Child(Gone(), 0)
    assert open_descriptors() == before
