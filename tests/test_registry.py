"""The battery: every row of every table goes through all of this, with no test written for it by hand."""

import copy
import inspect

import array_api_strict
import numpy as np
import pytest
from formulas import execute, lines

from chainrule.core.errors import ArrayError, ArrayTypeError, SettingError
from chainrule.core.numeric import complex_step_gradient, numeric_gradient
from chainrule.core.shapes import parse
from chainrule.initializers import INITIALIZERS
from chainrule.layers import LAYERS
from chainrule.losses import LOSSES
from chainrule.optim import OPTIMIZERS

TOLERANCE = 1e-8
ANALYTIC = ("affine", "tanh", "batch_norm", "layer_norm", "dropout")  # no comparison or absolute value inside
each_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
each_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
each_rule = pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=OPTIMIZERS)
each_initializer = pytest.mark.parametrize("initializer", INITIALIZERS.values(), ids=INITIALIZERS)
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def gap(a, b):
    """The largest difference over the largest entry."""
    return float(np.max(np.abs(a - b)) / max(np.max(np.abs(a)), np.max(np.abs(b)), 1e-300))


def stats_for(layer, inputs):
    """The extra argument of evaluation, where a layer has one."""
    if layer.needs != "stats":
        return []
    width = inputs["x"].shape[1]
    return [(np.linspace(-1, 1, width), np.linspace(0.5, 2, width))]


def modes(layer, inputs):
    """Extra positional arguments for every mode that the layer has."""
    return [[], *([extra] for extra in stats_for(layer, inputs))]


def learnt(layer):
    """The arguments that a backward gives gradients for."""
    return ["x", *layer.params]


def layer_errors(layer, backward, rng, *, stale=False):
    """The gap of each gradient that `backward` gives from the numeric one, over the layer's modes."""
    inputs = layer.sample(rng)
    errors = []
    for extra in modes(layer, inputs):
        y, cache = layer.forward(*inputs.values(), *extra)
        if stale:
            _, cache = layer.forward(*layer.sample(rng).values(), *extra)
        dy = rng.standard_normal(y.shape)
        grads = backward(dy, cache)
        grads = grads if isinstance(grads, tuple) else (grads,)
        for name, grad in zip(learnt(layer), grads, strict=True):
            numeric = numeric_gradient(
                lambda _, extra=extra: layer.forward(*inputs.values(), *extra)[0], inputs[name], dy
            )
            assert grad.shape == inputs[name].shape
            errors.append(gap(grad, numeric))
    return errors


# -- layers ------------------------------------------------------------------------------------------------------------


@each_layer
def test_gradients_equal_numeric_ones(layer, rng):
    for _ in range(3):
        assert max(layer_errors(layer, layer.backward, rng)) <= TOLERANCE


@pytest.mark.parametrize("name", ANALYTIC)
def test_gradients_equal_the_complex_step_to_rounding(name, rng):
    layer = LAYERS[name]
    inputs = layer.sample(rng)
    y, cache = layer.forward(*inputs.values())
    dy = rng.standard_normal(y.shape)
    grads = layer.backward(dy, cache)
    for argument, grad in zip(learnt(layer), grads if isinstance(grads, tuple) else (grads,)):
        exact = complex_step_gradient(lambda z, a=argument: layer.forward(**{**inputs, a: z})[0], inputs[argument], dy)
        assert gap(grad, exact) <= 1e-13


BUGS = {
    "scaled by 1.001": lambda g: g * 1.001,
    "sign": lambda g: -g,
    "missing 1/N": lambda g: g * 5,
    "dropped term": lambda g: g - g.mean(axis=0),
    "extra constant": lambda g: g + np.abs(g).max(),
    "wrong axis": lambda g: np.broadcast_to(g.mean(axis=-1, keepdims=True), g.shape),
    "shifted": lambda g: np.roll(g, 1, axis=0),
    "one entry": lambda g: g + 1e-5 * np.eye(g.size)[0].reshape(g.shape) * np.abs(g).max(),
}


@each_layer
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_are_caught(layer, bug, rng):
    for position in range(len(learnt(layer))):

        def wrong(dy, cache, position=position):
            grads = layer.backward(dy, cache)
            grads = list(grads) if isinstance(grads, tuple) else [grads]
            grads[position] = BUGS[bug](grads[position])
            return tuple(grads)

        assert max(layer_errors(layer, wrong, rng)) > 100 * TOLERANCE


@each_layer
def test_a_stale_cache_is_caught(layer, rng):
    assert max(layer_errors(layer, layer.backward, rng, stale=True)) > 1e-3


@each_layer
def test_the_formula_is_what_is_computed(layer, rng):
    inputs = layer.sample(rng)
    n, d = inputs["x"].shape
    scope = execute(layer.module.forward, {**inputs, **layer.options, "N": n, "D": d})
    assert gap(scope["y"], layer.forward(*inputs.values())[0]) <= 1e-14


@each_layer
def test_derivation_and_shapes_are_documented(layer):
    assert len(lines(layer.module.backward, "Derivation:")) in range(1, 9)
    for function in (layer.module.forward, layer.module.backward):
        assert "Args:" in function.__doc__
        assert "Returns:" in function.__doc__
    assert "Raises:" in layer.module.forward.__doc__


@each_layer
@each_dtype
def test_dtype_is_kept(layer, dtype, rng):
    inputs = {name: value.astype(dtype) for name, value in layer.sample(rng).items()}
    for extra in modes(layer, inputs):
        extra = [tuple(part.astype(dtype) for part in pair) for pair in extra]
        y, cache = layer.forward(*inputs.values(), *extra)
        grads = layer.backward(rng.standard_normal(y.shape).astype(dtype), cache)
        assert {a.dtype for a in (y, *(grads if isinstance(grads, tuple) else (grads,)))} == {np.dtype(dtype)}


@each_layer
def test_inputs_stay_as_they_were_and_a_second_backward_equals_the_first(layer, rng):
    inputs = layer.sample(rng)
    for extra in modes(layer, inputs):
        before = copy.deepcopy(inputs)
        y, cache = layer.module.forward(*inputs.values(), *extra)
        kept, dy = y.copy(), rng.standard_normal(y.shape)
        upstream = dy.copy()
        first = copy.deepcopy(layer.module.backward(dy, cache))
        second = layer.module.backward(dy, cache)
        assert all(np.array_equal(inputs[name], before[name]) for name in inputs)
        assert np.array_equal(dy, upstream)
        assert np.array_equal(y, kept)
        for a, b in zip(
            first if isinstance(first, tuple) else [first], second if isinstance(second, tuple) else [second]
        ):
            assert np.array_equal(a, b)


@each_layer
def test_shapes_that_do_not_fit_are_named(layer, rng):
    specs, _ = parse(layer.signature)
    inputs = layer.sample(rng)
    for name, spec in zip(inputs, specs):
        good = inputs[name]
        wrong = [good[None], good[0], good[:0], np.concatenate([good, good])]
        for position, bad in enumerate(wrong):
            if position == 3 and not any(spec[0] in other for n, other in zip(inputs, specs) if n != name):
                continue  # twice as many rows are wrong only where another argument counts the rows too
            with pytest.raises(ArrayError, match=layer.name):
                layer.module.forward(**{**inputs, name: bad})
        with pytest.raises(ArrayTypeError, match=name):
            layer.module.forward(**{**inputs, name: good.tolist()})
        with pytest.raises(ArrayTypeError, match=name):
            layer.module.forward(**{**inputs, name: good.astype(object)})
    y, cache = layer.module.forward(**inputs)
    with pytest.raises(ArrayError, match="upstream"):
        layer.module.backward(y[1:], cache)
    with pytest.raises(ArrayTypeError, match="cache"):
        layer.module.backward(y, None)


@each_layer
@pytest.mark.promise("P4.1")
def test_extreme_inputs_stay_finite(layer, rng):
    inputs = layer.sample(rng)
    for scale in (1e150, 1e-150, 0.0):
        scaled = {**inputs, "x": inputs["x"] * scale}
        for extra in modes(layer, scaled):
            y, cache = layer.forward(*scaled.values(), *extra)
            grads = layer.backward(rng.standard_normal(y.shape), cache)
            assert all(np.isfinite(a).all() for a in (y, *(grads if isinstance(grads, tuple) else (grads,))))


@each_layer
def test_a_batch_equals_its_rows_where_it_should(layer, rng):
    inputs = layer.sample(rng)
    y, _ = layer.forward(*inputs.values())
    rows_of = {name for name, spec in zip(inputs, parse(layer.signature)[0]) if spec[0] == "n"}
    single = np.concatenate(
        [
            layer.forward(*(value[i : i + 1] if name in rows_of else value for name, value in inputs.items()))[0]
            for i in range(len(y))
        ]
    )
    assert (gap(single, y) <= 1e-14) == layer.rowwise
    order = rng.permutation(len(y))
    shuffled = {name: value[order] if name in rows_of else value for name, value in inputs.items()}
    assert gap(layer.forward(*shuffled.values())[0], y[order]) <= 1e-14


@each_layer
def test_the_same_code_runs_on_a_strict_array_api_namespace(layer, rng):
    inputs = layer.sample(rng)
    strict = {name: array_api_strict.asarray(value) for name, value in inputs.items()}
    y, cache = layer.forward(*inputs.values())
    dy = rng.standard_normal(y.shape)
    strict_y, strict_cache = layer.forward(*strict.values())
    got = layer.backward(array_api_strict.asarray(dy), strict_cache)
    want = layer.backward(dy, cache)
    pairs = [
        (strict_y, y),
        *zip(got if isinstance(got, tuple) else (got,), want if isinstance(want, tuple) else (want,)),
    ]
    assert all(gap(np.asarray(a), b) <= 1e-14 for a, b in pairs)


# -- losses ------------------------------------------------------------------------------------------------------------


def loss_error(loss, backward, rng):
    """The gap of the gradient by the scores, from the numeric one times a random upstream number."""
    inputs = loss.sample(rng)
    scores, target = inputs.values()
    upstream = rng.standard_normal()
    _, cache = loss.forward(scores, target)
    numeric = numeric_gradient(lambda _: upstream * loss.forward(scores, target)[0], scores)
    return gap(upstream * backward(cache), numeric)


@each_loss
def test_loss_gradients_equal_numeric_ones(loss, rng):
    for _ in range(5):
        assert loss_error(loss, loss.backward, rng) <= TOLERANCE


@each_loss
@pytest.mark.parametrize("bug", BUGS)
def test_planted_bugs_in_losses_are_caught(loss, bug, rng):
    assert loss_error(loss, lambda cache: BUGS[bug](loss.backward(cache)), rng) > 100 * TOLERANCE


@each_loss
def test_the_loss_is_its_formula(loss, rng):
    inputs = loss.sample(rng)
    scope = execute(loss.module.forward, {**inputs, **loss.options, "N": len(inputs["scores"])})
    assert gap(scope["loss"], loss.forward(*inputs.values())[0]) <= 1e-14
    assert len(lines(loss.module.backward, "Derivation:")) in range(1, 9)


@each_loss
@each_dtype
def test_losses_keep_dtype_and_inputs(loss, dtype, rng):
    inputs = {k: v.astype(dtype) if v.dtype.kind == "f" else v for k, v in loss.sample(rng).items()}
    before = copy.deepcopy(inputs)
    value, cache = loss.module.forward(*inputs.values())
    first, second = loss.backward(cache).copy(), loss.backward(cache)
    assert value.dtype == first.dtype == dtype
    assert np.array_equal(first, second)
    assert all(np.array_equal(inputs[name], before[name]) for name in inputs)


@each_loss
def test_losses_are_means_over_rows(loss, rng):
    scores, target = loss.sample(rng).values()
    value, _ = loss.forward(scores, target)
    twice, _ = loss.forward(np.concatenate([scores, scores]), np.concatenate([target, target]))
    singles = [loss.forward(scores[i : i + 1], target[i : i + 1])[0] for i in range(len(scores))]
    assert gap(value, twice) <= 1e-14
    assert gap(value, np.mean(singles)) <= 1e-14


@each_loss
def test_each_row_has_the_loss_that_it_has_alone(loss, rng):
    scores, target = loss.sample(rng).values()
    losses, _ = loss.each(scores, target)
    singles = [loss.forward(scores[i : i + 1], target[i : i + 1])[0] for i in range(len(scores))]
    assert losses.shape == (len(scores),)
    assert gap(losses, np.array(singles)) <= 1e-14


@each_loss
def test_a_whole_weight_counts_a_row_as_often(loss, rng):
    scores, target = loss.sample(rng).values()
    times = np.array([2, 0, 1, 3, 1])
    value, dscores = loss.valued(scores, target, times.astype(float))
    again = np.repeat(np.arange(5), times)
    repeated, drepeated = loss.valued(scores[again], target[again])
    total = np.zeros_like(scores)
    np.add.at(total, again, drepeated)
    assert gap(value * 5, repeated * 7) <= 1e-14
    assert gap(dscores * 5, total * 7) <= 1e-14


@each_loss
def test_a_net_that_knows_nothing_is_at_chance(loss):
    value, _ = loss.forward(np.zeros((4, 7)), np.array([0, 3, 6, 6]))
    assert gap(value, loss.chance(7)) <= 1e-14


@each_loss
@pytest.mark.promise("P4.2")
def test_losses_of_extreme_scores_are_finite(loss, rng):
    scores, target = loss.sample(rng).values()
    largest = 1e300 if loss.name != "mse" else 1e150
    for extreme in (scores * 0 + largest, scores / np.abs(scores) * largest, scores + 2000):
        value, cache = loss.forward(extreme, target)
        assert np.isfinite(value)
        assert np.isfinite(loss.backward(cache)).all()


@each_loss
def test_losses_name_what_does_not_fit(loss, rng):
    scores = loss.sample(rng)["scores"]
    n, classes = scores.shape
    labels = np.arange(n) % classes
    forward = loss.module.forward
    for bad in (labels[:-1], labels - 1, labels + 1, labels[:0]):
        with pytest.raises(ArrayError, match=loss.name):
            forward(scores, bad)
    with pytest.raises((ArrayError, ArrayTypeError), match=loss.name):
        forward(scores, labels[:, None])
    for bad in (labels.astype(float), labels.tolist(), None, labels.astype(bool), labels.astype(str)):
        with pytest.raises(ArrayTypeError, match=loss.name):
            forward(scores, bad)
    for bad in (scores[0], scores[:, :, None], scores[:0]):
        with pytest.raises(ArrayError, match="scores"):
            forward(bad, labels)


@each_loss
def test_losses_run_on_a_strict_array_api_namespace(loss, rng):
    inputs = loss.sample(rng)
    value, cache = loss.forward(*inputs.values())
    strict_value, strict_cache = loss.forward(*(array_api_strict.asarray(v) for v in inputs.values()))
    assert gap(float(strict_value), value) <= 1e-14
    assert gap(np.asarray(loss.backward(strict_cache)), loss.backward(cache)) <= 1e-14


# -- update rules ------------------------------------------------------------------------------------------------------


def choices(rule):
    """Every convention of a rule, the default first."""
    return [{}, *({name: value} for name, values in rule.conventions.items() for value in values)]


@each_rule
def test_rules_are_pure_and_keep_dtype(rule, rng):
    for dtype in (np.float32, np.float64):
        for options in choices(rule):
            w, dw = rng.standard_normal((2, 4, 3)).astype(dtype)
            state = rule.init(w)
            kept = copy.deepcopy((w, dw, state))
            for _ in range(3):
                new, state_after = rule.step(w, dw, state, lr=0.1, **options)
                assert new.dtype == dtype
                assert all(v.dtype == dtype for v in state_after.values() if isinstance(v, np.ndarray))
                assert not np.array_equal(new, w)
            assert np.array_equal(kept[0], w)
            assert np.array_equal(kept[1], dw)
            assert str(kept[2]) == str(state)
            assert set(state_after) == set(state)


@each_rule
def test_rules_follow_their_formula(rule, rng):
    for options in choices(rule):
        w = rng.standard_normal((4, 3))
        state = rule.init(w)
        heading = next((h for h in headings(rule.step) if all(f"{k}={v}" in h for k, v in options.items())), "Formula:")
        for lr in (0.1, 0.05, 0.2):
            dw = rng.standard_normal(w.shape)
            want = execute(rule.step, {"w": w, "dw": dw, "lr": lr, **rule.options, **options, **state}, heading)
            w, state = rule.step(w, dw, state, lr=lr, **options)
            assert gap(w, want["w"]) <= 1e-14
            for name, value in state.items():
                assert gap(value, want[name]) <= 1e-14


def headings(function):
    """Every heading of a docstring that begins a formula."""
    return [line for line in inspect.cleandoc(function.__doc__).splitlines() if line.startswith("Formula")]


@each_rule
def test_rules_survive_gradients_of_every_size(rule):
    for size in (0.0, 1e-7, 1e-30, 1.0, 1e15):
        w, state = np.ones(3), rule.init(np.ones(3))
        for _ in range(3):
            w, state = rule.step(w, np.full(3, size), state, lr=1e-3)
        assert np.isfinite(w).all()


@each_rule
def test_rules_go_downhill_and_conventions_differ(rule, rng):
    ends = []
    for options in choices(rule):
        w, state = np.array([2.0, -3.0]), rule.init(np.zeros(2))
        for step in range(300):
            w, state = rule.step(w, w * np.array([1.0, 0.1]), state, lr=0.05 / (1 + 0.01 * step), **options)
        assert np.abs(w).max() < 2.9
        ends.append(w)
    for name, values in rule.conventions.items():
        results = [ends[i] for i, options in enumerate(choices(rule)) if name in options]
        assert len(results) == len(values)
        assert not np.array_equal(results[0], results[1])


@each_rule
def test_rules_refuse_unknown_options(rule):
    with pytest.raises(TypeError, match="warmth"):
        rule.step(np.ones(2), np.ones(2), rule.init(np.ones(2)), lr=0.1, warmth=3)


# -- initializers ------------------------------------------------------------------------------------------------------


@each_initializer
def test_initializers_have_their_standard_deviation_and_follow_their_generator(initializer):
    shape = (300, 500)
    variants = [{}]
    variants += [{"distribution": d} for d in ("normal", "uniform") if "distribution" in initializer.options]
    variants += [{"mode": m} for m in ("fan_in", "fan_out", "average") if "mode" in initializer.options]
    for options in variants:
        w = initializer.draw(np.random.default_rng(1), shape, **options)
        again = initializer.draw(np.random.default_rng(1), shape, **options)
        other = initializer.draw(np.random.default_rng(2), shape, **options)
        std = initializer.std(shape, **options)
        assert w.shape == shape
        assert w.dtype == np.float64
        assert np.array_equal(w, again)
        assert abs(w.std() - std) <= 0.01 * std
        assert abs(w.mean()) <= 4 * std / np.sqrt(w.size)
        assert np.array_equal(w, other) == (std == 0)


@each_initializer
def test_initializers_refuse_unknown_modes(initializer):
    for option in ("mode", "distribution"):
        if option in initializer.options:
            with pytest.raises(SettingError, match=r"fan_in|uniform"):
                initializer.draw(np.random.default_rng(1), (3, 4), **{option: "sideways"})
