"""The benchmark on works so small that nothing but its structure is to be seen: never a time."""

import json
import shutil
import sys
from dataclasses import replace

import pytest

from chainrule.bench import PEERS, WORKS, Compared, Search, Training, side_by_side
from chainrule.bench.process import PeerError, Team
from chainrule.bench.work import described, quick, restored
from chainrule.cli import main
from chainrule.core.errors import SettingError

SMALL = {"features": 12, "classes": 3, "rows": 400}
STEPS = Training("steps", (8, 8), batch=20, steps=15, rounds=3, **SMALL)
NETS = Training("nets", (8,), batch=20, rule="momentum", nets=3, steps=15, rounds=2, **SMALL)
SEARCH = Search("near", 30, 200, features=12, k=3, rounds=2)
STUDY = Compared("rules", (8,), batch=20, rules=("sgd", "adam"), seeds=2, epochs=2, checked=40, rounds=1, **SMALL)
OURS = ["fused", "plain", "sklearn_mlp", "sklearn_knn", "faiss_flat"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A whole benchmark of three works."""
    out = tmp_path_factory.mktemp("bench") / "out"
    works = [STEPS, NETS, SEARCH]
    return side_by_side(works, peers=OURS, threads=2, out=out, verbose=False, command="chainrule bench")


def table(made, name):
    """The rows of a work by title."""
    result = json.loads((made.folder / "result.json").read_text())
    work = next(work for work in result["works"] if work["work"]["name"] == name)
    return {row["title"]: row for row in work["table"]}


def test_everyone_takes_the_same_steps(made):
    found = table(made, "steps")
    assert set(found) == {"Chainrule fused", "Chainrule plain", "scikit-learn MLP"}
    losses = [row["loss"] for row in found.values()]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-4)  # so short that rounding has no time to grow
    assert all(row["agrees"] for row in found.values())
    assert 0 < losses[0] < 3


def test_several_nets_are_trained_alike_by_both_engines(made):
    found = table(made, "nets")
    assert set(found) == {"Chainrule fused", "Chainrule plain"}
    fused, plain = (row["loss"] for row in found.values())
    assert fused == pytest.approx(plain, rel=1e-4)


@pytest.mark.long
def test_a_comparison_is_timed_whole(tmp_path):
    made = side_by_side([STUDY], threads=2, out=tmp_path / "o", verbose=False)
    fused, plain = (row["loss"] for row in table(made, "rules").values())
    assert fused == pytest.approx(plain, rel=0.02)


def test_everyone_finds_the_same_neighbours(made):
    found = table(made, "near")
    assert set(found) - {"FAISS flat"} == {"Chainrule fused", "Chainrule plain", "scikit-learn brute"}
    assert all(row["differs"] == 0 for row in found.values())


def test_every_turn_is_told(made):
    work = json.loads((made.folder / "result.json").read_text())["works"][0]
    for turns in work["turns"].values():
        assert len(turns["seconds"]) == len(turns["losses"]) == STEPS.rounds
        assert min(turns["seconds"]) > 0
        assert turns["peak_bytes"] > 1 << 24
        assert turns["processes"][0]["versions"]["numpy"]
    assert len(work["gflops_of_product"]) == STEPS.rounds + 1
    assert work["table"] == sorted(work["table"], key=lambda row: row["time"])
    assert work["verdict"].startswith("steps: ")
    assert work["verdict"].endswith("scikit-learn MLP")


def test_the_folder_holds_page_and_pictures(made):
    page = (made.folder / "README.md").read_text()
    assert "| Chainrule fused |" in page
    assert "`chainrule bench`" in page
    assert "numpy" in page.splitlines()[0]
    assert (made.folder / "times.svg").read_text().count("Chainrule plain") == 3
    assert (made.folder / "times.png").stat().st_size > 1000
    assert "scikit-learn MLP" in made.text(80)


def test_missing_peers_are_named(made):
    missing = next(found.skipped for found in made.measured if found.work.name == "near")
    if "faiss_flat" in missing:
        assert "faiss" in missing["faiss_flat"]
        assert "FAISS flat is missing: no faiss" in made.text()
    else:
        assert "FAISS flat" in table(made, "near")


def test_beside_a_busy_core(tmp_path):
    found = side_by_side(
        [replace(STEPS, rounds=1)], peers=["fused"], threads=1, busy=True, out=tmp_path / "o", verbose=False
    )
    turns = found.measured[0].turns["fused"]
    assert len(turns.beside) == len(turns.seconds) == 1
    assert "beside a busy core" in found.text()


def test_a_peer_that_fails_says_why(tmp_path):
    with pytest.raises(PeerError, match="FileNotFoundError"):
        Team(PEERS["plain"], STEPS, python=sys.executable, folder=tmp_path, threads=1)
    with pytest.raises(PeerError, match="ended with status"):
        Team(PEERS["plain"], STEPS, python=shutil.which("false"), folder=tmp_path, threads=1)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"works": ["nonsense"]}, "unknown work"),
        ({"peers": ["nonsense"]}, "unknown peer"),
        ({"rounds": 0}, "rounds"),
        ({"threads": 0}, "threads"),
        ({"pythons": ["/no/such/python"]}, "/no/such/python is no program"),
    ],
)
def test_what_cannot_be_done_is_refused(given, says, tmp_path):
    with pytest.raises(SettingError, match=says):
        side_by_side(**given, out=tmp_path / "o", verbose=False)
    assert not list(tmp_path.iterdir())


def test_works_go_through_json():
    for work in WORKS.values():
        assert restored(json.loads(json.dumps(described(work)))) == work
        assert quick(work).flops <= work.flops
    assert WORKS["A"].flops == 2 * 100 * (3 * (3072 * 100 + 4 * 100 * 100 + 1000) - 3072 * 100)


def test_the_command(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["chainrule", "bench", "--work", "nonsense", "--out", str(tmp_path / "o")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "unknown work 'nonsense'" in capsys.readouterr().err
