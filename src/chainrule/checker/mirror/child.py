"""The process in which an instructor's tests run, again and again, each time with another wrong function in place.

Started as `python -m chainrule.checker.mirror.child SETTINGS`; orders come on standard input, a line of JSON each, and what
came of every cell goes out on standard output. The tests are the instructor's own: nothing here is a barrier.
"""

import inspect
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from typing import Any

import numpy as np

from chainrule.checker.files import run_file
from chainrule.checker.mirror import hook
from chainrule.checker.mirror.judging import failure
from chainrule.checker.mirror.variants import Variant, every_variant

PLAIN, COUNTING = -1, -2  # no wrong function: as it stands, and counting which functions are called


def main() -> None:
    """Serve until standard input ends."""
    settings = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    os.chdir(settings["folder"])
    sys.path.insert(0, settings["folder"])
    if settings["courses"]:
        import_module(settings["courses"]).activate(settings["course"])
    known = every_variant()
    for line in sys.stdin:
        order = json.loads(line)
        hook.Run.called = set()
        restore = _install(_makes(known, order["variant"], hook.Run.called))
        try:
            _run(order, out)
        finally:
            restore()
        _say(out, {"done": True})


def _makes(known: list[Variant], variant: int, called: set[str]) -> dict[str, Callable[[Any], Any]]:
    if variant == COUNTING:
        names = {name for variant in known for name in variant.names}
        return {name: _counting(name, called) for name in names}
    return {} if variant == PLAIN else dict(known[variant].makes)


def _counting(name: str, called: set[str]) -> Callable[[Any], Any]:
    """What stands in a right function's place, or a class's, and notes that it was called."""

    def made(original: Any) -> Any:
        if inspect.isclass(original):
            loss = getattr(original, "loss", None)
            return type(original.__name__, (original,), {"loss": counted(loss)}) if loss else original
        return counted(original)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            called.add(name)
            return function(*args, **options)

        return call

    return made


def _install(makes: dict[str, Callable[[Any], Any]]) -> Callable[[], None]:
    """Put wrong functions in the place of right ones, wherever these have been imported; what undoes it comes back."""
    places = []
    for module in list(sys.modules.values()):
        for name in makes.keys() & getattr(module, "__dict__", {}).keys():
            original = vars(module)[name]
            if callable(original) and _is_a_courses(original):
                places.append((module, name, original))
    made: dict[tuple[str, int], Any] = {}
    for module, name, original in places:
        if (name, id(original)) not in made:
            made[name, id(original)] = makes[name](original)
        setattr(module, name, made[name, id(original)])

    def restore() -> None:
        for module, name, original in places:
            setattr(module, name, original)

    return restore


def _is_a_courses(item: Any) -> bool:
    """Whether something is a course's or the instructor's own, not a part of the library below."""
    home = getattr(item, "__module__", None) or ""
    return not home.startswith("chainrule.") or home.startswith("chainrule.courses")


def _run(order: dict[str, Any], out: Any) -> None:
    """Run the cells from the beginning, up to the first that fails where it is known what right functions give."""
    right = {int(place): result for place, result in order["right"].items()}
    hook.Run.report = staticmethod(lambda result: _say(out, result))
    hook.Run.fails = staticmethod(lambda r: r["cell"] in right and bool(failure(r, right[r["cell"]], order["limit"])))
    hook.Run.skipped = order["skipped"]
    np.random.seed(0)
    with np.errstate(all="ignore"), suppress(hook.Enough):
        run_file(order["module"], "instructors_tests")
    sys.modules.pop("instructors_tests", None)


def _say(out: Any, what: Iterable | dict[str, Any]) -> None:
    out.write(json.dumps(what) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
