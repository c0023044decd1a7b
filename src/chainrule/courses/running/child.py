"""The process that runs one script: `python -m chainrule.courses.running.child COURSE ENGINE SCRIPT`."""

import sys
import tokenize
import traceback
from importlib.abc import InspectLoader
from pathlib import Path
from types import CodeType, ModuleType

from chainrule.courses.running.prepare import prepare
from chainrule.courses.running.skips import Skips


class _Script(InspectLoader):
    """Loads a script as Python itself does, but without the lines that are skipped."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_source(self, name: str) -> str:
        with tokenize.open(self.path) as stream:
            source, notes = Skips(ipython=False).prepare(stream.read())
        for note in notes:
            print(f"chainrule: {note}", file=sys.stderr)
        return source

    def get_code(self, name: str) -> CodeType:
        return self.source_to_code(self.get_source(name), self.path)


def main(course: str, engine: str, path: str) -> int:
    """Run a script under a course's names; an error is told as Python tells it.

    Returns:
        The process's exit code.
    """
    prepare(course, engine)
    sys.argv, sys.path[0] = [path], str(Path(path).parent)
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    try:
        _Script(path).exec_module(module)
    except SystemExit:
        raise
    except BaseException as error:
        frames = error.__traceback__
        while frames is not None and frames.tb_frame.f_code.co_filename != path:
            frames = frames.tb_next
        traceback.print_exception(error.with_traceback(frames))
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    finally:
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].show()  # a notebook shows what is drawn without being asked
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
