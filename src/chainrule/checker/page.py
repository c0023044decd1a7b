"""The report as a page of its own, and as a fragment for notebooks."""

from pathlib import Path
from typing import Any

from chainrule.checker.report import WRONG, Fault, Finding, Report, told
from chainrule.report.page import page, ready, write
from chainrule.report.parts import esc, numbers, section, table

STYLE = {"correct": "#1a7f37", "convention": "#9a6700", "missing": "#9a6700"}


def as_page(report: Report) -> str:
    """A whole HTML page."""
    return page("Check", report.title, _body(report))


def as_fragment(report: Report) -> str:
    """What a notebook shows: the same without a frame, in the notebook's own style."""
    lines = "".join(_fragment(finding, report.hints) for finding in report.findings)
    return (
        f'<div class="chainrule-check"><b>{esc(report.headline)}</b>{lines}<small>{esc(_footer(report))}</small></div>'
    )


def write_page(report: Report, path: Path, overwrite: bool) -> None:
    """Write the page whole or not at all.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    write(ready(path, overwrite), as_page(report), overwrite)


def _body(report: Report) -> str:
    right = [finding for finding in report.findings if finding.verdict == "correct"]
    others = [finding for finding in report.findings if finding.verdict != "correct"]
    figures = numbers([("right", str(len(right))), ("wrong", str(sum(f.verdict in WRONG for f in others)))])
    rows = [
        (f.name, f.verdict, f.faults[0].quantity if f.faults else "", " ".join([told(f, report.hints), *_remarks(f)]))
        for f in report.findings
    ]
    overview = table("functions", ["function", "verdict", "quantity", "what was found"], rows, text=(0, 1, 2, 3))
    return (
        figures
        + section("Functions", overview)
        + section("What is wrong", *(_finding(finding, report.hints) for finding in others))
        + section("About this check", f"<p>{esc(_footer(report))}</p>")
    )


def _footer(report: Report) -> str:
    course = f" Conventions of {report.course}." if report.course else ""
    unknown = f"Not known, not checked: {', '.join(report.unknown)}. " if report.unknown else ""
    return f"{unknown}Sandbox: {report.sandbox}.{course} The same trials again: --seed {report.seed}."


def _finding(finding: Finding, hints: int) -> str:
    kind = "finding problem" if finding.verdict in WRONG and not finding.follows else "finding"
    follows = f'<p class="soft">follows from {esc(finding.follows)}</p>' if finding.follows else ""
    faults = _faults(finding, hints) if hints else f"<p>{esc(told(finding, hints))}</p>"
    lesson = f'<p class="soft">Lesson: {esc(finding.lesson)}</p>' if finding.lesson else ""
    return f'<div class="{kind}"><h3>{esc(finding.name)}: {esc(finding.verdict)}</h3>{follows}{faults}{lesson}</div>\n'


def _remarks(finding: Finding) -> list[str]:
    return [f"{remark}." for remark in finding.remarks]


def _faults(finding: Finding, hints: int) -> str:
    """All that is wrong; what is wrong by the same mistake in one line."""
    same = finding.repeated
    told_of = "".join(_fault(fault, hints) for fault in finding.faults if fault not in same)
    others = f"<p>Wrong by the same mistake: {esc(', '.join(fault.quantity for fault in same))}.</p>" if same else ""
    return told_of + others


def _fault(fault: Fault, hints: int) -> str:
    if fault.follows:
        return f"<p>{esc(fault.message)}</p>"
    evidence = "".join(f'<p class="soft">{esc(text)}.</p>' for text in fault.evidence)
    example = f"<pre><code>{esc(fault.example.text())}</code></pre>" if fault.example else ""
    given = [hint for hint in fault.hints[:hints] if hint]
    told_hints = "".join(f"<p><b>Hint:</b> {esc(hint)}</p>" for hint in given)
    return f"<p>{esc(fault.message)}</p>{evidence}{example}{told_hints}"


def _fragment(finding: Finding, hints: int) -> str:
    colour = STYLE.get(finding.verdict, "#cf222e")
    head = f'<b style="color:{colour}">{esc(finding.name)}: {esc(finding.verdict)}</b>'
    if finding.verdict == "correct":
        return f"<div>{head}</div>"
    inside: Any = _faults(finding, hints) if hints else esc(told(finding, hints))
    return f'<div style="margin:0.4em 0">{head}<div style="margin-left:1.2em">{inside}</div></div>'
