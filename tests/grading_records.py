"""The record of grading."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from hostile import COUNT, Source, Target, Thing
from public_api import Record

import chainrule as cr

RUBRIC = '[[line]]\nfunction = "sgd"\npoints = 1\n'
MINE = "def sgd(w, dw, config):\n    return w - config['learning_rate'] * dw, config\n"


def grading_records() -> dict[str, Record]:
    def valid(folder: Path) -> Any:
        (folder / "mine.py").write_text(MINE)
        (folder / "rubric.toml").write_text(RUBRIC)
        given = {
            "submissions": [folder / "mine.py"],
            "rubric": folder / "rubric.toml",
            "out": folder / "new",
            "workers": 1,
        }
        return (lambda **more: cr.grade(**more, verbose=False).scores), given, []

    roles = {
        "submissions": Thing(wrong=(None, 3, "no-such-file.py", object(), [object()], [], {}, np.ones((2, 2)), "a\0b")),
        "rubric": Source(),
        "out": Target(optional=True),
        "gradescope": Target(optional=True, replaced=True),
        "workers": replace(COUNT, optional=True),
        "require_sandbox": Thing(wrong=()),
        "runner": Thing(wrong=(3, "threads", object(), [print])),
        "cluster": Thing(wrong=(3, "nowhere", object(), ["local"], "tcp://elsewhere:8786")),
    }
    says = {"submissions": ("no-such-file.py",), "out": ("there",)}
    return {"grade": Record(valid, roles, says=says, slow=True)}
