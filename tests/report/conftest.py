"""The pages are tested with the same stand-ins as the figures."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plots"))
