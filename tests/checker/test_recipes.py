"""The recipes are the library's own layers and rules, step by step; and every mistake changes what it says it changes."""

import numpy as np
import pytest
import variants

from chainrule.checker.battery import attempt, inputs_of
from chainrule.checker.compare import same
from chainrule.checker.in_process import InProcess, keeping_random_state
from chainrule.checker.mistakes.rules import OTHER_RATE
from chainrule.checker.names import found
from chainrule.checker.recipe import Values, behind, run
from chainrule.checker.subject import Failed
from chainrule.checker.tasks import TASKS
from chainrule.layers import affine, batch_norm, layer_norm, relu
from chainrule.losses import softmax, svm
from chainrule.optim import OPTIMIZERS

BY_NAME = {task.name: task for task in TASKS}


def trials(name, number=10):
    task = BY_NAME[name]
    return [
        (case.inputs, task.model(task.steps, case.inputs, {})) for case in task.cases(np.random.default_rng(1), number)
    ]


def agree(values, wanted):
    for name, value in wanted.items():
        assert same(values[name], value), name


def test_affine_and_relu():
    for inputs, values in trials("affine"):
        rows = inputs["x"].reshape(len(inputs["x"]), -1)
        out, cache = affine.forward(rows, inputs["w"], inputs["b"])
        dx, dw, db = affine.backward(inputs["dout"], cache)
        agree(values, {"out": out, "dx": dx.reshape(inputs["x"].shape), "dw": dw, "db": db})
    for inputs, values in trials("relu"):
        out, cache = relu.forward.raw(inputs["x"])
        agree(values, {"out": out, "dx": relu.backward.raw(inputs["dout"], cache)})


@pytest.mark.parametrize(("name", "loss"), [("softmax", softmax), ("svm", svm)])
def test_losses(name, loss):
    for inputs, values in trials(name):
        value, cache = loss.forward(inputs["x"], inputs["y"])
        agree(values, {"loss": value, "dx": loss.backward(cache)})


def test_norms():
    for inputs, values in trials("batchnorm"):
        options = inputs["options"]
        eps, momentum = options.get("eps", 1e-5), options.get("momentum", 0.9)
        out, cache = batch_norm.forward(inputs["x"], inputs["gamma"], inputs["beta"], eps=eps)
        dx, dgamma, dbeta = batch_norm.backward(inputs["dout"], cache)
        zeros = np.zeros_like(inputs["gamma"])
        stats = (zeros, zeros) if inputs["mean_before"] is None else (inputs["mean_before"], inputs["var_before"])
        first = batch_norm.update(stats, cache, momentum=momentum)
        agree(
            values,
            {"out": out, "dx": dx, "dgamma": dgamma, "dbeta": dbeta, "running_mean": first[0], "running_var": first[1]},
        )
        second = batch_norm.update(
            first, batch_norm.forward(inputs["x2"], inputs["gamma"], inputs["beta"], eps=eps)[1], momentum=momentum
        )
        test = batch_norm.forward(inputs["x_test"], inputs["gamma"], inputs["beta"], second, eps=eps)[0]
        agree(values, {"running_var_2": second[1], "test_out": test})
    for inputs, values in trials("layernorm"):
        out, cache = layer_norm.forward(inputs["x"], inputs["gamma"], inputs["beta"], **inputs["options"])
        agree(values, {"out": out, **dict(zip(("dx", "dgamma", "dbeta"), layer_norm.backward(inputs["dout"], cache)))})


@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_rules(name):
    rule = OPTIMIZERS[name]
    for inputs, values in trials(name):
        w, moves = inputs["w"], []
        state = rule.init(w)
        for dw, lr in zip(inputs["gradients"], inputs["rates"]):
            after, state = rule.module.step(w, dw, state, lr=float(lr), **inputs["options"])
            moves.append(after - w)
            w = after
        assert same(values["first"], moves[0], 1e-6)
        assert same(values["after_change"], np.array(moves[5:]), 1e-6)


TRIED = {"solver": "loops", "net_with_dropout": "nets", "cs145_train": "nets"}  # by a right one of which style
ODD = {  # what shows a mistake that takes over what came
    "quiet": "loss 1.0",
    "refusal": "accepted",
    "drawn_losses": np.zeros(1),
    "factor": 2.0,
    "biases": 0.3,
    "dtypes": "float16",
    "stays": np.ones(1),
    "stds": np.ones(3),
    "means": np.ones(3),
    "start": "zeros",
}


def seen_in(task, case):
    """What a recipe takes over from the functions that are tried: right ones, but for what is odd."""
    for style in [TRIED[task.name]] if task.name in TRIED else ["vectorized", "nets"]:
        subject = InProcess(variants.module(variants.STYLES[style]))
        if found(task, subject):
            with keeping_random_state():
                return {**attempt(task, subject, found(task, subject), case).seen, **ODD}
    return ODD


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_every_mistake_changes_something_and_says_how(task):
    names = [quantity.name for quantity in task.quantities] + [inputs_of(role.name) for role in task.roles]
    cases = task.cases(np.random.default_rng(2), 20)
    given = [{**case.inputs, "seen": seen_in(task, case)} for case in cases]
    right = [task.model(task.steps, inputs, {}) for inputs in given]
    for mistake in task.mistakes:
        differ = []
        for form in mistake.forms:
            wrong = [task.model(task.steps, inputs, form) for inputs in given]
            differ.append(
                any(not same(w.get(name, ""), r.get(name, ""), 1e-9) for w, r in zip(wrong, right) for name in names)
            )
        one_is_right = mistake is OTHER_RATE  # of the rates that it lists, which is another one for every rule
        assert all(differ) or (one_is_right and sum(differ) >= 3), f"{task.name}: {mistake.name} changes nothing"
        assert mistake.says[0].islower() or mistake.says[0] in "L'"
        assert not mistake.says.endswith(".")
        assert all(hint.endswith((".", "?")) for hint in mistake.hints), mistake.name
        assert not any("np." in hint or "return " in hint for hint in mistake.hints), mistake.name
    assert len({mistake.name for mistake in task.mistakes}) == len(task.mistakes)


def test_a_recipe_computes_what_is_asked_for():
    steps = {"b": lambda a: a + 1, "c": lambda b: b / 0, "d": lambda c: c}
    values = run(steps, {"a": 1})
    assert values["b"] == 2
    assert isinstance(values["d"], Failed)
    assert values["d"].message == "ZeroDivisionError: division by zero"
    assert run(steps, {"a": 1}, {"a": lambda: 5})["b"] == 6
    assert behind(steps, "d") == {"a", "b", "c", "d"}
    assert len(Values(steps, {"a": 1})) == 4
