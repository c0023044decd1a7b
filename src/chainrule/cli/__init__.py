"""The command line: each command is a function of the library with its arguments spelled out."""

import sys

from cyclopts import App, CycloptsError

from chainrule.core.errors import ChainruleError

COMMANDS = {  # imported when they are used
    "train": ("chainrule.cli.training:train", "Train one net; leave a folder with settings, history, net and a page."),
    "compare": (
        "chainrule.cli.training:compare",
        "Train variants with several seeds each; show which wins, by how much.",
    ),
    "evaluate": ("chainrule.cli.using:evaluate", "Measure a saved net: accuracy, confusion matrix, worst mistakes."),
    "predict": ("chainrule.cli.using:predict", "Write a saved net's predictions for the rows of a file."),
    "data": ("chainrule.cli.data:app", "List, fetch, verify and describe data sets."),
}
app = App(
    name="chainrule",
    help="Train, compare and understand fully connected neural nets.\n\n"
    "Begin with `chainrule compare --data digits --rules sgd,momentum,adam`.",
    help_format="markdown",
)
for place, (name, (target, text)) in enumerate(COMMANDS.items()):
    app.command(target, name=name, help=text, sort_key=place)


def main() -> None:
    """Run a command; errors that were meant become one line on standard error and exit status 2."""
    try:
        code = app(exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        sys.exit(_failed(f"{error} See chainrule --help."))
    except ChainruleError as error:
        sys.exit(_failed(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    sys.exit(code)


def _failed(message: str) -> int:
    print(f"chainrule: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
