"""How a finding is told: what is nearly right, examples that show something, sentences that read well; and again."""

import numpy as np
import pytest
import variants

from chainrule.checker import check
from chainrule.checker.in_process import keeping_random_state
from chainrule.checker.tasks import TASKS
from chainrule.checker.wording import begun, being

RIGHT = variants.STYLES["vectorized"]


def finding(function, *changes, source=RIGHT, **more):
    """What is found of a function that has been changed."""
    for old, new in changes:
        source = variants.replaced(source, function, old, new, "")
    return check(variants.module(source), only=function, seed=1, **more)[function]


def test_what_is_computed_in_single_precision_is_said_to_be_nearly_right():
    found = finding("adam", ("mhat = m /", "mhat = np.float32(1) * m.astype(np.float32) /"))
    assert found.verdict == "wrong"
    assert "it is right to 6 digits only, as where something inside is float32" in found.message
    assert found.faults[0].example.came != found.faults[0].example.wanted
    assert not any("0 % of the entries" in said for said in found.faults[0].evidence)


def test_a_known_mistake_is_named_in_single_precision_too():
    found = finding("adam", ("m / (1 - beta1**t)", "m.astype(np.float32)"), ("v / (1 - beta2**t)", "v"))
    assert found.faults[0].cause == ("no_bias_correction",)
    assert "is what came, to five digits, in 20 of 20 trials" in found.faults[0].evidence[0]
    assert [fault.cause for fault in found.faults[1:]] == [("no_bias_correction",)] * (len(found.faults) - 1)


def test_nearly_another_convention_is_not_one():
    """What agrees with a convention to five digits only is wrong by it, and by everything else."""
    outside = '- config["learning_rate"] * dw', "+ dw"
    assert finding("sgd_momentum", outside, ("w + v", 'w - config["learning_rate"] * v')).verdict == "convention"
    nearly = "w + v", 'w - 1.000001 * config["learning_rate"] * v'
    found = finding("sgd_momentum", outside, nearly)
    assert found.verdict == "wrong"
    assert "rate_outside" not in found.faults[0].cause


def test_an_example_shows_what_differs():
    """The one to redo by hand hardly differs where eps is in another place; columns that are nearly constant do."""
    found = finding("batchnorm_forward", ("np.sqrt(var + eps)", "(np.sqrt(var) + eps)"))
    shown = found.faults[0].example
    assert "eps_outside" in " ".join(found.faults[0].cause)
    assert shown.came != shown.wanted
    assert "nearly constant columns" in shown.place


def test_a_mistake_of_another_function_is_told_as_that_functions():
    source = variants.replaced(RIGHT, "batchnorm_forward", "np.sqrt(var + eps)", "(np.sqrt(var) + eps)", "")
    found = finding("batchnorm_backward", source=source)
    assert found.follows == "batchnorm_forward"
    assert "wrong by the mistake of batchnorm_forward: eps is added outside" in found.message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("the first step", "The first step is"),
        ("the later steps", "The later steps are"),
        ("the steps after the learning rate has changed", "The steps after the learning rate has changed are"),
        ("the loss in training mode", "The loss in training mode is"),
        ("the largest bias", "The largest bias is"),
        ("the data that were passed", "The data that were passed are"),
        ("the names and shapes of the parameters", "The names and shapes of the parameters are"),
        ("how batches are drawn", "How batches are drawn is"),
        ("gamma and beta of a fresh net", "gamma and beta of a fresh net are"),
        ("dx", "dx is"),
    ],
)
def test_a_sentence_begins_and_goes_on_as_it_should(words, said):
    assert begun(being(words)) == said


def test_every_quantity_can_be_spoken_of():
    for task in TASKS:
        for quantity in task.quantities:
            assert begun(being(quantity.words)).endswith((" is", " are")), quantity.words


def test_without_hints_the_quantity_begins_the_sentence():
    source = variants.replaced(RIGHT, "adam", "m / (1 - beta1**t)", "m", "")
    report = check(variants.module(source), only="adam", seed=1, hints=0)
    assert "    The first step is wrong.\n" in report.text()
    assert report.json()["functions"][0]["message"] == "The first step is wrong."


def test_the_same_seed_repeats_a_solver_that_draws_while_it_is_made():
    made = []

    class Solver:
        def __init__(self, model, data, **settings):
            made.append(np.random.randint(1 << 30))
            raise ValueError("no further")

    with keeping_random_state():
        for number in (1, 2):
            np.random.seed(number)
            check([Solver], seed=7)
    half = len(made) // 2
    assert made[:half] == made[half:]
    assert len(set(made[:half])) > 1


def test_a_page_says_what_the_terminal_says():
    def sgd(w, dw, config):
        return w + config["learning_rate"] * dw, config

    def relu_forward(x):
        return np.maximum(x, 0), x

    report = check([sgd, relu_forward, begun], seed=1)
    for text in (report.html(), report._repr_html_(), " ".join(report.text(width=1000).split())):
        assert "Wrong by the same mistake: the second step, the later steps, the steps after" in text
        assert text.lower().count("the step goes uphill") <= 2  # in the table, and where it is told
        assert "Not known, not checked: begun." in text
        assert "functions: 2 of 3 wrong" in text or "<h1>functions</h1>" in text


def test_where_nothing_is_found_nothing_is_right():
    report = check({"something": begun}, seed=1)
    assert "nothing to check" in report.text()
    assert "nothing to check" in report._repr_html_()


def test_what_runs_away_to_infinity_is_wrong_without_a_word_from_numpy():
    def sgd(w, dw, config):
        return w + np.inf, config

    found = check({"sgd": sgd}, seed=1)["sgd"]  # warnings are errors in the tests
    assert (found.verdict, found.faults[0].example.came) == ("wrong", "[inf, inf]")


def test_what_never_ends_is_out_of_time_and_no_crash(tmp_path):
    path = tmp_path / "layers.py"
    path.write_text(
        "def relu_forward(x):\n    while True: pass\n\ndef relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
    )
    forward, backward = check(path, timeout=1, seed=1).json()["functions"]
    assert forward["verdict"] == "timeout"
    assert forward["message"] == "There was no answer within 1 second, and the call was ended."
    assert (backward["verdict"], backward["follows"]) == ("crash", "relu_forward")
