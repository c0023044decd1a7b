"""The record of assignments."""

from pathlib import Path
from typing import Any

from hostile import Name, Target, Thing
from public_api import Record

import chainrule as cr


def assignment_records() -> dict[str, Record]:
    def valid(folder: Path) -> Any:
        given = {"functions": ["softmax_loss"], "out": folder / "new", "preset": "relu", "course": "cs231n"}
        return cr.assignment, given, []

    roles = {
        "functions": Thing(wrong=(3, None, object(), "nonsense", ["nonsense"], [3], [["sgd"]], b"sgd", {"sgd": 1})),
        "out": Target(),
        "preset": Name(optional=True),
        "course": Name(optional=True),
    }
    return {"assignment": Record(valid, roles, says={"functions": ("function",), "out": ("new",)})}
