"""A crate as things with properties, and which of its actions is what.

Profiles: https://www.researchobject.org/workflow-run-crate/profiles/.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from recup_kg.converters.rocrate.expand import TYPE, Expanded, Ref, Value
from recup_kg.errors import MalformedSource
from recup_kg.evidence.statements import LiteralValue
from recup_kg.records import Gap, Subject
from recup_kg.redaction import redact_text
from recup_kg.vocab import BASE, SCHEMA

RUNS = ("CreateAction", "UpdateAction", "ActivateAction")
DESCRIPTORS = ("ro-crate-metadata.json", "ro-crate-metadata.jsonld")


class Crate:
    """The things of a crate by identifier. What is mapped to records of ours is noted in `mapped`."""

    def __init__(self, path: Path, expanded: Expanded) -> None:
        self.path, self.expanded = path, expanded
        self.things = expanded.things
        self.gaps = expanded.gaps
        self.mapped: set[tuple[str, str]] = set()
        self.root = self._root()

    def values(self, name: str, predicate: str) -> list[Value]:
        """The values of a property; a name without namespace is one of schema.org."""
        iri = predicate if ":" in predicate else SCHEMA + predicate
        return self.things.get(name, {}).get(iri, [])

    def refs(self, name: str, predicate: str) -> list[str]:
        """The things that a property points at, in the order of the source."""
        return [value.name for value in self.values(name, predicate) if isinstance(value, Ref)]

    def texts(self, name: str, predicate: str) -> list[str]:
        """The literals of a property, as written."""
        return [value.lexical for value in self.values(name, predicate) if isinstance(value, LiteralValue)]

    def text(self, name: str, *predicates: str) -> str | None:
        """The first literal of the first property that has one."""
        return next((text for predicate in predicates for text in self.texts(name, predicate) if text), None)

    def take(self, name: str, *predicates: str) -> str | None:
        """Like `text`, and notes the property as mapped; further values are in a gap."""
        for predicate in predicates:
            if texts := self.texts(name, predicate):
                if not self.refs(name, predicate):
                    self.note(name, predicate)
                if len(texts) > 1:
                    comment = "several values where one is expected; the first is taken, these are the others"
                    self.gap("ConflictingValue", RUN, name, predicate, comment, shown_json(texts[1:]))
                return texts[0] or None
        return None

    def note(self, name: str, predicate: str) -> None:
        """Note that records of ours say all that this property says."""
        self.mapped.add((name, predicate if ":" in predicate else SCHEMA + predicate))

    def is_a(self, name: str, *kinds: str) -> bool:
        """Whether one of its types has one of these local names, in whatever namespace."""
        return not self.kinds(name).isdisjoint(kinds)

    def kinds(self, name: str) -> frozenset[str]:
        """The local names of its types."""
        return frozenset(
            kind.rstrip("/").replace("#", "/").rsplit("/", 1)[-1] for kind in self.refs(name, TYPE)
        )

    def all_of(self, *kinds: str) -> list[str]:
        """All things of these types, in the order of the source."""
        return [name for name in self.things if self.is_a(name, *kinds)]

    def closure(self, names: Iterable[str], predicate: str) -> list[str]:
        """The things and all that they reach over a property."""
        found = dict.fromkeys(names)
        waiting = list(found)
        while waiting:
            for name in self.refs(waiting.pop(), predicate):
                if name not in found:
                    found[name] = None
                    waiting.append(name)
        return list(found)

    def where(self, name: str, predicate: str = "") -> str:
        """The place of a property of a thing in the file."""
        place = self.expanded.places.get(name, "$['@graph']")
        return f"{place}.{predicate.rstrip('/').replace('#', '/').rsplit('/', 1)[-1]}" if predicate else place

    def gap(
        self, kind: str, about: Subject, name: str, predicate: str, comment: str, value: str | None = None
    ) -> None:
        """Add a gap."""
        self.gaps.append(Gap(kind, about, self.where(name, predicate), comment, value))

    def _root(self) -> str:
        for name in (*self.things,):
            if name.rsplit("/", 1)[-1] in DESCRIPTORS and (about := self.refs(name, "about")):
                return about[0]
        if "./" in self.things:
            return "./"
        raise MalformedSource(
            self.path,
            "no metadata descriptor with about, and no root dataset './'",
            where="$['@graph']",
            advice="add the entity 'ro-crate-metadata.json' that is about the crate",
        )


RUN = Subject("execution")


def shown_json(value: str | list[str]) -> str:
    """JSON for a gap, without credentials."""
    clean = redact_text(value) if isinstance(value, str) else [redact_text(text) for text in value]
    return json.dumps(clean, ensure_ascii=False)


@dataclass(frozen=True)
class Plan:
    """Which action of a crate is what.

    `execution` is the action that is the execution as a whole, None where the crate has none or several such actions.
    `whole` are all actions of the main workflow, `tasks` those that are tasks, `others` those that are neither.
    """

    crate: Crate
    execution: str | None
    whole: tuple[str, ...]
    tasks: tuple[str, ...]
    others: tuple[str, ...]
    step_of: dict[str, str]

    @cached_property
    def engines(self) -> tuple[str, ...]:
        """The software that organised the execution."""
        crate = self.crate
        organising = [
            action
            for action in crate.all_of("OrganizeAction")
            if self.execution is None or self.execution in crate.refs(action, "result")
        ]
        if not organising and self.execution is not None:
            named = crate.refs(self.execution, "instrument")
            return tuple(tool for tool in named if tool == "#workflow-system")
        return tuple(
            dict.fromkeys(engine for action in organising for engine in crate.refs(action, "instrument"))
        )


def plan(crate: Crate) -> Plan | None:
    """Which action is what; None where the crate describes no action that ran."""
    runs = crate.all_of(*RUNS)
    if not runs:
        return None
    main = crate.refs(crate.root, "mainEntity")
    whole = [run for run in runs if set(crate.refs(run, "instrument")) & set(main)]
    if not main:
        whole = [
            run
            for run in runs
            if any(crate.is_a(tool, "ComputationalWorkflow") for tool in crate.refs(run, "instrument"))
        ]
        tasked = {run.rpartition("/task/")[0] for run in runs if run.startswith(f"{BASE}run/")}
        whole = whole or [run for run in runs if run in tasked]
    step_of = _steps(crate)
    nested = set(_nested(crate, step_of))
    execution = whole[0] if len(whole) == 1 else None
    if execution is None:
        tasks = [run for run in runs if run not in nested]
    else:
        inner = set(_tools(crate, execution))
        tasks = [
            run
            for run in runs
            if run != execution
            and run not in nested
            and (
                run in step_of
                or run.startswith(f"{execution}/task/")
                or inner & set(crate.refs(run, "instrument"))
            )
        ]
    others = tuple(run for run in runs if run not in {*tasks, execution})
    return Plan(crate, execution, tuple(whole), tuple(tasks), others, step_of)


def _steps(crate: Crate) -> dict[str, str]:
    """The step that each action carried out, as control actions say."""
    found: dict[str, str] = {}
    for control in crate.all_of("ControlAction"):
        for step in crate.refs(control, "instrument")[:1]:
            for action in crate.refs(control, "object"):
                found.setdefault(action, step)
    return found


def _nested(crate: Crate, step_of: dict[str, str]) -> Iterator[str]:
    """Actions that an organising action carried out through the actions of steps: they are those together."""
    for organising in crate.all_of("OrganizeAction"):
        controls = crate.refs(organising, "object")
        if any(action in step_of for control in controls for action in crate.refs(control, "object")):
            yield from crate.refs(organising, "result")


def _tools(crate: Crate, execution: str) -> Iterator[str]:
    """What the steps of a workflow run, and the steps themselves."""
    workflow = crate.refs(execution, "instrument")
    parts = crate.closure(workflow, "hasPart")
    for part in parts:
        steps = crate.refs(part, "step")
        yield from steps
        yield from (tool for step in steps for tool in crate.refs(step, "workExample"))
    yield from (part for part in parts if part not in workflow)
