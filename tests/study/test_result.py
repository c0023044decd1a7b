"""A study's table and verdict, on histories made by hand, so that every figure is known."""

import math

import pytest

from chainrule.study.result import Study, StudyRun, Variant, first_epoch, text_rows, text_table
from chainrule.training.history import History


def history(train, val, metric="accuracy"):
    made = History(["W1"], [], metric)
    for epoch, (t, v) in enumerate(zip(train, val)):
        made.add_check(
            check_step=10 * epoch, check_epoch=epoch, train_acc=t, val_acc=v, train_loss=1.0, val_loss=1.0,
            update_ratios=[0.1], dead_share=[], seconds=float(epoch),
        )  # fmt: skip
    return made


def variant(label, best, *, train=(0.5, 0.95), metric="accuracy", failed=None, settings=None):
    """One run a seed; each reaches `best[seed]` in its first epoch and is worse by 0.1 in its last."""
    runs = [
        StudyRun(seed, history([*train, train[-1]], [0.1, top, top - 0.1], metric), top - 0.2, 2.0, [], failed)
        for seed, top in enumerate(best)
    ]
    return Variant(label, settings or {}, runs)


def study(*variants, **options):
    return Study("a study", {}, list(variants), 0.9, **options)


def test_the_table_has_means_spreads_and_paired_differences():
    found = study(variant("sgd", [0.6, 0.7, 0.65]), variant("adam", [0.8, 0.9, 0.85]))
    first, second = found.table()
    assert (first["variant"], second["variant"], found.best_label) == ("adam", "sgd", "adam")
    assert first["best_val_mean"] == pytest.approx(0.85)
    assert first["best_val_std"] == pytest.approx(0.05)
    assert first["final_val_mean"] == pytest.approx(0.75)
    assert first["test_mean"] == pytest.approx(0.65)
    assert (first["first_epoch"], first["reached"], first["seeds"], first["seconds"]) == (1.0, 3, 3, 2.0)
    assert (first["difference_mean"], first["difference_low"]) == (0.0, None)
    assert second["difference_mean"] == pytest.approx(-0.2)
    assert second["difference_low"] == pytest.approx(-0.2)  # equal differences: no spread


def test_the_first_epoch_counts_only_seeds_that_got_there():
    made = study(variant("slow", [0.5], train=(0.1, 0.2)))
    made.variants[0].runs.append(StudyRun(1, history([0.1, 0.2, 0.9], [0.1, 0.2, 0.3]), 0.1, 1.0, [], None))
    row = made.table()[0]
    assert (row["first_epoch"], row["reached"], row["seeds"]) == (2.0, 1, 2)
    assert "2.0 (1 of 2)" in text_table(made)
    assert first_epoch(made.variants[0].runs[0].history, 0.9) is None
    assert "never" in text_table(study(variant("slow", [0.5], train=(0.1, 0.2))))


def test_the_verdict_says_what_is_clear_and_what_may_be_luck():
    clear = study(variant("adam", [0.80, 0.82, 0.81]), variant("sgd", [0.50, 0.53, 0.51])).verdict
    assert clear[0] == "adam is best: 81.0 % on the validation rows and 61.0 % on the test rows (mean of 3 seeds)."
    assert clear[1].startswith("It beats sgd by 29.7 points (95 % interval 28.2 to 31.1 points, 3 seeds).")
    luck = study(variant("adam", [0.80, 0.50, 0.81]), variant("sgd", [0.50, 0.79, 0.51])).verdict
    assert luck[1].startswith("Its lead over sgd, 10.3 points, may be luck")
    single = study(variant("adam", [0.8]), variant("sgd", [0.5])).verdict
    assert "30.0 points ahead of sgd with one seed" in single[1]
    assert "+" not in text_table(study(variant("adam", [0.8]), variant("sgd", [0.5])))
    assert "-30.0" in text_table(study(variant("adam", [0.8]), variant("sgd", [0.5])))


def test_the_verdict_names_the_second_and_the_last():
    tops = {"a": [0.3, 0.31], "b": [0.9, 0.92], "c": [0.6, 0.61]}
    verdict = study(*(variant(name, top) for name, top in tops.items())).verdict
    assert verdict[0].startswith("b is best")
    assert "c by" in verdict[1]
    assert "a by" in verdict[2]


def test_trainings_that_diverged_rank_last_and_are_named():
    broken = variant("wild", [math.nan, math.nan], failed="the loss is not finite at step 3 (epoch 1)")
    for run in broken.runs:
        run.history._rows["val_acc"] = [math.nan] * 3
    found = study(broken, variant("calm", [0.2, 0.3]))
    assert found.best_label == "calm"
    assert "wild has no validation result to compare with." in found.verdict
    assert "Trainings diverged with wild: see what went wrong." in found.verdict
    assert "nan" not in str(found)
    alone = study(broken)
    assert alone.verdict[0].startswith("No variant has a validation result")
    assert "nan" not in str(alone)


def test_an_interrupted_study_says_so():
    assert study(variant("a", [0.5]), complete=False).verdict[-1].startswith("The study was interrupted")
    assert "interrupted" not in str(study(variant("a", [0.5])))


def test_searched_rates_are_told():
    found = Study("t", {"search": {}}, [variant("a", [0.5], settings={"lr": 0.03})], 0.9)
    assert "Learning rates found with a seed of their own: 0.03 for a." in found.verdict


def test_regression_is_told_in_r2_not_in_percent():
    found = study(variant("a", [0.5, 0.6], metric="r2"), variant("b", [-3.0, -2.5], metric="r2"))
    assert "0.550 on the validation rows" in found.verdict[0]
    assert "%" not in text_table(found).replace("[95 %]", "")
    assert "best val R²" in text_table(found)


def test_a_wide_table_is_folded_to_the_terminal():
    found = study(variant("momentum, xavier uniform", [0.80, 0.82]), variant("sgd, he", [0.50, 0.53]))
    whole, folded = text_table(found), text_table(found, 80)
    assert max(map(len, whole.splitlines())) > 100
    assert max(map(len, folded.splitlines())) <= 80
    assert folded.count("momentum, xavier uniform") == 2
    assert {word for word in whole.split() if "─" not in word} == {word for word in folded.split() if "─" not in word}


def test_rows_are_aligned():
    assert text_rows([["name", "x"], ["a", "10"], ["bcdef", "2"]]).splitlines() == [
        "name    x",
        "─────────",
        "a      10",
        "bcdef   2",
    ]
    assert text_rows([["a", "bb", "cc"]], width=1).splitlines() == ["a  bb", "─────", "", "a  cc", "─────"]
