"""One owner of the BLAS threads: trainings state a number that holds, searches make do with it."""

import pytest

from chainrule.core.errors import SettingError
from chainrule.core.threads import _controller, blas_threads, cores, single_blas_thread


def numbers():
    """Threads of every BLAS of this process."""
    return {library["num_threads"] for library in _controller().info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def comes_back():
    before = numbers()
    yield
    assert numbers() == before


def test_a_search_beside_a_training_leaves_the_training_its_threads():
    with blas_threads(2):
        assert numbers() == {2}
        with single_blas_thread():
            assert numbers() == {2}
    with single_blas_thread():
        assert numbers() == {1}
        with blas_threads(2):
            assert numbers() == {2}
        assert numbers() == {1}


def test_blocks_that_overlap_without_being_nested():
    training, search = blas_threads(2), single_blas_thread()
    search.__enter__()
    training.__enter__()
    search.__exit__(None, None, None)
    assert numbers() == {2}
    training.__exit__(None, None, None)


def test_trainings_at_once_must_agree_on_the_threads():
    with blas_threads(1), blas_threads(1):
        assert numbers() == {1}
        with pytest.raises(SettingError, match="threads=2"), blas_threads(2):
            pass
        assert numbers() == {1}
    with blas_threads(2):
        assert numbers() == {2}


def test_at_least_one_core():
    assert cores() >= 1
