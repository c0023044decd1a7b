"""Frames and values: what goes in comes out, and nothing else is ever read."""

import io
import json
import random
import struct

import numpy as np
import pytest

from chainrule.checker.isolation import frames
from chainrule.checker.isolation.channel import REPLIES
from chainrule.checker.isolation.frames import FrameError
from chainrule.checker.isolation.values import DTYPES, Reader, Writer


def refuse(value):
    raise FrameError(f"not to be sent: {type(value)}")


def there_and_back(value, other=refuse, resolve=refuse):
    writer = Writer(other)
    node = json.loads(json.dumps(writer.node(value)))
    reader = Reader(writer.payload(), resolve)
    found = reader.value(node)
    reader.end()
    return found


def test_scalars_come_back_exactly():
    values = [
        None,
        True,
        False,
        0,
        -1,
        1 << 3000,
        -(1 << 70),
        "",
        "héllo \x00\ud800",
        0.0,
        -0.0,
        0.1,
        1e-320,
        float("inf"),
    ]
    found = there_and_back(values)
    assert found == values
    assert [type(a) for a in found] == [type(a) for a in values]
    assert np.signbit(found[10])
    assert np.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize("name", DTYPES)
def test_arrays_come_back_bit_by_bit(name, rng):
    array = rng.integers(0, 2, (3, 0, 4)).astype(name)
    values = [
        array,
        rng.integers(0, 2, (3, 5)).astype(name).T,
        rng.integers(0, 2, 7).astype(name)[::-2],
        array.dtype.type(1),
    ]
    for value, found in zip(values, there_and_back(values)):
        assert type(found) is type(value)
        assert found.dtype == value.dtype
        assert found.shape == value.shape
        assert found.tobytes() == value.tobytes()
        if type(found) is np.ndarray:
            assert found.flags.writeable
            assert found.flags.owndata or found.base.flags.owndata


def test_containers_keep_their_kinds_and_order(rng):
    value = {"b": [1, (2, "x")], 3: {"W": rng.normal(size=(2, 2))}, (1, None): (), "a": []}
    found = there_and_back(value)
    assert list(found) == list(value)
    assert found["b"] == value["b"]
    assert type(found["b"][1]) is tuple
    assert np.array_equal(found[3]["W"], value[3]["W"])


@pytest.mark.parametrize(
    "value",
    [
        {1, 2}, object(), np.zeros(2, complex), np.zeros(2, ">f8"), np.zeros(2, object), np.zeros(2, np.longdouble),
        np.zeros(2).view(np.matrix), np.ma.zeros(2), np.zeros(2, "U3"), np.broadcast_to(0.0, (1 << 20, 1 << 20)),
        np.zeros((1,) * 20), type("D", (dict,), {})(), b"bytes", 1j, range(3), [[0]] * 200_000, {object(): 1},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_anything_else_is_other(value):
    sent = []

    def other(item):
        sent.append(item)
        return ["h", 5, "other"]

    assert there_and_back((1.5, value), other, lambda node: tuple(node)) in (
        (1.5, ("h", 5, "other")),
        ("h", 5, "other"),
    )
    assert sent
    endless = []
    endless.append(endless)
    Writer(other).node(endless)
    assert sent[-1] is endless


HOSTILE_NODES = [
    1, 1.5, [], [[]], ["x"], ["i", 5], ["i", ""], ["i", "-"], ["i", "0x1"], ["i", "f" * 200_000], ["f", "1e5_"], ["f", "x"],
    ["f", "0x1p99999"], ["a", "object", [1]], ["a", "float64", [-1]], ["a", "float64", [1 << 50]], ["a", "float64", [2]],
    ["a", "float64", [True]], ["a", "float64", [1.0]], ["a", "float64", "1"], ["a", "float64", [1] * 17], ["a", "f8", [0]],
    ["a", "int8", [0, 1 << 39, 1 << 39]], ["g", "float64"], ["t", 5], ["l", {}], ["d", [1]], ["d", [[1, 2, 3]]],
    ["d", [[["l", []], None]]], ["d", [[["a", "int8", [0]], None]]], ["h", "1", "x"], ["h", 1], ["h", 1, "x" * 300],
    ["c", "os"], ["c", 1, 2], {"a": 1}, "x" * 200_000,
]  # fmt: skip


@pytest.mark.promise("P6.3")
@pytest.mark.parametrize("node", HOSTILE_NODES, ids=lambda node: repr(node)[:30])
def test_hostile_values_are_refused(node):
    with pytest.raises(FrameError):
        Reader(b"\x00" * 8 if node == ["a", "float64", [2]] else b"", lambda node: None).value(node)


def test_deep_values_and_spare_bytes_are_refused():
    node = ["l", []]
    for _ in range(40):
        node = ["l", [node]]
    with pytest.raises(FrameError):
        Reader(b"", refuse).value(node)
    with pytest.raises(FrameError):
        Reader(b"x", refuse).end()


HOSTILE_FRAMES = [
    b"", b"CRF2" + b"\x00" * 12, struct.pack(">4sIQ", b"CRF1", 2**32 - 1, 0), struct.pack(">4sIQ", b"CRF1", 2, 2**63),
    *(
        struct.pack(">4sIQ", b"CRF1", len(text), 0) + text
        for text in (
            b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 9, b"[" * 100_000, b'{"kind": "verdict"}', b'{"kind": ["done"]}',
            b'{"kind": "ready"}', b'{"kind": "ready", "tier": 5}', b'{"kind": "ready", "tier": "locked", "more": 1}',
            b'{"kind": "done", "value": null, "after": ["d", []], "peak": true}',
            b'{"kind": "done", "value": null, "after": ["d", []], "peak": 1.5}',
            b'{"kind": "done", "value": null, "after": ["d", []], "peak": NaN}',
            b'{"kind": "done", "value": {"a": 1}, "after": ["d", []], "peak": -1}',
            b'{"kind": "done", "value": null, "value": 1, "after": ["d", []], "peak": -1}',
            b'{"kind": "done", "value": null, "after": ["d", []], "peak": ' + b"9" * 5000 + b"}",
            b'{"kind": "do", "what": "call"}',
        )
    ),
]  # fmt: skip


def receiver(data):
    stream = io.BytesIO(data)

    def receive(count):
        found = stream.read(count)
        if len(found) < count:
            raise FrameError("ended")
        return found

    return receive


@pytest.mark.promise("P6.3")
@pytest.mark.parametrize("data", HOSTILE_FRAMES, ids=lambda data: repr(data[-40:]))
def test_hostile_frames_are_refused(data):
    with pytest.raises(FrameError):
        frames.read(receiver(data), REPLIES)


@pytest.mark.promise("P6.3")
def test_mutated_frames_raise_that_error_alone_or_are_read():
    writer = Writer(refuse)
    node = writer.node({"loss": 0.5, "grads": (np.arange(6.0).reshape(2, 3), [1, "two", None, True]), 3: np.float32(2)})
    frame = frames.pack({"kind": "done", "value": node, "after": ["d", []], "peak": -1}, writer.payload())
    chance, refused = random.Random(5), 0
    for _ in range(20_000):
        data = bytearray(frame)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(
                (0, 34, 44, 48, 57, 91, 93, 110, 123, 255, chance.randrange(256))
            )
        try:
            header, payload = frames.read(receiver(bytes(data)), REPLIES)
            if header["kind"] == "done":
                reader = Reader(payload, refuse)
                reader.value(header["value"])
                reader.end()
        except FrameError:
            refused += 1
    assert refused > 10_000


def test_too_large_a_frame_is_not_sent():
    with pytest.raises(FrameError, match="MiB"):
        frames.pack({"kind": "x" * (5 << 20)})
