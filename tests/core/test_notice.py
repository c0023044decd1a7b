"""Whoever waits is told why, unless told to be quiet."""

import time

import pytest

from chainrule import cli
from chainrule.core import notice


def test_long_work_is_announced_and_short_work_is_not(monkeypatch, capsys):
    with notice.said("short"):
        pass
    monkeypatch.setattr(notice, "PATIENCE", 0.05)
    with notice.said("long"):
        time.sleep(0.5)
    with notice.silence(), notice.said("silent"):
        time.sleep(0.5)
    with notice.said("long again"):
        time.sleep(0.5)
    assert capsys.readouterr().err == "chainrule: long\nchainrule: long again\n"


def test_quiet_commands_give_no_notice(monkeypatch, capsys):
    def command(argv, **settings):
        with notice.said("compiling"):
            time.sleep(0.5)
        return 0

    monkeypatch.setattr(notice, "PATIENCE", 0.05)
    monkeypatch.setattr(cli, "app", command)
    for words, err in ((["knn", "--quiet"], ""), (["knn"], "chainrule: compiling\n")):
        monkeypatch.setattr("sys.argv", ["chainrule", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        assert capsys.readouterr().err == err
