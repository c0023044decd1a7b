"""A function of a reference as a task: drawn inputs, its own results, and what is compared."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.checker.in_process import keeping_random_state
from chainrule.checker.play import Play, described
from chainrule.checker.recipe import Steps
from chainrule.checker.reference.draws import as_given, drawn
from chainrule.checker.reference.made_by import MadeBy
from chainrule.checker.subject import Answer, Failed
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.core.errors import SettingError
from chainrule.core.streams import generator, key

FREE = ("cache", "_")  # parts of a result whose form is everybody's own
AFTER, KIND = "{} after the call", "{}: its kind of numbers"
STATED = (AFTER.format(""), KIND.format(""))
KINDS = {"f": "real", "i": "whole", "u": "whole", "b": "true or false"}
Functions = Mapping[str, Callable[..., Any]]


def task_of(name: str, function: Callable[..., Any], samples: Callable[..., Any] | None, every: Functions) -> Task:
    """The task of one function.

    Args:
        name: the function's name, the learner's too.
        function: the reference.
        samples: draws one trial's inputs, or None.
        every: all functions of the reference, for inputs that one of them makes.
    """
    parts = _names_of_parts(function)
    probe = _case(name, function, samples, every, generator(key(0, "reference", name)))
    wanted = _wanted(function, every, parts, probe.inputs)
    needed = [value.name for value in probe.inputs["arguments"].values() if isinstance(value, MadeBy)]

    def observe(play: Play, arguments, seed, changes):
        for other in needed:
            if other not in play.subject.names:
                raise Failed("missing", f"there is no {other}, which {name} needs")
        play.subject.seed(seed)
        given, answer = _called(play, function, arguments)
        play.note("call", given, answer, free=changes)
        after = dict(zip(given, answer.args))
        return _parts(answer.result, parts, wanted) | {AFTER.format(n): after.get(n) for n in changes}

    def model(steps: Steps, inputs: Mapping[str, Any], replaced: Steps | None = None) -> Mapping[str, Any]:
        return {**_wanted(function, every, parts, inputs), "inputs of call": ""}

    return Task(
        name=name,
        lesson="",
        roles=(Role("call", {name: "course"}, observe),),
        quantities=tuple(Quantity(part, "call") for part in wanted),
        steps={},
        cases=lambda rng, number: [_case(name, function, samples, every, rng) for _ in range(number)],
        example={},
        model=model,
    )


def _case(name: str, function: Any, samples: Any, every: Functions, rng: np.random.Generator) -> Case:
    """One trial; which arrays the reference changes is found out by trying it."""
    arguments, sizes = drawn(name, function, samples, rng)
    inputs: dict[str, Any] = {"arguments": arguments, "seed": int(rng.integers(1 << 31)), "changes": []}
    before, after = as_given(arguments, every), as_given(arguments, every)
    _run(name, function, after, inputs["seed"])
    inputs["changes"] = [
        argument
        for argument, value in before.items()
        if isinstance(value, np.ndarray)
        and not np.array_equal(value, after[argument], equal_nan=value.dtype.kind == "f")
    ]
    return Case(inputs, "", sizes)


def _run(name: str, function: Callable[..., Any], arguments: dict[str, Any], seed: int) -> Any:
    """What the reference gives.

    Raises:
        SettingError: it raises an error itself.
    """
    with keeping_random_state(), np.errstate(all="ignore"):
        np.random.seed(seed)
        positional, options = _split(function, arguments)
        try:
            return function(*positional.values(), **options)
        except Exception as error:
            raise SettingError(
                f"check: the reference's own {name} fails for inputs that were drawn for it: {type(error).__name__}: "
                f"{error}. Draw fitting ones in samples_for_{name}(rng)."
            ) from error


def _wanted(function: Any, every: Functions, parts: tuple[str, ...], inputs: Mapping[str, Any]) -> dict[str, Any]:
    arguments = as_given(inputs["arguments"], every)
    result = _run(function.__name__, function, arguments, inputs["seed"])
    return _with_kinds(_flat(result, parts)) | {AFTER.format(name): arguments[name] for name in inputs["changes"]}


def _called(play: Play, function: Any, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], Answer]:
    """The learner's function, with what other functions of the learner's make."""
    given = {}
    for argument, value in arguments.items():
        if isinstance(value, MadeBy):
            kept = True if value.part is None else [value.part]
            made = play.subject.call(value.name, list(value.args), kept=kept).result
            given[argument] = made if value.part is None else _item(made, value)
        else:
            given[argument] = value
    positional, options = _split(function, given)
    answer = play.subject.call(play.names["call"], list(positional.values()), options)
    return positional, answer


def _item(made: Any, value: MadeBy) -> Any:
    if not isinstance(made, tuple) or len(made) <= (value.part or 0):
        raise Failed(
            "crash", f"{value.name} must return at least {(value.part or 0) + 1} values; came {described(made)}"
        )
    return made[value.part]  # type: ignore[index]


def _split(function: Any, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is passed by position, up to the first that is left out, and what by name."""
    positional: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in (0, 1) or name not in arguments:
            break
        positional[name] = arguments[name]
    return positional, {name: value for name, value in arguments.items() if name not in positional}


def _names_of_parts(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what a function returns last, where its source says them: `return dx, dw, db`."""
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError, TypeError):
        return ()
    returns = [node.value for node in ast.walk(body) if isinstance(node, ast.Return)]
    last = returns[-1] if returns else None
    items = last.elts if isinstance(last, ast.Tuple) else [last]
    return tuple(item.id if isinstance(item, ast.Name) else "" for item in items)


def _parts(result: Any, names: tuple[str, ...], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The learner's result by the reference's parts; what is not there is missing."""
    found = _flat(result, names)
    lost = Failed("crash", f"a result of another form than the reference's: {described(result)}")
    return _with_kinds({part: found.get(part, lost) for part in wanted if not part.endswith(STATED)})


def _with_kinds(parts: dict[str, Any]) -> dict[str, Any]:
    """For every array beside it whether its numbers are whole."""
    kinds = {
        KIND.format(n): KINDS.get(v.dtype.kind, v.dtype.name) for n, v in parts.items() if isinstance(v, np.ndarray)
    }
    return parts | kinds


def _flat(result: Any, names: tuple[str, ...] = (), title: str = "result") -> dict[str, Any]:
    """Numbers, arrays and texts of a result, each with a name."""
    if isinstance(result, tuple):
        given = names if len(names) == len(result) else ("",) * len(result)
        parts = [_flat(item, (), name or f"{title}[{i}]") for i, (name, item) in enumerate(zip(given, result))]
        kept = [part for name, part in zip(given, parts) if name not in FREE]
        return {name: value for part in kept for name, value in part.items()}
    title = names[0] if len(names) == 1 and names[0] and title == "result" else title
    if isinstance(result, dict):
        return {n: v for key_, item in result.items() for n, v in _flat(item, (), f"{title}[{key_!r}]").items()}
    if isinstance(result, list):
        try:
            return {title: np.array(result, dtype=np.float64)}
        except (TypeError, ValueError):
            return {n: v for i, item in enumerate(result) for n, v in _flat(item, (), f"{title}[{i}]").items()}
    return {title: result}
