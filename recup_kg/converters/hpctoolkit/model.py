"""What every form of an HPCToolkit profile says: metrics, a context tree, profiles, and values of the three."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from recup_kg.records import Gap, SideTable, Subject, Timestamp

SUMMARY = 0
"""The profile whose values are those of all profiles together."""
NODE, RANK, THREAD, STREAM = "NODE", "RANK", "THREAD", "GPUSTREAM"
"""The kinds of identifiers that have a field of their own in a `Process` (FORMATS.md, section IdTuples), and the node."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A column of values. `identifier` is what values call it; `counter` is its name as a property of the graph.

    `inclusive` is whether a value holds the costs of callees too, `exclusive` whether it is the cost of a procedure without its
    callees; `additive` whether values of different contexts and profiles may be summed. `primary` metrics choose hot contexts.
    """

    identifier: int
    name: str
    counter: str
    definition: str
    scope: str | None = None
    statistic: str | None = None
    unit: str | None = None
    inclusive: bool = False
    exclusive: bool = False
    additive: bool = False
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as the source lists it; `line` is that of its definition."""

    identifier: str
    name: str
    load_module: str | None = None
    file_name: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A node of the context tree, below `parent` (None at the top). `procedure` is a key of the profile's procedures.

    `boundary` is whether its exclusive value is in that of no other context of a procedure.
    """

    identifier: int
    parent: int | None
    kind: str
    label: str
    relation: str | None = None
    procedure: int | None = None
    load_module: str | None = None
    file_name: str | None = None
    line: int | None = None
    offset: int | None = None
    boundary: bool = False


@dataclass(frozen=True, slots=True)
class Identification:
    """One part of a hierarchical identifier tuple; `physical` is None where the kind is a logical one."""

    kind: str
    logical: int | None
    physical: int | None = None

    @property
    def text(self) -> str:
        """As HPCToolkit's own dump writes it: `NODE 0 [0x11ac0300]`."""
        logical = "" if self.logical is None else f" {self.logical}"
        return f"{self.kind}{logical}" + ("" if self.physical is None else f" [0x{self.physical:x}]")


@dataclass(frozen=True, slots=True)
class Profile:
    """What was measured of one thread or GPU stream: its place in the list of profiles, and who it is."""

    identifier: int
    identifications: tuple[Identification, ...] = ()
    label: str | None = None
    process_id: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None

    def logical(self, kind: str) -> int | None:
        """The logical identifier of that kind, None where there is none or several."""
        found = [part.logical for part in self.identifications if part.kind == kind]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Values:
    """Columns of one length, sorted by profile and context: context, profile and metric identifiers, and the values."""

    contexts: array[int]
    profiles: array[int]
    metrics: array[int]
    values: array[float]

    def __len__(self) -> int:
        return len(self.values)

    def by_context(self, profile: int) -> dict[int, dict[int, float]]:
        """The values of each context in a profile, by metric."""
        found: dict[int, dict[int, float]] = {}
        rows = zip(self.profiles, self.contexts, self.metrics, self.values, strict=True)
        for of, context, metric, value in rows:
            if of == profile:
                found.setdefault(context, {})[metric] = value
        return found

    def of_context(self, context: int) -> Iterator[tuple[int, int, float]]:
        """Profile, metric and value of one context."""
        place = -1
        for _ in range(self.contexts.count(context)):
            place = self.contexts.index(context, place + 1)
            yield self.profiles[place], self.metrics[place], self.values[place]


def sorted_values(
    contexts: array[int], profiles: array[int], metrics: array[int], values: array[float]
) -> Values:
    """The values, sorted by profile, context and metric."""
    keys = list(zip(profiles, contexts, metrics, strict=True))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return Values(
        array("I", (contexts[place] for place in order)),
        array("I", (profiles[place] for place in order)),
        array("I", (metrics[place] for place in order)),
        array("d", (values[place] for place in order)),
    )


def no_values() -> Values:
    """No values."""
    return Values(array("I"), array("I"), array("I"), array("d"))


@dataclass(frozen=True, slots=True)
class Measurement:
    """One HPCToolkit profile. `title` is empty where the source has none.

    `root` is the context that stands for the whole, above all others. `summary` are values of all profiles together, with
    metrics of `summary_metrics`; `values` those of each profile, with metrics of `metrics`.
    """

    title: str
    description: str | None
    metrics: tuple[Metric, ...]
    summary_metrics: tuple[Metric, ...]
    procedures: dict[int, Procedure]
    contexts: tuple[Context, ...]
    profiles: tuple[Profile, ...]
    summary: Values
    values: Values
    root: int
    executable: str | None = None
    job: str | None = None
    process_id: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    tables: tuple[SideTable, ...] = ()
    gaps: tuple[Gap, ...] = ()


def whole_gap(kind: str, where: str, comment: str) -> Gap:
    """A gap of the measurement as a whole."""
    return Gap(kind, Subject("evidence"), where, comment)
