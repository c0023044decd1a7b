"""Syntax-tree mutants of correct implementations are caught, and each is described by a cause or by what was measured."""

import mutants
import pytest
import variants

from chainrule.checker import check

MUTANTS = [mutant for mutant in mutants.every_mutant() if str(mutant) not in mutants.EQUIVALENT]


def survivors(chosen):
    alive = []
    for mutant in chosen:
        report = check(variants.module(mutant.source), only=variants.tasks_of(mutant.function), seed=1)
        wrong = [finding for finding in report.findings if finding.verdict != "correct"]
        if not wrong:
            alive.append(str(mutant))
        assert all(fault.cause or fault.evidence or fault.follows for f in wrong for fault in f.faults), mutant
    return alive


@pytest.mark.promise("P6.6")
def test_a_sample_of_the_mutants_is_caught():
    assert survivors(MUTANTS[7::90]) == []


@pytest.mark.long
@pytest.mark.promise("P6.6")
def test_every_mutant_is_caught():
    assert len(MUTANTS) >= 1000
    assert survivors(MUTANTS) == []


def test_the_equivalent_ones_are_mutants_that_are_made():
    """`equivalent.txt` lists those that compute the same: what they change is overwritten, cancels, or is not reached."""
    made = {str(mutant) for mutant in mutants.every_mutant()}
    assert made >= mutants.EQUIVALENT
