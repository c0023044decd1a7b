"""Wrong implementations of every known mistake: all caught, with the cause named."""

import pytest
import variants

from chainrule.checker import check
from chainrule.checker.tasks import TASKS

WRONG = variants.every_wrong()
SHARE_NAMED = 0.97  # of those whose mistake is in the catalogue


def found(wrong, seed=1):
    """The findings of the function that is wrong, and of those that only follow from it."""
    report = check(variants.module(wrong.source), only=wrong.function.split(".")[0], seed=seed)
    return [finding for finding in report.findings if finding.verdict != "correct"]


def is_named(wrong, findings):
    return any(wrong.cause in fault.cause for finding in findings for fault in finding.faults)


def judged(chosen):
    """Every wrong one is caught; the share whose cause is named."""
    named = 0
    for wrong in chosen:
        findings = found(wrong)
        assert findings, f"{wrong}: not caught"
        assert wrong.cause is None or wrong.convention == (findings[0].verdict == "convention"), f"{wrong}: {findings}"
        named += wrong.cause is None or is_named(wrong, findings)
    return named / len(chosen)


@pytest.mark.promise("P6.5")
def test_a_sample_of_the_wrong_implementations_is_caught_and_named():
    assert judged(WRONG[::13]) >= SHARE_NAMED


@pytest.mark.long
@pytest.mark.promise("P6.5")
def test_every_wrong_implementation_is_caught_and_named():
    assert len(WRONG) >= 300
    assert judged(WRONG) >= SHARE_NAMED


def test_the_tables_cover_the_catalogue():
    """A mistake without a wrong implementation is a claim that nobody has tried."""
    tried = {(task, wrong.cause) for wrong in WRONG for task in variants.tasks_of(wrong.function)}
    known = {(task.name, mistake.name) for task in TASKS for mistake in task.mistakes}
    shared = {
        pair for pair in known if pair[1] in SHARED | STRICTER or (pair[0] == "adamw" and ("adam", pair[1]) in tried)
    }
    untried = known - tried - shared
    assert not untried, sorted(untried)


SHARED = {  # tried in one update rule or two, the same in all
    "w_in_place",
    "dw_in_place",
    "no_rate",
    "own_rate",
    "config_not_changed",
    "config_shared",
    "other_default_rate",
}
STRICTER = {"course_draws", "course_lines", "course_sample", "course_refusal"}  # what only --course asks for


@pytest.mark.parametrize("hints", range(4))
def test_what_is_said_of_a_missing_mean_path(hints):
    wrong = next(w for w in WRONG if w.cause == "mean_path_missing" and w.function == "batchnorm_backward")
    report = check(variants.module(wrong.source), only="batchnorm_backward", seed=1, hints=hints)
    (finding,) = report.findings
    assert finding.message == "dx misses the path through the mean; the rest is right."
    text = report.text()
    assert ("misses the path" in text) == (hints > 0)
    assert text.count("Hint:") == hints
    assert "1 of 1 wrong" in text


def test_two_mistakes_at_once_are_both_named():
    style = variants.STYLES["vectorized"]
    source = variants.replaced(style, "softmax_loss", "x.max(axis=1, keepdims=True)", "x.max()", "")
    source = variants.replaced(source, "softmax_loss", "y].mean()", "y].sum()", "")
    (finding,) = check(variants.module(source), only="softmax_loss", seed=1).findings
    assert set(finding.faults[0].cause) == {"max_of_all", "sum"}


def test_an_unknown_mistake_gets_no_cause_but_measurements():
    source = variants.replaced(
        variants.STYLES["vectorized"], "affine_backward", "dx, dw, db\n", "dx, dw * 1.3, db\n", ""
    )
    (finding,) = check(variants.module(source), only="affine_backward", seed=1).findings
    assert finding.faults[0].cause == ()
    assert "cause is not recognised: every entry is 1.3 times what it should be" in finding.message


def test_a_backward_that_is_right_for_a_wrong_forward_only_follows_from_it():
    source = variants.STYLES["vectorized"]
    source = variants.replaced(source, "affine_forward", "rows @ w + b", "3 * (rows @ w) + b", "")
    source = variants.replaced(source, "affine_backward", "return dx, dw, db", "return 3 * dx, 3 * dw, db", "")
    forward, backward = check(variants.module(source), only="affine", seed=1).findings
    assert forward.verdict == backward.verdict == "wrong"
    assert backward.follows == "affine_forward"
    assert "derivative of your own out" in backward.message


@pytest.mark.parametrize(
    ("course", "verdict"), [(None, "convention"), ("cs182", "correct"), ("cs231n", "wrong"), ("c147", "wrong")]
)
def test_a_convention_counts_by_the_course(course, verdict):
    wrong = next(w for w in WRONG if w.cause == "rate_outside")
    (finding,) = check(variants.module(wrong.source), only="sgd_momentum", seed=1, course=course).findings
    assert finding.verdict == verdict
    if verdict == "wrong":
        assert "cs182" in finding.message


def test_the_library_form_is_another_convention_where_a_course_has_its_own():
    (finding,) = check(variants.module(variants.STYLES["vectorized"]), only="momentum", course="cs182", seed=1).findings
    assert finding.verdict == "wrong"
    assert "inside the velocity" in finding.message
    assert "cs231n" in finding.message


@pytest.mark.parametrize(
    ("function", "old", "new", "follow"),
    [
        (
            "affine_backward",
            "dout.sum(axis=0)",
            "dout.mean(axis=0)",
            ["affine_relu", "two_layer_net", "fully_connected_net"],
        ),
        (
            "relu_forward",
            "np.maximum(x, 0)",
            "np.maximum(x, -0.3)",
            ["affine_relu", "two_layer_net", "fully_connected_net"],
        ),
        ("softmax_loss", "dx /= n", "dx /= n + 1", ["two_layer_net", "fully_connected_net"]),
        ("batchnorm_backward_alt", "gamma / std / n", "1.1 / std / n", ["net_with_batchnorm"]),
        ("layernorm_forward", "(x - mean) / std", "(x - 2 * mean) / std", ["net_with_layernorm"]),
    ],
)
def test_a_whole_that_only_follows_from_its_parts_says_so(function, old, new, follow):
    source = variants.replaced(variants.STYLES["vectorized"], function, old, new, "")
    report = check(variants.module(source), seed=1)
    wrong = [finding for finding in report.findings if finding.verdict == "wrong" and finding.task in follow]
    assert len(wrong) >= len(follow)
    assert [(finding.name, finding.message) for finding in wrong if not finding.follows] == []
    assert next(finding for finding in report.findings if finding.name == function).follows == ""
