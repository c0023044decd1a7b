"""A training's flat buffers: filled from the net at the start of a run, written back to it at the end."""

from typing import Any

import numpy as np

from chainrule.engines.fused.memory import Memory
from chainrule.engines.fused.padding import aligned
from chainrule.engines.fused.program import Layout
from chainrule.engines.fused.slices import flags
from chainrule.engines.task import Task
from chainrule.nets.net import Net


def shapes_of(net: Net) -> tuple[Any, ...]:
    """What a program and its buffers were made for."""
    return tuple((name, value.shape) for name, value in net.params.items())


def allocate(
    layout: Layout, params: np.ndarray, stats: np.ndarray, *, rows: int, slices: int, states: int, whole: bool,
    training: bool,
) -> Memory:  # fmt: skip
    """Buffers for batches of at most `rows` rows; without gradients where it is not for training.

    Args:
        layout: the net's.
        params, stats: the parameters in one piece, laid out as the layout says, and what `flat_stats` gives.
        rows, slices: as they say.
        states: how many arrays the update rule keeps per parameter.
        whole: whether all gradients must be held at once.
        training: whether there is a backward pass.
    """
    program, size, dtype = layout.program, params.size, params.dtype
    first = program.stages[0]
    held = int((program.stages["stretch"] * program.stages["weight_row"]).max()) if training else 0

    def numbers(*shape: int) -> np.ndarray:
        return aligned(shape, dtype)

    return Memory(
        params=params,
        first=numbers(size if states > 0 else 0),
        second=numbers(size if states > 1 else 0),
        stats=stats,
        outputs=numbers(layout.outputs),
        slopes=numbers(layout.outputs if training else 0),
        caches=numbers(layout.caches),
        spreads=numbers(slices, layout.spreads),
        sums=numbers(slices, layout.sums),
        moments=numbers(slices, layout.sums),
        x=numbers(rows * (program.features if training else min(program.features, int(first["stretch"])))),
        parts=numbers(slices, rows, int(first["y_row"])),
        grads=numbers(slices, size - program.weights if training else 0),
        whole=numbers(size if whole else 0),
        scratch=numbers(slices, held),
        transposed=numbers(layout.transposed if training else 0),
        units=np.array([0, 1], dtype),
        flags=flags(slices),
    )


def _cut(flat: np.ndarray, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """The beginning of a flat array as arrays of these shapes, one after the other."""
    ends = np.cumsum([array.size for array in arrays])
    return [part.reshape(array.shape) for part, array in zip(np.split(flat, ends), arrays)]


def flat_stats(layout: Layout, net: Net) -> np.ndarray:
    """A copy of the net's running statistics in one piece."""
    return np.concatenate([np.zeros(0, net.dtype), *(part for name in layout.stats for part in net.stats[name])])


def fill_net(memory: Memory, layout: Layout, net: Net) -> None:
    """Copy the net's parameters and running statistics into the buffers."""
    fill_params(memory.params, layout, net)
    memory.stats[:] = flat_stats(layout, net)


def fill_params(flat: np.ndarray, layout: Layout, net: Net) -> None:
    """Copy the net's parameters to where the layout has them."""
    for name, view in _views(flat, layout, net).items():
        view[...] = net.params[name]


def _views(flat: np.ndarray, layout: Layout, net: Net) -> dict[str, np.ndarray]:
    """Parameters, or what there is for each of them, within a flat buffer, without what pads their rows."""
    views = {}
    for name, (start, size, _) in zip(layout.names, layout.program.params):
        *rows, width = net.params[name].shape
        views[name] = flat[start : start + size].reshape(*rows, -1)[..., :width]
    return views


def give_net(memory: Memory, layout: Layout, net: Net) -> None:
    """Give the net new arrays with what the buffers hold: whoever kept an old one keeps it unchanged."""
    views = _views(memory.params, layout, net)
    # As large as the other buffers, though a little less would do: so the allocator finds the space of the last one.
    whole = np.empty_like(memory.params)
    for (name, view), array in zip(views.items(), _cut(whole, list(views.values()))):
        array[...] = view
        net.params[name] = array
    for name, place in layout.stats.items():
        mean, var = memory.stats[place].reshape(2, -1).copy()
        net.stats[name] = mean, var


def state_names(task: Task) -> list[str]:
    """The names of the arrays that the rule keeps per parameter."""
    state = task.rule.init(np.zeros(1, task.net.dtype))
    return [name for name, value in state.items() if isinstance(value, np.ndarray)]


def fill_state(memory: Memory, layout: Layout, task: Task) -> int:
    """Copy the rule's state into the buffers, but for what is there already; how many steps it has taken."""
    taken = 0
    for name in layout.names:
        if name not in task.state:
            task.state[name] = task.rule.init(task.net.params[name])
        taken = task.state[name].get("t", 0)
    for buffer, part in zip((memory.first, memory.second), state_names(task)):
        for name, view in _views(buffer, layout, task.net).items():
            if not np.may_share_memory(view, task.state[name][part]):
                view[...] = task.state[name][part]
    return taken


def give_state(memory: Memory, layout: Layout, task: Task, taken: int) -> None:
    """Give the task views of the rule's state, and the number of steps it has taken where the rule counts them."""
    parts = state_names(task)
    views = [_views(buffer, layout, task.net) for buffer, _ in zip((memory.first, memory.second), parts)]
    for name in layout.names:
        counted = {"t": taken} if "t" in task.state[name] else {}
        task.state[name] = {part: view[name] for part, view in zip(parts, views)} | counted
