"""What the store knows of runs and of the tasks of one, as properties and quantities that causes are looked for among."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from recup_kg.align.tokens import without_run_tokens
from recup_kg.causes.observed import Property, Quantity
from recup_kg.causes.separate import CAPTURE_GAP
from recup_kg.compare.sources import read_source_gaps
from recup_kg.comparisons import Evidence, SourceGap, Value
from recup_kg.fuse.hosts import Spelling
from recup_kg.queries import Binding, bind, load
from recup_kg.store import Entry, Store
from recup_kg.vocab import PROV, prefixes_turtle

Row = Mapping[str, Value]
Owners = Mapping[str, tuple[str, ...]]
Cells = dict[tuple[str, str], dict[str, set[Value]]]

_STATED_BY_ALL = frozenset(
    ("node type", "program", "program version", "system", "device", "driver", "seed", "node")
)
"""Kinds of which every run has a value: one without was not captured, whatever its sources."""
_LISTED = ("package", "module", "variable", "parameter", "directive")
"""Kinds that a source lists: where a part of it could not be read, what seems to lack may be there."""
_COUNTING = ("darshan", "hpctoolkit")
_OF_TASKS = {"node": PROV + "atLocation", "input": PROV + "used"}
_COVERAGE = """SELECT ?graph ?property ?expected ?observed WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?entry a recup:Coverage ; recup:observedProperty ?property ; recup:expectedCount ?expected ;
    recup:observedCount ?observed FILTER (?observed > 0 && ?observed < ?expected) } }"""
_FORMATS = """SELECT DISTINCT ?graph ?format WHERE { VALUES ?graph { %s }
  GRAPH ?graph { ?graph prov:wasDerivedFrom ?source . ?source recup:format ?format } }"""
_UNREAD = """SELECT DISTINCT ?graph ?comment ?format WHERE { VALUES ?graph { %s }
  GRAPH ?graph { ?graph prov:wasDerivedFrom/recup:format ?format .
    ?gap a recup:Gap ; recup:gapKind ?kind ; rdfs:comment ?comment ; recup:about ?evidence .
    ?evidence a recup:Evidence . FILTER (?kind IN (recup:NotCaptured, recup:UnreadableValue)) } }"""
_TOUCHED_KINDS: Mapping[str, tuple[str, ...]] = {
    "environment": ("package", "module", "variable", "image", "node type"),
    "job record": ("directive",),
    "darshan": ("counter",),
    "darshan dxt": (),
    "hpctoolkit": ("counter",),
    "dask transfers": ("transfer",),
    "dask worker transitions": ("node", "worker", "measurement", "transfer"),
    "dask scheduler transitions": ("measurement",),
    "dask graph": ("step", "input", "arguments", "argument"),
    "dask workers": ("node",),
}
"""What a source tells of; a source of another kind is a task graph, which tells all of the tasks."""
_EVERYTHING = ("node", "node type", "step", "input", "arguments", "argument", "program", "measurement")
_OUTCOME_SOURCES = ("dask worker transitions", "dask scheduler transitions")
"""Sources that tell when tasks ran: without them, times of a run are those of the rest of it."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of several runs, by their names. `touched` are those whose outcome itself a gap touches."""

    properties: tuple[Property, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    touched: Mapping[str, str] = field(default_factory=dict)


def rows_of(store: Store, query: str, bindings: Mapping[str, Binding]) -> list[dict[str, Value]]:
    """The rows of a query of the library."""
    return list(store.select(bind(load(query), bindings)).dicts())


def facts_of_runs(store: Store, entries: Sequence[Entry]) -> RunFacts:
    """All that is known of the configuration, the placement, the inputs, the counters and the capture of runs."""
    owners = owners_of(entries)
    gaps = _gaps(store, entries)
    source_gaps = [gap for entry in entries for gap in _source_gaps(store, entry)]
    rows = rows_of(store, "run-facts", {"run": tuple(owners)})
    return RunFacts(
        properties=(*_capture(source_gaps, entries), *_properties(store, rows, owners, gaps)),
        quantities=(*_counters(store, owners, gaps), *_transfers(store, owners, gaps)),
        touched=_touched(source_gaps, len(entries)),
    )


def _touched(gaps: Sequence[SourceGap], runs: int) -> dict[str, str]:
    """Runs whose times a gap touches, with the gap. A source that no run has as a whole makes no difference between them."""
    everywhere = Counter(gap.source for gap in gaps if gap.host is None and gap.state == "missing")
    return {
        gap.run: gap.message
        for gap in gaps
        if gap.source in _OUTCOME_SOURCES and not (gap.host is None and everywhere[gap.source] == runs)
    }


def owners_of(entries: Iterable[Entry]) -> Owners:
    """The names of the runs that each graph tells of: several where their sources have one and the same content."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        for graph in entry.graphs:
            found[graph].append(entry.name)
    return {graph: tuple(names) for graph, names in found.items()}


def facts_of_tasks(store: Store, entry: Entry) -> tuple[Property, ...]:
    """What is known of each task of a run: step, program, node, worker, inputs, arguments. Subjects are identifiers."""
    rows = rows_of(store, "task-facts", {"run": entry.graphs})
    tasks = {str(row["identifier"]) for row in rows}
    cells: Cells = defaultdict(lambda: defaultdict(set))
    for row in rows:
        task, kind = str(row["identifier"]), str(row["kind"])
        if kind == "arguments":
            for name, value in argument_facts(row["value"]):
                cells["argument", name or "argument"][task].add(value)
        else:
            stated = unquote(str(row["value"])) if kind == "step" else row["value"]
            cells[kind, str(row["name"])][task].add(stated)
    told = {task for kind, name in cells for task in cells[kind, name] if kind == "argument"}
    return tuple(
        Property(
            kind,
            name,
            {task: frozenset(values.get(task, ())) for task in sorted(_told(kind, values, tasks, told))},
            evidence=(
                Evidence(
                    "task-facts", {"run": entry.name, "kind": "arguments" if kind == "argument" else kind}
                ),
            ),
        )
        for (kind, name), values in sorted(cells.items())
    )


def _told(kind: str, values: Mapping[str, object], tasks: set[str], with_arguments: set[str]) -> set[str]:
    """Tasks of which it is known whether they have a fact: inputs and arguments are lists, the rest each task has."""
    if kind == "input":
        return tasks
    return with_arguments if kind == "argument" else set(values)


def argument_facts(value: Value) -> Iterator[tuple[str, str]]:
    """Arguments (a JSON array of words) as pairs: an option with its value, or a word alone; run-specific tokens aside."""
    words = [without_run_tokens(str(word)) for word in json.loads(str(value))]
    at = 0
    while at < len(words):
        word = words[at]
        follows = words[at + 1] if at + 1 < len(words) else ""
        name, equals, stated = word.partition("=")
        if word.startswith("-") and equals:
            yield name, stated
        elif word.startswith("-") and len(word) > 1 and follows and not follows.startswith("-"):
            yield word, follows
            at += 1
        elif word:
            yield "", word
        at += 1


# --- Properties of runs


def _properties(
    store: Store, rows: Sequence[Row], owners: Owners, gaps: Mapping[str, Mapping[str, str]]
) -> Iterator[Property]:
    cells: Cells = defaultdict(lambda: defaultdict(set))
    formats: dict[tuple[str, str], set[str]] = defaultdict(set)
    located = {run for row in rows if row["kind"] == "node" for run in owners[str(row["graph"])]}
    spelling = Spelling(str(row["value"]) for row in rows if row["kind"] in ("node", "listed node"))
    for run, fact in ((run, row) for row in rows for run in owners[str(row["graph"])]):
        for kind, name, value in _facts(fact, spelling):
            if kind == "listed node":
                if run in located:
                    continue
                kind = name = "node"
            cells[kind, name][run].add(value)
            formats[kind, name].add(str(fact["format"]))
    has_format = _formats(store, owners)
    for (kind, name), values in sorted(cells.items()):
        told = set(values)
        if kind not in _STATED_BY_ALL:
            told |= {run for known in formats[kind, name] for run in has_format[known]}
        if kind == "argument":
            told &= set(cells["arguments", name.split(" ", 1)[0]])
        if kind == "arguments":
            continue
        query_name = name.split(" ", 1)[0] if kind == "argument" else name
        yield Property(
            kind,
            name,
            {run: frozenset(values.get(run, ())) for run in sorted(told)},
            unit="bytes" if kind == "input" and _sizes(values) else None,
            evidence=(
                Evidence(
                    "run-facts", {"kind": "arguments" if kind == "argument" else kind, "name": query_name}
                ),
            ),
            gaps=gaps.get("arguments" if kind == "argument" else kind, {}),
        )


def _facts(row: Row, spelling: Spelling) -> Iterator[tuple[str, str, Value]]:
    kind, name, value = str(row["kind"]), unquote(str(row["name"])), row["value"]
    if kind == "arguments":
        yield kind, name, value
        for option, stated in argument_facts(value):
            yield "argument", f"{name} {option}".rstrip(), stated
    elif kind == "step":
        yield kind, name, unquote(str(value))
    elif kind in ("variable", "parameter") and isinstance(value, str):
        yield kind, name, without_run_tokens(value)
    elif kind in ("node", "listed node"):
        yield kind, name, spelling.of(str(value))
    else:
        yield kind, name, value


def _sizes(values: Mapping[str, Iterable[Value]]) -> bool:
    return all(isinstance(value, int) for known in values.values() for value in known)


def _formats(store: Store, owners: Owners) -> dict[str, set[str]]:
    """The runs that have a source of each format."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _select(store, _FORMATS, owners):
        found[str(row["format"])].update(owners[str(row["graph"])])
    return found


# --- Coverage


def _source_gaps(store: Store, entry: Entry) -> tuple[SourceGap, ...]:
    if entry.kind != "fusion":
        return ()
    return read_source_gaps(store, entry.graph, entry.name, in_reference=False)


def _gaps(store: Store, entries: Sequence[Entry]) -> dict[str, dict[str, str]]:
    """By kind of fact and run: what its capture lacks that tells of this."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    owners = owners_of(entries)
    for entry in entries:
        for gap in _source_gaps(store, entry):
            for kind in _TOUCHED_KINDS.get(gap.source, _EVERYTHING):
                found[kind].setdefault(entry.name, gap.message)
    kinds = {stated: kind for kind, stated in _OF_TASKS.items()}
    for row in _select(store, _COVERAGE, owners):
        told = kinds.get(str(row["property"]))
        for run in owners[str(row["graph"])] if told is not None else ():
            message = f"{run}: {told}s of {row['observed']:,} of {row['expected']:,} tasks were captured"
            found[str(told)].setdefault(run, message)
    for row in _select(store, _UNREAD, owners):
        for run in owners[str(row["graph"])]:
            for kind in ("counter",) if str(row["format"]) in _COUNTING else _LISTED:
                found[kind].setdefault(run, f"{run}: {row['comment']}")
    return found


def _capture(gaps: Iterable[SourceGap], entries: Sequence[Entry]) -> Iterator[Property]:
    """Each kind of source with the hosts of which it is missing or partial: what it lacks may be what seems to differ."""
    runs = [entry.name for entry in entries if entry.kind == "fusion"]
    cells: dict[str, dict[str, set[Value]]] = defaultdict(lambda: defaultdict(set))
    for gap in gaps:
        of = "of a host" if gap.host else "as a whole"
        cells[f"{gap.source} {of}"][gap.run].add(gap.state)
    for name, values in sorted(cells.items()):
        first = next(iter(values))
        yield Property(
            CAPTURE_GAP,
            name,
            {run: frozenset(values.get(run, ())) for run in runs},
            evidence=(Evidence("source-coverage", {"run": first}),),
        )


# --- Quantities of runs


def _counters(store: Store, owners: Owners, gaps: Mapping[str, Mapping[str, str]]) -> Iterator[Quantity]:
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows_of(store, "counter-values", {"run": tuple(owners)}):
        if isinstance(row["value"], int | float):
            for run in owners[str(row["graph"])]:
                sums[str(row["counter"])][run] += row["value"]
    for counter, values in sorted(sums.items()):
        evidence = (Evidence("counter-values", {"counter": counter}),)
        yield Quantity("counter", counter, dict(values), evidence=evidence, gaps=gaps.get("counter", {}))


def _transfers(store: Store, owners: Owners, gaps: Mapping[str, Mapping[str, str]]) -> Iterator[Quantity]:
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows_of(store, "transfer-totals", {"run": tuple(owners)}):
        for name in ("transfers", "bytes", "seconds"):
            value = row[name]
            for run in owners[str(row["graph"])] if row["transfers"] else ():
                sums[name][run] += float(value or 0)
    units = {"bytes": "bytes", "seconds": "s"}
    for name, values in sums.items():
        label = "number" if name == "transfers" else name
        evidence = (Evidence("transfer-totals", {}),)
        yield Quantity("transfer", label, dict(values), units.get(name), evidence, gaps.get("transfer", {}))


def _select(store: Store, query: str, graphs: Iterable[str]) -> Iterator[dict[str, Value]]:
    values = " ".join(f"<{graph}>" for graph in graphs)
    return store.select(prefixes_turtle() + query % values).dicts()
