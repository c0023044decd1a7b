"""Where jobs run: on threads of this process, in processes of this machine, or on a cluster."""

from pathlib import Path
from typing import Any

from chainrule.core.errors import SettingError, choose
from chainrule.study.executors.base import Data, Executor

EXECUTORS = ("threads", "processes", "cluster")


def check_executor(kind: str, cluster: Any) -> str:
    """Which executor is asked for.

    Raises:
        SettingError: an unknown one, or an address that is none or not protected.
    """
    choose(kind, EXECUTORS, what="executor")
    if cluster is None and kind != "cluster":
        return kind
    if kind == "processes":
        raise SettingError("executor: jobs run in processes or on a cluster, not on both; leave one out.")
    from chainrule.study.executors.cluster import check_address, distributed

    distributed()
    check_address("local" if cluster is None else cluster)
    return "cluster"


def executor_of(kind: str, data: Data, workers: int, folder: Path, cluster: Any) -> Executor:
    """An executor over some rows.

    Args:
        kind: as `check_executor` gives it.
        data: the rows, by name.
        workers: jobs at a time.
        folder: where rows may be put for other processes of this machine.
        cluster: a scheduler, as `cluster.check_address` takes it; where None, one is started here.
    """
    if kind == "cluster":
        from chainrule.study.executors.cluster import Cluster

        return Cluster(data, workers, "local" if cluster is None else cluster, folder)
    if kind == "processes":
        from chainrule.study.executors.processes import Processes

        return Processes(data, workers, folder)
    from chainrule.study.executors.threads import Threads

    return Threads(data, workers)
