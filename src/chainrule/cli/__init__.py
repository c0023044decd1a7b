"""The command line: each command is a function of the library with its arguments spelled out."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from chainrule.cli.assignment import assignment
from chainrule.cli.bench import bench
from chainrule.cli.checking import check
from chainrule.cli.courses import app as course_app
from chainrule.cli.data import app as data_app
from chainrule.cli.exporting import export
from chainrule.cli.find_lr import find_lr
from chainrule.cli.grade import grade
from chainrule.cli.neighbors import knn
from chainrule.cli.sweep import sweep
from chainrule.cli.training import compare, train
from chainrule.cli.using import evaluate, predict
from chainrule.core.errors import ChainruleError
from chainrule.core.notice import silence

app = App(
    name="chainrule",
    help="Train, compare and understand fully connected neural nets.\n\n"
    "Begin with `chainrule compare --data digits --rules sgd,momentum,adam`.",
    help_format="markdown",
    default_parameter=Parameter(show_default=False, negative=()),
    suppress_keyboard_interrupt=False,  # main says what came of it
)
COMMANDS: tuple[Callable[..., int], ...] = (
    train,
    compare,
    find_lr,
    sweep,
    evaluate,
    predict,
    export,
    knn,
    check,
    grade,
    assignment,
    bench,
)
for place, command in enumerate(COMMANDS):
    app.command(command, sort_key=place)
app.command(data_app)
app.command(course_app)


def main() -> None:
    """Run a command; errors that were meant become one line on standard error and exit status 2, Ctrl-C gives 130."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ± or R² shows the rest
    try:
        with silence() if "--quiet" in sys.argv else nullcontext():
            code = app(sys.argv[1:], exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except UnusedCliTokensError as error:
        code = _failed(f"not understood: {' '.join(error.unused_tokens or ())}. {_help(error)}")
    except CycloptsError as error:
        code = _failed(f"{error} {_help(error)}")
    except ChainruleError as error:
        code = _failed(str(error))
    except KeyboardInterrupt as interrupt:
        code = _failed(str(interrupt) or "interrupted.", code=130)
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _failed(f"{error.filename or 'the output'}: {error.strerror or error}.")
    sys.exit(code)


def _help(error: CycloptsError) -> str:
    return f"See {' '.join(['chainrule', *(error.command_chain or ())])} --help."


def _failed(message: str, code: int = 2) -> int:
    print(f"chainrule: {message}", file=sys.stderr)
    return code
