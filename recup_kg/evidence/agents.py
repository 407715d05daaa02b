"""Who and what acted: people, organisations, software, and what their actions cost as a source of linked data states it."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number


@dataclass(frozen=True, slots=True)
class Person:
    """A person. `page` is the IRI that the source knows them by (an ORCID), `affiliations` are identifiers of organisations."""

    identifier: str
    name: str
    page: str | None = None
    email: str | None = None
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """An organisation. `page` is the IRI that the source knows it by."""

    identifier: str
    name: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Software:
    """Software that a source names without saying in which environment it was installed: a tool, a workflow engine.

    `requires` are the identifiers of software that it needs.
    """

    identifier: str
    name: str | None = None
    version: str | None = None
    page: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """One amount that a task used, as a linked data source states it.

    `property` is the IRI (or other text) by which the source names what was measured, `value` exactly what it says, `unit` the
    local name of a QUDT unit (`MilliSEC`), `unit_as_written` the source's spelling. No unit is ever assumed.
    """

    identifier: str
    name: str
    task: str | None = None
    property: str | None = None
    value: Number | str | None = None
    unit: str | None = None
    unit_as_written: str | None = None
