"""A fuzz target for the batch reader: mutated batches, for as long as wanted. Only DataError may come out.

python tests/datasets/fuzz_batch_file.py [SECONDS] [SEED]
"""

import pickle
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from batches import batch, hostile, images

from chainrule.core.errors import DataError
from chainrule.datasets.batch_file import parse_batch

ROWS = 2
TOKENS = [
    bytes([code]) for code in b"(.NKMJUTCBXqrhjceastuRb}])\x80\x82\x85\x86\x87\x88\x89\x8a\x8c\x8d\x8e\x93\x94\x95\x96"
]
TOKENS += [
    b"cnumpy\ndtype\n",
    b"cos\nsystem\n",
    b"c_codecs\nencode\n",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
    b"h\x07",
    b"K\x00",
]


def seeds() -> list[bytes]:
    """Honest batches of every protocol, and the hostile ones."""
    pixels, labels = images(ROWS)
    content = {"labels": [int(label) for label in labels], "data": pixels, "filenames": ["a.png", "b.png"]}
    return [batch(ROWS), *(pickle.dumps(content, protocol=p) for p in (2, 3, 4, 5)), *hostile(ROWS).values()]


def mutants(seed: int) -> Iterator[bytes]:
    """Mutated batches without end, the same for the same seed; mutations keep away from most of the pixels."""
    rng, corpus = random.Random(seed), seeds()
    while True:
        data = bytearray(rng.choice(corpus))
        for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
            near = rng.choice((0, 0, max(0, len(data) - 200)))
            at = min(len(data), near + rng.randrange(260))
            kind = rng.randrange(7)
            if kind == 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            elif kind == 1:
                data[at:at] = rng.choice(TOKENS)
            elif kind == 2:
                data[at : at + rng.choice((1, 1, 2, 5))] = b""
            elif kind == 3:
                data[at : at + 1] = rng.choice(TOKENS)
            elif kind == 4:
                start = rng.randrange(260)
                data[at:at] = data[start : start + rng.randrange(40)]
            elif kind == 5 and data:
                at = min(at, len(data) - 1)
                data[at] ^= 1 << rng.randrange(8)
            else:
                del data[rng.randrange(len(data) + 1) :]
        yield bytes(data)


def fuzz(*, count: int | None = None, seconds: float | None = None, seed: int = 0) -> tuple[int, int]:
    """Parse mutants; returns how many, and how many of them are batches after all.

    Any other exception than DataError ends it, after the input was written to a file.
    """
    accepted, start = 0, time.monotonic()
    for done, data in enumerate(mutants(seed)):
        if (count is not None and done >= count) or (seconds is not None and time.monotonic() - start > seconds):
            return done, accepted
        try:
            batch = parse_batch(data, rows=ROWS)
            assert batch.pixels.shape == (ROWS, 3072)
            assert all(0 <= label <= 9 for label in batch.labels)
            accepted += 1
        except DataError:
            pass
        except BaseException:
            Path(f"crash-{seed}-{done}").write_bytes(data)
            raise
    raise AssertionError("mutants never end")


if __name__ == "__main__":
    limit = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    number, good = fuzz(seconds=limit, seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(f"{number:,} inputs in {limit:g} s, {good:,} of them batches; nothing but DataError came out")
