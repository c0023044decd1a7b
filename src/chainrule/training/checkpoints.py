"""A training's checkpoints: `DIR/checkpoints/step-00001234.ckpt`, each whole or absent, the newest valid one wins."""

import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core import files, tensorfile
from chainrule.core.errors import FileFormatError, SettingError

log = logging.getLogger(__name__)

NAME = re.compile(r"step-(\d{8,})\.ckpt")


def save(
    folder: str | Path, step: int, tensors: Mapping[str, np.ndarray], meta: Mapping[str, Any], keep: int = 2
) -> Path:
    """Write the checkpoint of a step, then remove those that are no longer needed.

    Removed are: what a killed process left unfinished, all but the newest `keep`, and those of later steps (a damaged
    one, from before which the training was resumed).

    Args:
        folder: the training's folder, which exists; `checkpoints` is made in it.
        step: steps done so far.
        tensors: arrays by name.
        meta: the rest of the state, as JSON can hold it.
        keep: how many checkpoints to keep, at least 1; with 2, a damaged disk block costs only some steps.

    Returns:
        Where the checkpoint is.

    Raises:
        SettingError: `keep` is below 1, or `step` below 0.
        OutputError: it cannot be written; the checkpoints from before are still there.
    """
    if keep < 1 or step < 0:
        raise SettingError(f"checkpoints: keep must be 1 or more and step 0 or more; came keep={keep}, step={step}.")
    place = _place(folder)
    with files.output_errors(place):
        if not place.is_dir():
            files.system.mkdir(place)
            files.sync_folder(place.parent)
    files.remove_partials(place)
    path = place / f"step-{step:08d}.ckpt"
    tensorfile.write(path, tensors, {"kind": "checkpoint", "step": int(step), "state": dict(meta)})
    older = [other for number, other in _found(folder) if number < step]
    later = [other for number, other in _found(folder) if number > step]
    for other in older[keep - 1 :] + later:
        try:
            files.system.unlink(other)
        except OSError as error:
            log.warning("an old checkpoint stays: %s cannot be removed: %s", other, files.cause(error))
    return path


def latest(folder: str | Path) -> tuple[int, dict[str, np.ndarray], dict[str, Any]] | None:
    """The newest checkpoint that is whole; newer ones that are damaged are skipped, and the log says so.

    Args:
        folder: the training's folder.

    Returns:
        step, tensors, meta as they were saved; None where there is no checkpoint at all.

    Raises:
        FileFormatError: there are checkpoints, but none that can be read.
    """
    failures = []
    for step, path in _found(folder):
        try:
            return step, *_read(path, step)
        except FileFormatError as error:
            failures.append(error)
            log.warning("checkpoint skipped: %s", error)
    if failures:
        raise FileFormatError(f"none of {len(failures)} checkpoints can be read; the newest: {failures[0]}")
    return None


def clear(folder: str | Path) -> None:
    """Remove all checkpoints of a training, oldest first, and their folder once it is empty.

    Raises:
        OutputError: one of them cannot be removed.
    """
    place = _place(folder)
    files.remove_partials(place)
    for _, path in reversed(_found(folder)):
        with files.output_errors(path):
            files.system.unlink(path)
    with suppress(OSError):
        place.rmdir()


def _place(folder: str | Path) -> Path:
    return Path(folder) / "checkpoints"


def _found(folder: str | Path) -> list[tuple[int, Path]]:
    """(step, path) of every checkpoint, newest first."""
    matches = [(NAME.fullmatch(path.name), path) for path in _place(folder).glob("step-*.ckpt")]
    return sorted(((int(match[1]), path) for match, path in matches if match), reverse=True)


def _read(path: Path, step: int) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    tensors, meta = tensorfile.read(path)
    if meta.get("kind") != "checkpoint" or meta.get("step") != step or not isinstance(meta.get("state"), dict):
        raise FileFormatError(
            f"{path}: it holds a {meta.get('kind')!r} of step {meta.get('step')!r}; a checkpoint of step {step} was "
            f"expected. Was the file renamed?"
        )
    return tensors, meta["state"]
