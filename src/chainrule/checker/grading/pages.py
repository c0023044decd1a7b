"""Pages to hand out and to look at: one for each learner, and one of the class."""

from collections.abc import Sequence
from typing import Any

from chainrule.checker.grading import summary
from chainrule.checker.grading.artefacts import CHECKED, HONEST
from chainrule.checker.grading.folder import LEARNERS, slug
from chainrule.checker.grading.gradescope import told
from chainrule.checker.grading.one import Record
from chainrule.checker.grading.rubric import Rubric
from chainrule.checker.grading.submission import plain
from chainrule.checker.isolation import TIERS
from chainrule.plots.grades import mistake_bars, score_histogram
from chainrule.report.page import page
from chainrule.report.parts import NOTHING, esc, number, numbers, section, table
from chainrule.report.pictures import figure, figures

RIGHT = ("correct", "convention")


def learner(record: Record, rubric: Rubric) -> str:
    """What a learner may see: every line but the hidden ones.

    Args:
        record: of the submission.
        rubric: what was graded.
    """
    shown = [line for line in record["lines"] if line["visibility"] != "hidden"]
    points, most = (sum(line[name] for line in shown) for name in ("points", "max_points"))
    rows = [(line["name"], line["verdict"], number(line["points"]), number(line["max_points"])) for line in shown]
    foot = ("total", "", number(points), number(most))
    notes = [
        *record["notes"],
        *(["This submission could not be graded; ask your instructor."] if record["failed"] else []),
    ]
    hidden = len(record["lines"]) - len(shown)
    more = (
        f"<p>{hidden} more {'line counts' if hidden == 1 else 'lines count'} and are not shown here.</p>"
        if hidden
        else ""
    )
    return page(
        rubric.title,
        plain(record["learner"]),
        numbers([("points", f"{number(points)} of {number(most)}")]),
        _notes(notes),
        section("Lines", table("lines", ["line", "verdict", "points", "of"], rows, text=(0, 1), foot=foot), more),
        section("What was found", *(_line(line) for line in shown if line["verdict"] != "correct")),
        section("How it was graded", f"<p>{esc(_how(record, rubric))}</p>", _artefacts(rubric)),
    )


def of_class(records: Sequence[Record], rubric: Rubric, sandbox: str, seed: int) -> str:
    """The whole class: scores, lines, and the most frequent mistakes.

    Args:
        records: of all submissions.
        rubric: what was graded.
        sandbox: how the submissions were kept apart, in words.
        seed: of the trials.
    """
    found, made = summary.figures(records), summary.mistakes(records)
    graded = [record for record in records if not record["failed"]]
    scores = [record["score"] for record in graded]
    pictures = figures(
        figure(score_histogram(scores, rubric.points), "scores", "Scores", f"A histogram of {len(scores)} scores."),
        figure(
            mistake_bars([f"{m['function']}: {m['mistake']}" for m in made], [m["learners"] for m in made]),
            "mistakes", "The most frequent mistakes", "A bar for each mistake: how many learners made it.",
        ),
    )  # fmt: skip
    lines = [
        (line["name"], number(line["max_points"]), number(line["mean"]), f"{line['full']} of {len(graded)}")
        for line in summary.by_line(records)
    ]
    pairs = [("learners", str(len(records))), ("points", number(rubric.points))]
    pairs += [(name, number(found[name])) for name in ("mean", "median", "std")]
    about = f"<p>{esc(f'Sandbox: {sandbox}. Seed of the trials: {seed}; learners should not know it.')}</p>"
    return page(
        "Grades",
        rubric.title,
        numbers([pair for pair in pairs if pair[1] != NOTHING]),
        pictures,
        section("Lines", table("lines", ["line", "points", "mean", "all points"], lines)),
        section("Mistakes", _mistakes(made)),
        section("Learners", _learners(records)),
        section("How it was graded", about, _artefacts(rubric)),
    )


def _learners(records: Sequence[Record]) -> str:
    rows = []
    for record in records:
        name = esc(plain(record["learner"]))
        link = f'<a href="{LEARNERS}/{slug(record["learner"])}/index.html">{name}</a>'
        remarks = esc(
            " ".join([*([f"Not graded: {record['failed']}"] if record["failed"] else []), *record["notes"]])[:500]
        )
        rows.append(
            f'<tr><th scope="row">{link}</th><td class="number">{number(record["score"])}</td><td>{remarks}</td></tr>'
        )
    head = '<tr><th scope="col">learner</th><th scope="col" class="number">points</th><th scope="col">remarks</th></tr>'
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table></div>\n'


def _mistakes(made: list[dict[str, Any]]) -> str:
    rows = [(m["function"], m["mistake"], str(m["learners"])) for m in made[:100]]
    return table("mistakes", ["function", "mistake", "learners"], rows, text=(0, 1)) if rows else ""


def _line(line: Record) -> str:
    kind = "finding" if line["verdict"] in RIGHT else "finding problem"
    said = "".join(f"<p>{esc(text)}</p>" for text in told(line))
    examples = [fault["example"] for f in line["functions"] for fault in f["faults"][:1] if fault.get("example")]
    shown = "".join(f"<pre><code>{esc(_example(example))}</code></pre>" for example in examples)
    return f'<div class="{kind}"><h3>{esc(line["name"])}: {esc(line["verdict"])}</h3>{said}{shown}</div>\n'


def _example(example: dict[str, Any]) -> str:
    given = "".join(f"{name} = {value}\n" for name, value in example["given"].items())
    place = f"{example['place']}:\n" if example["place"] else ""
    return f"{given}{place}came {example['came']}\nwanted {example['wanted']}"


def _notes(notes: Sequence[str]) -> str:
    return "".join(f'<div class="finding problem"><p>{esc(note)}</p></div>\n' for note in notes)


def _how(record: Record, rubric: Rubric) -> str:
    course = f" The conventions of {rubric.course} count." if rubric.course else ""
    return f"Sandbox: {TIERS.get(record['sandbox'], 'nothing was run')}.{course}"


def _artefacts(rubric: Rubric) -> str:
    looked = [CHECKED[line.artefact] for line in rubric.lines if line.artefact]
    return f"<p>Of the files: {esc('; '.join(looked))}. {HONEST}</p>" if looked else ""
