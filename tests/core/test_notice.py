"""Whoever waits is told why, unless told to be quiet."""

import time
from types import SimpleNamespace

import pytest

from chainrule import cli
from chainrule.core import notice


@pytest.fixture
def timers(monkeypatch):
    """The timers that are made; none rings but by hand."""
    made = []

    class Timer:
        def __init__(self, seconds, function, args):
            self.seconds, self.ring, self.running = seconds, lambda: function(*args), False
            made.append(self)

        def start(self):
            self.running = True

        def cancel(self):
            self.running = False

    monkeypatch.setattr(notice, "threading", SimpleNamespace(Timer=Timer))
    return made


def test_long_work_is_announced_and_short_work_is_not(timers, capsys):
    with notice.said("short"):
        assert timers[0].running
    assert (timers[0].seconds, timers[0].running) == (1.0, False)
    with notice.said("long"):
        timers[1].ring()
    with notice.silence(), notice.said("silent"):
        timers[2].ring()
    with notice.said("long again"):
        timers[3].ring()
    assert capsys.readouterr().err == "chainrule: long\nchainrule: long again\n"


def test_the_word_comes_while_the_work_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(notice, "PATIENCE", 0.01)
    err, end = "", time.monotonic() + 60
    with notice.said("long"):
        while not err and time.monotonic() < end:
            time.sleep(0.01)
            err = capsys.readouterr().err
    assert err == "chainrule: long\n"


def test_quiet_commands_give_no_notice(timers, monkeypatch, capsys):
    def command(argv, **settings):
        with notice.said("compiling"):
            timers[-1].ring()
        return 0

    monkeypatch.setattr(cli, "app", command)
    for words, err in ((["knn", "--quiet"], ""), (["knn"], "chainrule: compiling\n")):
        monkeypatch.setattr("sys.argv", ["chainrule", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        assert capsys.readouterr().err == err
