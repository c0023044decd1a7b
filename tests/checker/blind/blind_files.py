"""What a blind author wrote, as students do, from the courses' interfaces alone and without a look at the catalogue.

`whole.txt` and `right.txt` hold whole files ("### name | what is wrong", or the style); `changed.txt` holds mistakes
made in the files of `bases.txt`: "name | base | what is wrong", then pairs of a text and what stands in its place.
"""

from pathlib import Path

HERE = Path(__file__).parent


def whole(name):
    """The files of a text: name -> source."""
    blocks = (HERE / f"{name}.txt").read_text().split("### ")[1:]
    heads = [block.split("\n", 1) for block in blocks]
    return {head.split(" | ")[0]: source for head, source in heads}


def changed():
    """The bases with their changes: name -> source."""
    bases, made, name, old = whole("bases"), {}, "", ""
    for line in (HERE / "changed.txt").read_text().splitlines():
        if not line.startswith(" "):
            name, base, _ = line.split(" | ")
            made[name] = bases[base]
        elif line.startswith("    =>"):
            assert old in made[name], f"{name}: {old!r} is not in its base"
            made[name] = made[name].replace(old, text(line[6:].removeprefix(" ")))
        else:
            old = text(line[4:])
    return made


def text(line):
    """A line of the table, with its line ends."""
    return line.replace("\\n", "\n")


RIGHT = whole("bases") | whole("right")
WRONG = whole("whole") | changed()
