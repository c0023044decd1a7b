"""A training's flat buffers: filled from the net at the start of a run, written back to it at the end."""

from typing import Any

import numpy as np

from chainrule.engines.fused.memory import Memory
from chainrule.engines.fused.program import OUT, STRETCH, Layout
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
        params, stats: what `flat_params` and `flat_stats` give.
        rows, slices: as they say.
        states: how many arrays the update rule keeps per parameter.
        whole: whether all gradients must be held at once.
        training: whether there is a backward pass.
    """
    program, size, dtype = layout.program, params.size, params.dtype
    stretches = program.stages[:, STRETCH]
    held = int((stretches * program.stages[:, OUT]).max()) if training else 0

    def numbers(*shape: int) -> np.ndarray:
        return np.zeros(shape, dtype)

    return Memory(
        params=params,
        first=numbers(size if states > 0 else 0),
        second=numbers(size if states > 1 else 0),
        stats=stats,
        outputs=numbers(layout.outputs),
        slopes=numbers(layout.outputs if training else 0),
        caches=numbers(layout.outputs),
        spreads=numbers(slices, layout.spreads),
        sums=numbers(slices, layout.sums),
        moments=numbers(slices, layout.sums),
        x=numbers(rows * (program.features if training else min(program.features, int(stretches[0])))),
        parts=numbers(slices, rows, program.width),
        grads=numbers(slices, size - program.weights if training else 0),
        whole=numbers(size if whole else 0),
        scratch=numbers(slices, held),
        transposed=numbers(program.weights - program.features * program.width if training else 0),
        units=np.array([0, 1], dtype),
        flags=flags(slices),
    )


def flat_params(layout: Layout, net: Net) -> np.ndarray:
    """The net's parameters in one piece: as they lie where `give_net` has given them, else a copy. To be read only."""
    arrays = [net.params[name] for name in layout.names]
    whole = arrays[0].base
    if isinstance(whole, np.ndarray) and whole.shape == (sum(array.size for array in arrays),):
        given = zip(_views(whole, layout, net), arrays)
        if all(view.ctypes.data == one.ctypes.data and view.strides == one.strides for view, one in given):
            return whole
    return np.concatenate([array.ravel() for array in arrays])


def flat_stats(layout: Layout, net: Net) -> np.ndarray:
    """A copy of the net's running statistics in one piece."""
    return np.concatenate([np.zeros(0, net.dtype), *(part for name in layout.stats for part in net.stats[name])])


def fill_net(memory: Memory, layout: Layout, net: Net) -> None:
    """Copy the net's parameters and running statistics into the buffers."""
    memory.params[:], memory.stats[:] = flat_params(layout, net), flat_stats(layout, net)


def _views(flat: np.ndarray, layout: Layout, net: Net) -> list[np.ndarray]:
    """The parameters within a flat array, in the layout's order."""
    places = zip(layout.names, layout.program.params)
    return [flat[start : start + size].reshape(net.params[name].shape) for name, (start, size, _) in places]


def give_net(memory: Memory, layout: Layout, net: Net) -> None:
    """Give the net new arrays with what the buffers hold: whoever kept an old one keeps it unchanged."""
    for name, view in zip(layout.names, _views(memory.params.copy(), layout, net)):
        net.params[name] = view
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
    for name, (start, size, _) in zip(layout.names, layout.program.params):
        if name not in task.state:
            task.state[name] = task.rule.init(task.net.params[name])
        state = task.state[name]
        taken = state.get("t", 0)
        for buffer, part in zip((memory.first, memory.second), state_names(task)):
            if state[part].base is not buffer:
                buffer[start : start + size] = state[part].ravel()
    return taken


def give_state(memory: Memory, layout: Layout, task: Task, taken: int) -> None:
    """Give the task views of the rule's state, and the number of steps it has taken where the rule counts them."""
    for name, (start, size, _) in zip(layout.names, layout.program.params):
        shape = task.net.params[name].shape
        parts = {
            part: buffer[start : start + size].reshape(shape)
            for buffer, part in zip((memory.first, memory.second), state_names(task))
        }
        task.state[name] = {**parts, "t": taken} if "t" in task.state[name] else parts
