"""The study in Optuna's own storage, for its dashboard and for whoever asks; written by this process alone.

A thread of its own writes, behind the trainings. The files of the folder are what a study goes on from: a database that
lags, or was lost, is brought up to date from them.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chainrule.core.errors import ChainruleError, OutputError, SettingError
from chainrule.study.sweeps.definition import Definition
from chainrule.study.sweeps.optional import optuna, quiet
from chainrule.study.sweeps.records import DATABASE, Trial
from chainrule.study.sweeps.samplers import entered
from chainrule.study.sweeps.space import Space

PATIENCE = 0.5  # seconds between two looks at what there is to write
LOCKED = 20  # seconds that a locked file is waited for
STATES = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}
CAUSES = (
    ("locked", "another program keeps it locked. Close that program"),
    ("readonly", "it is read-only. Give it back its permission to be written"),
    ("read-only", "it is read-only. Give it back its permission to be written"),
    ("full", "the disk is full. Free some space"),
    ("disk i/o", "the device does not take it; is the disk full? Free some space"),
    ("malformed", "it is damaged. Move it away"),
    ("not a database", "it is no database, or damaged. Move it away"),
    ("unable to open", "it cannot be opened. Is there such a folder, and may you write there? Correct the address"),
    ("no such table", "it is a database of another kind. Move it away"),
    ("incompatible", "it was made by another version of Optuna. Upgrade it with `optuna storage upgrade`, or move it away"),
    ("parse", "its address is none that Optuna takes, such as sqlite:///study.db or postgresql://user@host/name"),
    ("no module", "the driver of that kind of database is not installed. Install it"),
    ("load plugin", "Optuna knows no such kind of database. Correct the address"),
    ("connect", "it cannot be reached. Is its server running, and the address right"),
)  # fmt: skip


def address_of(folder: Path, given: str | None) -> str:
    """The address of a study's database.

    Raises:
        SettingError: what was given is none.
    """
    if given is None:
        return f"sqlite:///{(folder / DATABASE).resolve()}"
    if not isinstance(given, str) or "://" not in given:
        raise SettingError(
            f"sweep: storage must be a database's address, such as sqlite:///study.db or postgresql://user@host/name; "
            f"came {given!r:.80}."
        )
    return given


def shown(address: str) -> str:
    """An address without its password."""
    head, at, tail = address.rpartition("@")
    scheme, slashes, user = head.partition("://")
    return f"{scheme}{slashes}{user.partition(':')[0]}{at}{tail}"


@contextmanager
def storage_errors(address: str) -> Iterator[None]:
    """Turn every error of a database into a sentence.

    Raises:
        OutputError: which says what to do.
    """
    try:
        with quiet():
            yield
    except ChainruleError:
        raise
    except Exception as error:  # of Optuna, SQLAlchemy, or whichever driver
        chain, cause = f"{error}", error.__cause__
        while cause is not None:
            chain, cause = f"{chain} {cause}", cause.__cause__
        why = next((words for part, words in CAUSES if part in chain.lower()), f"{type(error).__name__}: {error}"[:300])
        driver = re.search(r"No module named '([\w.]+)'", chain)
        why += f": {driver[1]}" if driver else ""
        raise OutputError(
            f"the study's database, {shown(address)}: {why}; then give the same command again. No trial is lost: the "
            f"study's folder holds them all, and the database is written anew from there."
        ) from error


class Database:
    """A study's rows in its database.

    Args:
        address: as SQLAlchemy has it.
        definition: of the study.
        space: of the study.

    Raises:
        OutputError: it cannot be opened, or holds another study of this name.
    """

    def __init__(self, address: str, definition: Definition, space: Space) -> None:
        self.address, self.space = address, space
        self._drawn: dict[int, dict[str, Any]] = {}
        self._ended: dict[int, Trial] = {}
        self._error: ChainruleError | None = None
        self._news, self._closing = threading.Event(), False
        with storage_errors(address):
            self.study = opened(address, definition.name)
            self._same(definition)
            rows = self.study.get_trials(deepcopy=False)
        self._rows = [row.state.is_finished() for row in rows]
        self._thread = threading.Thread(target=self._write, name="study database", daemon=True)
        self._thread.start()

    def _same(self, definition: Definition) -> None:
        """The rows that are there belong to this study."""
        own = {k: v for k, v in definition.describe().items() if k in ("space", "settings", "sampler", "seed", "ahead")}
        found = self.study.user_attrs.get("definition")
        if found is None:
            self.study.set_user_attr("definition", own)
        elif found != own:
            raise OutputError(
                f"the database {shown(self.address)} holds another study called {definition.name!r}. Give this one "
                f"another name, or another database."
            )

    def drawn(self, number: int, params: dict[str, Any]) -> None:
        """A trial was drawn."""
        self._drawn[number] = params
        self.check()

    def ended(self, trial: Trial) -> None:
        """A trial ended."""
        self._ended[trial.number] = trial
        self.check()

    def check(self) -> None:
        """Fail where something could not be written.

        Raises:
            OutputError: which says what to do.
        """
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Write what is left."""
        self._closing = True
        self._news.set()
        self._thread.join()

    def _write(self) -> None:
        try:
            with storage_errors(self.address):
                while not self._closing:
                    self._news.wait(PATIENCE)
                    self._write_news()
                self._write_news()
        except ChainruleError as error:
            self._error = error

    def _write_news(self) -> None:
        """New rows in their order; then the ends of rows that were running."""
        while len(self._rows) in self._drawn:
            number = len(self._rows)
            trial = self._ended.get(number)
            self.study.add_trial(self._row(number, trial))
            self._rows.append(trial is not None)
        for number in [n for n, finished in enumerate(self._rows) if not finished and n in self._ended]:
            self._end(self._ended[number])
            self._rows[number] = True

    def _row(self, number: int, trial: Trial | None) -> Any:
        """A trial as Optuna has it."""
        library = optuna().trial
        states, holds = library.TrialState, entered(self.space, self._drawn[number])
        if trial is None:
            return library.create_trial(state=states.RUNNING, **holds)
        made = library.create_trial(
            state=states[STATES[trial.state]], value=trial.value, intermediate_values=trial.curve, user_attrs=_about(trial),
            **holds,
        )  # fmt: skip
        made.datetime_complete = datetime.now()
        made.datetime_start = made.datetime_complete - timedelta(seconds=trial.seconds)
        return made

    def _end(self, trial: Trial) -> None:
        """Complete a row that was running."""
        library = optuna().trial
        row = library.Trial(self.study, self.study.get_trials(deepcopy=False)[trial.number]._trial_id)
        for epoch, value in trial.curve.items():
            row.report(value, epoch)
        for name, value in _about(trial).items():
            row.set_user_attr(name, value)
        complete = trial.state == "complete"
        self.study.tell(row, trial.value if complete else None, state=library.TrialState[STATES[trial.state]])


def _about(trial: Trial) -> dict[str, Any]:
    """What Optuna has no place of its own for; the rest would cost more than many a trial."""
    return {} if trial.fault is None else {"fault": trial.fault}


def opened(address: str, name: str) -> Any:
    """The study of a name, made where there is none."""
    library = optuna()
    if not address.startswith("sqlite:"):
        return library.create_study(storage=address, study_name=name, direction="maximize", load_if_exists=True)
    storage = library.storages.RDBStorage(address, engine_kwargs={"connect_args": {"timeout": LOCKED}})
    from sqlalchemy import event

    @event.listens_for(storage.engine, "connect")
    def _fast(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")  # after a power cut it is written anew

    storage.engine.dispose()
    return library.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)
