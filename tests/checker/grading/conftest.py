"""The wrong implementations beside these tests are at hand here too."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
sys.path[:0] = [str(TESTS / "checker"), str(TESTS / "attacks")]
