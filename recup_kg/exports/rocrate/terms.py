"""Profiles of Workflow Run RO-Crate 0.5, and how a crate writes references."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, get_args

from recup_kg.vocab import PROV, RECUP

Entity: TypeAlias = dict[str, object]
Profile = Literal["process", "workflow", "provenance"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
"""Each holds what those before it demand."""

CRATE = "https://w3id.org/ro/crate/1.1"
WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
CONTEXT: list[object] = [
    f"{CRATE}/context",
    "https://w3id.org/ro/terms/workflow-run",
    {"wasInformedBy": f"{PROV}wasInformedBy", "arguments": f"{RECUP}arguments"},
]
"""The terms of crates, and those for what crates have none: dependencies without data between, and arguments."""


def profile_iri(profile: Profile) -> str:
    """The permalink of version 0.5 of a profile."""
    return f"https://w3id.org/ro/wfrun/{profile}/0.5"


def claimed(profile: Profile) -> list[Entity]:
    """The profiles that a crate of this profile conforms to."""
    found: list[Entity] = [
        {
            "@id": profile_iri(name),
            "@type": "CreativeWork",
            "name": f"{name.capitalize()} Run Crate",
            "version": "0.5",
        }
        for name in PROFILES[: PROFILES.index(profile) + 1]
    ]
    if profile == "process":
        return found
    parent: Entity = {
        "@id": WORKFLOW_CRATE,
        "@type": "CreativeWork",
        "name": "Workflow RO-Crate",
        "version": "1.0",
    }
    return [*found, parent]


def references(identifiers: Iterable[str]) -> list[dict[str, str]]:
    """References to entities."""
    return [{"@id": item} for item in identifiers]


def linked(term: str, identifiers: Iterable[str]) -> Entity:
    """A property with these references; nothing where there are none."""
    found = references(identifiers)
    return {term: found} if found else {}
