"""Counter-based random streams: every draw is a function of (seed, what it is for, step, ..., element).

Nothing is drawn "next", so any mask or batch of any step can be computed again on its own, in any
order, by any engine. The generator is SplitMix64 (Steele, Lea, Flood 2014): element i of the stream with
key k is `mix(k + (i + 1) * GOLDEN)`, in arithmetic modulo 2**64.
"""

import zlib

import numpy as np

GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
ORDERED = 0xD1342543DE82EF95  # odd; makes (a, b) and (b, a) different keys


def _mix(z: int) -> int:
    """SplitMix64's finalizer on one Python integer."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def key(seed: int, *path: int | str) -> int:
    """The 64-bit key of a stream: `key(seed, "dropout", step, layer)`.

    Names are read by their CRC-32, so that the key is the same in every process.
    """
    state = _mix((seed + GOLDEN) & MASK)
    for part in path:
        number = zlib.crc32(part.encode()) if isinstance(part, str) else part
        state = _mix((state * ORDERED + _mix((number + GOLDEN) & MASK)) & MASK)
    return state


def bits(stream: int, n: int) -> np.ndarray:
    """The first `n` elements of a stream, (n,) uint64."""
    with np.errstate(over="ignore"):
        z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(GOLDEN) + np.uint64(stream)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(stream: int, shape: tuple[int, ...]) -> np.ndarray:
    """Uniform float64 numbers in [0, 1) with 53 random bits, filled in C order."""
    n = int(np.prod(shape, dtype=np.int64))
    return ((bits(stream, n) >> np.uint64(11)) * 2.0**-53).reshape(shape)


def integers(stream: int, high: int, n: int) -> np.ndarray:
    """`n` independent integers in [0, high), (n,) int64: the upper 32 bits scaled (high < 2**32)."""
    return ((bits(stream, n) >> np.uint64(32)) * np.uint64(high) >> np.uint64(32)).astype(np.int64)


def permutation(stream: int, n: int) -> np.ndarray:
    """A random order of 0..n-1, (n,) int64: the order that sorts the stream's first n elements."""
    return np.argsort(bits(stream, n), kind="stable")


def generator(stream: int) -> np.random.Generator:
    """A NumPy generator of its own for draws such as normals, seeded by a stream's key."""
    return np.random.Generator(np.random.Philox(key=stream))
