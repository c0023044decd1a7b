"""Reading what was handed in: names, links, sizes and damage cost a sentence, never the run."""

import json
import os

import pytest

from chainrule.checker.grading import submission
from chainrule.core.errors import DataError

LAYERS = "def relu_forward(x):\n    return x * (x > 0), x\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "alice"
    (made / "cs231n").mkdir(parents=True)
    (made / "cs231n" / "layers.py").write_text(LAYERS)
    (made / "notes.txt").write_text("hello")
    return made


def test_a_folder_is_laid_out_as_it_was(folder):
    came = submission.read(folder)
    assert sorted(came.files) == ["cs231n/layers.py", "notes.txt"]
    assert (came.notes, came.single) == ((), False)
    with came.laid_out() as place:
        assert (place / "cs231n" / "layers.py").read_text() == LAYERS
        assert sorted(path.name for path in place.iterdir()) == ["cs231n", "notes.txt"]
    assert not place.exists()


def test_the_digest_follows_every_byte_and_name(folder):
    first = submission.read(folder).digest
    assert submission.read(folder).digest == first
    (folder / "notes.txt").write_text("hello!")
    second = submission.read(folder).digest
    (folder / "notes.txt").rename(folder / "more.txt")
    assert len({first, second, submission.read(folder).digest}) == 3


def test_links_are_not_followed(folder, tmp_path):
    (tmp_path / "secret.py").write_text("ANSWER = 1\n")
    (folder / "stolen.py").symlink_to(tmp_path / "secret.py")
    (folder / "all").symlink_to(tmp_path)
    (tmp_path / "link.py").symlink_to(tmp_path / "secret.py")
    (tmp_path / "place").symlink_to(folder)
    came = submission.read(folder)
    assert sorted(came.files) == ["cs231n/layers.py", "notes.txt"]
    assert [note.split(" was")[0] for note in came.notes] == ["all", "stolen.py"]
    assert all("it is a link" in note for note in came.notes)
    for link in ("link.py", "place"):
        found = submission.read(tmp_path / link)
        assert found.files == {}
        assert len(found.notes) == 1


def test_sizes_are_limited(folder, tmp_path, monkeypatch):
    with open(folder / "huge.py", "wb") as stream:
        stream.truncate(2 << 30)
    os.link(folder / "huge.py", tmp_path / "huge.py")
    for path, kept in ((folder, ["cs231n/layers.py", "notes.txt"]), (tmp_path / "huge.py", [])):
        came = submission.read(path)
        assert sorted(came.files) == kept
        assert came.notes == (
            f"huge.py was not read: it has {2 << 30} bytes, more than a submission's file or all of them may.",
        )
    monkeypatch.setattr(submission, "MOST_FILES", 1)
    assert len(submission.read(folder).files) == 1


def test_names_that_no_file_should_have(folder):
    for name in ("new\nline.py", "\x1b[31m.py", "\u202egnp.py"):
        (folder / name).write_text(LAYERS)
    with open(os.fsencode(folder) + b"/bad\xff.py", "w") as stream:
        stream.write(LAYERS)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "layers.pyc").write_bytes(b"code")
    came = submission.read(folder)
    assert sorted(came.files) == ["cs231n/layers.py", "notes.txt"]
    assert len(came.notes) == 4
    assert all(note.replace("\ufffd", "").isprintable() for note in came.notes)


def test_what_is_no_file_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe.py")
    assert submission.read(folder).notes == ("pipe.py was not read: it is no ordinary file.",)


def test_folders_may_not_be_endless(folder):
    deep = folder
    for _ in range(30):
        deep = deep / "d"
        deep.mkdir()
    (deep / "layers.py").write_text(LAYERS)
    assert "folders inside folders are too many" in submission.read(folder).notes[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"cells": [', "is broken: it is no JSON"),
        (b'{"cells": [{"cell_type": "code", "source": "\xff"}]}', "no UTF-8"),
        (b"[" * 100_000, "is broken"),
        (b"{}", "is broken"),
        (b'{"cells": {"a": 1}}', "is broken"),
        (b'{"cells": ["x"]}', "is broken"),
        (b"", "is broken"),
    ],
)
def test_broken_notebooks_are_named(data, said, tmp_path):
    path = tmp_path / "work.ipynb"
    path.write_bytes(data)
    came = submission.read(path)
    assert came.files == {}
    assert said in came.notes[0]


def test_a_whole_notebook_is_taken(tmp_path):
    path = tmp_path / "work.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [LAYERS]}]}))
    assert list(submission.read(path).files) == ["work.ipynb"]


def test_other_files_are_not_taken(tmp_path):
    (tmp_path / "work.zip").write_bytes(b"PK")
    assert "a .py file, an .ipynb notebook or a folder" in submission.read(tmp_path / "work.zip").notes[0]
    with pytest.raises(DataError, match="no such file"):
        submission.read(tmp_path / "none.py")
