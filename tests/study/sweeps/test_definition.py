"""Definitions: a STUDY.toml, read strictly; everything wrong is a sentence with the nearest name."""

import pytest

from chainrule.core.errors import FileFormatError, SettingError
from chainrule.study.sweeps.definition import Budget, Definition

TEXT = """
data = "digits"
sampler = "random"
pruner = { kind = "halving", first = 2 }
[settings]
epochs = 4
[space]
lr = { log = [1e-4, 0.3] }
[budget]
trials = 7
"""


def load(tmp_path, text):
    path = tmp_path / "my-study.toml"
    path.write_text(text)
    return Definition.load(path)


def test_a_file_is_read(tmp_path):
    made = load(tmp_path, TEXT)
    assert made.name == "my-study"
    assert made.data.source == "digits"
    assert (made.sampler.kind, made.sampler.startup) == ("random", 10)
    assert (made.pruner.kind, made.pruner.first, made.pruner.factor) == ("halving", 2, 3)
    assert made.budget == Budget(trials=7)
    assert made.settings == {"epochs": 4}
    assert Definition.of(made.describe()) == made  # as settings.json brings it back


def test_data_lie_beside_the_file(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    made = load(tmp_path, TEXT.replace('"digits"', '{ source = "rows.csv", target = "b" }'))
    assert made.data.source == str(tmp_path / "rows.csv")


def test_without_a_budget_there_are_some_trials_but_a_grid_has_its_own(tmp_path):
    bare = TEXT.replace("[budget]\ntrials = 7\n", "")
    assert load(tmp_path, bare).budget == Budget(trials=20)
    assert load(tmp_path, bare.replace('"random"', '"grid"')).budget == Budget()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("trials", "trails", r"\[budget\].*'trails'.*Did you mean 'trials'"),
        ("[budget]", "[buget]", "Did you mean 'budget'"),
        ('"random"', '"randon"', "Did you mean 'random'"),
        ('"halving"', '"halfing"', "Did you mean 'halving'"),
        ("first = 2", "frist = 2", "Did you mean 'first'"),
        ("trials = 7", 'trials = "7"', "trials must be a whole number"),
        ("trials = 7", "trials = 0", "trials must be at least 1"),
        ("first = 2", "factor = 1", "factor must be at least 2"),
        ("lr = { log = [1e-4, 0.3] }", "", "the space is empty"),
        ('data = "digits"', "", "does not say which data"),
        ('data = "digits"', 'data = { source = "digits", traget = "b" }', "Did you mean 'target'"),
        ('data = "digits"', "data = 3", "a table is wanted"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, words):
    assert old in TEXT
    with pytest.raises(SettingError, match=words):
        load(tmp_path, TEXT.replace(old, new))


@pytest.mark.parametrize("text", ["data = ", "a = 1\na = 2", "\ufffd\x00"])
def test_no_toml(tmp_path, text):
    with pytest.raises(FileFormatError, match="no TOML"):
        load(tmp_path, text)


def test_no_file(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        Definition.load(tmp_path / "none.toml")


def test_a_huge_file_is_not_read(tmp_path):
    (tmp_path / "s.toml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(FileFormatError, match="at most"):
        Definition.load(tmp_path / "s.toml")
