"""Fixtures of the courses' tests."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    """Matrix products of one thread: the nets here are small, and other tests may run beside these."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True)
def global_random_state_is_left_alone():
    """The courses draw from NumPy's global generator, as their notebooks do: here it is seeded, and put back."""
    state, errors = np.random.get_state(), np.geterr()
    np.random.seed(231)
    yield
    np.random.set_state(state)
    assert np.geterr() == errors
