"""Pages: whole, valid, escaped, needing nothing from elsewhere, and the same bytes from the same data."""

import re
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from plot_fakes import Study, empty_history, finding, history

from chainrule.core.errors import ArrayError, OutputError
from chainrule.report import write_run, write_study

VOID = {"meta", "img", "br", "wbr", "hr", "link", "input"}
EVIL = "<script>alert(1)</script>\" onload='x' & <b>${bold}</b>"


class Page(HTMLParser):
    """Elements in order; fails where tags do not nest or an id comes twice."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.ids, self.words = [], [], [], set(), []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self._note(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert "svg" in self.open, f"<{tag}/> closes itself outside an SVG"
        self._note(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    def _note(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        new = [value for name, value in attrs if name == "id"]
        assert not self.ids & set(new), f"id {new} comes twice"
        assert len(dict(attrs)) == len(attrs), f"<{tag}> has an attribute twice"
        self.ids |= set(new)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def check(path):
    """What holds for every page; returns it parsed."""
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert text.startswith("<!DOCTYPE html>\n<html lang")
    assert ("meta", "name", "viewport") in page.attributes
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
    assert not {"script", "link", "iframe", "object", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    for tag, name, value in page.attributes:
        if name in ("src", "href", "xlink:href"):
            assert value.startswith(("#", "data:image/png;base64,")), (tag, name, value[:60])
            assert not value.startswith("#") or value[1:] in page.ids
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= page.ids
    outside = re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", text)
    assert not re.search(r"https?://|@import|url\((?!#)", outside)
    pictures = page.tags.count("svg") + page.tags.count("img")
    named = [v for tag, name, v in page.attributes if (tag, name) in (("svg", "aria-label"), ("img", "alt"))]
    assert len(named) == pictures
    assert all(named)
    return page


def settings(**more):
    return {"command": "chainrule train --data digits", "net": {"hidden": [10], "norm": None}, "seed": 3, **more}


def rows():
    return [
        {"name": "affine1", "shape": (10,), "parameters": 650, "multiply_adds": 640, "memory": 2600},
        {"name": "affine2", "shape": (2,), "parameters": 22, "multiply_adds": 20, "memory": 88},
    ]


def evaluation(classes=("cat", "dog")):
    counts = np.array([[8, 2], [1, 9]])
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8)
    sure = {"true": classes[0], "predicted": classes[1], "confidence": 0.987}
    colour = np.zeros((4, 4, 3), dtype=np.uint8)
    worst = [{**sure, "image": picture}, {**sure, "image": None}, {**sure, "image": colour}]
    return {"accuracy": 0.85, "confusion": counts, "classes": list(classes), "worst": worst}


def run(path, **changes):
    whole = {
        "title": "Digits",
        "settings": settings(),
        "summary": rows(),
        "history": history(),
        "findings": [finding()],
        "evaluation": evaluation(),
        "weights": np.linspace(-1, 1, 640).reshape(64, 10),
        "image_shape": (8, 8),
        "data": {"name": "digits", "examples": {"train": 1257}},
    }
    return write_run(path, **{**whole, **changes})


def test_a_run_page_says_what_happened(tmp_path):
    made = history()
    page = check(run(tmp_path / "runs" / "page.html", history=made))
    text = page.text
    for words in (
        "Test accuracy 85.0\u00a0%".replace("\u00a0", " "),
        f"{100 * made.best_val_acc:.1f} %",
        "The loss stopped being a number",
        "Divide the learning rate by ten",
        "cat dog 2 20.0 %",
        "dog , 98.7 %".replace(" ,", ","),
        "in all 672 660 2.69 kB".replace(" kB", " kB"),
        "net. hidden [10]",
        "net. norm none",
        "chainrule train --data digits",
        "(N, 10)",
    ):
        assert words in text.replace("\u202f", " "), words
    assert page.tags.count("svg") == 4 + 1 + 1  # curves, confusion matrix, weights
    assert page.tags.count("img") == 2


def test_equal_data_give_equal_bytes(tmp_path):
    assert run(tmp_path / "a.html").read_bytes() == run(tmp_path / "b.html").read_bytes()
    studies = [write_study(tmp_path / f"{i}.html", Study(["adam", "sgd"], seeds=2)) for i in range(2)]
    assert studies[0].read_bytes() == studies[1].read_bytes()


def test_nothing_is_overwritten_unless_asked(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("precious")
    with pytest.raises(OutputError, match="nothing is overwritten"):
        run(path)
    with pytest.raises(OutputError, match="nothing is overwritten"):
        write_study(path, Study(["adam"], seeds=1))
    assert path.read_text() == "precious"
    run(path, overwrite=True)
    check(path)
    write_study(path, Study(["adam"], seeds=1), overwrite=True)
    assert "precious" not in path.read_text()


def test_every_string_of_a_run_is_escaped(tmp_path):
    evil = finding(EVIL)
    evil.measured = evil.advice = EVIL
    page = check(
        run(
            tmp_path / "page.html",
            title=EVIL,
            settings={EVIL: {EVIL: [EVIL]}, "command": EVIL},
            summary=[{"name": EVIL, "shape": (EVIL,), "parameters": 1, "multiply_adds": 1, "memory": 1}],
            history=history(params=("W" + EVIL, EVIL)),
            findings=[evil],
            evaluation=evaluation((EVIL, EVIL + "2")),
            data={EVIL: EVIL},
        )
    )
    assert page.text.count("alert(1)") > 10


def test_every_string_of_a_study_is_escaped(tmp_path):
    study = Study([EVIL, "b" + EVIL], seeds=2)
    study.title, study.verdict, study.settings = EVIL, [EVIL], {EVIL: EVIL, "command": ["a", EVIL]}
    study.variants[0].runs[1].failed = EVIL
    study.findings = [(EVIL, finding(EVIL))]
    page = check(write_study(tmp_path / "page.html", study))
    assert page.text.count("alert(1)") > 10


def test_odd_characters_leave_the_page_valid(tmp_path):
    odd = "nul\x00 escape\x1b lone\ud800 字 😀 \u202e"
    text = run(tmp_path / "page.html", title=odd, evaluation=evaluation((odd, "dog"))).read_text(encoding="utf-8")
    check(tmp_path / "page.html")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    assert "字 😀" in text


@pytest.mark.parametrize(
    "made",
    [empty_history(), history(steps=1, epochs=1), history(diverge=0), history(diverge=50), history(metric="r2")],
)
def test_run_pages_of_odd_histories(tmp_path, made):
    if not made.loss.size:
        made.best_epoch = None
    bare = {"summary": [], "findings": [], "evaluation": None, "weights": None, "data": None, "settings": {}}
    page = check(run(tmp_path / "page.html", history=made, **bare))
    assert page.tags.count("svg") == 4
    assert "nan" not in page.text.lower()
    if made.metric == "r2":
        assert "Best validation R²" in page.text


def test_a_summary_object_and_a_partial_evaluation_are_taken(tmp_path):
    page = check(run(tmp_path / "a.html", summary=SimpleNamespace(rows=rows()), evaluation={"accuracy": 0.5}))
    assert "Test accuracy 50.0" in page.text
    assert "affine2" in page.text
    assert "Right and wrong" not in page.text
    with pytest.raises(ArrayError, match="confusion_matrix"):
        run(tmp_path / "b.html", evaluation={"confusion": np.ones((2, 3))})
    assert not (tmp_path / "b.html").exists()


def test_a_hundred_classes(tmp_path):
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 5, (100, 100)) + 50 * np.eye(100, dtype=int)
    counts[7, 42] = 49
    names = [f"<i>class</i> {i} with a name that does not end before the line does" for i in range(100)]
    path = run(tmp_path / "page.html", evaluation={"accuracy": 0.5, "confusion": counts, "classes": names})
    page = check(path)
    assert page.tags.count("tr") == 1 + 10 + 1 + 2 + 1 + 2 + 3
    assert f"{names[7]} {names[42]} 49" in page.text
    assert path.stat().st_size < 300_000


def test_a_study_page_puts_the_verdict_first(tmp_path):
    study = Study(["adam", "momentum", "sgd"])
    study.variants[0].runs[0].history.check_epoch *= 0.5  # as with batches half as large
    study.findings = [("sgd", finding()), ("sgd", finding()), ("adam", finding("Try more epochs", severity="hint"))]
    study.variants[2].runs[1].failed = "MemoryError: 2 GiB wanted"
    page = check(write_study(tmp_path / "page.html", study))
    text = page.text
    order = [
        study.verdict[0],
        "Result of every seed",
        "By epoch",
        "By step",
        "All variants",
        "adam",
        "What went wrong",
        "In sgd (2 times)",
        "Try more epochs",
        "MemoryError: 2 GiB wanted",
        "Where the variants differ",
        "How to reproduce",
        study.settings["command"],
    ]
    places = [text.index(words) for words in order[:5]]
    assert places == sorted(places)
    assert all(words in text for words in order)
    assert text.count("The loss stopped being a number") == 1
    assert page.tags.count("svg") == 9
    row = study.table()[1]
    assert f"{100 * row['final_val_mean']:.1f}\u00a0±\u00a0{100 * row['final_val_std']:.1f}\u00a0%" in (
        tmp_path / "page.html"
    ).read_text(encoding="utf-8")
    assert "−1.0 (−1.8 to −0.2)" in text


def test_one_variant_of_one_seed(tmp_path):
    study = Study(["adam"], seeds=1)
    study.verdict = []
    page = check(write_study(tmp_path / "page.html", study))
    assert "nan" not in page.text.lower()
    assert "Where the variants differ" not in page.text


def test_a_study_in_which_everything_failed(tmp_path):
    study = Study(["adam", "sgd"], seeds=2)
    table = [
        dict.fromkeys(row, float("nan")) | {"variant": row["variant"], "first_epoch": None} for row in study.table()
    ]
    study.table = lambda: table
    for variant in study.variants:
        for r in variant.runs:
            r.history, r.failed = None, "killed"
    page = check(write_study(tmp_path / "page.html", study))
    assert page.text.count("nothing recorded") == 9
    assert page.text.count(": killed") == 4


def test_a_big_study_of_long_runs_stays_small(tmp_path):
    study = Study([f"variant {i} with rather a long name" for i in range(12)], seeds=5, steps=2000)
    long = [history(seed, steps=100_000) for seed in range(2)]
    for place, variant in enumerate(study.variants):
        for run_ in variant.runs:
            run_.history = long[(place + run_.seed) % 2]
    path = write_study(tmp_path / "page.html", study)
    page = check(path)
    assert path.stat().st_size < 1_500_000
    assert "Of 12 variants the best 10 are drawn." in page.text
    assert page.tags.count("tr") >= 13
