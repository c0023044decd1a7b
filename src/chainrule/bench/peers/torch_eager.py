"""PyTorch as most people use it: eager, with fused update rules."""

from copy import deepcopy
from functools import partial

import torch
from torch.nn.functional import cross_entropy

from chainrule.bench.inputs import Inputs
from chainrule.bench.peers import Forms
from chainrule.bench.peers.torch_nets import Features, net_of, rule_of
from chainrule.bench.work import RATES, Compared, Training


def forms(work: Training | Compared, inputs: Inputs, threads: int) -> Forms:
    """See `chainrule.bench.peers`."""
    torch.set_num_threads(threads)
    if isinstance(work, Compared):
        return {form: partial(Comparison, work, inputs, form) for form in ("floats", "bytes")}
    return {form: partial(Steps, work, inputs, form) for form in ("floats", "bytes")}


class Steps:
    """Steps of one net, or of several nets in turn."""

    def __init__(self, work: Training, inputs: Inputs, form: str) -> None:
        self.work = work
        self.X, self.y = Features(inputs, form), torch.from_numpy(inputs["y"])
        self.batches = torch.from_numpy(inputs["batches"])
        self.nets = [net_of(work, inputs.weights(net)) for net in inputs.nets]
        self.start = [deepcopy(net.state_dict()) for net in self.nets]
        self.reset()

    def reset(self) -> None:
        """The same nets with their starting weights, and new rules."""
        for net, start in zip(self.nets, self.start):
            net.load_state_dict(start)
        self.rules = [rule_of(self.work.rule, net.parameters(), self.work.lr) for net in self.nets]

    def loss(self, net, rows):
        """The loss of a batch."""
        return cross_entropy(net(self.X[rows]), self.y[rows])

    def turn(self, first: int, steps: int) -> float:
        """The usual loop; losses are read at its end."""
        losses = []
        for net, rule in zip(self.nets, self.rules):
            for rows in self.batches[first : first + steps]:
                rule.zero_grad()
                loss = self.loss(net, rows)
                loss.backward()
                rule.step()
                losses.append(loss.detach())
        return float(torch.stack(losses).mean())


class Comparison:
    """All trainings one after the other, with the accuracies that `chainrule.compare` measures."""

    def __init__(self, work: Compared, inputs: Inputs, form: str) -> None:
        self.work, self.inputs = work, inputs
        self.parts = {end: Features(inputs, form, f"X{end}") for end in ("", "_val", "_test")}
        self.labels = {end: torch.from_numpy(inputs[f"y{end}"]) for end in self.parts}

    def reset(self) -> None:
        """Nothing is kept."""

    def turn(self, first: int, steps: int) -> float:
        """The first of own trainings; the mean loss of their last epochs."""
        work, losses = self.work, []
        for job in self.inputs.nets[:steps]:
            rule, seed = work.rules[job // work.seeds], job % work.seeds
            losses.append(self._train(rule, seed))
        return float(torch.stack(losses).mean())

    def _train(self, name: str, seed: int) -> torch.Tensor:
        work = self.work
        net = net_of(work, self.inputs.weights(seed))
        rule = rule_of(name, net.parameters(), RATES[name])
        batches, losses = torch.from_numpy(self.inputs[f"batches-{seed}"]), []
        per_epoch, sample = work.rows // work.batch, slice(0, work.checked)
        for step, rows in enumerate(batches):
            rule.zero_grad()
            loss = cross_entropy(net(self.parts[""][rows]), self.labels[""][rows])
            loss.backward()
            rule.step()
            losses.append(loss.detach())
            if step == 0 or (step + 1) % per_epoch == 0:
                self._accuracy(net, "", sample)
                self._accuracy(net, "_val", slice(None))
        self._accuracy(net, "_test", slice(None))
        return torch.stack(losses[-per_epoch:]).mean()

    @torch.no_grad()
    def _accuracy(self, net, part, rows):
        return float((net(self.parts[part][rows]).argmax(1) == self.labels[part][rows]).float().mean())
