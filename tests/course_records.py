"""Records of the courses' import names and runner."""

from pathlib import Path
from typing import Any

from hostile import Name, Number, Source, Target, Thing
from public_api import Record

from chainrule import courses


def course_records() -> dict[str, Record]:
    def activate(course: Any) -> str:
        try:
            return repr(courses.activate(course))
        finally:
            courses.deactivate()

    def script(folder: Path) -> Any:
        path = folder / "work.py"
        path.write_text("print('ran')\n")
        given = {
            "course": "cs182",
            "path": path,
            "out": folder / "out",
            "data": folder,
            "engine": "plain",
            "timeout": 60.0,
        }
        return lambda **more: courses.run(**more, verbose=False).described(), given, []

    return {
        "courses.activate": Record(lambda folder: (activate, {"course": "cs182"}, []), {"course": Name()}),
        "courses.contents": Record(lambda folder: (courses.contents, {"course": "cs145"}, []), {"course": Name()}),
        "courses.run": Record(
            script,
            {
                "course": Name(),
                "path": Source(),
                "out": Target(optional=True),
                "data": Thing(wrong=(3.5, "nowhere", Path("nowhere"), object(), "a\0b")),
                "engine": Name(),
                "timeout": Number(wrong=(0, -1.0, float("inf"), True), optional=True),
            },
            says={"out": ("out",)},
            parts=("keep_going",),
            slow=True,
        ),
    }
