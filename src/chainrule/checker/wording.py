"""How the report speaks of what is compared: a sentence's first letter, and a noun's number."""

import re

AFTER = re.compile(r",| (?:of|in|after|from|that|which|with)\b")  # the noun's own words end here
SINGULAR = ("ss", "bias")  # ends of nouns that are no plurals
WORDS = ("the", "what", "how")


def begun(words: str) -> str:
    """Words as a sentence begins; the names of arrays stay as they are written."""
    return f"{words[0].upper()}{words[1:]}" if words.split(maxsplit=1)[0] in WORDS else words


def being(words: str) -> str:
    """Words with the verb that fits.

    Example:
        >>> being("the later steps"), being("the loss in training mode")
        ('the later steps are', 'the loss in training mode is')
    """
    head = AFTER.split(words, maxsplit=1)[0]
    several = head.startswith("the ") and (head.endswith("s") and not head.endswith(SINGULAR))
    return f"{words} are" if several or " and " in head or head == "the data" else f"{words} is"
