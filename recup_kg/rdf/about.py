"""What a graph says of its source, and of what that source did and did not say."""

from __future__ import annotations

import re
from collections.abc import Iterable

from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.rdf.mapping import time_facts
from recup_kg.records import Coverage, Gap, Source, Subject
from recup_kg.vocab import DCAT, DCTERMS, PROV, RDFS, RECUP, SCHEMA, SPDX, part_iri, segment, source_iri

ROOTS = frozenset(("execution", "evidence"))
"""Kinds of subjects that are the whole that the source tells of."""


def write_source(graph: Graph, base: str, source: Source) -> None:
    """The source file, or the several files of a source; `base` is the IRI of what it tells of."""
    name = source_iri(source.sha256)
    author = f"{base}/author"
    members = [f"{name}/{segment(member.file_name)}" for member in source.members]
    types = (RECUP + "SourceFile", PROV + "Entity", *((PROV + "Collection",) if members else ()))
    graph.describe(
        name,
        types,
        (
            (RECUP + "fileName", terms.text(source.file_name)),
            (DCAT + "byteSize", terms.integer(source.size)),
            (SPDX + "checksum", terms.iri(f"{name}#checksum")),
            (RECUP + "format", terms.text(source.format)),
            (RECUP + "formatVersion", terms.text(source.format_version)),
            (RECUP + "layer", terms.iri(RECUP + source.layer)),
            (DCTERMS + "description", optional_text(source.description)),
            (PROV + "wasAttributedTo", terms.iri(author) if source.author else None),
            *time_facts(DCTERMS + "created", source.created),
            *((PROV + "hadMember", terms.iri(member)) for member in members),
        ),
    )
    _checksum(graph, name, source.sha256)
    for iri, member in zip(members, source.members, strict=True):
        graph.describe(
            iri,
            (RECUP + "MemberFile", PROV + "Entity"),
            (
                (RECUP + "fileName", terms.text(member.file_name)),
                (DCAT + "byteSize", terms.integer(member.size)),
                (SPDX + "checksum", terms.iri(f"{iri}#checksum")),
            ),
        )
        _checksum(graph, iri, member.sha256)
    if source.author is not None:
        graph.describe(
            author,
            (PROV + "Person", PROV + "Agent", SCHEMA + "Person"),
            (
                (SCHEMA + "name", terms.text(source.author.name)),
                (SCHEMA + "email", optional_text(source.author.email)),
                (SCHEMA + "affiliation", optional_text(source.author.institution)),
                (SCHEMA + "addressCountry", optional_text(source.author.country)),
            ),
        )


def write_coverage(graph: Graph, base: str, source: Source, coverage: Iterable[Coverage]) -> None:
    """For how many things the source could have stated a property, and did."""
    for entry in coverage:
        graph.describe(
            part_iri(base, "coverage", re.split(r"[#/]", entry.property)[-1]),
            (RECUP + "Coverage",),
            (
                (RECUP + "coverageOf", terms.iri(base)),
                (RECUP + "observedProperty", terms.iri(entry.property)),
                (RECUP + "expectedCount", terms.integer(entry.expected)),
                (RECUP + "observedCount", terms.integer(entry.observed)),
                (RECUP + "layer", terms.iri(RECUP + source.layer)),
                (PROV + "wasDerivedFrom", terms.iri(source_iri(source.sha256))),
            ),
        )


def write_gaps(graph: Graph, base: str, source: Source, gaps: Iterable[Gap]) -> None:
    """What the source should have said, or said in a way that could not be taken over."""
    for index, gap in enumerate(gaps):
        graph.describe(
            part_iri(base, "gap", str(index)),
            (RECUP + "Gap",),
            (
                (RECUP + "gapKind", terms.iri(RECUP + gap.kind)),
                (RECUP + "about", terms.iri(subject_iri(base, gap.about))),
                (RECUP + "where", terms.text(gap.where)),
                (RDFS + "comment", terms.text(gap.comment)),
                (RECUP + "statedValue", None if gap.value is None else terms.json_text(gap.value)),
                (PROV + "wasDerivedFrom", terms.iri(source_iri(source.sha256))),
            ),
        )


def subject_iri(base: str, subject: Subject) -> str:
    """The IRI of what a gap or an artefact is about."""
    return base if subject.kind in ROOTS else part_iri(base, subject.kind, subject.identifier)


def _checksum(graph: Graph, name: str, sha256: str) -> None:
    graph.describe(
        f"{name}#checksum",
        (SPDX + "Checksum",),
        (
            (SPDX + "algorithm", terms.iri(SPDX + "checksumAlgorithm_sha256")),
            (SPDX + "checksumValue", terms.text(sha256)),
        ),
    )
