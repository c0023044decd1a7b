"""The command line: each command is a function of the library with its arguments spelled out."""

import os
import sys
from contextlib import suppress

from cyclopts import App, CycloptsError, Parameter, UnusedCliTokensError

from chainrule.core.errors import ChainruleError

COMMANDS = {  # imported when they are used
    "train": "chainrule.cli.training:train",
    "compare": "chainrule.cli.training:compare",
    "evaluate": "chainrule.cli.using:evaluate",
    "predict": "chainrule.cli.using:predict",
    "data": "chainrule.cli.data:app",
}
app = App(
    name="chainrule",
    help="Train, compare and understand fully connected neural nets.\n\n"
    "Begin with `chainrule compare --data digits --rules sgd,momentum,adam`.",
    help_format="markdown",
    default_parameter=Parameter(show_default=False, negative=()),
)
for place, (name, target) in enumerate(COMMANDS.items()):
    app.command(target, name=name, sort_key=place)


def main() -> None:
    """Run a command; errors that were meant become one line on standard error and exit status 2, Ctrl-C gives 130."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without ± or R² shows the rest
    try:
        code = app(exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except UnusedCliTokensError as error:
        code = _failed(f"not understood: {' '.join(error.unused_tokens)}. {_help(error)}")
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


if __name__ == "__main__":
    main()
