"""The learner's functions in this process: quick, for one's own work, and no barrier to anything."""

import contextlib
import inspect
import io
import traceback
import tracemalloc
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.checker.isolation.inside.stand_in import Model
from chainrule.checker.memory import Memory
from chainrule.checker.recipe import one_line
from chainrule.checker.subject import Answer, Failed, Handle, as_data
from chainrule.core.errors import SettingError


class InProcess:
    """A module, a dict of functions, or functions and classes themselves, as a `Subject`.

    Raises:
        SettingError: nothing in it can be called.
    """

    sandbox = "none: the code ran in this process (never grade this way)"

    def __init__(self, code: Any) -> None:
        self.title, self._names = _callables(code)
        if not self._names:
            raise SettingError(
                "check: a file's path, a module, a dict of functions, or functions must be given; nothing that can be "
                f"called is in {code!r:.60}."
            )
        self._kept: list[Any] = []
        self._output = io.StringIO()
        self._memory = Memory(self._names.values())

    @property
    def names(self) -> Collection[str]:
        """What can be called."""
        return self._names.keys()

    @property
    def output(self) -> str:
        """See `Subject.output`."""
        return self._output.getvalue()

    def traits(self, name: str) -> frozenset[str]:
        """See `Subject.traits`."""
        found = self._names[name]
        try:
            parameters = list(inspect.signature(found).parameters)
        except (TypeError, ValueError):
            parameters = []
        return frozenset([*parameters, *(dir(found) if inspect.isclass(found) else ())])

    def call(
        self,
        target: str | tuple[Handle, str],
        args: Sequence[Any] = (),
        options: Mapping[str, Any] | None = None,
        *,
        kept: Collection[int] | bool = (),
        measured: bool = False,
    ) -> Answer:
        """See `Subject.call`."""
        function = self._names[target] if isinstance(target, str) else self._attribute(*target)
        given = [self._inside(arg) for arg in args]
        peak = None
        with self._quietly():
            if measured:
                tracemalloc.start()
            try:
                result = function(*given, **{name: self._inside(value) for name, value in (options or {}).items()})
            except Exception as error:
                raise _failed(error) from error
            finally:
                if measured:
                    peak = tracemalloc.get_traced_memory()[1]
                    tracemalloc.stop()
        after = tuple(arg if isinstance(arg, Handle) else self._outside(now) for arg, now in zip(args, given))
        if kept is True:
            return Answer(self.hold(result), after, peak)
        if kept and isinstance(result, tuple):
            result = tuple(self.hold(item) if i in kept else item for i, item in enumerate(result))  # type: ignore[operator]
        return Answer(self._outside(result), after, peak)

    def hold(self, value: Any) -> Handle:
        """A handle for the very object."""
        self._kept.append(value)
        return Handle(len(self._kept) - 1, type(value).__name__)

    def keep(self, value: Any) -> Handle:
        """See `Subject.keep`."""
        return self.hold(self._inside(value))

    def stand_in(self, params: Mapping[str, np.ndarray], answer: Callable[..., Any]) -> Handle:
        """See `Subject.stand_in`."""
        return self.hold(Model(self._inside(dict(params)), answer))

    def value(self, handle: Handle) -> Any:
        """See `Subject.value`."""
        return self._outside(self._kept[handle.number])

    def get(self, handle: Handle, name: str, *, kept: bool = False) -> Any:
        """See `Subject.get`."""
        found = self._attribute(handle, name)
        return self.hold(found) if kept else self._outside(found)

    def set(self, handle: Handle, name: str, value: Any) -> None:
        """See `Subject.set`."""
        setattr(self._kept[handle.number], name, self._inside(value))

    def set_item(self, handle: Handle, key: Any, value: Any) -> None:
        """See `Subject.set_item`."""
        try:
            self._kept[handle.number][key] = self._inside(value)
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise _failed(error) from error

    def seed(self, number: int) -> None:
        """See `Subject.seed`."""
        np.random.seed(number)

    def renew(self) -> None:
        """See `Subject.renew`: handles end, and what the code remembers in its own names is as it was at first."""
        self._kept.clear()
        self._memory.put_back()
        self._output = io.StringIO()

    def draw(self) -> float:
        """See `Subject.draw`."""
        return float(np.random.random())

    def _attribute(self, handle: Handle, name: str) -> Any:
        try:
            return getattr(self._kept[handle.number], name)
        except AttributeError as error:
            raise Failed("missing", str(error)) from error

    def _inside(self, value: Any) -> Any:
        """As the learner's code gets it: a copy of data, the object behind a handle."""
        if isinstance(value, Handle):
            return self._kept[value.number]
        if type(value) is dict:
            return {key: self._inside(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self._inside(item) for item in value)
        return np.array(value) if isinstance(value, np.ndarray) else value

    @contextlib.contextmanager
    def _quietly(self) -> Iterator[None]:
        """What the learner's code prints and warns of is not the report's."""
        with contextlib.redirect_stdout(self._output), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield

    def _outside(self, value: Any) -> Any:
        return as_data(value, self.hold)


@contextlib.contextmanager
def keeping_random_state() -> Iterator[None]:
    """NumPy's global generator goes on afterwards as if nothing had happened."""
    state = np.random.get_state()
    try:
        yield
    finally:
        np.random.set_state(state)


def _failed(error: Exception) -> Failed:
    """The learner's error in one line, with the line where it was raised in the learner's own code."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent != Path(__file__).parent
    ]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    line = (own or frames)[0].lineno if frames else None
    return Failed("crash", one_line(error), line)


def _callables(code: Any) -> tuple[str, dict[str, Callable[..., Any]]]:
    """A title, and every function and class by name."""
    if isinstance(code, ModuleType):
        stated = {name: getattr(code, name) for name in getattr(code, "__all__", ())}
        return code.__name__.rsplit(".", 1)[-1], _public({**vars(code), **stated})
    if isinstance(code, Mapping):
        return "functions", _public(code)
    items = code if isinstance(code, list | tuple) else [code]
    return "functions", {item.__name__: item for item in items if callable(item) and hasattr(item, "__name__")}


def _public(names: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    return {
        name: item
        for name, item in names.items()
        if isinstance(name, str) and callable(item) and not name.startswith("_") and not inspect.ismodule(item)
    }
