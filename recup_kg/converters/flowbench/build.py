"""From the rows of a table and the dependencies of its jobs to records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from recup_kg.align.assemble import UNSIGNED, complete, coverage_of, template
from recup_kg.align.dag import CycleError
from recup_kg.align.tokens import is_simple, program_name, step_name
from recup_kg.converters.flowbench import columns
from recup_kg.converters.flowbench.edges import Children, workflow_of_file
from recup_kg.converters.flowbench.table import Row, Table
from recup_kg.converters.times import elapsed
from recup_kg.errors import MalformedSource
from recup_kg.evidence.scheduling import UncapturedTask
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.records import (
    ComputeNode,
    Coverage,
    Execution,
    Gap,
    Number,
    RecordingArtefact,
    Source,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    WorkflowSystem,
)
from recup_kg.redaction import redact_text
from recup_kg.vocab import RECUP, XSD, digest, part_iri, run_iri

RUN = Subject("execution")
_CONTAINER = re.compile(r"(?P<machine>.*[^-_.])[-_.]containers?(?:[-_.]?\d.*)?")
_ROOT_FOLDER = re.compile(r"create_dir_(?P<workflow>.+)_\d+_[^_]+")
_LABEL = re.compile(r"(?<!\S)-L\s+(?P<workflow>\S+)")
_RUN_FOLDER = re.compile(r"(?<=/)run\d+(?=/)|(?<=/)pegasus\.\d+(?=\.properties)")
T = TypeVar("T")


def machine_of(host: str) -> str | None:
    """The machine that a container runs on, by its name: `worker-2` of `worker-2-container-44-47`; None for another name.

    FlowBench's containers are named so after their machine and the cores that they are bound to.
    """
    found = _CONTAINER.fullmatch(host)
    return found["machine"] if found else None


def build(
    path: Path, table: Table, source: Source, adjacency: Path | None, children: Children | None
) -> Trace:
    """All records of a run; `children` are those that the file `adjacency` tells. Raises `MalformedSource` for a cycle."""
    return _Build(path, table, adjacency, children).trace(source)


class _Build:
    """One trace being made."""

    def __init__(self, path: Path, table: Table, adjacency: Path | None, children: Children | None) -> None:
        self.path = path
        self.table = table
        self.gaps: list[Gap] = []
        self.rows = self._identified(table.rows)
        self.adjacency = adjacency
        self.children = self._fitting(children)
        stated = (
            f"{column}={value}"
            for name, row in sorted(self.rows.items())
            for column, value in (("", name), *sorted(row.values.items()))
            if column != columns.LABEL
        )
        self.identity = digest(stated)
        self.base = run_iri(self.identity)

    def trace(self, source: Source) -> Trace:
        """The trace."""
        parents = self._parents()
        tasks = [self._task(name, row, parents[name]) for name, row in self.rows.items()]
        missing = [name for name in parents if name not in self.rows]
        tasks += [self._missing(name, parents[name]) for name in missing]
        signed = self._signed(tasks)
        workflow = template(self._workflow_name(), signed)
        records = tuple(self._records(signed))
        executed = [task for task in signed if task.executed]
        nodes = tuple(_nodes(executed))
        return Trace(
            source=source,
            workflow=workflow,
            execution=self._execution(workflow.name, workflow.identity, signed, nodes),
            tasks=signed,
            data=(),
            nodes=nodes,
            coverage=(*coverage_of(executed, ()), *self._coverage(executed)),
            gaps=(*self.gaps, *self._overall(missing, nodes)),
            artefacts=tuple(self._artefacts()),
            records=(*records, *map(UncapturedTask, missing)),
        )

    def _identified(self, rows: Sequence[Row]) -> dict[str, Row]:
        """The rows by the identifier of their task; a row that repeats another exactly is left out."""
        found: dict[str, Row] = {}
        for row in rows:
            name, where = row.job, f"line {row.line}"
            if name not in found:
                found[name] = row
            elif found[name].values == row.values:
                comment = "this row stands before"
                self.gaps.append(Gap("DuplicateEntry", Subject("task", name), where, comment))
            else:
                other = f"{name} (line {row.line})"
                comment = "a row of this job stands before with other values; this one has the line in its identifier"
                found[other] = row
                self.gaps.append(Gap("ConflictingValue", Subject("task", other), where, comment))
        return found

    def _fitting(self, children: Children | None) -> Children | None:
        """The dependencies, if they are of jobs of this table at all."""
        if children is None or not self.rows.keys().isdisjoint(children):
            return children
        comment = f"{self.adjacency_name} tells of none of these jobs: not used"
        self.gaps.append(Gap("ConflictingValue", RUN, self.adjacency_name, comment))
        return None

    @property
    def adjacency_name(self) -> str:
        """The name of the file of dependencies."""
        return "" if self.adjacency is None else self.adjacency.name

    def _parents(self) -> dict[str, tuple[str, ...]]:
        """The parents of each job that has a row or that the dependencies name."""
        found: dict[str, list[str]] = {name: [] for name in self.rows}
        for job, names in (self.children or {}).items():
            found.setdefault(job, [])
            for name in names:
                found.setdefault(name, []).append(job)
        return {name: tuple(before) for name, before in found.items()}

    def _signed(self, tasks: Sequence[TaskExecution]) -> tuple[TaskExecution, ...]:
        """The tasks with signatures, which don't depend on the folder that Pegasus made for the run."""
        plain = [
            replace(task, arguments=None if task.arguments is None else tuple(map(_plain, task.arguments)))
            for task in tasks
        ]
        try:
            completed = complete(plain, ())
        except CycleError as error:
            raise MalformedSource(
                self.adjacency or self.path,
                f"the jobs depend on each other in a circle: {error}",
                where=error.cycle[0],
                advice="take the file from FlowBench again",
            ) from error
        return tuple(
            replace(done, arguments=task.arguments) for done, task in zip(completed, tasks, strict=True)
        )

    def _task(self, name: str, row: Row, parents: tuple[str, ...]) -> TaskExecution:
        said = row.values
        host, argv = said.get(columns.HOST), said.get(columns.ARGUMENTS)
        number = partial(self._number, name, row)
        time = partial(self._read, name, row, read=_time)
        return TaskExecution(
            identifier=name,
            name=row.job,
            step=_step(row),
            level=0,
            parents=parents,
            inputs=None,
            outputs=None,
            signatures=UNSIGNED,
            task_type=said.get(columns.TYPE),
            category=said.get(columns.TRANSFORMATION),
            started=time(columns.STARTED),
            ended=time(columns.ENDED),
            program=_redacted(said.get(columns.PROGRAM)),
            arguments=None if argv is None else tuple(redact_text(argv).split()),
            nodes=None if host is None else (host,),
            run_time=number(columns.RUN_TIME),
            read_bytes=number(columns.READ_BYTES),
            written_bytes=number(columns.WRITTEN_BYTES),
            exit_code=self._read(name, row, columns.EXIT_CODE, read=_code),
            measurements=tuple(self._measured(name, row)),
            executed=any(column not in (columns.LABEL, columns.TYPE, columns.CLUSTERED) for column in said),
        )

    def _missing(self, name: str, parents: tuple[str, ...]) -> TaskExecution:
        """A job that only the dependencies name."""
        return TaskExecution(
            name, name, step_name(name, None, None), 0, parents, None, None, UNSIGNED, executed=False
        )

    def _measured(self, name: str, row: Row) -> Iterator[tuple[str, Number]]:
        for column, term in columns.MEASURED.items():
            if not _is_default(column, row):
                value = self._number(name, row, column)
                if value is not None:
                    yield term, value

    def _number(self, name: str, row: Row, column: str) -> Number | None:
        return self._read(name, row, column, read=partial(columns.amount, column))

    def _read(self, name: str, row: Row, column: str, read: Callable[[str], T | None]) -> T | None:
        """What a column says; a gap where it can't be read."""
        written = row.values.get(column)
        if written is None:
            return None
        value = read(written)
        if value is None:
            comment = f"not a value of {column} that can be read"
            text = json.dumps(redact_text(written), ensure_ascii=False)
            self.gaps.append(
                Gap("UnreadableValue", Subject("task", name), f"line {row.line}, {column}", comment, text)
            )
        return value

    def _records(self, tasks: Iterable[TaskExecution]) -> Iterator[Statement]:
        for task in tasks:
            if task.identifier in self.rows:
                yield from self._statements(task, self.rows[task.identifier])

    def _statements(self, task: TaskExecution, row: Row) -> Iterator[Statement]:
        """What a row states that is no field of a task."""
        about = part_iri(self.base, "task", task.identifier)
        for column, term in columns.TEXTS.items():
            if column in row.values and (task.executed or column == columns.LABEL):
                yield Statement(about, RECUP + term, LiteralValue(redact_text(row.values[column])))
        if not task.executed:
            return
        clustered = self._read(task.identifier, row, columns.CLUSTERED, read=columns.flag)
        if clustered is not None:
            yield Statement(about, RECUP + "clustered", _boolean(clustered))
        submitted = self._read(task.identifier, row, columns.SUBMITTED, read=_time)
        if submitted is not None:
            yield Statement(about, RECUP + "submittedAsWritten", LiteralValue(submitted.written))
            yield Statement(about, RECUP + "submittedAtTime", _date_time(submitted))
        for column, term in columns.TIMES.items():
            time = self._read(task.identifier, row, column, read=_time)
            if time is not None:
                yield Statement(about, RECUP + term, _date_time(time))

    def _workflow_name(self) -> str:
        """The name that Pegasus was given (`-L`), that of the folder it made for the run, or that of the file."""
        for row in self.rows.values():
            found = _LABEL.search(row.values.get(columns.ARGUMENTS, ""))
            if found:
                return found["workflow"]
        for name in self.rows:
            made = _ROOT_FOLDER.fullmatch(name)
            if made:
                return made["workflow"]
        return workflow_of_file(self.path)

    def _execution(
        self, name: str, identity: str, tasks: Sequence[TaskExecution], nodes: Sequence[ComputeNode]
    ) -> Execution:
        times = [
            stamp
            for row in self.rows.values()
            for column in (columns.STARTED, columns.ENDED, columns.SUBMITTED, *columns.TIMES)
            if column in row.values and (stamp := columns.moment(row.values[column])).iso is not None
        ]
        first = min(times, key=_seconds, default=None)
        last = max(times, key=_seconds, default=None)
        programs = (task.program for task in tasks if task.program and is_simple(task.program))
        facts = {
            f"workflow={name}",
            f"template={identity}",
            f"tasks={len(tasks)}",
            "system=Pegasus",
            *(f"program={program_name(program)}" for program in programs),
        }
        return Execution(
            identity=self.identity,
            label=self.path.stem,
            workflow_name=name,
            workflow=identity,
            started=first,
            ended=last,
            makespan=elapsed(first, last),
            system=WorkflowSystem("Pegasus"),
            nodes=tuple(node.name for node in nodes) or None,
            fingerprint=digest(sorted(facts)),
            facts=tuple(sorted(facts)),
        )

    def _coverage(self, tasks: Sequence[TaskExecution]) -> Iterator[Coverage]:
        """For how many tasks each column is stated that the table has."""
        said = [dict(task.measurements) for task in tasks]
        for column in self.table.columns:
            if column in columns.MEASURED:
                term = columns.MEASURED[column]
                yield Coverage(RECUP + term, len(tasks), sum(term in found for found in said))

    def _overall(self, missing: Sequence[str], nodes: Sequence[ComputeNode]) -> Iterator[Gap]:
        if not nodes:
            yield Gap("NotCaptured", RUN, "line 1.machines", "no job names the machine that it ran on")
        yield Gap("NotCaptured", RUN, "line 1", "the table has no files that jobs read and wrote")
        yield from self._unknown_columns()
        if self.children is None:
            comment = (
                "no dependencies between jobs: <workflow>.adjacency.json or adjacency_list_dags/<workflow>.json tells them "
                "where it lies beside the table or one or two folders above"
            )
            yield Gap("NotCaptured", RUN, "line 1", comment)
            return
        if missing:
            comment = f"{len(missing)} jobs of {self.adjacency_name} have no row in the table"
            yield Gap("NotCaptured", RUN, self.adjacency_name, comment)
        named = {*self.children, *(name for names in self.children.values() for name in names)}
        for name, row in self.rows.items():
            if name not in named:
                comment = f"{self.adjacency_name} does not name this job: its dependencies are not known"
                yield Gap("NotCaptured", Subject("task", name), f"line {row.line}", comment)

    def _unknown_columns(self) -> Iterator[Gap]:
        for column in self.table.columns:
            if column not in columns.KNOWN:
                comment = f"{column!r} is no column that RECUP-KG knows"
                yield Gap("UnmappedField", RUN, f"line 1, {column}", comment)

    def _artefacts(self) -> Iterator[RecordingArtefact]:
        for column in columns.STAGES:
            count = sum(_is_default(column, row) for row in self.rows.values())
            if count:
                comment = f"0.0 where nothing was transferred ({count} jobs): what the tool writes there, no rate; left out"
                yield RecordingArtefact(RUN, RECUP + columns.MEASURED[column], f"line 1, {column}", comment)


def _nodes(tasks: Iterable[TaskExecution]) -> Iterator[ComputeNode]:
    """The containers and machines that tasks ran on."""
    hosts = dict.fromkeys(name for task in tasks for name in task.nodes or ())
    machines = {host: machine_of(host) for host in hosts}
    for host, machine in machines.items():
        yield ComputeNode(host, host=machine)
    for machine in dict.fromkeys(machines.values()):
        if machine is not None and machine not in hosts:
            yield ComputeNode(machine)


def _is_default(column: str, row: Row) -> bool:
    """Whether the value is the rate of a transfer that there was none of."""
    if column not in columns.STAGES or column not in row.values:
        return False
    return columns.amount(column, row.values[column]) == 0 and not any(
        other in row.values for other in columns.STAGES[column]
    )


def _step(row: Row) -> str:
    """The transformation, where it is one; else what the name of the job begins with."""
    transformation = row.values.get(columns.TRANSFORMATION, "")
    return transformation if re.fullmatch(r"[\w:.+-]+", transformation) else step_name(row.job, None, None)


def _plain(word: str) -> str:
    """A word of a command without what numbers the run; files of the run that are listed in it are listed in order."""
    plain = _RUN_FOLDER.sub("*", word)
    return plain if plain == word else ",".join(sorted(plain.split(",")))


def _redacted(text: str | None) -> str | None:
    return None if text is None else redact_text(text)


def _time(written: str) -> Timestamp | None:
    stamp = columns.moment(written)
    return None if stamp.iso is None else stamp


def _code(written: str) -> int | None:
    return int(float(written)) if re.fullmatch(r"-?\d{1,9}(?:\.0)?", written) else None


def _seconds(stamp: Timestamp) -> float:
    return float(stamp.written)


def _boolean(value: bool) -> LiteralValue:
    return LiteralValue("true" if value else "false", XSD + "boolean")


def _date_time(stamp: Timestamp) -> LiteralValue:
    return LiteralValue(stamp.iso or "", XSD + "dateTime")
