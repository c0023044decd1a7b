"""`chainrule bench`: how fast the library is here, alone or beside other libraries."""

from typing import Annotated

from cyclopts import Group, Parameter

from chainrule.cli.options import Json, Out, Quiet, whole_in
from chainrule.cli.texts import columns, command_line, emit

BENCH = Group("Benchmark", sort_key=1)


def bench(
    *,
    peers: Annotated[bool, Parameter(group=BENCH)] = False,
    work: Annotated[str | None, Parameter(group=BENCH)] = None,
    only: Annotated[str | None, Parameter(group=BENCH)] = None,
    rounds: Annotated[int | None, whole_in(BENCH)] = None,
    quick: Annotated[bool, Parameter(group=BENCH)] = False,
    busy: Annotated[bool, Parameter(group=BENCH)] = False,
    threads: Annotated[int | None, whole_in(BENCH)] = None,
    python: Annotated[list[str] | None, Parameter(group=BENCH)] = None,
    out: Out = None,
    json: Json = None,
    quiet: Quiet = False,
) -> int:
    """Time the library on this machine; with --peers, beside PyTorch, JAX, scikit-learn and FAISS.

    Everyone gets the same bytes in memory, the same batches, starting weights and threads, and a process of its own;
    libraries that are missing are named. CIFAR-10 is taken from $CHAINRULE_DATA, else random bytes of its shape.

    Examples:

    `chainrule bench --quick`

    `chainrule bench --peers --python ~/torch/bin/python --python ~/jax/bin/python --out bench`

    `chainrule bench --busy --work A,B --rounds 5`

    Parameters
    ----------
    peers
        Time other libraries too.
    work
        With commas: A, A-momentum, B, C, study, knn-small, knn-large, compare.  [all but the last two]
    only
        With commas: which may take part: fused, plain, torch_eager, torch_compile, jax_scan, sklearn_mlp, ...  [all]
    rounds
        Turns of each.  [15; 3 of knn-large, 5 of compare]
    quick
        Less of each work, three rounds: for a first look.
    busy
        Take each turn again beside a process that keeps one core busy.
    threads
        Of everyone.  [one per core]
    python
        Another Python whose packages may be used; may be given several times. CHAINRULE_BENCH_PYTHON names some too,
        separated as in PATH.
    """
    from chainrule.bench import side_by_side

    made = side_by_side(
        work.split(",") if work else None,
        peers=only.split(",") if only else peers,
        rounds=rounds,
        quick=quick,
        busy=busy,
        threads=threads,
        pythons=python,
        out=out,
        verbose=not quiet,
        command=command_line(),
    )
    emit(made.describe(), json, f"{made.text(columns())}\n\nTables and a picture: {made.folder}")
    return 0
