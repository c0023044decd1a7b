"""Records of the benchmark."""

from public_api import Record


def bench_records() -> dict[str, Record]:
    of_work = Record(reason="sizes of a work; what cannot be run fails when it is run")
    return {
        "bench.side_by_side": Record(reason="starts processes; its refusals have tests of their own"),
        "bench.Benchmark": Record(reason="made by side_by_side"),
        "Benchmark.text": Record(reason="a width of a terminal"),
        "bench.Compared": of_work,
        "bench.Search": of_work,
        "bench.Training": of_work,
    }
