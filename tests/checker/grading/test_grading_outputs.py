"""What a class's folder holds: Gradescope's files, the table, the pages; names that are attacks stay names."""

import csv
import json
from concurrent.futures import Future

import pytest
from classroom import HALF, RIGHT, RUBRIC, Here, notebook

import chainrule as cr
from chainrule.checker.grading import gradescope, pages, rubric, summary, table
from chainrule.checker.grading.folder import slug

NAMES = [
    "new\nline.py", "&quot;.ipynb", "<img src=x onerror=alert(1)>.py", "=HYPERLINK(1).py", "\x1b[31mred.py", "a b.py",
    "Ada.py", "ada.py", "..py", "é" * 100 + ".py", "-rf.py",
]  # fmt: skip


class Copies(Here):
    """Grades the first two and the last; the others come to the same as the first."""

    def submit(self, job):
        if len(self.jobs) < 2 or job["learner"] == "odd":
            return super().submit(job)
        if len(self.jobs) == 2:
            self.first = super().submit({**job, "path": job["path"]}).result()
        future = Future()
        future.set_result({**self.first, "learner": job["learner"]})
        return future


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of hostile names in a folder of grades."""
    room = tmp_path_factory.mktemp("room")
    (room / "rubric.toml").write_text(RUBRIC)
    (room / "subs").mkdir()
    paths = [room / "subs" / name for name in NAMES]
    for path in paths:
        path.write_text(notebook(HALF) if path.suffix == ".ipynb" else HALF)
    odd = room / "subs" / "odd"
    odd.mkdir()
    (odd / "<script>alert(2)</script>.py".replace("/", "|")).symlink_to(room / "rubric.toml")
    (odd / "layers.py").write_text(
        RIGHT.replace("return np.maximum(x, 0), x", 'raise ValueError("<b>bold</b> \\x1b[0m")')
    )
    grades = cr.grade([*paths, odd], room / "rubric.toml", out=room / "out", runner=Copies(), verbose=False)
    return room, grades


def test_every_learner_has_a_folder_inside(graded):
    room, grades = graded
    assert len(grades.records) == len(NAMES) + 1
    learners = list((room / "out" / "learners").iterdir())
    assert len(learners) == len(NAMES) + 1
    assert {path.name for path in room.iterdir()} == {"rubric.toml", "subs", "out"}
    for folder in learners:
        assert {path.name for path in folder.iterdir()} == {"results.json", "index.html"}


def test_pages_hold_no_markup_of_learners(graded):
    room, _ = graded
    for page in [*(room / "out" / "learners").glob("*/index.html"), room / "out" / "index.html"]:
        text = page.read_text()
        assert "<img" not in text.replace("data:image", "")
        assert "<script" not in text
        assert "<b>bold" not in text
        assert "\x1b" not in text
        assert "default-src 'none'" in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_the_class_page_shows_scores_and_mistakes(graded):
    text = (graded[0] / "out" / "index.html").read_text()
    assert text.count("<svg") == 2
    assert "relu_backward" in text
    assert "A histogram of 12 scores." in text
    assert "sgd, unseen" in text


def test_hidden_lines_are_not_on_a_learners_page(graded):
    room, _ = graded
    text = (room / "out" / "learners" / slug("ada") / "index.html").read_text()
    assert "sgd, unseen" not in text
    assert "1 more line counts and are not shown" in text or "1 more line counts" in text
    assert "1 of 4" in text


def test_the_table_has_a_row_for_each_learner_and_no_formulas(graded):
    room, grades = graded
    rows = list(csv.DictReader((room / "out" / "grades.csv").read_text().splitlines()))
    assert len(rows) == len(NAMES) + 1
    assert list(rows[0]) == ["learner", "relu", "sgd, unseen", "total", "remarks"]
    assert {row["learner"] for row in rows} >= {"'=HYPERLINK(1)", "ada", "Ada", "a b", "'-rf"}
    assert {float(row["total"]) for row in rows} == {3.0, 2.0}
    assert next(row for row in rows if row["learner"] == "odd")["remarks"].startswith("<script>alert(2)")
    assert grades.rows()[0].keys() == {"learner", "relu", "sgd, unseen", "total", "remarks"}
    assert table.as_csv([], ["a"]) == b"learner,a,total,remarks\n"


KEYS = {"score", "output", "output_format", "visibility", "tests"}
TEST_KEYS = {"name", "number", "score", "max_score", "status", "output", "output_format", "visibility"}


def test_gradescope_reads_what_is_written(graded):
    room, grades = graded
    for record in grades.records:
        found = json.loads((room / "out" / "learners" / slug(record["learner"]) / "results.json").read_text())
        assert found == gradescope.results(record)
        assert set(found) == KEYS
        assert found["score"] == sum(test["score"] for test in found["tests"])
        for test in found["tests"]:
            assert set(test) == TEST_KEYS
            assert test["status"] in ("passed", "failed")
            assert test["output_format"] == "text"
        assert [test["visibility"] for test in found["tests"]] == ["visible", "hidden"]
        assert [test["max_score"] for test in found["tests"]] == [4.0, 2.0]
        assert found["tests"][1]["status"] == "passed"
    assert "relu_backward: wrong" in found["tests"][0]["output"] or "crash" in found["tests"][0]["output"]


@pytest.mark.parametrize("hints", [0, 2])
def test_no_more_is_told_than_the_hints_allow(tmp_path, hints):
    (tmp_path / "rubric.toml").write_text(RUBRIC.replace("seed = 11", f"seed = 11\nhints = {hints}"))
    (tmp_path / "ada.py").write_text(RIGHT.replace("np.maximum(x, 0)", "np.maximum(x, 0.01 * x)"))
    grades = cr.grade(tmp_path / "ada.py", tmp_path / "rubric.toml", runner=Here(), verbose=False)
    (record,) = grades.records
    for text in (pages.learner(record, grades.rubric), gradescope.results(record)["tests"][0]["output"]):
        assert "relu_forward: wrong. " in text
        assert text.count("Hint: ") == hints
        assert ("out is wrong." in text) == (hints == 0)
    # instructors are told in any case
    assert {"function": "relu_forward", "mistake": "leak", "learners": 1} in summary.mistakes(grades.records)


def test_figures_of_a_class():
    line = {
        "name": "a",
        "points": 1.0,
        "max_points": 2.0,
        "mistakes": [["f", "sum", "dx", "wrong"]],
        "verdict": "wrong",
    }
    full = {**line, "points": 2.0, "mistakes": []}
    records = [
        {"score": 1.0, "failed": "", "lines": [line, {**line, "name": "b"}]},
        {"score": 2.0, "failed": "", "lines": [full, {**full, "name": "b"}]},
        {"score": 0.0, "failed": "broken", "lines": [{**line, "mistakes": []}] * 2},
    ]
    found = summary.figures(records)
    assert (found["graded"], found["mean"], found["least"], found["most"]) == (2, 1.5, 1.0, 2.0)
    assert summary.by_line(records)[0] == {"name": "a", "max_points": 2.0, "mean": 1.5, "full": 1}
    assert summary.mistakes(records) == [{"function": "f", "mistake": "sum", "learners": 1}]
    assert summary.figures([])["mean"] is None
    assert summary.words("", "dx", "wrong") == "dx, cause not recognised"
    assert summary.words("sum", "dx", "timeout") == "timeout"


def test_a_page_says_what_is_checked_of_files():
    wanted = rubric.loads('[[line]]\nartefact = "results"\npoints = 1\n')
    record = {"learner": "ada", "failed": "", "notes": [], "sandbox": "", "lines": []}
    text = pages.learner(record, wanted)
    assert "val_acc (at least 0.45)" in text
    assert "The trainings themselves are not repeated." in text


def test_names_of_files_are_plain_and_unlike_each_other():
    names = ["ada", "Ada", "ADA", "a/b", "a-b", "a b", "", ".", "..", "é", "\udcff", "x" * 300, "ada~1234", "con\0"]
    found = [slug(name) for name in names]
    assert len({name.lower() for name in found}) == len(names)
    assert all(name.isascii() and len(name) < 80 and not set(name) & set("/\\. \0") for name in found)
