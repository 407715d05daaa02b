"""The things of a crate that our records cover: agents, software, images, parameters, environment variables, resource usage."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator

from recup_kg.converters.rocrate.context import WFRUN
from recup_kg.converters.rocrate.crate import RUN, Crate, Plan
from recup_kg.converters.rocrate.expand import TYPE
from recup_kg.evidence.agents import Organization, Person, ResourceUsage, Software
from recup_kg.evidence.environment import (
    ContainerImage,
    EnvironmentSnapshot,
    EnvironmentVariable,
    ParameterSetting,
)
from recup_kg.evidence.statements import LiteralValue, is_absolute
from recup_kg.records import Number, Subject
from recup_kg.redaction import redact_value
from recup_kg.vocab import XSD

_QUDT = re.compile(r"https?://(?:www\.)?qudt\.org/vocab/unit/([A-Za-z0-9_-]+)")
_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?")


class Things:
    """The records of a crate, and which of its things are which: `kinds` gives the segment of the IRI of a thing's record.

    `fields` are the resource usages that are fields of tasks.
    """

    def __init__(self, crate: Crate, plan: Plan, fields: frozenset[str] = frozenset()) -> None:
        self.crate, self.plan, self.fields = crate, plan, fields
        self.records: list[object] = []
        self.kinds: dict[str, str] = {}
        self.actions = tuple(action for action in (plan.execution, *plan.tasks) if action is not None)

    def collect(self, data: Iterable[str]) -> None:
        """All records; `data` are the things that are data objects."""
        self.kinds.update(dict.fromkeys(self.plan.tasks, "task"))
        self.kinds.update(dict.fromkeys(data, "data"))
        self._images()
        self._agents()
        self._software()
        self._usage()
        self._environment()
        self._parameters()

    def parameters_of(self, action: str) -> list[str]:
        """The values that an action was given that are no data."""
        return [name for name in self.crate.refs(action, "object") if self.kinds.get(name) == "parameter"]

    def _add(self, name: str, kind: str, record: object) -> None:
        self.kinds[name] = kind
        self.records.append(record)

    def _free(self, *kinds: str) -> Iterator[str]:
        return (name for name in self.crate.all_of(*kinds) if name not in self.kinds)

    def _agents(self) -> None:
        crate = self.crate
        organizations = dict.fromkeys(self._free("Organization"))
        for name in self._free("Person"):
            if crate.text(name, "name") is not None:
                organizations |= dict.fromkeys(
                    other for other in crate.refs(name, "affiliation") if other not in crate.things
                )
        for name in organizations:
            if not crate.is_a(name, "Person"):
                self._add(name, "agent", Organization(name, crate.take(name, "name"), _page(name)))
                crate.note(name, TYPE) if crate.kinds(name) == {"Organization"} else None
        for name in list(self._free("Person")):
            self._person(name)

    def _person(self, name: str) -> None:
        crate = self.crate
        if crate.text(name, "name") is None:
            crate.gap("NotCaptured", RUN, name, "name", "this person has no name; kept as statements")
            return
        known = [other for other in crate.refs(name, "affiliation") if self.kinds.get(other) == "agent"]
        if len(known) == len(crate.values(name, "affiliation")):
            crate.note(name, "affiliation")
        if crate.kinds(name) == {"Person"}:
            crate.note(name, TYPE)
        person = Person(
            name, crate.take(name, "name") or "", _page(name), crate.take(name, "email"), tuple(known)
        )
        self._add(name, "agent", person)

    def _software(self) -> None:
        crate = self.crate
        found = list(self._free("SoftwareApplication"))
        self.kinds.update(dict.fromkeys(found, "software"))
        for name in found:
            needs = crate.refs(name, "softwareRequirements")
            known = tuple(other for other in needs if self.kinds.get(other) == "software")
            if len(known) == len(crate.values(name, "softwareRequirements")):
                crate.note(name, "softwareRequirements")
            if crate.kinds(name) == {"SoftwareApplication"}:
                crate.note(name, TYPE)
            version = crate.take(name, "softwareVersion", "version")
            self.records.append(Software(name, crate.take(name, "name"), version, _page(name), known))

    def _images(self) -> None:
        crate = self.crate
        used = {image for action in self.actions for image in crate.refs(action, WFRUN + "containerImage")}
        for name in (*self._free("ContainerImage"), *sorted(used)):
            if name in self.kinds:
                continue
            digests = crate.texts(name, WFRUN + "sha256")
            digest = f"sha256:{digests[0]}" if len(digests) == 1 else None
            if digest is not None:
                crate.note(name, WFRUN + "sha256")
            shown = crate.take(name, "name") if name in crate.things else name
            self._add(name, "image", ContainerImage(name, shown, digest, engine=self._engine(name)))

    def _engine(self, name: str) -> str | None:
        kinds = {kind.rsplit("#", 1)[-1] for kind in self.crate.refs(name, "additionalType")}
        return "docker" if "DockerImage" in kinds else "apptainer" if "SIFImage" in kinds else None

    def _usage(self) -> None:
        crate = self.crate
        for action in self.actions:
            for name in crate.refs(action, WFRUN + "resourceUsage"):
                if name in self.fields:
                    continue
                if name not in self.kinds and crate.values(name, "value"):
                    task = None if action == self.plan.execution else action
                    self._add(name, "usage", self._amount(name, task))
                elif name not in self.kinds:
                    about = RUN if action == self.plan.execution else Subject("task", action)
                    crate.gap("NotCaptured", about, name, "value", "a resource usage without a value")

    def _amount(self, name: str, task: str | None) -> ResourceUsage:
        crate = self.crate
        unit = next(iter(crate.refs(name, "unitCode")), None) or crate.text(name, "unitCode")
        measured = next(iter(crate.refs(name, "propertyID")), None) or crate.text(name, "propertyID")
        known = _QUDT.fullmatch(unit) if unit else None
        if measured is None:
            about = RUN if task is None else Subject("task", task)
            crate.gap("NotCaptured", about, name, "propertyID", "no propertyID says what this amount is of")
        for predicate in ("unitCode", "propertyID"):
            if len(crate.values(name, predicate)) == 1:
                crate.note(name, predicate)
        label = crate.take(name, "name") or name
        value = number(self._single(name, "value"))
        return ResourceUsage(name, label, task, measured, value, known[1] if known else None, unit)

    def _single(self, name: str, predicate: str) -> LiteralValue | None:
        """The value of a property that has one; several, or one that is no literal, stay statements."""
        values = self.crate.values(name, predicate)
        if len(values) == 1 and isinstance(values[0], LiteralValue):
            self.crate.note(name, predicate)
            return values[0]
        return None

    def _environment(self) -> None:
        crate = self.crate
        for action in self.actions:
            named = [
                name
                for name in crate.refs(action, WFRUN + "environment")
                if crate.is_a(name, "PropertyValue")
            ]
            if not named:
                continue
            label = f"environment of {crate.text(action, 'name') or action}"
            self.records.append(EnvironmentSnapshot(action, label))
            for name in named:
                if name not in self.kinds:
                    shown = crate.take(name, "name") or name
                    said = self._single(name, "value")
                    value, redacted = redact_value(shown, said.lexical) if said else (None, False)
                    self._add(name, "variable", EnvironmentVariable(name, shown, action, value, redacted))

    def _parameters(self) -> None:
        crate = self.crate
        for action in self.actions:
            for name in crate.refs(action, "object"):
                if name not in self.kinds and crate.is_a(name, "PropertyValue"):
                    self._add(name, "parameter", self._setting(name))

    def _setting(self, name: str) -> ParameterSetting:
        crate = self.crate
        shown = crate.take(name, "name") or name
        said = self._single(name, "value")
        path = next(iter(crate.refs(name, "exampleOfWork")), None)
        if said is None:
            several = [
                value.lexical for value in crate.values(name, "value") if isinstance(value, LiteralValue)
            ]
            if several and len(several) == len(crate.values(name, "value")):
                crate.note(name, "value")
                clean = [redact_value(shown, text) for text in several]
                listed = json.dumps([text for text, _ in clean], ensure_ascii=False)
                return ParameterSetting(
                    name, shown, listed, path, redacted=any(hidden for _, hidden in clean)
                )
            return ParameterSetting(name, shown, None, path)
        value, redacted = redact_value(shown, said.lexical)
        kept = value if redacted else number(said, only_typed=True)
        return ParameterSetting(name, shown, kept, path, redacted=redacted)


def number(said: LiteralValue | None, *, only_typed: bool = False) -> Number | bool | str | None:
    """The value of a literal: exact where it is a whole number; a text that is none stays one.

    With `only_typed` a text that looks like a number stays a text: the source said text.
    """
    if said is None:
        return None
    if said.datatype == XSD + "boolean" and said.lexical in ("true", "false"):
        return said.lexical == "true"
    typed = said.datatype in (XSD + "integer", XSD + "double", XSD + "decimal")
    if typed or not only_typed:
        if _WHOLE.fullmatch(said.lexical):
            return int(said.lexical)
        if _DECIMAL.fullmatch(said.lexical) and math.isfinite(float(said.lexical)):
            return float(said.lexical)
    return said.lexical


def _page(name: str) -> str | None:
    return name if is_absolute(name) and name.startswith(("http://", "https://")) else None
