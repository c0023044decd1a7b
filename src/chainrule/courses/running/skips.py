"""What belongs to the machine that a notebook was written on is taken out of its cells: shell lines, Colab, `%cd`.

Lines keep their numbers, so that errors name the right ones.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field

SHELL_CELLS = {"!", "bash", "sh", "script", "system", "sx", "cmd", "powershell", "perl", "ruby"}
PYTHON_CELLS = {"capture", "prun", "time", "timeit"}
SHELL_MAGICS = {
    "cat", "cd", "conda", "cp", "ldir", "ln", "ls", "mamba", "mkdir", "micromamba", "mv", "pip", "popd", "pushd", "rm",
    "rmdir", "sx", "system", "tensorflow_version", "uv",
}  # fmt: skip
MAGIC = re.compile(r"(?P<indent>\s*)(?P<mark>!|%%?(?=[a-zA-Z]))(?P<name>\w*)")
ASSIGNED = re.compile(r"(?P<indent>\s*)(?P<name>\w+)\s*=\s*!")
INSTALL = re.compile(r"(?P<indent>\s*)(pip3?|conda)\s+install\b")
COLAB_PATH = re.compile(r"/content\b")


@dataclass
class Skips:
    """Prepares the cells of one notebook or script, in order.

    Args:
        ipython: whether IPython runs the cells; where not, its magics are skipped too.
    """

    ipython: bool = True
    _colab: set[str] = field(default_factory=set)  # names that google.colab gave

    def prepare(self, source: str) -> tuple[str, list[str]]:
        """A cell that runs here.

        Args:
            source: the cell's text.

        Returns:
            The text to run, with the same number of lines, and a note for each thing that is skipped.
        """
        lines = source.split("\n")
        first = next((i for i, line in enumerate(lines) if line.strip()), 0)
        if found := re.match(r"%%(!|\w+)", lines[first]):
            if found[1] in SHELL_CELLS:
                return "pass" + "\n" * (len(lines) - 1), [f"skipped the cell: {lines[first].strip()}"]
            if found[1] not in PYTHON_CELLS and self.ipython:
                return source, []
        python, skipped = self._skip_shell(lines)
        skipped |= self._skip_colab(lines, python)
        return "\n".join(lines), [f"skipped line {i + 1}: {skipped[i].strip()}" for i in sorted(skipped)]

    def _skip_shell(self, lines: list[str]) -> tuple[list[str], dict[int, str]]:
        """Replace shell lines in place; the lines as plain Python, and those skipped by their place."""
        python, skipped = list(lines), {}
        for i, line in enumerate(lines):
            instead, magic = self._instead(line), MAGIC.match(line)
            if not (instead or magic) or _inside(python[:i]):
                continue
            python[i] = instead or f"{magic['indent'] if magic else ''}pass"
            if instead is None:
                continue
            skipped[i], lines[i] = line, instead
            while line.endswith("\\") and i + 1 < len(lines):  # the shell's own continuation lines
                i += 1
                line, lines[i], python[i] = lines[i], "", ""
        return python, skipped

    def _instead(self, line: str) -> str | None:
        """What stands for a line that is skipped; None for all others."""
        if found := ASSIGNED.match(line):
            return f"{found['indent']}{found['name']} = []"
        if found := INSTALL.match(line):
            return f"{found['indent']}pass"
        found = MAGIC.match(line)
        if found and (found["mark"] == "!" or found["name"] in SHELL_MAGICS or not self.ipython):
            return f"{found['indent']}pass"
        return None

    def _skip_colab(self, lines: list[str], python: list[str]) -> dict[int, str]:
        """Replace statements that need Colab in place; a cell that is no Python is left to fail by itself."""
        text = "\n".join(lines)
        if not (self._colab or "colab" in text or COLAB_PATH.search(text)):
            return {}
        try:
            statements = ast.parse("\n".join(python)).body
        except SyntaxError:
            return {}
        away = [statement for statement in statements if self._needs_colab(statement)]
        asserts = bool(away)  # in a cell that mounts Colab's drive, they ask whether its folder was filled in
        if away or COLAB_PATH.search(text):
            away += [s for s in statements if s not in away and _about_folders(s, asserts=asserts)]
        skipped = {s.lineno - 1: lines[s.lineno - 1] for s in away}
        for statement in sorted(away, key=lambda s: (s.lineno, s.col_offset), reverse=True):
            _cut(lines, statement)
        return skipped

    def _needs_colab(self, statement: ast.stmt) -> bool:
        """Whether a statement imports google.colab or uses a name that it gave; notes the names."""
        if isinstance(statement, ast.Import | ast.ImportFrom):
            given = set(_colab_imports(statement))
            self._colab |= given
            return bool(given)
        stored = {node.id for node in _names(statement) if isinstance(node.ctx, ast.Store)}
        used = {node.id for node in _names(statement) if isinstance(node.ctx, ast.Load)} & self._colab
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return False
        self._colab -= stored - used
        return bool(used)


def _inside(before: list[str]) -> bool:
    """Whether the next line goes on with a statement: within brackets, within a string, after a backslash."""
    if before and before[-1].endswith("\\") and not before[-1].lstrip().startswith("#"):
        return True
    try:
        for _ in tokenize.generate_tokens(io.StringIO("\n".join(before) + "\n").readline):
            pass
    except tokenize.TokenError:
        return True
    except SyntaxError:  # of indentation, or an unfilled blank: the cell itself will say so
        return False
    return False


def _names(statement: ast.stmt) -> Iterator[ast.Name]:
    return (node for node in ast.walk(statement) if isinstance(node, ast.Name))


def _colab_imports(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The names that a statement binds to google.colab or a part of it."""
    module = getattr(statement, "module", None)
    for alias in statement.names:
        path = f"{module}.{alias.name}" if module else alias.name
        if path.startswith("google.colab"):
            yield alias.asname or (alias.name if module else "google")


def _about_folders(statement: ast.stmt, *, asserts: bool) -> bool:
    """Whether a statement checks or changes Colab's folders: `os.chdir`, or a call of os or shutil with such a path."""
    if isinstance(statement, ast.Assert):
        return asserts
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    function, text = ast.unparse(call.func), ast.unparse(call)
    return function == "os.chdir" or (function.startswith(("os.", "shutil.")) and bool(COLAB_PATH.search(text)))


def _cut(lines: list[str], statement: ast.stmt) -> None:
    """Put `pass` in a statement's place; what else stands on its lines stays."""
    first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
    head = lines[first].encode()[: statement.col_offset].decode()
    tail = lines[last].encode()[statement.end_col_offset :].decode()
    lines[first : last + 1] = [f"{head}pass{tail}"] + [""] * (last - first)
