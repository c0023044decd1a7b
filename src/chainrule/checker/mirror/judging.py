"""When an instructor's tests count as failing: an error, or a printed error that is large where it was small."""

import math
import re
from typing import Any

NAMED = re.compile(r"error|diff", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf)(?![\w.])")
TIMES = 10  # a printed error may be so many times what it is with right functions


def printed_errors(text: str) -> list[float]:
    """The numbers in the lines that speak of an error or a difference."""
    return [abs(float(number)) for line in text.splitlines() if NAMED.search(line) for number in NUMBER.findall(line)]


def failure(result: dict[str, Any], right: dict[str, Any], limit: float) -> str:
    """Why a cell's result counts as a failure; empty where it passes.

    Args:
        result: what the cell gave.
        right: what it gives with right functions.
        limit: what a printed error may be.
    """
    if result["error"]:
        return result["error"]
    for came, was in zip(printed_errors(result["printed"]), printed_errors(right["printed"])):
        if was <= limit and not came <= max(limit, TIMES * was):
            return f"an error of {came:.3g} is printed" if math.isfinite(came) else f"an error of {came} is printed"
    return ""
