"""What is timed: the works, how large they are, and how much arithmetic they need."""

from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

RATES = {"sgd": 1e-2, "momentum": 1e-2, "rmsprop": 1e-3, "adam": 1e-3}


@dataclass(frozen=True)
class Training:
    """Steps of one net, or of several of one form: rows gathered, forward, backward, update.

    Attributes:
        name: as the command line knows it.
        hidden: widths of the hidden layers.
        batch: rows of a step.
        rule: "adam", or "momentum" (0.9); both with rates that are usual.
        norm: whether batch norm stands between affine and activation.
        nets: how many nets of this form, each with weights of its own, take every step.
        steps: of one turn.
        rounds: turns of each peer, where nothing else is said.
        features, classes, rows: of the data.
    """

    name: str
    hidden: tuple[int, ...]
    batch: int = 100
    rule: str = "adam"
    norm: bool = False
    nets: int = 1
    steps: int = 100
    rounds: int = 15
    features: int = 3072
    classes: int = 10
    rows: int = 49_000

    unit = "ms per step"
    scale = 1e3
    warm = 1  # rounds that do not count
    trial = 500  # steps, at most, of the turns by which a peer's quickest form is found

    @property
    def kind(self) -> str:
        """Of several nets, peers may want another form."""
        return "training" if self.nets == 1 else "study"

    @property
    def lr(self) -> float:
        """The learning rate."""
        return RATES[self.rule]

    @property
    def parts(self) -> int:
        """What a turn's time is divided by: steps of one net."""
        return self.steps * self.nets

    @property
    def flops(self) -> float:
        """Additions and multiplications of a part's matrix products: two forward and backward for each weight and row,
        and none for the gradient of the data."""
        sizes = [a * b for a, b in pairwise([self.features, *self.hidden, self.classes])]
        return 2.0 * self.batch * (3 * sum(sizes) - sizes[0])

    def told(self) -> str:
        """The work in words."""
        widths = "–".join(map(str, [self.features, *_grouped(self.hidden), self.classes]))
        norm = ", batch norm" if self.norm else ""
        nets = f"{self.nets} nets " if self.nets > 1 else ""
        return f"{nets}{widths}{norm}, batch {self.batch}, {self.rule}"


@dataclass(frozen=True)
class Search:
    """The k nearest of some rows for some queries, exact.

    Attributes:
        name: as the command line knows it.
        queries, rows, features: sizes.
        k: neighbours of each query.
        rounds: as for trainings.
    """

    name: str
    queries: int
    rows: int
    features: int = 3072
    k: int = 10
    rounds: int = 15

    unit = "s"
    scale = 1.0
    kind = "search"
    warm = 0
    trial = 500
    parts = 1
    classes = 10

    @property
    def steps(self) -> int:
        """Queries of a turn."""
        return self.queries

    @property
    def flops(self) -> float:
        """Additions and multiplications of the products of all pairs."""
        return 2.0 * self.queries * self.rows * self.features

    def told(self) -> str:
        """The work in words."""
        return f"{self.queries:,} queries, {self.rows:,} rows of {self.features:,}, k = {self.k}"


@dataclass(frozen=True)
class Compared:
    """A whole comparison of update rules, accuracy checks after every epoch included.

    Attributes:
        name: as the command line knows it.
        hidden, batch: of every net.
        rules, seeds, epochs: every rule is trained with every seed.
        features, classes, rows, checked: of the data; `checked` rows each are for validation and test.
        rounds: as for trainings.
    """

    name: str
    hidden: tuple[int, ...]
    batch: int = 100
    rules: tuple[str, ...] = ("sgd", "momentum", "rmsprop", "adam")
    seeds: int = 3
    epochs: int = 5
    features: int = 3072
    classes: int = 10
    rows: int = 4000
    checked: int = 1000
    rounds: int = 5

    unit = "s"
    scale = 1.0
    kind = "compare"
    warm = 0
    trial = 2
    parts = 1
    norm = False

    @property
    def nets(self) -> int:
        """Trainings in all."""
        return len(self.rules) * self.seeds

    @property
    def steps(self) -> int:
        """Trainings of a turn."""
        return self.nets

    @property
    def flops(self) -> float:
        """Of all steps."""
        step = Training("", self.hidden, batch=self.batch, features=self.features, classes=self.classes)
        return step.flops * self.nets * self.epochs * (self.rows // self.batch)

    def told(self) -> str:
        """The work in words."""
        widths = "–".join(map(str, [self.features, *_grouped(self.hidden), self.classes]))
        return f"{len(self.rules)} rules × {self.seeds} seeds × {self.epochs} epochs of {widths}, {self.rows:,} rows"


Work = Training | Search | Compared
KINDS: dict[str, type] = {"Training": Training, "Search": Search, "Compared": Compared}
ALL: tuple[Work, ...] = (
    Training("A", (100,) * 5, steps=200),
    Training("A-momentum", (100,) * 5, rule="momentum", steps=200),
    Training("B", (500,) * 3, norm=True, steps=50),
    Training("C", (200,) * 10, batch=200, steps=50),
    Training("study", (100,) * 5, batch=200, nets=9, steps=30),
    Search("knn-small", 500, 5_000),
    Search("knn-large", 10_000, 50_000, rounds=3),
    Compared("compare", (100,) * 5),
)
WORKS: dict[str, Work] = {work.name: work for work in ALL}


def quick(work: Work) -> Work:
    """The same with less of it: for a first look."""
    if isinstance(work, Training):
        return replace(work, steps=max(1, work.steps // 4), rows=work.rows // 5, rounds=3)
    if isinstance(work, Search):
        return replace(work, queries=min(work.queries, 1_000), rows=min(work.rows, 10_000), rounds=3)
    return replace(work, seeds=1, epochs=2, rounds=2)


def described(work: Work) -> dict[str, Any]:
    """As JSON can hold it; `restored` is the way back."""
    return {"type": type(work).__name__, **asdict(work)}


def restored(description: dict[str, Any]) -> Work:
    """The work that was described."""
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in description.items()}
    kind = KINDS[str(given.pop("type"))]
    return kind(**given)


def _grouped(widths: tuple[int, ...]) -> list[str]:
    """(100, 100, 100) -> ["100×3"]."""
    if len(widths) > 1 and len(set(widths)) == 1:
        return [f"{widths[0]}×{len(widths)}"]
    return [str(width) for width in widths]
