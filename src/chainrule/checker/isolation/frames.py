"""Frames: how two processes that do not trust each other talk over a pipe. Lengths, JSON of a fixed form, raw bytes.

A frame is `CRF1`, the header's length (4 bytes), the payload's (8 bytes, both big-endian), a header of JSON and a payload
of array bytes. Nothing that a frame says is resolved or evaluated. Used on both sides, so only the standard library.
"""

import json
import struct
from collections.abc import Callable
from typing import Any

MAGIC = b"CRF1"
PREFIX = struct.Struct(">4sIQ")
HEADER_LIMIT = 4 << 20  # bytes
PAYLOAD_LIMIT = 128 << 20  # bytes


class FrameError(ValueError):
    """What came over the pipe is no frame of ours."""


def pack(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """A frame as bytes.

    Args:
        header: what JSON can hold, without floating-point numbers.
        payload: array bytes that the header describes.

    Raises:
        FrameError: header or payload are too large to be sent.
    """
    text = json.dumps(header, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(text) > HEADER_LIMIT or len(payload) > PAYLOAD_LIMIT:
        raise FrameError(
            f"a frame holds {PAYLOAD_LIMIT >> 20} MiB of arrays and {HEADER_LIMIT >> 20} MiB of other values"
        )
    return PREFIX.pack(MAGIC, len(text), len(payload)) + text + payload


def lengths(prefix: bytes) -> tuple[int, int]:
    """Lengths of header and payload, in bytes, from the first `PREFIX.size` bytes of a frame.

    Raises:
        FrameError: no frame, or one beyond the limits; nothing has been read or set aside for it by then.
    """
    magic, header, payload = PREFIX.unpack(prefix)
    if magic != MAGIC or header > HEADER_LIMIT or payload > PAYLOAD_LIMIT:
        raise FrameError("not a frame, or one that is too large")
    return header, payload


def parse(text: bytes, kinds: dict[str, dict[str, type | tuple[type, ...]]]) -> dict[str, Any]:
    """A header from its JSON, checked: its kind is known, and it has exactly that kind's fields, of their types.

    Args:
        text: the header's bytes.
        kinds: for each kind of frame, its fields and their types.

    Raises:
        FrameError: anything else.
    """
    try:
        header = json.loads(
            text.decode("ascii"),
            parse_int=_small_int,
            parse_float=_refuse,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a header that cannot be read: {error}") from error
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str) or header["kind"] not in kinds:
        raise FrameError("a frame of an unknown kind")
    fields = kinds[header["kind"]]
    if set(header) - {"kind"} != set(fields):
        raise FrameError(f"a frame '{header['kind']}' with the wrong fields")
    for name, types in fields.items():
        wanted = types if isinstance(types, tuple) else (types,)
        if type(header[name]) not in wanted:  # exact: true is no int here
            raise FrameError(f"a frame '{header['kind']}' whose {name} has the wrong type")
    return header


def read(receive: Callable[[int], bytes], kinds: dict[str, dict[str, type | tuple[type, ...]]]) -> tuple[dict, bytes]:
    """One frame from `receive(n)`, which gives exactly n bytes.

    Returns:
        the header and the payload.

    Raises:
        FrameError: no frame of these kinds.
    """
    header, payload = lengths(receive(PREFIX.size))
    return parse(receive(header), kinds), receive(payload)


def _small_int(text: str) -> int:
    if len(text) > 18:
        raise FrameError("a number that is too long")
    return int(text)


def _refuse(text: str) -> Any:
    raise FrameError(f"{text} has no place in a header")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise FrameError("a header that names a field twice")
    return dict(pairs)
