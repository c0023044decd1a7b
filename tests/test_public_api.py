"""Bad input gets a sentence: every public callable, with everything that people pass by mistake.

A new public callable, or a new argument of one, fails here until `public_api.py` has a record of it.
"""

import copy
import inspect
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hostile import REFUSED, Floats, Labels, complaint, has_nan, same
from library_records import state
from public_api import FREE, GAPS, Record, public
from study_records import records

PUBLIC, RECORDS = public(), records()
CASES = [(name, argument) for name, record in RECORDS.items() for argument in record.roles]
ARRAYS = [(name, a) for name, a in CASES if isinstance(RECORDS[name].roles[a], Floats | Labels)]
SMALL = 1 << 18  # bytes that a refusal may take beside twice its input: messages, tracebacks, small results


def cases(pairs, *, run=True):
    """Parameters by name; strict about the gaps that are known, so that a closed one has to be taken off the list.

    `run` is false where a gap would take all memory.
    """
    return pytest.mark.parametrize(
        ("name", "argument"),
        [pytest.param(*pair, id="-".join(pair), marks=gap(*pair, run)) for pair in pairs],
    )


def gap(name, argument, run):
    arguments, reason = GAPS.get(name, ("", ""))
    return [pytest.mark.xfail(strict=True, reason=reason, run=run)] if argument in arguments.split() else []


@pytest.mark.promise("P5.1")
def test_every_public_callable_has_a_record_and_every_argument_a_role():
    assert set(PUBLIC) - set(RECORDS) == set(), "public callables without a record"
    assert set(RECORDS) - set(PUBLIC) == set(), "records of nothing public"
    for name, record in RECORDS.items():
        if record.reason:
            assert not record.roles
            continue
        arguments = [p.name for p in inspect.signature(PUBLIC[name]).parameters.values() if p.kind not in (2, 4)]
        without = set(arguments) - set(record.roles) - set(FREE) - {"self", *record.parts}
        assert not without, f"{name}: arguments without a role: {without}"
        assert record.roles, f"{name}: a record that tries nothing"


@pytest.mark.promise("P5.2")
@cases(CASES)
def test_bad_input_gets_a_sentence_or_the_right_result(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaints = complaints_of(RECORDS[name], argument, tmp_path, first=name in GAPS)
    assert not complaints, f"{name}({argument}=...):\n" + "\n".join(complaints)


def complaints_of(record: Record, argument: str, folder: Path, *, first: bool = False) -> list[str]:
    """What is wrong with the ways in which a callable meets hostile values of one argument; the first thing alone."""
    role, found = record.roles[argument], []
    _, arguments, _ = record.valid(folder)
    for kind, value, plain in role.kinds(arguments.get(argument), folder):
        if "2**40" in kind or (record.slow and plain is not REFUSED):
            continue
        wrong = complaint_of(record, argument, value, plain, folder)
        if wrong:
            found.append(f"  {kind}: {wrong}")
            if first:
                break
    return found


def complaint_of(record: Record, argument: str, value, plain, folder: Path) -> str | None:
    """What is wrong with one call; None where it was refused well, or gave what a plain copy gives."""
    function, arguments, kept = record.valid(folder)
    arguments |= {argument: value}
    before, there = everything(kept, arguments), files(folder)
    result, error = outcome(function, arguments)
    if (error or not record.moves) and not same(before, everything(kept, arguments)):
        return "something was changed"
    if error and files(folder) != there:
        return "it was refused, but files were written"
    if error:
        return complaint(error, (argument, *record.says.get(argument, ())), value)
    if plain is REFUSED:
        return "it was taken"
    function, arguments, _ = record.valid(folder)
    wanted, error = outcome(function, {**arguments, argument: plain})
    if error:
        return f"it was taken, but its plain copy was not: {error}"
    if not same(result, wanted):
        return "its plain copy gives another result"
    role = record.roles[argument]
    if isinstance(role, Floats) and not role.draws and has_nan(plain) and not has_nan(result):
        return "a NaN vanished"
    return None


def outcome(function, arguments):
    """The result and the error of a call, one of them None."""
    try:
        with np.errstate(all="ignore"):  # infinities among the values
            return function(**arguments), None
    except Exception as error:
        return None, error


def everything(kept, arguments):
    """All that a call may not change: the objects it works on, and its arguments."""
    given = {n: copy.deepcopy(v) for n, v in arguments.items() if isinstance(v, np.ndarray) and v.dtype != object}
    return [state(own) for own in kept], given


def files(folder: Path) -> list:
    """Every file below a folder with its contents."""
    return sorted((str(path), path.read_bytes() if path.is_file() else b"") for path in folder.rglob("*"))


@pytest.mark.promise("P5.3")
@cases(ARRAYS, run=False)
def test_a_view_of_2_to_the_40_numbers_is_refused_without_memory(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record = RECORDS[name]
    _, arguments, _ = record.valid(tmp_path)
    huge = [kind for kind in record.roles[argument].kinds(arguments[argument], tmp_path) if "2**40" in kind[0]]
    assert huge
    for _, value, _ in huge:
        peak, error = peak_of(record, argument, value, tmp_path)
        assert complaint(error, (argument, *record.says.get(argument, ())), value) is None
        assert peak <= SMALL


@pytest.mark.promise("P5.4")
@cases([case for case in ARRAYS if case != ("numeric_gradient", "x")], run=False)  # f's business
def test_a_refusal_takes_no_more_than_twice_the_memory_of_its_input(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record = RECORDS[name]
    _, arguments, _ = record.valid(tmp_path)
    good = arguments[argument]
    large = np.resize(good, ((1 << 18) // max(1, good[:1].size), *good.shape[1:]))  # 2 MiB
    wrong = large.astype(float)
    wrong.flat[-1] = np.nan
    for value in (large, wrong, large.astype(complex), large[: len(large) // 16].astype(str)):
        peak, error = peak_of(record, argument, value, tmp_path)
        if error is not None:
            assert complaint(error, (argument, *record.says.get(argument, ())), value) is None
            assert peak <= 2 * value.nbytes + SMALL


def peak_of(record, argument, value, folder):
    """Bytes allocated at the most by a call, and its error."""
    function, arguments, _ = record.valid(folder)
    tracemalloc.start()
    try:
        _, error = outcome(function, {**arguments, argument: value})
        return tracemalloc.get_traced_memory()[1], error
    finally:
        tracemalloc.stop()


# -- the checks themselves -----------------------------------------------------------------------------------------------


def takes_anything(x):
    return np.zeros(3)


def drops_nan(x):
    return np.nan_to_num(np.asarray(checked(x), float))


def checked(x):
    from chainrule.core.shapes import check

    check("own", ["x"], [("n", "d")], [x])
    return x


def changes_its_input(x):
    if np.asarray(checked(x)).flags.writeable:
        x[0, 0] += 1
    return x.copy()


def fails_without_a_name(x):
    raise ValueError("operands could not be broadcast together")


def reads_past_the_strides(x):
    checked(x)
    return np.lib.stride_tricks.as_strided(x, x.shape, (8 * x.shape[1], 8)).copy() if x.strides[1] == 8 else x + 1


@pytest.mark.promise("P5.5")
@pytest.mark.parametrize(
    ("function", "words"),
    [
        (takes_anything, "it was taken"),
        (drops_nan, "vanished"),
        (changes_its_input, "something was changed"),
        (fails_without_a_name, "no error of the library"),
        (reads_past_the_strides, "another result"),
        (checked, None),
    ],
)
def test_the_checks_see_what_is_wrong(function, words, tmp_path):
    good = np.arange(20.0).reshape(5, 4) / 7
    record = Record(lambda folder: (function, {"x": good.copy()}, []), {"x": Floats("n d")})
    found = complaints_of(record, "x", tmp_path)
    assert any(words in line for line in found) if words else not found
