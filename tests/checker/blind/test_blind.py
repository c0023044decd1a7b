"""Files written without a look at the catalogue of mistakes: the right ones pass, the wrong ones are caught and told why."""

import sys
import types

import blind_files
import pytest

from chainrule.checker import check

LINES = (blind_files.HERE / "causes.txt").read_text().splitlines()
CAUSES = dict(line.split() for line in LINES if not line.startswith("#"))
UNCAUGHT = [name for name, cause in CAUSES.items() if cause == "-"]
CAUGHT = [name for name in CAUSES if name not in UNCAUGHT]
UNNAMED = [name for name in CAUGHT if CAUSES[name] == "?"]


def checked(source, seed):
    """The findings of a file, but for functions that it does not have."""
    module = types.ModuleType("blind")
    sys.modules["blind"] = module
    exec(compile(source, "blind.py", "exec"), vars(module))
    return [f for f in check(module, seed=seed).findings if f.verdict != "missing"]


def caught(name, seed):
    """A wrong file is caught, and the cause that the table states is among those named."""
    wrong = [f for f in checked(blind_files.WRONG[name], seed) if f.verdict != "correct"]
    assert wrong, f"{name}: not caught"
    said = {cause for finding in wrong for fault in finding.faults for cause in fault.cause}
    assert CAUSES[name] in {"?", *said}, f"{name}: {said}"


def test_every_file_stands_in_the_table():
    assert set(CAUSES) == set(blind_files.WRONG)
    assert len(CAUGHT) >= 170
    assert len(UNCAUGHT) / len(CAUSES) < 0.05
    assert len(UNNAMED) / len(CAUGHT) < 0.25


@pytest.mark.promise("P6.7")
@pytest.mark.parametrize("name", blind_files.RIGHT)
def test_right_files_are_not_accused(name):
    findings = checked(blind_files.RIGHT[name], seed=2)
    assert findings
    in_place = [f for f in findings if f.verdict == "convention"]
    assert [f.name for f in in_place] == (["sgd"] if name == "rules_get" else [])  # the courses' own sgd does so too
    assert [f.message for f in findings if f.verdict != "correct" and f not in in_place] == []


@pytest.mark.promise("P6.5")
@pytest.mark.parametrize("name", CAUGHT[::4])
def test_some_wrong_files_are_caught(name):
    caught(name, seed=3)


@pytest.mark.long
@pytest.mark.promise("P6.5")
@pytest.mark.parametrize("name", CAUGHT)
def test_all_wrong_files_are_caught(name):
    for seed in (4, 5):
        caught(name, seed)
