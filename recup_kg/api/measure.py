"""From the store to what was measured of the tasks of runs, so that the same task has the same key in all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TypeAlias
from urllib.parse import unquote

from recup_kg.api import measured_rows as read
from recup_kg.api import measured_terms as terms
from recup_kg.api.measured_keys import Keys, shared_keys
from recup_kg.collector import paused_collector
from recup_kg.compare.facts import match_tasks, read_facts
from recup_kg.measurements import MeasuredRun, MeasuredRuns, MeasuredTask, Measurement
from recup_kg.store import Entry, Store
from recup_kg.vocab import DCAT, DCTERMS, P_PLAN, PROV, RECUP

_IDENTIFIER = DCTERMS + "identifier"
_CANONICAL = RECUP + "canonicalId"
_AROUND = RECUP + "neighbourhoodSignature"
_STEP = P_PLAN + "correspondsToStep"
_TYPE = RECUP + "taskType"
_START = PROV + "startedAtTime"
_END = PROV + "endedAtTime"
_PLACE = PROV + "atLocation"
_PARENT = PROV + "wasInformedBy"
_RUN_TIME = RECUP + "runTime"
_QUEUED = RECUP + "queueDelay"
_SIZE = DCAT + "byteSize"
_WORKER = RECUP + "performedBy"
_SAID = frozenset((_IDENTIFIER, _CANONICAL, _AROUND, _STEP, _TYPE, _START, _END, _WORKER))
_MOST_DECIMALS = 6
"""A number with more decimals was computed: it tells of no clock's step."""
_ENOUGH = 10


@dataclass(slots=True)
class _Task:
    """What the graphs say of one task."""

    said: dict[str, str] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        """The source's identifier."""
        return self.said[_IDENTIFIER]

    @property
    def started(self) -> float | None:
        """When it started, as POSIX seconds."""
        return _posix(self.said.get(_START))

    @property
    def ended(self) -> float | None:
        """When it ended, as POSIX seconds: as stated, else its start and its run time."""
        if _END in self.said:
            return _posix(self.said[_END])
        started, run_time = self.started, self.values.get(_RUN_TIME)
        return None if started is None or run_time is None else started + run_time


_Tasks: TypeAlias = Mapping[str, _Task]
"""Tasks by IRI."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """The graphs to read: those that describe tasks, and all; and what is a recording artefact, as (graph, thing, property)."""

    store: Store
    graphs: Sequence[str]
    everything: Sequence[str]
    artefacts: frozenset[read.Row]

    def rows(self, query: str) -> Iterable[read.Row]:
        """Rows about the graphs that describe tasks."""
        return read.rows(self.store, query, self.graphs)

    def all_rows(self, query: str) -> Iterable[read.Row]:
        """Rows about all graphs."""
        return read.rows(self.store, query, self.everything)


@paused_collector()
def measured_runs(store: Store, entries: Sequence[Entry]) -> MeasuredRuns:
    """What was measured of the tasks that ran, in the order of the entries.

    Values that are recording artefacts are left out. The resolution of a measurement is the step that all its values here are
    multiples of.
    """
    graphs = tuple(dict.fromkeys(entry.task_graph for entry in entries))
    everything = tuple(dict.fromkeys(graph for entry in entries for graph in entry.graphs))
    artefacts = frozenset(read.rows(store, read.ARTEFACTS, graphs))
    reading = _Reading(store, graphs, everything, artefacts)
    runs = _tasks(reading)
    everyone = {iri: task for tasks in runs.values() for iri, task in tasks.items()}
    names = {str(node): str(name) for _, node, name in reading.rows(read.NODES)}
    hosts = {str(node): str(machine) for _, node, machine in reading.rows(read.HOSTS)}
    _add_files(reading, everyone)
    _add_waits(reading, everyone)
    _add_accesses(reading, everyone)
    _add_counters(reading, everyone)
    of_entries = [runs[entry.task_graph] for entry in entries]
    keys = shared_keys(
        [{task.identifier: task.said[_CANONICAL] for task in tasks.values()} for tasks in of_entries],
        [{task.identifier: task.said.get(_AROUND, "") for task in tasks.values()} for tasks in of_entries],
        lambda number: match_tasks(read_facts(store, entries[number].task_graph, entries[number].name)),
    )
    measured = tuple(
        replace(run, tasks=_measured(tasks, named, names, hosts), parents=_parents(tasks))
        for run, tasks, named in zip(_described(reading, entries), of_entries, keys, strict=True)
    )
    return MeasuredRuns(measured, _measurements(measured))


def described_runs(store: Store, entries: Sequence[Entry]) -> tuple[MeasuredRun, ...]:
    """The runs without their tasks: makespan, start, configuration."""
    graphs = tuple(dict.fromkeys(entry.task_graph for entry in entries))
    everything = tuple(dict.fromkeys(graph for entry in entries for graph in entry.graphs))
    return tuple(_described(_Reading(store, graphs, everything, frozenset()), entries))


def _tasks(reading: _Reading) -> dict[str, dict[str, _Task]]:
    """The tasks of each graph by IRI, with the values that the graph states of them."""
    measured = terms.stated()
    found: dict[str, dict[str, _Task]] = {graph: {} for graph in reading.graphs}
    for graph, iri, predicate, value in reading.rows(read.tasks({*_SAID, _PLACE, _PARENT, *measured})):
        task = found[str(graph)].setdefault(str(iri), _Task())
        name, text = str(predicate), str(value)
        if name in _SAID:
            task.said[name] = text
        elif name in measured:
            if (graph, iri, predicate) not in reading.artefacts:
                task.values.update(_number(name, text))
        elif name == _PLACE:
            task.places.append(text)
        elif name == _PARENT:
            task.parents.append(text)
    return {
        graph: {iri: task for iri, task in tasks.items() if task.said.keys() >= {_IDENTIFIER, _CANONICAL}}
        for graph, tasks in found.items()
    }


def _add_files(reading: _Reading, tasks: _Tasks) -> None:
    """Sizes and counts of what tasks read and wrote."""
    for query, size, count in (
        (read.INPUTS, terms.INPUT_SIZE, terms.INPUT_COUNT),
        (read.OUTPUTS, terms.OUTPUT_SIZE, terms.OUTPUT_COUNT),
    ):
        files: dict[str, dict[str, str | None]] = defaultdict(dict)
        for graph, task, data, text in reading.rows(query):
            artefact = (graph, data, _SIZE) in reading.artefacts
            files[str(task)][str(data)] = None if artefact else text
        for iri, sizes in files.items():
            if iri not in tasks:
                continue
            tasks[iri].values[count] = float(len(sizes))
            known = [float(text) for text in sizes.values() if text is not None]
            if len(known) == len(sizes):
                tasks[iri].values[size] = sum(known)


def _add_waits(reading: _Reading, tasks: _Tasks) -> None:
    """How long tasks waited though they could have started, and how long data were on their way to them."""
    ready: dict[str, list[float]] = defaultdict(list)
    for _, iri, time in reading.rows(read.READY):
        ready[str(iri)] += _times(time)
    for iri, task in tasks.items():
        waited = _wait(task, ready.get(iri, ()), tasks)
        if waited is not None:
            task.values[terms.WAIT] = waited
    fetched: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _, iri, *ends in reading.rows(read.FETCHES):
        start, end = (_posix(time) for time in ends)
        if start is not None and end is not None:
            fetched[str(iri)].append((start, end))
    for iri, intervals in fetched.items():
        if iri in tasks:
            tasks[iri].values[terms.FETCH] = union_length(intervals)


def _wait(task: _Task, ready: Iterable[float], tasks: _Tasks) -> float | None:
    """From the last time that it was called ready, else from its parents' last end; None where the source states its delay."""
    started = task.started
    if started is None or _QUEUED in task.values:
        return None
    before = [time for time in ready if time <= started]
    if before:
        return started - max(before)
    ends = [tasks[parent].ended if parent in tasks else None for parent in task.parents]
    known = [end for end in ends if end is not None]
    # Of clocks that differ, an end can lie after the start: that is no wait.
    if not known or len(known) < len(ends) or max(known) > started:
        return None
    return started - max(known)


def _add_accesses(reading: _Reading, tasks: _Tasks) -> None:
    """What tasks did to files, from operations that were traced, summed over the files."""
    for _, iri, name, text in reading.all_rows(read.ACCESSES):
        _add(tasks, iri, name, text)


def _add_counters(reading: _Reading, tasks: _Tasks) -> None:
    """Counters of records that observe a task, and of the processes that ran nothing but it."""
    known, added_up = terms.counters(), terms.added_up()
    records = [(str(iri), str(name), text) for _, iri, name, text in reading.all_rows(read.COUNTERS)]
    groups: dict[str, set[str]] = defaultdict(set)
    for _, iri, group in reading.all_rows(read.PROCESSES):
        groups[str(group)].add(str(iri))
    own = {group: min(ran) for group, ran in groups.items() if len(ran) == 1 and _is_process(min(ran), tasks)}
    for _, group, name, text in reading.all_rows(read.TOTALS) if own else ():
        # Darshan writes -1 for what it could not monitor.
        if str(group) in own and name in added_up and float(text or -1) >= 0:
            records.append((own[str(group)], str(name), text))
    for iri, name, text in records:
        if name in known:
            _add(tasks, iri, name, text)


def _is_process(iri: str, tasks: _Tasks) -> bool:
    """Whether a process that ran the task is the task's own: a worker lives before and after what it performs."""
    return iri in tasks and _WORKER not in tasks[iri].said


def _add(tasks: _Tasks, iri: str | None, name: str | None, text: str | None) -> None:
    task = tasks.get(str(iri))
    if task is not None:
        for measured, number in _number(str(name), str(text)):
            task.values[measured] = task.values.get(measured, 0.0) + number


def _described(reading: _Reading, entries: Sequence[Entry]) -> Iterable[MeasuredRun]:
    """The runs without their tasks."""
    said = {str(row[0]): row[1:] for row in reading.rows(read.EXECUTIONS)}
    prints: dict[str, str] = {}
    facts: dict[str, set[str]] = defaultdict(set)
    for graph, fingerprint, fact in reading.all_rows(read.CONFIGURATIONS):
        prints[str(graph)] = str(fingerprint)
        facts[str(graph)] |= set() if fact is None else {fact}
    for entry in entries:
        run, makespan, started = said.get(entry.task_graph, (entry.described, None, None))
        yield MeasuredRun(
            execution=str(run),
            graph=entry.graph,
            name=entry.name,
            tasks=(),
            makespan=None if makespan is None else float(makespan),
            started=started,
            fingerprint=prints.get(entry.graph),
            facts=tuple(sorted(facts[entry.graph])),
        )


def _measured(
    tasks: _Tasks, keys: Keys, names: Mapping[str, str], hosts: Mapping[str, str]
) -> tuple[MeasuredTask, ...]:
    """The tasks in the order of their identifiers."""
    return tuple(
        MeasuredTask(
            iri=iri,
            identifier=task.identifier,
            key=keys[task.identifier],
            step=_last_segment(task.said.get(_STEP, "")),
            nodes=tuple(names.get(place, _last_segment(place)) for place in _with_hosts(task.places, hosts)),
            kind=task.said.get(_TYPE),
            values=task.values,
            started=task.said.get(_START),
        )
        for iri, task in sorted(tasks.items(), key=lambda item: item[1].identifier)
    )


def _with_hosts(places: Iterable[str], hosts: Mapping[str, str]) -> tuple[str, ...]:
    """The places of a task, each container followed by the machine that it ran on."""
    found: dict[str, None] = {}
    for place in sorted(places):
        found[place] = None
        if place in hosts:
            found[hosts[place]] = None
    return tuple(found)


def _parents(tasks: _Tasks) -> dict[str, tuple[str, ...]]:
    return {
        task.identifier: tuple(sorted(tasks[parent].identifier for parent in task.parents if parent in tasks))
        for task in tasks.values()
    }


def _measurements(runs: Iterable[MeasuredRun]) -> dict[str, Measurement]:
    """What was measured, with the resolution that the values show."""
    values: dict[str, set[float]] = defaultdict(set)
    for run in runs:
        for task in run.tasks:
            for name, value in task.values.items():
                values[name].add(value)
    known = terms.every()
    return {name: replace(known[name], resolution=resolution(values[name])) for name in sorted(values)}


def resolution(values: Iterable[float]) -> float:
    """The largest power of ten that all values are multiples of; 0 where it is below a millionth.

    It is 1 at most where there are fewer than ten values that are not 0: those are multiples of ten by chance.
    """
    known = {abs(value) for value in values} - {0.0}
    decimals = 0
    for value in known:
        while decimals <= _MOST_DECIMALS and round(value, decimals) != value:
            decimals += 1
    if decimals > _MOST_DECIMALS:
        return 0.0
    step = 1
    while decimals == 0 and len(known) >= _ENOUGH and all(value % (10 * step) == 0 for value in known):
        step *= 10
    return float(step) if decimals == 0 else float(f"1e-{decimals}")


def union_length(intervals: Iterable[tuple[float, float]]) -> float:
    """The length of the union of intervals."""
    total, reached = 0.0, float("-inf")
    for low, high in sorted(intervals):
        if high > reached:
            total += high - max(low, reached)
            reached = high
    return total


def _number(name: str, text: str) -> tuple[tuple[str, float], ...]:
    """The name with the number; nothing where it is no finite one."""
    try:
        number = float(text)
    except ValueError:
        return ()
    return ((name, number),) if isfinite(number) else ()


def _posix(time: str | None) -> float | None:
    return None if time is None else read.posix(time)


def _times(time: str | None) -> tuple[float, ...]:
    found = _posix(time)
    return () if found is None else (found,)


def _last_segment(iri: str) -> str:
    return unquote(iri.rsplit("/", 1)[-1])
