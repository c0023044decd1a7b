"""`%check` for notebooks: after `%load_ext chainrule.checker`, checks what the notebook has defined."""

import shlex
from typing import Any

from chainrule.checker.checking import check
from chainrule.checker.report import Report
from chainrule.core.errors import SettingError

USAGE = "%check [NAME ...] [--course NAME] [--hints 0..3] [--seed NUMBER]"


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext chainrule.checker` calls: registers `%check`."""

    def run(line: str) -> Report:
        return checked(line, shell.user_ns)

    shell.register_magic_function(run, "line", "check")


def checked(line: str, namespace: dict[str, Any]) -> Report:
    """Check functions and classes of a notebook's namespace.

    Args:
        line: names of tasks or functions (all that are found where there are none), and options: see `USAGE`.
        namespace: the notebook's names.

    Raises:
        SettingError: an option that is not known, or no value where one is wanted.
    """
    words, only, settings = shlex.split(line), [], dict[str, Any]()
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            only.append(word)
        elif word in ("--course", "--hints", "--seed") and words:
            value = words.pop(0)
            settings[word[2:]] = value if word == "--course" else _whole(word, value)
        else:
            raise SettingError(f"check: {word} is not understood; the usage is {USAGE}.")
    return check(namespace, only=only, **settings)


def _whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingError(f"check: {option} must be a whole number; came {text!r}.") from None
