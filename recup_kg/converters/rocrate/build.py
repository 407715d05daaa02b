"""From a crate to records: a trace where it describes a run, evidence where it describes none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote

from recup_kg.align.assemble import UNSIGNED, complete, coverage_of, template
from recup_kg.align.dependencies import dependencies
from recup_kg.align.tokens import logical_name, workflow_name
from recup_kg.converters.rocrate import own
from recup_kg.converters.rocrate.context import WFRUN
from recup_kg.converters.rocrate.crate import RUN, Crate, Plan, plan, shown_json
from recup_kg.converters.rocrate.statements import facts, statements
from recup_kg.converters.rocrate.things import Things
from recup_kg.converters.times import elapsed, timestamp
from recup_kg.evidence import Evidence
from recup_kg.evidence.statements import LiteralValue, Naming, Statement
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
from recup_kg.vocab import RECUP, SCHEMA, WFPROV, digest, evidence_iri, part_iri, run_iri

_HASHES = ("md5", "sha1", "sha256", "sha512")
_SIZE = re.compile(r"\d+")


def build(crate: Crate, source: Source) -> Trace | Evidence:
    """The records of a crate."""
    identity = digest(sorted(facts(crate)))
    found = plan(crate)
    if found is None:
        return _evidence(crate, source, identity)
    return _Build(crate, found, identity).trace(source)


def _evidence(crate: Crate, source: Source, identity: str) -> Evidence:
    comment = "the crate describes no action that ran"
    crate.gap("NotCaptured", RUN, crate.root, "mentions", comment)
    naming = Naming(evidence_iri(identity), {})
    return Evidence(
        source=source,
        identity=identity,
        label=crate.text(crate.root, "name") or "RO-Crate",
        layer="WorkflowSystemLayer",
        records=tuple(statements(crate, naming)),
        gaps=tuple(crate.gaps),
    )


class _Build:
    """One trace being made."""

    def __init__(self, crate: Crate, plan: Plan, identity: str) -> None:
        self.crate, self.plan, self.identity = crate, plan, identity
        self.base = run_iri(identity)
        fields = frozenset(name for task in plan.tasks for name in own.usages(crate, task))
        self.things = Things(crate, plan, fields)
        self.used = {action: self._refs(action, "object") for action in self.things.actions}
        self.made = {action: self._refs(action, "result") for action in self.things.actions}
        self.made_of_tasks = {action: self.made[action] for action in plan.tasks}

    def trace(self, source: Source) -> Trace:
        """The trace."""
        data_names = self._data_names()
        self.things.collect(data_names)
        data = self._data(data_names)
        tasks = complete(self._tasks(set(data_names)), data)
        workflow = self._workflow(tasks)
        execution = self._execution(workflow, tasks, data)
        links = tuple(self._links(set(data_names)))
        naming = Naming(self.base, self.things.kinds, self.plan.execution)
        return Trace(
            source=source,
            workflow=workflow,
            execution=execution,
            tasks=tasks,
            data=data,
            nodes=(),
            coverage=coverage_of(tasks, data),
            gaps=(*self.crate.gaps, *self._overall()),
            artefacts=(),
            records=(*self.things.records, *links, *statements(self.crate, naming)),
        )

    def _refs(self, action: str, predicate: str) -> list[str]:
        for text in self.crate.texts(action, predicate):
            about = RUN if action == self.plan.execution else Subject("task", action)
            comment = "a text where a reference to a file or value is expected; kept as a statement"
            self.crate.gap("UnreadableValue", about, action, predicate, comment, shown_json(text))
        return list(dict.fromkeys(self.crate.refs(action, predicate)))

    def _data_names(self) -> list[str]:
        """What actions read and wrote, and its parts: no values that no action made, and no actions."""
        crate = self.crate
        made = {name for names in self.made.values() for name in names}
        named = [name for action in self.things.actions for name in (*self.used[action], *self.made[action])]
        chosen = [
            name
            for name in dict.fromkeys(named)
            if name not in self.things.actions and (name in made or not crate.is_a(name, "PropertyValue"))
        ]
        skipped = {*self.things.actions, crate.root}
        return [name for name in crate.closure(chosen, "hasPart") if name not in skipped]

    def _data(self, names: Sequence[str]) -> tuple[DataObject, ...]:
        crate = self.crate
        makers: dict[str, list[str]] = {}
        for task, made in self.made_of_tasks.items():
            for name in made:
                makers.setdefault(name, []).append(task)
        return tuple(
            DataObject(
                name,
                _first_of(crate.texts(name, "alternateName")) or logical_name(name),
                self._size(name),
                tuple(makers.get(name, ())),
            )
            for name in names
        )

    def _size(self, name: str) -> int | None:
        crate = self.crate
        sizes = crate.texts(name, "contentSize")
        if len(set(sizes)) == 1 and _SIZE.fullmatch(sizes[0]):
            crate.take(name, "contentSize")
            return int(sizes[0])
        for text in sizes:
            comment = "not one size in whole bytes; kept as a statement"
            crate.gap(
                "UnreadableValue", Subject("data", name), name, "contentSize", comment, shown_json(text)
            )
        return None

    def _tasks(self, data: set[str]) -> list[TaskExecution]:
        crate = self.crate
        known = frozenset(self.plan.tasks)
        found = dependencies(
            self.plan.tasks,
            self.used,
            self.made,
            stated={task: own.parents(crate, task, known) for task in self.plan.tasks},
            with_parts=lambda names: crate.closure(names, "hasPart"),
        )
        for group in found.circles:
            comment = f"{len(group)} actions used what each other made: no order is known among them"
            crate.gap("ConflictingValue", Subject("task", group[0]), group[0], "object", comment)
        return [self._task(action, data, found.parents[action]) for action in self.plan.tasks]

    def _task(self, action: str, data: set[str], parents: tuple[str, ...]) -> TaskExecution:
        crate, about = self.crate, Subject("task", action)
        started, ended = self._time(action, "startTime", about), self._time(action, "endTime", about)
        task = TaskExecution(
            identifier=action,
            name=crate.take(action, "name") or action,
            step=self._step(action),
            level=0,
            parents=parents,
            inputs=self._stated(action, "object", data),
            outputs=self._stated(action, "result", data),
            signatures=UNSIGNED,
            started=started,
            ended=ended,
            run_time=self._elapsed(action, started, ended, about),
            status=self._status(action),
            program=own.program(crate, action),
            arguments=own.arguments(crate, action),
        )
        return replace(task, **own.measured(crate, action))  # type: ignore[arg-type]

    def _stated(self, action: str, predicate: str, data: set[str]) -> tuple[str, ...] | None:
        """The data that an action read or wrote; None where the crate doesn't say."""
        if not self.crate.values(action, predicate):
            return None
        named = self.used[action] if predicate == "object" else self.made[action]
        if not self.crate.texts(action, predicate) and all(
            name in data or self.things.kinds.get(name) == "parameter" for name in named
        ):
            self.crate.note(action, predicate)
        return tuple(name for name in named if name in data)

    def _step(self, action: str) -> str:
        crate = self.crate
        step = self.plan.step_of.get(action) or next(iter(crate.refs(action, "instrument")), None)
        return step_label(crate, step) if step is not None else crate.text(action, "name") or action

    def _time(self, action: str, predicate: str, about: Subject) -> Timestamp | None:
        written = self.crate.take(action, predicate)
        if written is None:
            return None
        time = timestamp(written)
        if time.iso is None:
            comment = "not a time that can be read"
            self.crate.gap("UnreadableValue", about, action, predicate, comment, shown_json(written))
        return time

    def _elapsed(
        self, action: str, started: Timestamp | None, ended: Timestamp | None, about: Subject
    ) -> float | None:
        """The seconds between two times of one kind, both with a zone or both without."""
        seconds = elapsed(started, ended)
        if seconds is not None and seconds < 0:
            comment = "the end is before the start; both are kept as the source states them"
            self.crate.gap(
                "ConflictingValue",
                about,
                action,
                "endTime",
                comment,
                shown_json(ended.written if ended else ""),
            )
            return None
        return seconds

    def _status(self, action: str) -> str | None:
        """The local name of the status, as schema.org spells it."""
        crate = self.crate
        refs, texts = crate.refs(action, "actionStatus"), crate.texts(action, "actionStatus")
        if len(refs) + len(texts) > 1:
            about = RUN if action == self.plan.execution else Subject("task", action)
            crate.gap("ConflictingValue", about, action, "actionStatus", "several states; kept as statements")
            return None
        if refs or texts:
            crate.note(action, "actionStatus")
        return next((name.rsplit("/", 1)[-1] for name in (*refs, *texts)), None)

    def _workflow(self, tasks: Iterable[TaskExecution]) -> Workflow:
        crate = self.crate
        declared = [
            step_label(crate, step)
            for part in crate.closure(crate.refs(crate.root, "mainEntity"), "hasPart")
            for step in crate.refs(part, "step")
        ]
        return template(workflow_name(self._workflow_label()), tasks, declared)

    def _workflow_label(self) -> str:
        crate = self.crate
        main = crate.refs(crate.root, "mainEntity") or (
            crate.refs(self.plan.execution, "instrument") if self.plan.execution else []
        )
        return next((crate.text(name, "name") or name for name in main), None) or self._crate_label()

    def _crate_label(self) -> str:
        return self.crate.text(self.crate.root, "name") or "RO-Crate"

    def _execution(
        self, workflow: Workflow, tasks: Sequence[TaskExecution], data: Sequence[DataObject]
    ) -> Execution:
        action, crate = self.plan.execution, self.crate
        started = self._time(action, "startTime", RUN) if action else None
        ended = self._time(action, "endTime", RUN) if action else None
        label = (crate.take(action, "name") if action else None) or self._crate_label()
        system = self._system()
        configuration = tuple(sorted(self._configuration(workflow, tasks, data, system)))
        return Execution(
            identity=self.identity,
            label=label,
            workflow_name=workflow.name,
            workflow=workflow.identity,
            started=started,
            makespan=self._elapsed(action, started, ended, RUN) if action else None,
            system=system,
            nodes=None,
            fingerprint=digest(configuration),
            facts=configuration,
            ended=ended,
            status=self._status(action) if action else None,
        )

    def _system(self) -> WorkflowSystem | None:
        engines, crate = self.plan.engines, self.crate
        if len(engines) > 1:
            self.crate.gaps.append(
                Gap(
                    "ConflictingValue",
                    RUN,
                    crate.where(engines[0]),
                    f"{len(engines)} engines; the graph has the first",
                )
            )
        if not engines:
            return None
        name = engines[0]
        url = next(iter((*crate.refs(name, "url"), *crate.texts(name, "url"))), None)
        version = crate.text(name, "softwareVersion", "version")
        return WorkflowSystem(crate.text(name, "name") or name, version, url)

    def _configuration(
        self,
        workflow: Workflow,
        tasks: Sequence[TaskExecution],
        data: Sequence[DataObject],
        system: WorkflowSystem | None,
    ) -> Iterator[str]:
        yield from (f"workflow={workflow.name}", f"template={workflow.identity}", f"tasks={len(tasks)}")
        if system is not None:
            yield f"system={system.name} {system.version or ''}".rstrip()
        tools = {tool for action in self.things.actions for tool in self.crate.refs(action, "instrument")}
        for tool in tools:
            name = self.crate.text(tool, "name") or tool
            yield f"program={name} {self.crate.text(tool, 'softwareVersion', 'version') or ''}".rstrip()
        made = {name for names in self.made.values() for name in names}
        yield f"inputs={digest(sorted(f'{item.logical_name} {item.size}' for item in data if item.identifier not in made))}"
        yield f"parameters={digest(sorted(self._settings()))}"

    def _settings(self) -> Iterator[str]:
        for action in self.things.actions:
            for name in self.things.parameters_of(action):
                said = [
                    value for value in self.crate.values(name, "value") if isinstance(value, LiteralValue)
                ]
                yield f"{self.crate.text(name, 'name') or name}={sorted(value.lexical for value in said)}"

    def _links(self, data: set[str]) -> Iterator[Statement]:
        """What ties records to each other and to the execution."""
        action = self.plan.execution
        if action is not None:
            for name in self._stated(action, "object", data) or ():
                yield Statement(self.base, WFPROV + "usedInput", part_iri(self.base, "data", name))
            for name in self._stated(action, "result", data) or ():
                yield Statement(part_iri(self.base, "data", name), WFPROV + "wasOutputFrom", self.base)
        for name in self.things.actions:
            about = self.base if name == action else part_iri(self.base, "task", name)
            for setting in self.things.parameters_of(name):
                yield Statement(about, RECUP + "hasParameter", part_iri(self.base, "parameter", setting))
            if any(
                self.things.kinds.get(item) == "variable"
                for item in self.crate.refs(name, WFRUN + "environment")
            ):
                yield Statement(about, RECUP + "environment", part_iri(self.base, "environment", name))
        for name in sorted(data):
            yield from self._hashes(name)

    def _hashes(self, name: str) -> Iterator[Statement]:
        for algorithm in _HASHES:
            for predicate in (WFRUN + algorithm, SCHEMA + algorithm):
                for text in self.crate.texts(name, predicate):
                    self.crate.note(name, predicate)
                    about = part_iri(self.base, "data", name)
                    yield Statement(about, RECUP + "digest", LiteralValue(f"{algorithm}:{text.lower()}"))

    def _overall(self) -> Iterator[Gap]:
        plan, crate = self.plan, self.crate
        yield Gap("NotCaptured", RUN, "$['@graph'].machines", "no machines are listed")
        if len(plan.whole) > 1:
            comment = f"{len(plan.whole)} actions run the main workflow: each is a task of the one execution that the crate is"
            yield Gap("ConflictingValue", RUN, crate.where(plan.whole[1]), comment)
        if plan.execution is not None and not plan.tasks:
            yield Gap(
                "NotCaptured", RUN, crate.where(plan.execution), "the crate describes no step of the workflow"
            )
        for action in plan.others:
            comment = "an action that is no step of the workflow that the crate is about; kept as statements"
            yield Gap("UnmappedField", RUN, crate.where(action), comment, shown_json(action))


def step_label(crate: Crate, step: str) -> str:
    """The name of a step or tool: its own, else the fragment of its identifier."""
    if crate.is_a(step, "HowToStep"):
        return unquote(step.partition("#")[2]) or step
    return own.step_without_program(step) or crate.text(step, "name") or step


def _first_of(texts: Sequence[str]) -> str | None:
    return texts[0] if len(texts) == 1 and texts[0] else None
