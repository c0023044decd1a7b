"""Draw the README's picture: python docs/pictures/draw.py"""

import tempfile
from pathlib import Path

import chainrule as cr

FOLDER = Path(__file__).parent

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        study = cr.compare(
            "digits", hidden=[100, 100], rules=["sgd", "momentum", "adam"], seeds=5, epochs=30, batch_size=32,
            out=Path(scratch) / "study",
        )  # fmt: skip
    histories = {variant.label: [run.history for run in variant.runs] for variant in study.variants}
    cr.plots.save(cr.plots.curves(histories, "val_acc"), FOLDER / "compare.png", overwrite=True)
