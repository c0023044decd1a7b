"""Optuna, imported when it is first used, and its line for every trial kept off the terminal."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from chainrule.core.errors import MissingExtraError


def optuna() -> ModuleType:
    """The package.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("sweep needs Optuna; install it with: pip install 'chainrule[sweep]'") from error
    return optuna


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna's log to what went wrong."""
    log = optuna().logging
    level = log.get_verbosity()
    log.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        log.set_verbosity(level)
