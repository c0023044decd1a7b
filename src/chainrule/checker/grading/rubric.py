"""The rubric: what is graded, for how many points, and who sees it; a TOML file that an instructor writes by hand.

title = "Assignment 2"
course = "cs231n"

[[line]]
function = "batchnorm_backward"
points = 6
quantities = { dx = 3, dgamma = 1, dbeta = 1 }
visibility = "after_published"
"""

import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from chainrule.checker.grading.priced import ARTEFACTS, Own, functions, own_tasks, quantities
from chainrule.checker.names import COURSES
from chainrule.core import files
from chainrule.core.errors import FileFormatError, OutputError, SettingError, choose
from chainrule.core.paths import path_of

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")  # Gradescope's
LIMIT = 1 << 20  # bytes
KINDS = {  # as msgspec names them: as people do
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "array": "a list of tables",
    "object": "a table",
    "bool": "true or false",
    "null": "nothing",
}


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of a rubric.

    Attributes:
        name: its title, unlike every other line's; the function's or artefact's name where empty.
        function: a function's name (`affine_backward`), a task's (`affine`: both of its functions), or one of the
            rubric's reference, which comes first where both have it.
        artefact: or a kind of file that is looked at: "histories", "w_stds" or "results".
        points: what it is worth.
        quantities: partial credit: points for each quantity that is right. What `points` exceed their sum by is for a
            function that is right in everything; without any, the line is all or nothing.
        visibility: who sees it, in Gradescope's words.
        file: where the function is expected, as a path inside a submission's folder; anywhere where empty.
        timeout: seconds that a call may take; the rubric's own where None.
    """

    name: str = ""
    function: str = ""
    artefact: str = ""
    points: float
    quantities: dict[str, float] = msgspec.field(default_factory=dict)
    visibility: str = "visible"
    file: str = ""
    timeout: float | None = None

    @property
    def title(self) -> str:
        """What the line is called."""
        return self.name or self.function or self.artefact


class Rubric(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is graded.

    Attributes:
        title: of the assignment.
        course: cs231n, cs682, cs182, c147 or cs145: then its conventions alone are right; None: every known one is.
        seed: of the trials; keep it to yourself. A fresh one for every new folder of grades where None.
        hints: how much learners are told, 0 (which quantity is wrong) to 3 (the true value in words).
        timeout: seconds that a call of a learner's function may take.
        total_timeout: seconds that a whole submission may take.
        forgive: whether a function keeps its points where it is wrong only because another one is.
        given: a folder of files handed out with the assignment, which submissions may import; beside the rubric.
        reference: an instructor's own .py file, beside the rubric, whose functions lines may name; keep it to yourself.
        lines: in the order of the page.
    """

    title: str = "Grades"
    course: str | None = None
    seed: int | None = None
    hints: int = 2
    timeout: float = 10.0
    total_timeout: float = 600.0
    forgive: bool = False
    given: str = ""
    reference: str = ""
    lines: list[Line] = msgspec.field(name="line")

    @property
    def points(self) -> float:
        """What can be had."""
        return math.fsum(line.points for line in self.lines)


def read(path: str | Path) -> Rubric:
    """A rubric from its file.

    Raises:
        FileFormatError: the file is missing, too large, or no TOML.
        SettingError: an unknown key, function, quantity or course, a name that stands twice, or a number out of range.
        DataError: the reference that it names is not there, or cannot be run.
    """
    path = path_of(path, owner="grade", name="rubric")
    with files.reading(path) as (stream, size):
        if size > LIMIT:
            raise FileFormatError(f"{path} has {size} bytes; a rubric has at most {LIMIT}.")
        data = stream.read(LIMIT)
    return loads(data, str(path), folder=path.parent)


def loads(text: str | bytes, where: str = "rubric", *, folder: Path = Path()) -> Rubric:
    """A rubric from its text; `where` names it in errors, `folder` is where its files are. Raises what `read` does."""
    try:
        found = tomllib.loads(text if isinstance(text, str) else text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FileFormatError(f"{where}: this is no UTF-8 text, as TOML must be.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileFormatError(f"{where} is no TOML: {error}.") from error
    return checked(found, where, own=own_of(found, folder))


def own_of(found: Mapping[str, Any], folder: Path) -> Own:
    """The tasks of the reference that a rubric names, a path from `folder` on. Raises what `read` does."""
    reference = found.get("reference")
    return own_tasks(folder / reference) if reference and isinstance(reference, str) else ()


def checked(found: Mapping[str, Any], where: str = "rubric", *, own: Own = ()) -> Rubric:
    """A rubric from plain dicts and lists, every name and number looked at. Raises what `read` does."""
    _known(found, Rubric, where)
    if not isinstance(found.get("line"), list) or not found["line"]:
        raise SettingError(f"{where}: a rubric must have lines; begin each with [[line]].")
    for number, line in enumerate(found["line"], 1):
        if isinstance(line, Mapping):
            _known(line, Line, f"{where}, [[line]] {number}")
    try:
        rubric = msgspec.convert(found, Rubric)
    except msgspec.ValidationError as error:
        raise SettingError(f"{where}: {_wrong_type(str(error))}") from error
    _check_whole(rubric, where)
    titles: dict[str, int] = {}
    for number, line in enumerate(rubric.lines, 1):
        at = f"{where}, [[line]] {number} ({line.title or 'without a function'})"
        _check_line(line, at, own)
        if line.title in titles:
            raise SettingError(
                f"{at}: [[line]] {titles[line.title]} has this name too; give one of them a name of its own."
            )
        titles[line.title] = number
    return rubric


def dumps(rubric: Rubric) -> str:
    """A rubric as TOML; `loads` gives an equal one."""
    found = msgspec.to_builtins(rubric)
    lines = found.pop("line")
    parts = ["".join(f"{name} = {_value(value)}\n" for name, value in found.items() if value is not None)]
    for line in lines:
        rows = [f"{name} = {_value(value)}\n" for name, value in line.items() if value is not None]
        parts.append("[[line]]\n" + "".join(rows))
    return "\n".join(part for part in parts if part)


def write(rubric: Rubric, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write a rubric whole or not at all.

    Raises:
        SettingError: it is not right, as `read` would find it.
        OutputError: the file is there already, or cannot be written.
    """
    path = path_of(path, owner="rubric")
    text = dumps(rubric)
    loads(text, str(path), folder=path.parent)
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already, and nothing is overwritten. Choose another name.")
    files.write_atomically(path, text.encode())
    return path


def _known(found: Mapping[str, Any], kind: type[msgspec.Struct], where: str) -> None:
    for name in found:
        _choose(name, kind.__struct_encode_fields__, "key", where)


def _choose(name: str, known: Any, what: str, where: str) -> None:
    try:
        choose(name, known, what=what)
    except SettingError as error:
        raise SettingError(f"{where}: {error}") from None


def _wrong_type(message: str) -> str:
    """msgspec's message in our words."""
    said, _, place = message.partition(" - at ")
    for kind, words in KINDS.items():
        said = said.replace(f"`{kind}`", words)
    place = re.sub(
        r"line\[(\d+)\]\.?", lambda found: f"[[line]] {int(found[1]) + 1}, ", place.strip("`").removeprefix("$.")
    )
    return f"{place.removesuffix(', ') or 'the rubric'}: {said.replace(' | ', ' or ')}."


def _check_whole(rubric: Rubric, where: str) -> None:
    if rubric.course is not None:
        _choose(rubric.course, COURSES, "course", where)
    if not 0 <= rubric.hints <= 3:
        raise SettingError(f"{where}: hints must be 0, 1, 2 or 3; came {rubric.hints}.")
    if rubric.seed is not None and rubric.seed < 0:
        raise SettingError(f"{where}: seed must be a whole number of at least 0; came {rubric.seed}.")
    for name in ("timeout", "total_timeout"):
        _check_seconds(getattr(rubric, name), name, where)


def _check_seconds(value: float, name: str, where: str) -> None:
    if not 0 < value < math.inf:
        raise SettingError(f"{where}: {name} must be a number of seconds above 0; came {value}.")


def _check_line(line: Line, where: str, own: Own) -> None:
    if bool(line.function) == bool(line.artefact):
        raise SettingError(f"{where}: give either a function or an artefact.")
    if line.function:
        _choose(line.function, functions(own), "function", where)
    else:
        _choose(line.artefact, ARTEFACTS, "artefact", where)
        if line.file or line.timeout is not None:
            raise SettingError(
                f"{where}: file and timeout are for functions; leave them out of a line with an artefact."
            )
    _choose(line.visibility, VISIBILITIES, "visibility", where)
    for name, value in {"points": line.points, **line.quantities}.items():
        if not 0 <= value < math.inf:
            raise SettingError(f"{where}: {name} must be a number of points of at least 0; came {value}.")
    for name in line.quantities:
        _choose(name, quantities(line, own), f"quantity of {line.function or line.artefact}", where)
    if math.fsum(line.quantities.values()) > line.points * (1 + 1e-12):
        total = math.fsum(line.quantities.values())
        raise SettingError(f"{where}: its quantities are worth {total:g} points, the line only {line.points:g}.")
    if line.timeout is not None:
        _check_seconds(line.timeout, "timeout", where)
    if line.file and (PurePosixPath(line.file).is_absolute() or ".." in PurePosixPath(line.file).parts):
        raise SettingError(f"{where}: file must be a path inside a submission's folder; came {line.file!r}.")


def _value(value: Any) -> str:
    """A text, a number or a flat table as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(item)}" for name, item in value.items()) + " }"
    if isinstance(value, str):
        return msgspec.json.encode(value).decode().replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 else repr(value)
