"""TwoLayerNet and FullyConnectedNet as tasks: parameters are set from outside, then scores, loss and gradients compared."""

from typing import Any

import numpy as np

from chainrule.checker.mistakes.nets import net_mistakes
from chainrule.checker.play import Play, parts
from chainrule.checker.subject import Failed, Handle
from chainrule.checker.task import Case, Quantity, Role, Task
from chainrule.checker.tasks import own_parts
from chainrule.checker.tasks.draws import labels, sizes
from chainrule.checker.tasks.net_steps import draw_params, gradients, net_steps

GENERATIONS: dict[str | None, tuple[dict[str, Any], ...]] = {  # how the courses ask for a normalization
    None: ({},),
    "batchnorm": ({"normalization": "batchnorm"}, {"use_batchnorm": True}, {"norm": "batch"}),
    "layernorm": ({"normalization": "layernorm"}, {"norm": "layer"}),
}
MARKS: dict[str | None, dict[str, str]] = {  # what a net's constructor takes that can be asked for it
    None: {"input_size": ""},
    "batchnorm": dict.fromkeys(("normalization", "use_batchnorm", "norm", "kwargs"), "course"),
    "layernorm": dict.fromkeys(("normalization", "norm", "kwargs"), "course"),
}


def built(play: Play, role: str, ways: Any, **settings: Any) -> Handle:
    """A net, in the first of several ways to say the same that its constructor takes."""
    failure = Failed("crash", "it cannot be built")
    for way in ways:
        try:
            return play.subject.call(play.names[role], [], {**settings, **way}, kept=True).result
        except Failed as refused:
            if "unexpected keyword" not in refused.message:
                raise
            failure = refused
    raise failure


def _shape(widths: list[int], two_layers: bool) -> dict[str, Any]:
    hidden = {"hidden_dim": widths[1]} if two_layers else {"hidden_dims": widths[1:-1]}
    return {"input_dim": widths[0], "num_classes": widths[-1], **hidden}


def observer(role: str, norm: str | None, two_layers: bool) -> Any:
    """What is observed of a net with its parameters set."""

    def observe(play: Play, X, y, reg, params, widths):
        double = {} if two_layers and play.style(role) == "course" else {"dtype": "float64"}
        net = built(play, role, GENERATIONS[norm], **_shape(widths, two_layers), **double)
        play.subject.set(net, "reg", reg)
        own = play.subject.get(net, "params", kept=True)
        start = _start(play.subject.value(own), norm)
        before = play.subject.call((net, "loss"), [X]).result if norm is None else None
        for name, value in params.items():
            play.subject.set_item(own, name, value)
        found = {} if norm == "batchnorm" else {"scores": play.subject.call((net, "loss"), [X]).result}
        loss, grads = parts(play.subject.call((net, "loss"), [X, y]).result, 2, "the loss and a dict of gradients")
        if not isinstance(grads, dict):
            raise Failed("crash", f"the gradients must be a dict; came {type(grads).__name__}")
        depth = len(widths) - 1
        found |= {"loss": loss, "keys": " ".join(sorted(map(str, grads))), "start": start, "scores_before": before}
        found["built_loss"] = _built_with_reg(
            play, role, norm, {**_shape(widths, two_layers), **double}, params, X, y, reg
        )
        for name in gradients(depth, norm):
            found[name] = grads.get(name[1:], Failed("missing", f"there is no {name[1:]!r} among the gradients"))
        if norm == "batchnorm":
            found["test_scores"] = play.subject.call((net, "loss"), [X]).result
        return found

    return observe


def _start(params: Any, norm: str | None) -> Any:
    """The least and the largest gamma and beta of a fresh net; None where they have other names."""
    found = [[value for name, value in params.items() if str(name).startswith(kind)] for kind in ("gamma", "beta")]
    if norm is None or not all(found) or not all(isinstance(value, np.ndarray) for kind in found for value in kind):
        return None
    return np.array([float(edge(np.concatenate(kind, axis=None))) for kind in found for edge in (np.min, np.max)])


def _built_with_reg(
    play: Play, role: str, norm: str | None, settings: Any, params: Any, X: Any, y: Any, reg: float
) -> Any:
    """The loss of a net whose constructor was given reg; None where it does not take it."""
    try:
        net = built(play, role, GENERATIONS[norm], **settings, reg=reg)
        own = play.subject.get(net, "params", kept=True)
        for name, value in params.items():
            play.subject.set_item(own, name, value)
        return parts(play.subject.call((net, "loss"), [X, y]).result, 2, "the loss and a dict of gradients")[0]
    except Failed:
        return None


def cases_of(depth: int, norm: str | None) -> Any:
    """Nets of different sizes, with and without a penalty, some with images for rows."""

    def cases(rng: np.random.Generator, number: int) -> list[Case]:
        return [_case(rng, depth, norm, i) for i in range(min(number, 12))]

    return cases


def _case(rng: np.random.Generator, depth: int, norm: str | None, i: int) -> Case:
    n, classes, d1, *hidden = sizes(rng, depth + 2, low=4, high=11)
    images = i % 3 == 1
    widths = [d1 * 2 if images else d1, *hidden, classes]
    reg = float(rng.uniform(0.3, 1.0)) if i % 2 else 0.0
    params = draw_params(rng, widths, norm)
    inputs = {
        "X": rng.standard_normal((n, d1, 2) if images else (n, d1)),
        "y": labels(rng, n, classes),
        "reg": reg,
        "params": params,
        "widths": widths,
        **params,
    }
    kinds = [text for text, is_so in (("reg above 0", reg > 0), ("rows with more than one axis", images)) if is_so]
    return Case(inputs, " and ".join(kinds), {"N": n, "C": classes, **({"reg": reg} if reg else {})})


def _role(
    role: str, part: str, names: dict[str, str], depth: int, norm: str | None
) -> tuple[Role, tuple[Quantity, ...]]:
    two_layers = "TwoLayerNet" in names
    marks = MARKS[norm] | ({"options": "library"} if two_layers else {})
    parts_of = dict.fromkeys(("course", "library"), part)
    row = Role(role, names, observer(role, norm, two_layers), part=parts_of, marks=marks, optional=True)
    words = {
        "scores": Quantity("scores", role, "the layers one after another, no ReLU after the last"),
        "test_scores": Quantity(
            "test_scores", role, "the running statistics", title="the scores after a training step"
        ),
        "keys": Quantity("keys", role, title="the list of gradients"),
        "start": Quantity("start", role, "gamma 1, beta 0", title="gamma and beta of a fresh net"),
        "built_loss": Quantity("built_loss", role, "the same loss", title="the loss of a net built with reg"),
        "loss": Quantity("loss", role, "the softmax loss plus 0.5 * reg * the sum of all squared weights"),
    }
    order = [*([] if norm == "batchnorm" else ["scores"]), "loss", "keys", *gradients(depth, norm)]
    order += ["built_loss", *(["start"] if norm else [])]
    order += ["test_scores"] if norm == "batchnorm" else []
    formula = "the chain rule from the scores back, and reg * W for the penalty"
    return row, tuple(words.get(name) or Quantity(name, role, formula, floor=1e-2) for name in order)


def _task(name: str, lesson: str, cls: str, depth: int, norm: str | None, part: str) -> Task:
    role, quantities = _role("loss", part, {cls: "" if norm else "course"}, depth, norm)
    return Task(
        name=name,
        lesson=lesson,
        roles=(role,),
        quantities=quantities,
        steps=net_steps(depth, norm),
        cases=cases_of(depth, norm),
        example={},
        mistakes=net_mistakes(depth, norm),
        single=False,
        built_of=own_parts.net(depth, norm),
    )


TWO_LAYER = _task("two_layer_net", "affine", "TwoLayerNet", 2, None, ".loss")
FULLY_CONNECTED = _task("fully_connected_net", "affine", "FullyConnectedNet", 3, None, ".loss")
WITH_BATCHNORM = _task(
    "net_with_batchnorm", "batch_norm", "FullyConnectedNet", 3, "batchnorm", ".loss with batch normalization"
)
WITH_LAYERNORM = _task(
    "net_with_layernorm", "layer_norm", "FullyConnectedNet", 3, "layernorm", ".loss with layer normalization"
)
