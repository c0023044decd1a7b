"""The report for a terminal: the order of the data flow, the first wrong quantity first, one screen."""

import textwrap

from chainrule.checker.report import Fault, Finding, Report, told

MARKS = {"correct": "✓", "convention": "≈", "wrong": "✗", "crash": "✗", "timeout": "✗", "missing": "–"}
COLOURS = {"correct": "32", "convention": "33", "wrong": "31", "crash": "31", "timeout": "31", "missing": "33"}


def as_text(report: Report, *, colour: bool, width: int) -> str:
    """The whole report."""
    right = [finding for finding in report.findings if finding.verdict == "correct"]
    blocks = [report.headline]
    if right:
        names = ", ".join(finding.name for finding in right)
        blocks.append(_marked("correct", _wrap(names, width, "  "), colour))
        grown = ", ".join(finding.name for finding in right if finding.remarks)
        if grown:
            blocks.append(
                _wrap(f"Right, and of float64 for float32 inputs (twice the memory): {grown}.", width, "    ")
            )
    blocks += [_finding(finding, report.hints, colour, width) for finding in report.findings if finding not in right]
    if not report.findings:
        blocks.append("No function of any known task was found.")
    if report.unknown:
        blocks.append(_wrap(f"Not known, not checked: {', '.join(report.unknown)}.", width, ""))
    blocks.append(_wrap(f"Sandbox: {report.sandbox}. The same trials again: --seed {report.seed}.", width, ""))
    return "\n".join(blocks)


def _finding(finding: Finding, hints: int, colour: bool, width: int) -> str:
    lines = [_marked(finding.verdict, f"  {finding.name}  {finding.verdict}", colour)]
    if finding.follows:
        said = (
            f"follows from {finding.follows}: {finding.message}" if finding.follows != finding.name else finding.message
        )
        return "\n".join([*lines, _wrap(said, width, "    ")])
    if finding.verdict == "convention":
        return "\n".join([*lines, *(_wrap(fault.message, width, "    ") for fault in finding.faults)])
    if not hints:
        return "\n".join([*lines, _wrap(told(finding, hints), width, "    ")])
    first = finding.faults[0]
    same = finding.repeated
    for fault in finding.faults:
        if fault not in same:
            lines.append(_wrap(fault.message, width, "    "))
        if fault is first and not fault.follows:
            lines += _details(fault, hints, width)
    if same:
        lines.append(_wrap(f"Wrong by the same mistake: {', '.join(fault.quantity for fault in same)}.", width, "    "))
    lines += [_wrap(f"{remark}.", width, "    ") for remark in finding.remarks]
    if finding.lesson:
        lines.append(f"    Lesson: {finding.lesson}")
    return "\n".join(lines)


def _details(fault: Fault, hints: int, width: int) -> list[str]:
    lines = [_wrap(f"{text}.", width, "      ") for text in fault.evidence]
    if fault.example:
        lines += [f"        {line[: width - 8]}" for line in fault.example.text().splitlines()]
    lines += [_wrap(f"Hint: {hint}", width, "      ") for hint in fault.hints[:hints] if hint]
    return lines


def _marked(verdict: str, text: str, colour: bool) -> str:
    line = f"{MARKS[verdict]}{text[1:]}"
    return f"\x1b[{COLOURS[verdict]}m{line}\x1b[0m" if colour else line


def _wrap(text: str, width: int, indent: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False
    )
