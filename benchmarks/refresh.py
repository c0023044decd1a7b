"""Measure everything that benchmarks/README.md says, and write it anew: tables, pictures and JSON.

    python benchmarks/refresh.py [--parts A,B,study,accuracy] [--quick] [--rounds N] [--python PATH]...

Parts that are not asked for keep their last figures. Each part ends with its own files under benchmarks/results/, so
that what was measured before an interruption is kept.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
RESULTS = HERE / "results"
BENCH = [sys.executable, "-m", "chainrule", "bench"]
SEARCHES = "fused,torch_cdist,sklearn_knn,faiss_flat"  # the plain engine would take minutes for a large one
PARTS = {
    **{name: [*BENCH, "--peers", "--work", name] for name in ("A", "A-momentum", "B", "C", "study", "knn-small")},
    "knn-large": [*BENCH, "--work", "knn-large", "--only", SEARCHES],
    "compare": [*BENCH, "--peers", "--work", "compare"],
    "busy": [*BENCH, "--only", "fused,torch_eager", "--busy", "--work", "A,B,C", "--rounds", "5"],
    "accuracy": [sys.executable, str(HERE / "accuracy.py")],
    "cost": [sys.executable, str(HERE / "linear_cost.py"), "--out", str(RESULTS)],
}


def run(part: str, *, quick: bool, rounds: int | None, pythons: list[str]) -> None:
    """Measure one part and keep what came of it."""
    command = list(PARTS[part])
    if part in ("accuracy", "cost"):
        short = {"accuracy": ["--seeds", "1", "--epochs", "1"], "cost": ["--rounds", "1", "--steps", "5"]}[part]
        text = subprocess.run([*command, *(short if quick else [])], check=True, capture_output=True, text=True).stdout
        (RESULTS / f"{part}.md").write_text(text, encoding="utf-8")
        return
    command += [word for python in pythons for word in ("--python", python)] + ["--quick"] * quick
    command += ["--rounds", str(rounds)] if rounds and "--rounds" not in command else []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        subprocess.run([*command, "--out", str(out)], check=True)
        page = (out / "README.md").read_text(encoding="utf-8")
        page = re.sub(r" --(out|python) [^ `]+", "", page)  # whose values are paths of this machine
        (RESULTS / f"{part}.md").write_text(page, encoding="utf-8")
        shutil.copy(out / "result.json", RESULTS / f"{part}.json")
        shutil.copy(out / "times.svg", RESULTS / f"{part}.svg")


def elsewhere() -> str:
    """What was measured on other machines, a line for each part: the results that were moved to folders of their own."""
    lines = ["| processor | date | |", "| --- | --- | --- |"]
    for path in sorted(RESULTS.glob("*/*.json")):
        found = json.loads(path.read_text(encoding="utf-8"))
        machine = found["machine"]
        lines += [f"| {machine['processor']} | {machine['date']} | {verdict} |" for verdict in found["verdicts"]]
    return "\n".join(lines) + "\n"


def compose() -> None:
    """README.md: the words of text.md, with each part's last figures where its name stands."""
    page = (HERE / "text.md").read_text(encoding="utf-8")
    for part in PARTS:
        figures = RESULTS / f"{part}.md"
        said = figures.read_text(encoding="utf-8") if figures.exists() else "Not measured yet.\n"
        page = page.replace(f"[[{part}]]\n", said)
    page = page.replace("[[elsewhere]]\n", elsewhere())
    (HERE / "README.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--python", action="append", default=[])
    given = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    for name in filter(None, given.parts.split(",")):
        run(name, quick=given.quick, rounds=given.rounds, pythons=given.python)
        compose()
    compose()
