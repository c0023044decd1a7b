"""What is handed out beside the chosen functions: whatever they and the checks cannot do without."""

from chainrule.checker.assignment import texts
from chainrule.checker.assignment.choices import Choice
from chainrule.checker.assignment.cutting import definitions, imported, used

HELPERS = "gradient_check"  # a module that every course's assignment has, whole


def kept(choice: Choice) -> dict[str, list[str]]:
    """The functions and classes that each module of an assignment has, in their order.

    The chosen ones are empty there; the others are what those call, or whose caches they take, written out.
    """
    if choice.course is None:
        (module,) = choice.modules
        return {module: list(definitions(texts.module(module, None)))}
    own = {module: definitions(texts.module(module, choice.course)) for module in (*choice.modules, HELPERS)}
    open_ones = [(module, name) for module, names in choice.modules.items() for name in names]
    open_ones += [(HELPERS, name) for name in own[HELPERS]]
    found: list[tuple[str, str]] = []
    while open_ones:
        place = open_ones.pop()
        if place not in found:
            found.append(place)
            open_ones += _needed(*place, choice.course)
    modules = sorted({module for module, _ in found})
    return {module: _ordered(module, choice.course, {n for m, n in found if m == module}) for module in modules}


def _needed(module: str, name: str, course: str) -> list[tuple[str, str]]:
    """What a function calls, and the forward whose cache a backward takes."""
    text = texts.module(module, course)
    mentioned = used(text, [name])
    others = [(home, other) for other, home in imported(text).items() if other in mentioned]
    forward = f"{name.partition('_backward')[0]}_forward"
    own = [other for other in definitions(text) if other in mentioned or other == forward]
    return others + [(module, other) for other in own]


def _ordered(module: str, course: str, names: set[str]) -> list[str]:
    return [name for name in definitions(texts.module(module, course)) if name in names]
