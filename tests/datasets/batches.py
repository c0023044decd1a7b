"""Honest batch files, as every Python wrote them, and hostile ones, for the tests and the fuzz target."""

import numpy as np

PIXELS = 3072


def images(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random pixels (rows, 3072) uint8 and labels (rows,) int64."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (rows, PIXELS), dtype=np.uint8), rng.integers(0, 10, rows)


def short(text: str) -> bytes:
    return b"U" + bytes([len(text)]) + text.encode()


def names(rows: int) -> bytes:
    return (
        b"]("
        + b"".join(short(f"cat_s_{i:06d}.png") + b"r" + (1000 + i).to_bytes(4, "little") for i in range(rows))
        + b"e"
    )


ARRAY = b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\x09"
DTYPE = b"cnumpy\ndtype\nq\x0aU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"


def labels_part(labels) -> bytes:
    return b"](" + b"".join(b"K" + bytes([int(label)]) for label in labels) + b"e"


def array_part(pixels: np.ndarray, *, shape=None, dtype=DTYPE, fortran=b"\x89", size=None) -> bytes:
    rows, columns = pixels.shape if shape is None else shape
    size = pixels.nbytes if size is None else size
    head = (
        b"(K\x01J"
        + int(rows).to_bytes(4, "little", signed=True)
        + b"J"
        + int(columns).to_bytes(4, "little", signed=True)
    )
    return ARRAY + head + b"\x86" + dtype + fortran + b"T" + size.to_bytes(4, "little") + pixels.tobytes() + b"tb"


def batch(rows: int = 3, *, labels: bytes | None = None, array: bytes | None = None, extra: bytes = b"") -> bytes:
    """A batch in the official form: Python 2's pickle, protocol 2; parts of it may be replaced."""
    pixels, numbers = images(rows)
    return b"".join(
        [
            b"\x80\x02}q\x01(", short("batch_label"), short("training batch 1 of 5"),
            short("labels"), labels_part(numbers) if labels is None else labels,
            short("data"), array_part(pixels) if array is None else array,
            short("filenames"), names(rows), extra, b"u.",
        ]
    )  # fmt: skip


def hostile(rows: int = 3) -> dict[str, bytes]:
    """Files that look like a batch (or like a pickle) and must be refused, by what they try.

    Each is at least as large as a batch of `rows` images, so that the size alone does not give it away.
    """
    pixels, numbers = images(rows)
    good, array = batch(rows), array_part(pixels)
    text = b"T" + (pixels.nbytes).to_bytes(4, "little") + pixels.tobytes()
    pad = short("pad") + text  # keeps the file as large as a batch

    def program(code: bytes) -> bytes:
        """A pickle of its own, as large as a batch: the filler comes after the end."""
        return b"\x80\x02" + code + b"." + pixels.tobytes()

    def value(code: bytes) -> bytes:
        """An otherwise honest batch with one more entry."""
        return batch(rows, extra=short("x") + code)

    big = b"\xff\xff\xff\x7f"
    state = DTYPE[DTYPE.index(b"(") :]
    calls = {
        f"call {name}": program(b"c" + name.replace(" ", "\n").encode() + b"\n(U\x04trueltR".replace(b"lt", b"t"))
        for name in [
            "os system",
            "posix system",
            "subprocess Popen",
            "builtins eval",
            "builtins exec",
            "__builtin__ eval",
        ]
    }
    entries = {
        f"name {name}": value(b"c" + name.replace(" ", "\n").encode() + b"\n")
        for name in [
            "builtins getattr", "numpy load", "numpy memmap", "numpy.core.multiarray scalar", "numpy fromfile",
            "numpy.core.numeric loads", "numpy.testing._private.utils runstring", "ctypes CDLL",
            "importlib import_module", "codecs open", "_codecs decode", "copy_reg _reconstructor",
            "numpy dtype.fromstr", "numpy.core.multiarray ndarray",
        ]
    }  # fmt: skip
    return calls | entries | {
        "instance opcode": value(b"(ios\nsystem\n"),
        "object opcode": value(b"(cnumpy\nndarray\no"),
        "newobj": value(b"cnumpy\nndarray\nK\x00\x85\x81"),
        "newobj_ex": value(b"cnumpy\nndarray\n)}\x92"),
        "persistent id": value(b"Pevil\n"),
        "binary persistent id": value(b"U\x01xQ"),
        "extension registry": value(b"\x82\x01"),
        "next buffer": value(b"\x97"),
        "stack global of os": value(b"\x8c\x02os\x8c\x06system\x93"),
        "huge text": program(b"T" + big),
        "huge bytes": program(b"B" + big),
        "huge 64-bit bytes": program(b"\x8e" + b"\xff" * 8),
        "huge bytearray": program(b"\x96" + b"\xff" * 7 + b"\x7f"),
        "huge unicode": program(b"\x8d" + b"\xff" * 7 + b"\x00"),
        "huge frame": b"\x80\x04\x95" + b"\xff" * 8 + good[2:],
        "huge long": value(b"\x8a\xff" + b"\x01" * 255),
        "longer long": value(b"\x8b" + big),
        "negative string": value(b"T\xff\xff\xff\xff"),
        "array of gigabytes": batch(rows, array=array_part(pixels, shape=(1 << 30, 2))),
        "negative shape": batch(rows, array=array_part(pixels, shape=(-rows, -PIXELS))),
        "empty shape": batch(rows, array=array_part(pixels, shape=(0, PIXELS))),
        "turned shape": batch(rows, array=array_part(pixels, shape=(PIXELS, rows))),
        "fortran order": batch(rows, array=array_part(pixels, fortran=b"\x88")),
        "other dtype": batch(rows, array=array_part(pixels, dtype=DTYPE.replace(b"U\x02u1", b"U\x02f8"))),
        "object dtype": batch(rows, array=array_part(pixels, dtype=DTYPE.replace(b"U\x02u1", b"U\x02O8"))),
        "dtype with fields": batch(rows, array=array_part(pixels, dtype=DTYPE.replace(b"NNN", b"N)}"))),
        "dtype for an array": batch(rows, array=DTYPE, extra=pad),
        "array never filled": batch(rows, array=ARRAY, extra=pad),
        "array filled twice": batch(rows, array=array + b"(K\x01K\x01K\x01\x86" + DTYPE + b"\x89U\x01xtb"),
        "array state as dict": batch(rows, array=ARRAY + b"}b", extra=pad),
        "reconstruct a string": batch(rows, array=array.replace(b"cnumpy\nndarray\nq\x08", b"U\x07ndarrayq\x08")),
        "reconstruct of 2^31": batch(rows, array=array.replace(b"K\x00\x85U\x01b", b"J\xff\xff\xff\x7f\x85U\x01b")),
        "pixels from a list": batch(rows, array=b"](" + b"K\x01" * rows + b"e", extra=pad),
        "text for pixels": batch(rows, array=text),
        "build on a list": value(b"]" + state),
        "reduce of a text": value(b"U\x06system)R"),
        "labels as text": batch(rows, labels=b"U\x03123"),
        "labels too few": batch(rows, labels=labels_part(numbers[:-1])),
        "labels too many": batch(rows, labels=labels_part([*numbers, 1])),
        "label of 10": batch(rows, labels=labels_part([10] * rows)),
        "labels true": batch(rows, labels=b"](" + b"\x88" * rows + b"e"),
        "negative labels": batch(rows, labels=b"](" + b"J\xff\xff\xff\xff" * rows + b"e"),
        "labels that hold themselves": batch(rows, labels=b"]q\x20(" + b"h\x20" * rows + b"e"),
        "a key twice": batch(rows, extra=short("labels") + b"]"),
        "a list as key": batch(rows, extra=b"]N"),
        "a key alone": batch(rows, extra=short("x")),
        "no dictionary": b"\x80\x02" + array + b".",
        "two values": good[:-1] + b"N.",
        "nothing left": program(b""),
        "bytes after the end": good + b"x",
        "a second pickle": good + good,
        "reference to nothing": value(b"j\xff\xff\xff\x7f"),
        "marks without end": program(b"(" * 3000),
        "marks within marks": value(b"(" * 100 + b"t" * 100),
        "lists without end": value(b"](" + b"]" * 10 * (rows + 30) + b"e"),
        "tuple of a thousand": value(b"(" + b"N" * 20 + b"t"),
        "tuple of nothing": program(b"\x87"),
        "append to nothing": program(b"Na"),
        "appends without a mark": program(b"]e"),
        "protocol 1": b"\x80\x01" + good[2:],
        "protocol 200": b"\x80\xc8" + good[2:],
        "protocol twice": value(b"\x80\x02N"),
        "protocol 0 text": program(b"S'x'\n"),
        "name without an end": value(b"c" + b"n" * 200),
        "no ASCII in a name": value(b"cnump\xff\ndtype\n"),
        "text that is no UTF-8": value(b"X\x02\x00\x00\x00\xff\xfe"),
        "the same text encoded forever": value(
            b"c_codecs\nencode\nq\x30X" + (4000).to_bytes(4, "little") + b"x" * 4000 + b"q\x31\x8c\x06latin1\x86q\x32"
            b"](" + b"h\x30h\x32R" * rows * 5 + b"e\x87"
        ),
        "a short text encoded forever": value(
            b"c_codecs\nencode\nq\x30X" + (200).to_bytes(4, "little") + b"x" * 200 + b"q\x31\x8c\x06latin1\x86q\x32"
            b"](" + b"h\x30h\x32R" * (14 * rows) + b"e\x87"
        ),
        "encode to another code": value(b"c_codecs\nencode\nX\x01\x00\x00\x00x\x8c\x03hex\x86R"),
        "zip file": b"PK\x03\x04" + pixels.tobytes(),
        "zeros": bytes(len(good)),
        "ones": b"\xff" * len(good),
        "html": b"<!DOCTYPE html>" + pixels.tobytes(),
    }  # fmt: skip
