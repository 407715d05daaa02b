"""What comparison reads of one run: tables, by SPARQL, scoped to the run's graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from recup_kg.align.data import DataUse
from recup_kg.align.match import MatchTask
from recup_kg.compare.waits import NOT_CAPTURED, RunWaits, read_waits
from recup_kg.comparisons import ComparedRun
from recup_kg.errors import UsageError
from recup_kg.vocab import DCAT, RECUP, XSD, prefixes_turtle

Cell: TypeAlias = str | int | float | None


class _TableLike(Protocol):
    @property
    def rows(self) -> Sequence[Sequence[object]]: ...


class Source(Protocol):
    """Where the tables come from: any store."""

    def select(self, query: str) -> _TableLike:
        """The rows of a SELECT."""
        ...


class Ran(Enum):
    """Whether a task ran: nobody can tell where what would tell was not captured."""

    YES = "executed"
    NO = "not executed"
    UNKNOWN = "not captured"


@dataclass(frozen=True, slots=True)
class Task:
    """A task, executed or planned: identifier and IRI, and what the graph says of its time (seconds; xsd:dateTime)."""

    identifier: str
    iri: str
    label: str
    step: str
    level: int
    program: str | None
    arguments: tuple[str, ...] | None
    run_time: float | None
    started: str | None
    canonical: str
    local: str
    neighbourhood: str
    ran: Ran = Ran.YES


@dataclass(frozen=True, slots=True)
class Data:
    """A data object: identifier, IRI, logical name, size in bytes."""

    identifier: str
    iri: str
    logical_name: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """One run. Everything is keyed by identifiers of the source; `coverage` by property IRI: (observed, expected)."""

    run: ComparedRun
    makespan: float | None
    started: str | None
    tasks: Mapping[str, Task]
    parents: Mapping[str, tuple[str, ...]]
    data: Mapping[str, Data]
    use: DataUse
    generators: Mapping[str, tuple[str, ...]]
    nodes: Mapping[str, tuple[str, ...]]
    coverage: Mapping[str, tuple[int, int]]
    artefacts: frozenset[tuple[str, str]]
    waits: RunWaits = NOT_CAPTURED

    def unreliable_size(self, data: str) -> bool:
        """Whether the recorded size of a data object is a recording artefact."""
        return (self.data[data].iri, DCAT + "byteSize") in self.artefacts

    def unreliable_run_time(self, task: str) -> bool:
        """Whether the recorded run time of a task is a recording artefact."""
        return (self.tasks[task].iri, RECUP + "runTime") in self.artefacts

    def number(self, ran: Ran) -> int:
        """How many tasks ran, did not, or may have."""
        return sum(task.ran is ran for task in self.tasks.values())

    def covered(self, *properties: str) -> bool:
        """Whether every thing that could have the properties (IRIs) has them."""
        entries = [self.coverage.get(name, (0, 1)) for name in properties]
        return all(observed >= expected for observed, expected in entries)

    def captured(self, *properties: str) -> bool:
        """Whether anything has one of the properties."""
        return any(self.coverage.get(name, (0, 0))[0] > 0 for name in properties)


_RUN = """SELECT ?execution ?label ?makespan ?started ?file WHERE { GRAPH %s {
  ?execution a recup:Execution ; rdfs:label ?label .
  OPTIONAL { ?execution recup:makespan ?makespan }
  OPTIONAL { ?execution prov:startedAtTime ?started }
  OPTIONAL { ?source a recup:SourceFile ; recup:fileName ?file } } }"""
_TASKS = """SELECT ?task ?id ?label ?step ?level ?canonical ?local ?neighbourhood ?program ?arguments ?runTime ?started
WHERE { GRAPH %s {
  ?task a recup:TaskExecution ; dcterms:identifier ?id ; rdfs:label ?label ; p-plan:correspondsToStep ?step ; recup:level ?level ;
    recup:canonicalId ?canonical ; recup:localSignature ?local ; recup:neighbourhoodSignature ?neighbourhood .
  OPTIONAL { ?task recup:program ?program }
  OPTIONAL { ?task recup:arguments ?arguments }
  OPTIONAL { ?task recup:runTime ?runTime }
  OPTIONAL { ?task prov:startedAtTime ?started } } }"""
_PLANNED = """SELECT ?task ?id ?label ?step ?level ?canonical ?local ?neighbourhood
WHERE { GRAPH %s {
  ?task a recup:PlannedTask ; dcterms:identifier ?id ; rdfs:label ?label ; recup:plannedStep ?step ; recup:level ?level ;
    recup:canonicalId ?canonical ; recup:localSignature ?local ; recup:neighbourhoodSignature ?neighbourhood } }"""
_UNCAPTURED = "SELECT ?task WHERE { GRAPH %s { ?task a recup:UncapturedTask } }"
_DATA = """SELECT ?data ?id ?name ?size WHERE { GRAPH %s {
  ?data a recup:DataObject ; dcterms:identifier ?id ; recup:logicalName ?name . OPTIONAL { ?data dcat:byteSize ?size } } }"""
_PARENTS = "SELECT ?task ?parent WHERE { GRAPH %s { ?task prov:wasInformedBy|recup:plannedAfter ?parent } }"
_USED = "SELECT ?task ?data WHERE { GRAPH %s { ?task prov:used|recup:plannedInput ?data } }"
_GENERATED = "SELECT ?task ?data WHERE { GRAPH %s { ?data prov:wasGeneratedBy|^recup:plannedOutput ?task } }"
_NODES = "SELECT ?task ?node WHERE { GRAPH %s { ?task prov:atLocation/recup:nodeName ?node } }"
_COVERAGE = """SELECT ?property ?observed ?expected WHERE { GRAPH %s {
  ?c a recup:Coverage ; recup:observedProperty ?property ; recup:observedCount ?observed ; recup:expectedCount ?expected } }"""
_ARTEFACTS = """SELECT ?about ?property WHERE { GRAPH %s {
  ?a a recup:RecordingArtefact ; recup:about ?about ; recup:observedProperty ?property } }"""


def read_facts(source: Source, graph: str, name: str) -> Facts:
    """The facts of the run in a graph. Raises `UsageError` where the graph holds no execution."""
    run = next(iter(_rows(source, _RUN, graph)), None)
    if run is None:
        raise UsageError(f"{name} is not an execution: only executions can be compared")
    execution, label, makespan, started, file = run
    tasks = _tasks(source, graph)
    data = {str(row[1]): _data(row) for row in _rows(source, _DATA, graph)}
    of_task = {task.iri: task.identifier for task in tasks.values()}
    of_data = {item.iri: item.identifier for item in data.values()}
    inputs = _relation(_rows(source, _USED, graph), of_task, of_data)
    outputs = _relation(_rows(source, _GENERATED, graph), of_task, of_data)
    generators = _inverse(outputs)
    parents = _relation(_rows(source, _PARENTS, graph), of_task, of_task)
    return Facts(
        run=ComparedRun(str(execution), graph, name or str(label), str(file or "")),
        makespan=_double(makespan),
        started=_text(started),
        tasks=tasks,
        parents={task: parents.get(task, ()) for task in tasks},
        data=data,
        use=DataUse(inputs, outputs, frozenset(item for item in data if item not in generators)),
        generators=generators,
        nodes=_relation(_rows(source, _NODES, graph), of_task, None),
        coverage={
            str(name): (int(observed or 0), int(expected or 0))
            for name, observed, expected in _rows(source, _COVERAGE, graph)
        },
        artefacts=frozenset((str(about), str(name)) for about, name in _rows(source, _ARTEFACTS, graph)),
        waits=read_waits(lambda query: _rows(source, query, graph)),
    )


def match_tasks(facts: Facts) -> list[MatchTask]:
    """The tasks of a run as matching sees them, in order of their identifiers."""
    return [_match_task(facts, facts.tasks[identifier]) for identifier in sorted(facts.tasks)]


def cell(term: object) -> Cell:
    """The Python value of an RDF term: an exact int, a float, or the text."""
    if term is None:
        return None
    value = str(getattr(term, "value", term))
    kind = getattr(getattr(term, "datatype", None), "value", "")
    if kind == XSD + "integer":
        return int(value)
    return float(value) if kind in (XSD + "double", XSD + "decimal") else value


def _rows(source: Source, query: str, graph: str) -> Iterator[tuple[Cell, ...]]:
    for row in source.select(prefixes_turtle() + query % f"<{graph}>").rows:
        yield tuple(map(cell, row))


def _tasks(source: Source, graph: str) -> dict[str, Task]:
    """The tasks that ran, and those that the source names without their execution."""
    found = {str(row[1]): _task(row, Ran.YES) for row in _rows(source, _TASKS, graph)}
    uncaptured = {str(row[0]) for row in _rows(source, _UNCAPTURED, graph)}
    for row in _rows(source, _PLANNED, graph):
        ran = Ran.UNKNOWN if str(row[0]) in uncaptured else Ran.NO
        found.setdefault(str(row[1]), _task((*row, None, None, None, None), ran))
    return found


def _task(row: tuple[Cell, ...], ran: Ran) -> Task:
    (
        iri,
        identifier,
        label,
        step,
        level,
        canonical,
        local,
        neighbourhood,
        program,
        arguments,
        run_time,
        start,
    ) = row
    return Task(
        identifier=str(identifier),
        iri=str(iri),
        label=str(label),
        step=str(step),
        level=int(level or 0),
        program=_text(program),
        arguments=None if arguments is None else tuple(json.loads(str(arguments))),
        run_time=_double(run_time),
        started=_text(start),
        canonical=str(canonical),
        local=str(local),
        neighbourhood=str(neighbourhood),
        ran=ran,
    )


def _data(row: tuple[Cell, ...]) -> Data:
    iri, identifier, name, size = row
    return Data(str(identifier), str(iri), str(name), None if size is None else int(size))


def _relation(
    rows: Iterator[tuple[Cell, ...]], left: Mapping[str, str], right: Mapping[str, str] | None
) -> dict[str, tuple[str, ...]]:
    """Pairs of IRIs as identifiers to sorted identifiers; pairs with something that is neither are left out."""
    found: dict[str, list[str]] = {}
    for subject, value in rows:
        target = str(value) if right is None else right.get(str(value))
        if str(subject) in left and target is not None:
            found.setdefault(left[str(subject)], []).append(target)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def _inverse(relation: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for left, values in relation.items():
        for value in values:
            found.setdefault(value, []).append(left)
    return {name: tuple(values) for name, values in found.items()}


def _match_task(facts: Facts, task: Task) -> MatchTask:
    repeats = task.identifier in task.label or task.label in task.identifier
    return MatchTask(
        identifier=task.identifier,
        name=None if repeats else task.label,
        step=task.step.rsplit("/", 1)[-1],
        program=task.program,
        arguments=task.arguments,
        inputs=tuple(facts.use.inputs.get(task.identifier, ())),
        outputs=tuple(facts.use.outputs.get(task.identifier, ())),
        parents=facts.parents[task.identifier],
        canonical=task.canonical,
        local=task.local,
        neighbourhood=task.neighbourhood,
    )


def _text(value: Cell) -> str | None:
    return None if value is None else str(value)


def _double(value: Cell) -> float | None:
    return None if value is None else float(value)
