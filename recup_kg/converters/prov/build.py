"""From a PROV document to records: a trace where it describes a run, evidence where it describes none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from recup_kg.align.assemble import UNSIGNED, complete, coverage_of, template
from recup_kg.align.dependencies import dependencies
from recup_kg.align.tokens import logical_name, workflow_name
from recup_kg.converters.prov.activities import Run, find_run, parents, plans
from recup_kg.converters.prov.document import TYPE, Document
from recup_kg.converters.prov.things import Things, labels
from recup_kg.converters.times import elapsed, timestamp
from recup_kg.evidence import Evidence
from recup_kg.evidence.statements import (
    LiteralValue,
    Naming,
    Statement,
    clean_literal,
    local_name,
    safe_iri,
)
from recup_kg.records import (
    DataObject,
    Execution,
    Gap,
    Source,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    Workflow,
    WorkflowSystem,
)
from recup_kg.redaction import redact_text
from recup_kg.vocab import PROV, RECUP, SCHEMA, WFPROV, digest, evidence_iri, part_iri, run_iri

RUN = Subject("execution")
CWLPROV = "https://w3id.org/cwl/prov#"
_HASH = re.compile(r"urn:hash::?(?P<algorithm>md5|sha1|sha256|sha512):(?P<value>[0-9a-fA-F]+)")
_PARTS = (PROV + "hadMember",)
_BUNDLE = PROV + "Bundle"


def build(document: Document, source: Source) -> Trace | Evidence:
    """The records of a document."""
    run = find_run(document)
    return _evidence(document, source) if run is None else _Build(document, run).trace(source)


def _evidence(document: Document, source: Source) -> Evidence:
    said = [
        f"{name}\x1f{predicate}\x1f{value!r}"
        for name, facts in document.facts.items()
        for predicate, values in facts.items()
        for value in values
    ]
    identity = digest(sorted(said))
    gaps = [
        *_bundles(document),
        Gap("NotCaptured", RUN, "document", "the document describes no run of a workflow"),
    ]
    return Evidence(
        source=source,
        identity=identity,
        label="PROV document",
        layer="WorkflowSystemLayer",
        records=tuple(_statements(document, Naming(evidence_iri(identity), {}))),
        gaps=tuple(gaps),
    )


class _Build:
    """One trace being made."""

    def __init__(self, document: Document, run: Run) -> None:
        self.document, self.run = document, run
        self.gaps: list[Gap] = []
        self.acting = tuple(name for name in (run.execution, *run.tasks) if name is not None)
        self.used = {name: sorted(document.refs(name, PROV + "used")) for name in self.acting}
        self.made: dict[str, list[str]] = {name: [] for name in self.acting}
        for thing in sorted(document.facts):
            for maker in document.refs(thing, PROV + "wasGeneratedBy"):
                if maker in self.made:
                    self.made[maker].append(thing)
        self.times = {name: self._times(name) for name in self.acting}
        self.identity = digest(self._core())
        self.base = run_iri(self.identity)

    def trace(self, source: Source) -> Trace:
        """The trace."""
        names = self._data_names()
        things = Things(self.document, self.acting, self.used)
        things.collect(self.run.tasks, names)
        data = tuple(self._data_object(name) for name in names)
        tasks = complete(self._tasks(set(names)), data)
        workflow = template(workflow_name(self._workflow_label()), tasks)
        execution = self._execution(workflow, tasks, data, things)
        links = tuple(self._links(names, things))
        self._map()
        naming = Naming(self.base, things.kinds, self.run.execution)
        self.gaps.append(Gap("NotCaptured", RUN, "document.machines", "no machines are listed"))
        return Trace(
            source=source,
            workflow=workflow,
            execution=execution,
            tasks=tasks,
            data=data,
            nodes=(),
            coverage=coverage_of(tasks, data),
            gaps=(*self.gaps, *things.gaps, *_bundles(self.document), *self._overall()),
            artefacts=(),
            records=(*things.records, *links, *_statements(self.document, naming)),
        )

    def _core(self) -> Iterator[str]:
        """The facts that every serialisation of one document states."""
        for name in self.acting:
            started, ended = self.times[name]
            yield "\x1e".join((name, _moment(started), _moment(ended), *plans(self.document, name)))
            yield "\x1e".join(("used", *self.used[name]))
            yield "\x1e".join(("made", *self.made[name]))

    def _times(self, name: str) -> tuple[Timestamp | None, Timestamp | None]:
        about = RUN if name == self.run.execution else Subject("task", name)
        started = self._time(name, about, "startedAtTime", "qualifiedStart")
        ended = self._time(name, about, "endedAtTime", "qualifiedEnd")
        seconds = elapsed(started, ended)
        if seconds is not None and seconds < 0:
            comment = "the end is before the start; both are kept as the source states them"
            self.gaps.append(Gap("ConflictingValue", about, f"{name} prov:endedAtTime", comment))
        return started, ended

    def _time(self, name: str, about: Subject, direct: str, qualified: str) -> Timestamp | None:
        document = self.document
        stated = document.texts(name, PROV + direct)
        events = [
            time
            for node in document.refs(name, PROV + qualified)
            for time in document.texts(node, PROV + "atTime")
        ]
        written = sorted(stated) or sorted(events)
        if not written:
            return None
        others = sorted({*stated, *events} - {written[0]})
        if others:
            comment = (
                f"another time of prov:{qualified} or prov:{direct} is stated too; the graph has {written[0]}"
            )
            value = json.dumps(others)
            self.gaps.append(Gap("ConflictingValue", about, f"{name} prov:{direct}", comment, value))
        time = timestamp(written[0])
        if time.iso is None:
            where = f"{name} prov:{direct}"
            self.gaps.append(
                Gap("UnreadableValue", about, where, "not a time that can be read", json.dumps(written[0]))
            )
        return time

    def _data_names(self) -> list[str]:
        """What was used or made, and its members; a bare value that nothing made is a parameter."""
        made = {name for names in self.made.values() for name in names}
        named = dict.fromkeys(
            name for acting in self.acting for name in (*self.used[acting], *self.made[acting])
        )
        chosen = [name for name in named if name in made or not self.document.values(name, PROV + "value")]
        return [name for name in self.document.closure(chosen, *_PARTS) if name not in self.acting]

    def _data_object(self, name: str) -> DataObject:
        document = self.document
        names = document.texts(name, CWLPROV + "basename") or document.texts(name, CWLPROV + "dirname")
        makers = tuple(task for task in self.run.tasks if name in self.made[task])
        return DataObject(name, names[0] if len(names) == 1 else logical_name(name), None, makers)

    def _tasks(self, data: set[str]) -> list[TaskExecution]:
        stated = {
            task: [
                other for other in self.document.refs(task, PROV + "wasInformedBy") if other in self.run.tasks
            ]
            for task in self.run.tasks
        }
        found = dependencies(
            self.run.tasks,
            self.used,
            self.made,
            stated=stated,
            with_parts=lambda names: self.document.closure(names, *_PARTS),
        )
        for group in found.circles:
            comment = f"{len(group)} activities used what each other made: no order is known among them"
            self.gaps.append(Gap("ConflictingValue", Subject("task", group[0]), group[0], comment))
        return [self._task(task, data, found.parents[task]) for task in self.run.tasks]

    def _task(self, name: str, data: set[str], before: tuple[str, ...]) -> TaskExecution:
        started, ended = self.times[name]
        seconds = elapsed(started, ended)
        followed = plans(self.document, name)
        label = labels(self.document, name)
        return TaskExecution(
            identifier=name,
            name=label or name,
            step=_shown(followed[0]) if followed else label or name,
            level=0,
            parents=before,
            inputs=tuple(item for item in self.used[name] if item in data) if self.used[name] else None,
            outputs=tuple(self.made[name]) or None,
            signatures=UNSIGNED,
            started=started,
            ended=ended,
            run_time=None if seconds is None or seconds < 0 else seconds,
        )

    def _workflow_label(self) -> str:
        followed = plans(self.document, self.run.execution) if self.run.execution else []
        return _file_and_fragment(followed[0]) if followed else "workflow"

    def _execution(
        self, workflow: Workflow, tasks: Sequence[TaskExecution], data: Sequence[DataObject], things: Things
    ) -> Execution:
        name = self.run.execution
        started, ended = self.times[name] if name else (None, None)
        seconds = elapsed(started, ended)
        system = self._system()
        facts = {f"workflow={workflow.name}", f"template={workflow.identity}", f"tasks={len(tasks)}"}
        if system is not None:
            facts.add(f"system={system.name}")
        primary = sorted(
            item.logical_name
            for item in data
            if not item.generators and item.identifier not in self.made.get(name or "", ())
        )
        facts.add(f"inputs={digest(primary)}")
        facts.add(f"parameters={digest(sorted(things.settings()))}")
        return Execution(
            identity=self.identity,
            label=(labels(self.document, name) if name else None) or workflow.name,
            workflow_name=workflow.name,
            workflow=workflow.identity,
            started=started,
            makespan=None if seconds is None or seconds < 0 else seconds,
            system=system,
            nodes=None,
            fingerprint=digest(sorted(facts)),
            facts=tuple(sorted(facts)),
            ended=ended,
        )

    def _system(self) -> WorkflowSystem | None:
        engines = self._engines()
        return WorkflowSystem(labels(self.document, engines[0]) or engines[0]) if engines else None

    def _engines(self) -> list[str]:
        kinds = {WFPROV + "WorkflowEngine", PROV + "SoftwareAgent"}
        agents = self.document.refs(self.run.execution or "", PROV + "wasAssociatedWith")
        return [agent for agent in agents if kinds & set(self.document.refs(agent, TYPE))]

    def _links(self, names: Sequence[str], things: Things) -> Iterator[Statement]:
        run = self.run.execution
        if run is not None:
            for name in self.used[run]:
                if name in names:
                    yield Statement(self.base, WFPROV + "usedInput", part_iri(self.base, "data", name))
            for name in self.made[run]:
                yield Statement(part_iri(self.base, "data", name), WFPROV + "wasOutputFrom", self.base)
            naming, engines = Naming(self.base, things.kinds, run), self._engines()
            for agent in self.document.refs(run, PROV + "wasAssociatedWith"):
                role = WFPROV + "wasEnactedBy" if agent in engines else SCHEMA + "agent"
                yield Statement(self.base, role, naming.iri(agent))
        for acting in self.acting:
            about = self.base if acting == run else part_iri(self.base, "task", acting)
            for plan in plans(self.document, acting):
                yield Statement(about, WFPROV + "describedByProcess", safe_iri(plan))
            for name in self.used[acting]:
                if things.kinds.get(name) == "parameter":
                    yield Statement(about, RECUP + "hasParameter", part_iri(self.base, "parameter", name))
        for name in names:
            for content in (name, *self.document.refs(name, PROV + "specializationOf")):
                if match := _HASH.fullmatch(content):
                    value = LiteralValue(f"{match['algorithm']}:{match['value'].lower()}")
                    yield Statement(part_iri(self.base, "data", name), RECUP + "digest", value)

    def _map(self) -> None:
        """Note what the records say."""
        document = self.document
        for name in self.acting:
            for predicate in ("startedAtTime", "endedAtTime", "used", "wasGeneratedBy"):
                document.note(name, PROV + predicate)
            document.note(name, PROV + "generated")
            for node in document.refs(name, PROV + "qualifiedAssociation"):
                if set(document.facts.get(node, {})) <= {TYPE, PROV + "agent", PROV + "hadPlan"}:
                    document.facts[name][PROV + "qualifiedAssociation"].remove(node)
                    document.facts.pop(node, None)
        if self.run.execution is not None:
            document.note(self.run.execution, PROV + "wasAssociatedWith")
        for names in self.made.values():
            for name in names:
                document.note(name, PROV + "wasGeneratedBy")

    def _overall(self) -> Iterator[Gap]:
        if len(self.run.whole) > 1:
            comment = f"{len(self.run.whole)} runs of workflows: their processes are tasks of one execution, the document"
            yield Gap("ConflictingValue", RUN, self.run.whole[1], comment)
        for task in self.run.tasks:
            if self.run.execution is not None and not parents(self.document, task):
                comment = "no statement says of which run this is a part; there is one only"
                yield Gap("NotCaptured", Subject("task", task), f"{task} prov:wasStartedBy", comment)


def _statements(document: Document, naming: Naming) -> Iterator[Statement]:
    for name, facts in document.facts.items():
        called = labels(document, name)
        for predicate, values in facts.items():
            if (name, predicate) in document.mapped:
                continue
            for value in values:
                if predicate == TYPE and value == _BUNDLE:
                    continue
                yield Statement(
                    naming.iri(name), safe_iri(predicate), _object(predicate, value, called, naming)
                )


def _object(
    predicate: str, value: str | LiteralValue, called: str | None, naming: Naming
) -> str | LiteralValue:
    if isinstance(value, LiteralValue):
        return clean_literal(called if predicate == PROV + "value" else local_name(predicate), value)
    return safe_iri(value) if predicate == TYPE else naming.iri(value)


def _bundles(document: Document) -> Iterator[Gap]:
    bundles = sorted({*document.graphs, *document.of_type(_BUNDLE)})
    if bundles:
        comment = f"{len(bundles)} bundles or named graphs; what stands in them is told together"
        yield Gap(
            "UnmappedField", RUN, "document", comment, json.dumps([redact_text(name) for name in bundles])
        )


def _moment(time: Timestamp | None) -> str:
    written = "" if time is None else time.iso or time.written
    return re.sub(r"Z$", "+00:00", re.sub(r"(\.\d*?)0+(?=$|Z|[+-])", r"\1", written)).replace(".+", "+")


def _shown(plan: str) -> str:
    """A step's name: the fragment of its IRI, else what stands last in it."""
    return plan.partition("#")[2] or local_name(plan)


def _file_and_fragment(plan: str) -> str:
    file, mark, fragment = plan.rstrip("/").partition("#")
    return file.rpartition("/")[2] + mark + fragment
