"""`chainrule sweep`: search the settings of a training, look at a search, go on with one."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Group, Parameter

from chainrule.cli.options import OUTPUT, Json, Quiet, whole_in
from chainrule.cli.texts import columns, command_line, emit
from chainrule.core.errors import SettingError

RUNNING, LOOKING = Group("Where it runs", sort_key=0), Group("Looking at a study (--out DIR)", sort_key=1)


def sweep(
    study: Annotated[Path | None, Parameter(help="The study's tables; examples/studies has some.")] = None,
    /,
    *,
    workers: Annotated[int | None, whole_in(RUNNING)] = None,
    executor: Annotated[Literal["threads", "processes", "cluster"], Parameter(group=RUNNING)] = "threads",
    cluster: Annotated[str | None, Parameter(group=RUNNING)] = None,
    storage: Annotated[str | None, Parameter(group=RUNNING)] = None,
    status: Annotated[bool, Parameter(group=LOOKING)] = False,
    watch: Annotated[bool, Parameter(group=LOOKING)] = False,
    best: Annotated[bool, Parameter(group=LOOKING)] = False,
    export: Annotated[Path | None, Parameter(group=LOOKING)] = None,
    dashboard: Annotated[bool, Parameter(group=LOOKING)] = False,
    out: Annotated[Path | None, Parameter(group=OUTPUT)] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Search the settings of a training; repeat the best with fresh seeds; test the winner, once.

    The same command goes on with a study that was stopped or killed.

    Examples:

    `chainrule sweep examples/studies/cs145-grid.toml --out runs/grid`

    `chainrule sweep --out runs/grid --status --watch`

    `chainrule sweep --out runs/grid --export trials.csv`

    Parameters
    ----------
    workers
        Trainings at a time; results do not depend on it.  [one per core]
    executor
        threads (compiled nets share one copy of the data), processes, or cluster.  [threads]
    cluster
        Address of a Dask scheduler, on this machine or with TLS; local starts one here.
    storage
        The database's address, as Optuna takes it.  [study.db in the folder]
    status
        How far the study is.
    watch
        With --status: again and again, until the study ends.
    best
        The best settings so far.
    export
        Write every trial to this CSV file; refused if it exists.
    out
        The study's folder; one that is there already is gone on with.  [a new one under runs/]
    dashboard
        Start optuna-dashboard on the study's database.
    """
    if watch or status or best or export or dashboard:
        if out is None or study is not None:
            raise SettingError("to look at a study, name its folder alone: chainrule sweep --out DIR --status.")
        return _look(out, status or watch, watch, best, export, dashboard, storage, json)
    if study is None:
        raise SettingError("name the study: chainrule sweep STUDY.toml --out DIR. examples/studies has some.")
    from chainrule import study as studies
    from chainrule.core.json_files import read_json

    found = studies.sweep(
        study=study,
        out=out,
        workers=workers,
        executor=executor,
        cluster=cluster,
        storage=storage,
        verbose=not quiet,
        command=command_line(),
    )
    if not found.complete:
        emit(
            {"complete": False, "trials": found.table()}, json, f"{found.text(columns())}\n\nThe folder: {found.folder}"
        )
        return 130
    text = f"{found.text(columns())}\n\nThe page: {found.folder / 'report.html'}"
    emit(read_json(found.folder / "result.json"), json, text)
    return 0


def _look(
    folder: Path,
    status: bool,
    watch: bool,
    best: bool,
    export: Path | None,
    dashboard: bool,
    storage: str | None,
    json: str | None,
) -> int:
    """What a study's folder says."""
    from chainrule.study.sweeps import conclusion
    from chainrule.study.sweeps import status as looks

    if status:
        clear = "\033[H\033[J" if watch and sys.stdout.isatty() else ""
        show = (lambda text: print(clear + text, flush=True)) if json != "-" else (lambda text: None)
        found = looks.watch(folder, show) if watch else looks.status(folder)
        emit(found, json, "" if watch else looks.told(found))
    if best:
        sweep = conclusion.read(folder)
        emit({"best": sweep.best, "trials": sweep.table()[:1]}, json, "\n".join(sweep.verdict))
    if export is not None:
        print(f"{looks.export(folder, export)} trials written to {export}", file=sys.stderr)
    return looks.dashboard(folder, storage) if dashboard else 0
