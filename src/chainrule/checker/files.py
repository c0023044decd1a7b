"""An instructor's file, run in this process: it is as trusted as whoever starts the check."""

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType


def run_file(path: Path | str, name: str) -> ModuleType:
    """Run a Python file as a module of that name, which `sys.modules` holds from then on; nothing is written beside it.

    Raises:
        Exception: whatever the file raises; then `sys.modules` holds no such module.
    """
    module = sys.modules[name] = ModuleType(name)
    module.__file__ = str(path)
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # a compiled copy beside the file would be one more place to read it
    try:
        SourceFileLoader(name, str(path)).exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    finally:
        sys.dont_write_bytecode = before
    return module
