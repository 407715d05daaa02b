"""From the rows of a trace report to records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from recup_kg.align.assemble import UNSIGNED, complete, coverage_of, template
from recup_kg.converters.nextflow.fields import (
    COUNTERS,
    KNOWN,
    NOTHING,
    TEXTS,
    amount,
    is_rounded,
    moment,
)
from recup_kg.converters.nextflow.table import Row
from recup_kg.evidence.core import CounterRecord
from recup_kg.evidence.environment import ContainerImage
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.records import (
    ComputeNode,
    Execution,
    Gap,
    Number,
    Source,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    WorkflowSystem,
)
from recup_kg.redaction import redact_text
from recup_kg.vocab import RECUP, XSD, counter_iri, digest, part_iri, run_iri

TOOL = "nextflow"
CONTAINER_IMAGE = "https://w3id.org/ro/terms/workflow-run#containerImage"
RUN = Subject("execution")
_TAGGED = re.compile(r"(?P<process>\S+) \((?P<tag>.*)\)", re.DOTALL)
_EXIT = re.compile(r"-?\d{1,9}")
_NO_EXIT = str(2**31 - 1)
"""What Nextflow writes of a task that gave no exit status."""


def build(names: Sequence[str], rows: Sequence[Row], source: Source) -> Trace:
    """All records of a report."""
    return _Build(names, rows).trace(source)


class _Build:
    """One trace being made."""

    def __init__(self, names: Sequence[str], rows: Sequence[Row]) -> None:
        self.names = names
        self.gaps: list[Gap] = []
        self.rows = self._identified(rows)
        self.identity = digest(
            "\x1e".join(f"{key}={row.values[key]}" for key in sorted(row.values)) for row in rows
        )
        self.base = run_iri(self.identity)

    def trace(self, source: Source) -> Trace:
        """The trace."""
        tasks = complete([self._task(name, row) for name, row in self.rows.items()], ())
        workflow = template(self._workflow_name(), tasks)
        records = tuple(self._records())
        nodes = tuple(ComputeNode(name, listed=False) for task in tasks for name in task.nodes or ())
        return Trace(
            source=source,
            workflow=workflow,
            execution=self._execution(workflow.name, workflow.identity, tasks),
            tasks=tasks,
            data=(),
            nodes=tuple(dict.fromkeys(nodes)),
            coverage=coverage_of(tasks, ()),
            gaps=(*self.gaps, *self._overall()),
            artefacts=(),
            records=records,
            vocabularies=(TOOL,),
        )

    def _identified(self, rows: Sequence[Row]) -> dict[str, Row]:
        """The rows by the identifier of their task; a row that repeats another exactly is left out."""
        found: dict[str, Row] = {}
        for row in rows:
            stated = (row.values.get(field, "") for field in ("task_id", "hash", "native_id"))
            name = next((text for text in stated if text not in NOTHING), f"line {row.line}")
            if name not in found:
                found[name] = row
            elif found[name].values == row.values:
                comment = "this row stands before"
                self.gaps.append(Gap("DuplicateEntry", Subject("task", name), f"line {row.line}", comment))
            else:
                comment = "a task of this identifier stands before with other values; this one has the line in its identifier"
                other = f"{name} (line {row.line})"
                found[other] = row
                self.gaps.append(Gap("ConflictingValue", Subject("task", other), f"line {row.line}", comment))
        return found

    def _task(self, name: str, row: Row) -> TaskExecution:
        process, shown = _names(row)
        times = {field: self._time(name, row, field) for field in ("start", "complete")}
        realtime = self._amount(name, row, "realtime")
        host = _text(row, "hostname")
        script = _text(row, "script")
        return TaskExecution(
            identifier=name,
            name=shown or process or name,
            step=process or shown or name,
            level=0,
            parents=(),
            inputs=None,
            outputs=None,
            signatures=UNSIGNED,
            local_identifier=_text(row, "hash"),
            started=times["start"],
            ended=times["complete"],
            program=None if script is None else redact_text(script),
            nodes=None if host is None else (host,),
            run_time=None if realtime is None else realtime / 1000,
            core_count=self._amount(name, row, "cpus"),
            average_cpu_utilization=self._amount(name, row, "%cpu"),
            read_bytes=self._whole(name, row, "rchar"),
            written_bytes=self._whole(name, row, "wchar"),
            resident_memory=self._whole(name, row, "peak_rss"),
            status=_text(row, "status"),
            exit_code=self._exit(name, row),
        )

    def _amount(self, name: str, row: Row, field: str) -> Number | None:
        written = _text(row, field)
        return None if written is None else amount(field, written)

    def _whole(self, name: str, row: Row, field: str) -> int | None:
        value = self._amount(name, row, field)
        return None if value is None else round(value)

    def _exit(self, name: str, row: Row) -> int | None:
        written = _text(row, "exit")
        if written is None or written == _NO_EXIT:
            return None
        if _EXIT.fullmatch(written):
            return int(written)
        self._unreadable(name, row, "exit")
        return None

    def _time(self, name: str, row: Row, field: str) -> Timestamp | None:
        written = _text(row, field)
        if written is None:
            return None
        time = moment(written)
        if time.iso is None:
            self._unreadable(name, row, field)
        return time

    def _unreadable(self, name: str, row: Row, field: str) -> None:
        comment = f"not a value of {field} that can be read"
        value = json.dumps(redact_text(row.values[field]), ensure_ascii=False)
        self.gaps.append(
            Gap("UnreadableValue", Subject("task", name), f"line {row.line}, {field}", comment, value)
        )

    def _records(self) -> Iterator[object]:
        images: dict[str, ContainerImage] = {}
        for name, row in self.rows.items():
            yield CounterRecord(name, TOOL, "trace", tuple(self._counters(name, row)), task=name)
            yield from self._texts(name, row)
            container = _text(row, "container")
            if container is not None:
                images.setdefault(container, ContainerImage(container, container))
                about = part_iri(self.base, "image", container)
                yield Statement(part_iri(self.base, "task", name), CONTAINER_IMAGE, about)
        yield from images.values()

    def _counters(self, name: str, row: Row) -> Iterator[tuple[str, Number]]:
        for field in self.names:
            if field in COUNTERS and (written := _text(row, field)) is not None:
                value = amount(field, written)
                if value is None:
                    self._unreadable(name, row, field)
                else:
                    yield field, value

    def _texts(self, name: str, row: Row) -> Iterator[Statement]:
        about = part_iri(self.base, "task", name)
        submitted = self._time(name, row, "submit")
        if submitted is not None:
            yield Statement(about, RECUP + "submittedAsWritten", LiteralValue(submitted.written))
            if submitted.iso is not None:
                iso = LiteralValue(submitted.iso, XSD + "dateTime")
                yield Statement(about, RECUP + "submittedAtTime", iso)
        for field in self.names:
            text = _text(row, field)
            if text is not None and (field in TEXTS - {"container"} or field not in KNOWN):
                yield Statement(about, counter_iri(TOOL, field), LiteralValue(redact_text(text)))

    def _workflow_name(self) -> str:
        """The scope that all processes share (`NFCORE_RNASEQ`), where there is one; the report does not name the workflow."""
        processes = {_names(row)[0] or "" for row in self.rows.values()}
        scopes = {process.partition(":")[0] for process in processes if ":" in process}
        return scopes.pop() if len(scopes) == 1 else "Nextflow workflow"

    def _execution(self, name: str, template_identity: str, tasks: Iterable[TaskExecution]) -> Execution:
        listed = tuple(tasks)
        facts = {
            f"workflow={name}",
            f"template={template_identity}",
            f"tasks={len(listed)}",
            "system=Nextflow",
        }
        facts |= {f"container={text}" for row in self.rows.values() if (text := _text(row, "container"))}
        return Execution(
            identity=self.identity,
            label=name,
            workflow_name=name,
            workflow=template_identity,
            started=None,
            makespan=None,
            system=WorkflowSystem("Nextflow"),
            nodes=None,
            fingerprint=digest(sorted(facts)),
            facts=tuple(sorted(facts)),
        )

    def _overall(self) -> Iterator[Gap]:
        yield Gap("NotCaptured", RUN, "line 1.machines", "no machines are listed")
        yield Gap(
            "NotCaptured", RUN, "line 1", "a trace report has no files and no dependencies between tasks"
        )
        for field in self.names:
            if field not in KNOWN:
                comment = f"{field!r} is no field that RECUP-KG knows; kept as text"
                yield Gap("UnmappedField", RUN, f"line 1, {field}", comment)
        rounded = [
            field
            for field in self.names
            if any(is_rounded(field, text) for row in self.rows.values() if (text := _text(row, field)))
        ]
        if rounded:
            comment = f"written with units for people, so rounded: {', '.join(rounded)}; set trace.raw = true for exact values"
            yield Gap("NotCaptured", RUN, "line 1", comment)


def _names(row: Row) -> tuple[str | None, str | None]:
    """The process and the name of a task; `foo (bar)` is the process foo with the tag bar."""
    process, name, tag = _text(row, "process"), _text(row, "name"), _text(row, "tag")
    if name is not None and process is None:
        tagged = _TAGGED.fullmatch(name)
        return (tagged["process"] if tagged else name), name
    if name is None and process is not None and tag is not None:
        return process, f"{process} ({tag})"
    return process, name


def _text(row: Row, field: str) -> str | None:
    written = row.values.get(field, "")
    return None if written in NOTHING else written
