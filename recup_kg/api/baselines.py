"""Baselines: what reference runs measured, kept as data in the graph and brought up to date by reading only new runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from recup_kg import __version__
from recup_kg.api.access import Access
from recup_kg.api.confounders import demand_one_configuration
from recup_kg.api.groups import resolve_group
from recup_kg.api.measure import described_runs, measured_runs, resolution
from recup_kg.api.measured_terms import every
from recup_kg.baselines import Baseline, KnownValue, Statistic, TaskKey
from recup_kg.errors import UsageError
from recup_kg.measurements import MeasuredRun
from recup_kg.rdf.baseline import baseline_graph
from recup_kg.records import SideTable
from recup_kg.store import Entry, Store
from recup_kg.vocab import baseline_iri, bundle_iri, digest, prefixes_turtle

if TYPE_CHECKING:
    import pyarrow

BASELINE_VERSION = "1"
"""Raised when the same values give other statistics: it is in the identity."""
_CONSISTENT = 1.4826
"""MAD times this is the standard deviation of normal values (Rousseeuw & Croux 1993, doi 10.1080/01621459.1993.10476408)."""
_QUARTILES = 1.349
"""Distance of the quartiles of normal values in standard deviations; it tells of the spread where half of the values are one."""
_NAME = re.compile(r"[^\s\x00-\x1f\x7f]+")
_KEY = re.compile(r"(?P<canonical>[^:/]+)(?::(?P<around>[^/]+))?(?:/(?P<identifier>.*))?", re.DOTALL)
_LATEST = """SELECT ?graph ?baseline ?name ?expression ?hash WHERE {
  GRAPH ?graph { ?graph recup:describes ?baseline . ?baseline a recup:Baseline ; recup:baselineName ?name ;
    recup:groupExpression ?expression . ?table recup:about ?baseline ; recup:contentHash ?hash }
  MINUS { GRAPH ?newer { ?revision prov:wasRevisionOf ?baseline } }
} ORDER BY ?name"""
_MEMBERS = """SELECT ?graph ?run ?member WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?baseline recup:referenceRun ?run ; prov:wasDerivedFrom ?member } }"""


@dataclass(frozen=True, slots=True)
class KeptBaseline:
    """A baseline as a caller holds it, and how it was made: `read` counts the runs whose tasks were read from the store."""

    baseline: Baseline
    stored_as: str
    read: int

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/groups.md)."""
        found = self.baseline
        known = {measurement.iri: measurement for measurement in found.measurements}
        return {
            "name": found.name,
            "baseline": found.iri,
            "graph": found.graph,
            "stored_as": self.stored_as,
            "group": found.expression,
            "runs": list(found.runs),
            "revision_of": found.revision_of,
            "statistics": [
                {
                    "key": one.key,
                    "step": one.step,
                    "measurement": one.measurement,
                    "label": known[one.measurement].label,
                    "unit": known[one.measurement].unit,
                    "n": one.n,
                    "runs": one.runs,
                    "minimum": one.minimum,
                    "low": one.low,
                    "median": one.median,
                    "high": one.high,
                    "maximum": one.maximum,
                    "mad": one.mad,
                    "spread": one.spread,
                }
                for one in found.statistics
            ],
        }


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the graph says of the latest baseline of a name."""

    graph: str
    iri: str
    expression: str
    table: str


def make_baseline(
    access: Access,
    name: str,
    expression: str,
    *,
    last: int | None = None,
    allow_mixed: Collection[str] = (),
) -> KeptBaseline:
    """The baseline of a group, kept under a name; it revises the one that had the name before."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} can't name a baseline: it is one word")
    entries = resolve_group(access, expression, last=last)
    store = access.reading()
    runs = measured_runs(store, entries).runs
    demand_one_configuration(runs, allow_mixed)
    before = _latest(store).get(name)
    values = [value for run in runs for value in _values(run, {task.iri: task.key for task in run.tasks})]
    said = expression if last is None else f"{expression} (the last {last})"
    return _keep(access, name, said, entries, values, before, len(entries))


def add_to_baseline(
    access: Access, name: str, runs: Sequence[str], *, allow_mixed: Collection[str] = ()
) -> KeptBaseline:
    """A baseline with more runs. Only these are read, as long as their tasks have the keys that the baseline knows."""
    store = access.reading()
    before = _latest(store).get(name)
    if before is None:
        known = ", ".join(_latest(store)) or "none"
        raise UsageError(f"no baseline is called {name!r}; there are: {known}")
    members = _members(store, before)
    new = [
        entry for entry in map(store.resolve, runs) if entry.described not in {m.described for m in members}
    ]
    table = store.table(before.table)
    old = None if table is None else _known_values(table)
    measured = measured_runs(store, new).runs
    keys = None if old is None else _keys(measured, {value.key for value in old})
    entries = (*members, *new)
    if old is None or keys is None:
        read = measured_runs(store, entries).runs
        demand_one_configuration(read, allow_mixed)
        values = [value for run in read for value in _values(run, {task.iri: task.key for task in run.tasks})]
        return _keep(access, name, before.expression, entries, values, before, len(entries))
    demand_one_configuration((*described_runs(store, members), *measured), allow_mixed)
    values = [*old, *(value for run in measured for value in _values(run, keys))]
    return _keep(access, name, before.expression, entries, values, before, len(new))


def baseline_names(store: Store) -> tuple[str, ...]:
    """The names of the baselines in a store."""
    return tuple(_latest(store))


def parse_key(key: str) -> TaskKey:
    """What a key consists of; see `recup_kg.api.measured_keys`."""
    match = _KEY.fullmatch(key)
    if match is None:
        return TaskKey(key)
    return TaskKey(match["canonical"], match["around"], match["identifier"])


def statistics(values: Iterable[KnownValue], resolutions: Mapping[str, float]) -> tuple[Statistic, ...]:
    """The summary of each measurement of each key, in the order of keys and measurements."""
    cells: dict[tuple[str, str], list[KnownValue]] = defaultdict(list)
    for value in values:
        cells[value.key, value.measurement].append(value)
    return tuple(_statistic(cells[cell], resolutions.get(cell[1], 0.0)) for cell in sorted(cells))


def _statistic(values: Sequence[KnownValue], step: float) -> Statistic:
    numbers = sorted(value.value for value in values)
    middle = median(numbers)
    mad = median(abs(number - middle) for number in numbers)
    low, _, high = (
        quantiles(numbers, n=4, method="inclusive") if len(numbers) > 1 else (middle, middle, middle)
    )
    return Statistic(
        key=values[0].key,
        task=parse_key(values[0].key),
        step=values[0].step,
        measurement=values[0].measurement,
        n=len(numbers),
        runs=len({value.run for value in values}),
        minimum=numbers[0],
        low=low,
        median=middle,
        high=high,
        maximum=numbers[-1],
        mad=mad,
        spread=max(_CONSISTENT * mad, (high - low) / _QUARTILES, step) if len(numbers) > 1 else None,
    )


def _values(run: MeasuredRun, keys: Mapping[str, str]) -> Iterable[KnownValue]:
    """The values of a run; `keys` by IRI of the task."""
    for task in run.tasks:
        for measurement in sorted(task.values):
            yield KnownValue(keys[task.iri], task.step, run.execution, measurement, task.values[measurement])


def _keys(runs: Iterable[MeasuredRun], known: Collection[str]) -> dict[str, str] | None:
    """The key of each task (IRI) of new runs among known ones; None where one is new or can't be told."""
    found: dict[str, str] = {}
    for run in runs:
        canonicals = {task.iri: parse_key(task.key).canonical for task in run.tasks}
        for task in run.tasks:
            mine = parse_key(task.key)
            canonical = canonicals[task.iri]
            candidates = (
                canonical,
                f"{canonical}/{task.identifier}",
                f"{canonical}:{mine.neighbourhood}",
                f"{canonical}:{mine.neighbourhood}/{task.identifier}",
            )
            fitting = [key for key in candidates if key in known]
            if len(fitting) != 1:
                return None
            found[task.iri] = fitting[0]
    return found


def _keep(
    access: Access,
    name: str,
    expression: str,
    entries: Sequence[Entry],
    values: Sequence[KnownValue],
    before: _Kept | None,
    read: int,
) -> KeptBaseline:
    ordered = sorted(values, key=lambda value: (value.key, value.measurement, value.run, value.value))
    table = _table(ordered)
    graphs = tuple(sorted(entry.graph for entry in entries))
    store = access.writing()
    previous = before.iri if before is not None else None
    if before is not None and _members_of(store, before) == set(graphs):
        # The same runs again: the baseline is what it was.
        previous = _revised(store, before)
    identity = digest(("baseline", BASELINE_VERSION, __version__, name, expression, previous or "", *graphs))
    by_measurement: dict[str, set[float]] = defaultdict(set)
    for value in ordered:
        by_measurement[value.measurement].add(value.value)
    resolutions = {iri: resolution(numbers) for iri, numbers in by_measurement.items()}
    known = every()
    baseline = Baseline(
        name=name,
        iri=baseline_iri(identity),
        graph=bundle_iri(identity),
        expression=expression,
        runs=tuple(sorted({entry.described for entry in entries})),
        graphs=graphs,
        measurements=tuple(known[iri] for iri in sorted(by_measurement)),
        statistics=statistics(ordered, resolutions),
        software_version=__version__,
        revision_of=previous,
    )
    store.keep_table(table)
    graph = baseline_graph(baseline, table)
    kept = store.add([store.archive(graph.name, graph.lines)])[0]
    return KeptBaseline(baseline, kept.name, read)


def _table(values: Sequence[KnownValue]) -> SideTable:
    return SideTable(
        identifier="values",
        label="values of a baseline",
        description="A row is one value of one measurement of one task of one run.",
        columns={
            "key": [value.key for value in values],
            "step": [value.step for value in values],
            "run": [value.run for value in values],
            "measurement": [value.measurement for value in values],
            "value": [value.value for value in values],
        },
    )


def _known_values(table: pyarrow.Table) -> list[KnownValue]:
    columns = (table.column(name).to_pylist() for name in ("key", "step", "run", "measurement", "value"))
    return [KnownValue(*row) for row in zip(*columns, strict=True)]


def _latest(store: Store) -> dict[str, _Kept]:
    """The latest baseline of each name."""
    table = store.select(prefixes_turtle() + _LATEST)
    order = {entry.graph: entry.position for entry in store.registry()}
    rows = sorted(table.values(), key=lambda row: order.get(str(row[0]), 0))
    return {
        str(name): _Kept(str(graph), str(iri), str(said), str(content))
        for graph, iri, name, said, content in rows
    }


def _members_of(store: Store, kept: _Kept) -> set[str]:
    table = store.select(prefixes_turtle() + _MEMBERS % f"<{kept.graph}>")
    return {str(member) for _, _, member in table.values()}


def _members(store: Store, kept: _Kept) -> tuple[Entry, ...]:
    graphs = _members_of(store, kept)
    found = tuple(entry for entry in store.registry() if entry.graph in graphs)
    gone = len(graphs) - len(found)
    if gone:
        raise UsageError(f"{gone} runs of the baseline are no longer in the store: make it anew with a group")
    return found


def _revised(store: Store, kept: _Kept) -> str | None:
    """The baseline that a kept one revises."""
    table = store.select(
        f"{prefixes_turtle()}SELECT ?before {{ GRAPH <{kept.graph}> {{ <{kept.iri}> prov:wasRevisionOf ?before }} }}"
    )
    return next((str(before) for before in table.column("before")), None)
