"""The folder of a class's grades: it belongs to one rubric, and holds a file for every submission that is graded."""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chainrule.checker.grading import rubric
from chainrule.checker.grading.rubric import Rubric
from chainrule.core import files
from chainrule.core.errors import FileFormatError, OutputError
from chainrule.core.json_files import read_json, write_json

ABOUT, RECORDS, LEARNERS, LOCK = "grading.json", "records", "learners", "grading.lock"
FORMAT = "chainrule grades, 1"


class Folder:
    """A folder of grades.

    Attributes:
        path: where it is.
        seed: of the trials.
    """

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.seed = path, seed

    @classmethod
    def opened(cls, path: Path, wanted: Rubric, given: str, fresh_seed: int) -> "Folder":
        """A new folder, or one that holds grades of the same rubric.

        Args:
            path: where.
            wanted: the rubric.
            given: the digest of the files that the rubric names.
            fresh_seed: the seed of a new folder where the rubric has none.

        Raises:
            OutputError: something else is there, or grades of another rubric, or it cannot be written.
        """
        about = {"format": FORMAT, "rubric": rubric.dumps(wanted), "given": given}
        if not os.path.lexists(path):
            seed = fresh_seed if wanted.seed is None else wanted.seed
            with files.new_folder(path) as folder:
                (folder / RECORDS).mkdir()
                write_json(folder / ABOUT, {**about, "seed": seed})
            return cls(path, seed)
        try:
            found = read_json(path / ABOUT)
        except FileFormatError as error:
            raise OutputError(f"{path} exists and holds no grades. Choose another folder for --out.") from error
        if not isinstance(found, dict) or not isinstance(found.get("seed"), int):
            raise OutputError(f"{path}: {ABOUT} is not ours. Choose another folder for --out.")
        if {name: found.get(name) for name in about} != about:
            raise OutputError(
                f"{path} holds grades of another rubric, or the files that it names have changed. Choose another folder "
                "for --out, or grade with the rubric that it was begun with."
            )
        return cls(path, found["seed"])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from grading into the folder while the block runs; a killed process leaves no lock behind.

        Raises:
            OutputError: somebody else grades into it just now.
        """
        with files.output_errors(self.path / LOCK):
            stream = open(self.path / LOCK, "ab")  # noqa: SIM115
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise OutputError(
                    f"{self.path}: another process grades into it just now. Wait for it, or end it."
                ) from error
            files.remove_partials(self.path / RECORDS)
            yield

    def records(self) -> dict[str, dict[str, Any]]:
        """What is graded, by learner; a damaged file counts as not graded."""
        found = {}
        for path in sorted((self.path / RECORDS).glob("*.json")):
            try:
                record = read_json(path)
                if isinstance(record, dict) and path.stem == slug(record["learner"]) and "score" in record:
                    found[record["learner"]] = record
            except (FileFormatError, KeyError, TypeError):
                continue
        return found

    def keep(self, record: dict[str, Any]) -> None:
        """Write a submission's record: whole, or not at all."""
        write_json(self.path / RECORDS / f"{slug(record['learner'])}.json", record)


def slug(learner: str) -> str:
    """A learner's name as the name of a file: plain letters, and unlike every other's."""
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", learner).strip("-")[:60]
    if plain == learner and plain == plain.lower():
        return plain
    mark = hashlib.sha256(learner.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{plain}~{mark}"
